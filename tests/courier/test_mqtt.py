"""The courier and a real broker: what it publishes, and what becomes of it when the broker goes."""

import contextlib
import os
import signal
import subprocess
import threading
from dataclasses import replace

import pytest

from fakes.diary import Diary
from real.subscriber import Subscriber
from sottovoce import config
from sottovoce.bench import broker as brokers
from sottovoce.bench.programs import find
from sottovoce.courier.client import Clients, publish_once
from sottovoce.courier.deliver import Publication
from sottovoce.courier.mqtt import Mqtt
from sottovoce.errors import ConfigError, UnreachableError

BASE = "sottovoce/test"
HERE = "127.0.0.1"
COMMAND = Publication(
    f"{BASE}/command", b'{"intent": "HomeTurnOn"}', retain=False, envelope="e1", grant="g1", expires_in=900
)
KEPT = replace(COMMAND, retain=True)
"""The same, kept by the broker: whoever subscribes later still learns whether it was published."""


@contextlib.contextmanager
def connecting(port, host=HERE, recipients=(), **settings):
    """Run a courier's broker side, and the diary of what it told; it need not be connected yet."""
    diary = Diary()
    mqtt = Mqtt(
        config.Broker(host=host, port=port, **settings),
        BASE,
        lambda connected: diary.note("connected", now=connected),
        lambda envelope: diary.note("acknowledged", id=envelope),
        diary,
        lambda wish: diary.note("asked", **{name: getattr(wish, name) for name in wish.__struct_fields__}),
        recipients=recipients,
    )
    mqtt.start()
    try:
        yield mqtt, diary
    finally:
        mqtt.stop()


@contextlib.contextmanager
def connected(port, **settings):
    """Run it, and wait until it is connected."""
    with connecting(port, **settings) as (mqtt, diary):
        diary.wait("connected", now=True)
        yield mqtt, diary


def freeze(broker):
    """Let the broker take nothing off its connections any more, and keep them open."""
    os.kill(broker._process.pid, signal.SIGSTOP)


def kill(broker):
    """End the broker as a power cut would."""
    broker._process.kill()
    broker._process.wait()


def test_a_command_arrives_as_it_was_granted(broker):
    """QoS 1, with its grant and its end told to the receiver, JSON by its type; acknowledged once."""
    with Subscriber(broker.port) as subscriber, connected(broker.port) as (mqtt, diary):
        mqtt.publish(COMMAND)
        diary.wait("acknowledged", id="e1")
        arrival = subscriber.wait(f"{BASE}/command")
        assert arrival.body == {"intent": "HomeTurnOn"}
        assert arrival.qos == 1
        assert arrival.content_type == "application/json"
        assert arrival.properties == (("grant", "g1"),)
        assert 895 <= arrival.expires_in <= 900
        subscriber.flush()
        assert len(subscriber.on(f"{BASE}/command")) == 1
        assert diary.count("acknowledged") == 1


def test_states_stay_at_the_broker_and_commands_do_not(broker):
    """Who subscribes later learns how the device is, and no command that is over."""
    with connected(broker.port) as (mqtt, diary):
        mqtt.publish(Publication(f"{BASE}/state", b"idle", retain=True))
        mqtt.publish(COMMAND)
        diary.wait("acknowledged", id="e1")
        with Subscriber(broker.port) as later:
            later.wait(f"{BASE}/state", "idle")
            later.flush()
            assert {(a.topic, a.payload) for a in later.arrivals if a.retained} == {
                (f"{BASE}/availability", "online"),
                (f"{BASE}/state", "idle"),
            }
            assert later.on(f"{BASE}/command") == []


def test_a_clean_stop_says_offline(broker):
    """Ended in order, the device is offline at the broker, and stays so for who comes later."""
    with Subscriber(broker.port) as subscriber:
        with connected(broker.port):
            subscriber.wait(f"{BASE}/availability", "online")
        subscriber.wait(f"{BASE}/availability", "offline")
    with Subscriber(broker.port) as later:
        assert later.wait(f"{BASE}/availability").payload == "offline"


def test_a_broker_that_comes_later_is_found(broker):
    """With no broker there at the start it keeps trying, and is there soon after the broker is."""
    broker.stop()
    with connecting(broker.port) as (mqtt, diary):
        diary.wait("broker_unreachable", 2)
        mqtt.publish(KEPT)  # to nobody
        broker.start()
        diary.wait("connected", now=True)
        with Subscriber(broker.port) as subscriber:
            subscriber.wait(f"{BASE}/availability", "online")
            subscriber.flush()
            assert subscriber.on(KEPT.topic) == []
            mqtt.publish(COMMAND)
            subscriber.wait(COMMAND.topic)


def test_what_a_lost_broker_did_not_take_is_not_kept_here(broker):
    """What was not acknowledged dies with its connection: it may have been revoked by the next one."""
    with connected(broker.port) as (mqtt, diary):
        freeze(broker)
        mqtt.publish(KEPT)
        kill(broker)
        diary.wait("connected", now=False)
        broker.start()
        diary.wait("connected", 2, now=True)
        with Subscriber(broker.port) as subscriber:
            subscriber.wait(f"{BASE}/availability", "online")
            subscriber.flush()
            assert subscriber.on(KEPT.topic) == []
        assert diary.count("acknowledged") == 0
        mqtt.publish(KEPT)  # the ear handed it over again
        diary.wait("acknowledged", id="e1")


def test_it_comes_back_after_every_loss(broker):
    """However often the broker is killed, it is connected again, and online."""
    with connected(broker.port) as (_, diary):
        for times in range(2, 5):
            kill(broker)
            broker.start()
            diary.wait("connected", times, now=True)
    assert diary.count("connected", now=False) == 4


def test_a_soft_mute_can_be_asked_for(broker):
    """Whoever may write at the broker may ask; garbage asks for nothing, and only its length is told."""
    with connected(broker.port) as (_, diary), Subscriber(broker.port) as somebody:
        somebody.wait(f"{BASE}/availability", "online")  # by then the broker knows what it subscribed to
        for payload in ("ON", "off", "x" * 1000, "OFF"):
            somebody.publish(f"{BASE}/mute/soft/set", payload)
        diary.wait("asked", on=False)
        assert [facts for event, facts in diary.lines if event == "asked"] == [{"on": True}, {"on": False}]
        assert diary.count("request_refused", retained=False, bytes=1000) == 1
        assert "xxx" not in str(diary.lines)


def test_an_old_wish_is_nobodys(broker):
    """A request that the broker kept is not obeyed at a new connection: not the first, not a later one."""
    with Subscriber(broker.port) as somebody:
        somebody.publish(f"{BASE}/mute/soft/set", "OFF", retain=True)
        for _ in range(2):
            with connected(broker.port) as (_, diary):
                diary.wait("request_refused", retained=True)
                somebody.publish(f"{BASE}/mute/soft/set", "ON")
                diary.wait("asked")
                assert diary.count("asked", on=False) == 0


def test_other_topics_are_not_even_subscribed_to(broker):
    """Nothing else at the broker reaches the courier: no switch, no schedule, no listening."""
    with connected(broker.port) as (_, diary), Subscriber(broker.port) as somebody:
        somebody.wait(f"{BASE}/availability", "online")
        for topic in ("mute/hardware/set", "mute/schedule/set", "mute/soft", "listen/set", "command"):
            somebody.publish(f"{BASE}/{topic}", "OFF")
        somebody.publish(f"{BASE}/mute/soft/set", "ON")
        diary.wait("asked", on=True)
        assert diary.count("request_refused") == 0


def test_each_thing_is_acknowledged_once_whoever_publishes(broker):
    """Publishing from several threads, faster than the broker answers, mixes up no receipts."""
    with Subscriber(broker.port) as subscriber, connected(broker.port) as (mqtt, diary):

        def publish(who):
            for number in range(50):
                mqtt.publish(replace(COMMAND, envelope=f"{who}-{number}", payload=b"%d" % number))
                mqtt.publish(Publication(f"{BASE}/state", b"idle", retain=True))

        threads = [threading.Thread(target=publish, args=(who,)) for who in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        diary.wait("acknowledged", 200)
        subscriber.wait(COMMAND.topic, count=200)
        acknowledged = [facts["id"] for event, facts in diary.lines if event == "acknowledged"]
        assert sorted(acknowledged) == sorted(f"{who}-{n}" for who in range(4) for n in range(50))


def test_a_receipt_reaches_the_ear_and_no_other(broker):
    """Of each configured recipient; not on another's topics, and not what is too big to be one."""
    with (
        connected(broker.port, recipients=["studio", BASE]) as (_, diary),
        Subscriber(broker.port) as somebody,
    ):
        somebody.wait(f"{BASE}/availability", "online")
        somebody.publish("elsewhere/snippet/e0/receipt", "deleted")
        somebody.publish("studio/snippet/e1/receipt", "x" * 1_000_000)
        somebody.publish("studio/snippet/e2/receipt", "no answer")
        somebody.publish("studio/snippet/e3/receipt", '{"deleted": false}')
        somebody.publish(f"{BASE}/snippet/e4/receipt", "deleted")
        diary.wait("asked", id="e4")
    asked = [facts for event, facts in diary.lines if event == "asked"]
    assert asked == [{"id": "e3", "deleted": False}, {"id": "e4", "deleted": True}]
    assert diary.count("request_refused") == 1
    assert diary.count("connected", now=True) == 1


@pytest.mark.parametrize("host", ["a..b", "no.such.host.invalid", "x" * 64, "two words"])
def test_a_host_that_is_none_is_tried_again(host):
    """A name that cannot be found, or be a name at all, is told each time and ends nothing."""
    with connecting(1883, host=host) as (_, diary):
        diary.wait("broker_unreachable", 2, host=host)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # paho leaves its socket
def test_something_that_is_no_broker_is_tried_again(broker):
    """Asked for TLS, a broker without it is not talked to in the open; it is tried again."""
    with Subscriber(broker.port) as subscriber:
        with connecting(broker.port, tls=True) as (_, diary):
            diary.wait("broker_unreachable", 2)
            subscriber.flush()
        assert subscriber.on(f"{BASE}/availability") == []


@pytest.fixture
def guarded(tmp_path, monkeypatch):
    """A broker that knows one user, who may publish on their own topics only; and the password's file."""
    subprocess.run(
        [find("mosquitto_passwd"), "-b", "-c", tmp_path / "users", "sottovoce", "secret"], check=True
    )
    (tmp_path / "rights").write_text(f"user sottovoce\ntopic readwrite {BASE}/#\n")
    (tmp_path / "password").write_text("secret\nnot this line\n")
    for name in ("users", "rights"):
        (tmp_path / name).chmod(0o600)
    monkeypatch.setattr(
        brokers,
        "_settings",
        lambda port, plain=brokers._settings: (
            plain(port).replace("allow_anonymous true", "allow_anonymous false")
            + f"password_file {tmp_path / 'users'}\nacl_file {tmp_path / 'rights'}\n"
        ),
    )
    with brokers.Broker() as broker:
        yield broker, tmp_path / "password"


def test_the_password_is_the_first_line_of_its_file(guarded):
    """With name and password the broker lets it in."""
    broker, password = guarded
    with connected(broker.port, username="sottovoce", password_file=str(password)) as (mqtt, diary):
        mqtt.publish(COMMAND)
        diary.wait("acknowledged", id="e1")


def test_a_name_alone_is_one_of_systemds_credentials(guarded, monkeypatch):
    """The unit lends the password in a folder of its own, which the configuration need not know."""
    broker, password = guarded
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(password.parent))
    with connected(broker.port, username="sottovoce", password_file=password.name) as (mqtt, diary):
        mqtt.publish(COMMAND)
        diary.wait("acknowledged", id="e1")


def test_a_refusal_is_told_and_tried_again(guarded):
    """A broker that refuses the password is no crash: it is told, without the password, and tried again."""
    broker, password = guarded
    password.write_text("wrong")
    with connecting(broker.port, username="sottovoce", password_file=str(password)) as (_, diary):
        diary.wait("broker_refused", 2)
        assert diary.count("connected", now=True) == 0
    assert "wrong" not in str(diary.lines)


def test_what_the_broker_refuses_is_not_acknowledged(guarded):
    """A topic the broker does not let us write to is told, and the envelope stays with the ear."""
    broker, password = guarded
    with connected(broker.port, username="sottovoce", password_file=str(password)) as (mqtt, diary):
        mqtt.publish(replace(COMMAND, topic="elsewhere/command", envelope="e0"))
        diary.wait("publish_refused")
        mqtt.publish(COMMAND)
        diary.wait("acknowledged", id="e1")
        assert diary.count("acknowledged") == 1


@pytest.mark.parametrize(
    "settings",
    [
        {"username": "a", "password_file": "{tmp}/none"},
        {"username": "a", "password_file": "{tmp}"},
        {"tls": True, "ca_file": "{tmp}/none"},
        {"tls": True, "ca_file": "{tmp}/rubbish"},
    ],
    ids=["no password file", "a folder as password file", "no CA", "rubbish as CA"],
)
def test_a_file_it_cannot_use_is_told_before_it_begins(tmp_path, settings):
    """A password or CA that cannot be read ends it at the start, with the file's name; never without it."""
    (tmp_path / "rubbish").write_text("rubbish")
    filled = {k: v.format(tmp=tmp_path) if isinstance(v, str) else v for k, v in settings.items()}
    with pytest.raises(ConfigError, match=str(tmp_path)):
        Mqtt(config.Broker(host=HERE, **filled), BASE, print, print, Diary())


def test_tls_is_of_today_and_checks_who_is_there():
    """With TLS on, nothing older than 1.2, and the broker's certificate must fit its name."""
    tls = Clients(config.Broker(host=HERE, tls=True))._tls
    assert tls.check_hostname
    assert tls.verify_mode.name == "CERT_REQUIRED"
    assert tls.minimum_version.name == "TLSv1_2"


GREETING = Publication("homeassistant/device/x/config", b"{}", retain=True)


@contextlib.contextmanager
def greeting(port):
    """Run a courier's broker side that greets, and minds Home Assistant's births."""
    diary = Diary()
    mqtt = Mqtt(
        config.Broker(host=HERE, port=port),
        BASE,
        lambda connected: diary.note("connected", now=connected),
        lambda _: None,
        diary,
        greetings=[GREETING],
        births="homeassistant/status",
        born=lambda: diary.note("born"),
    )
    mqtt.start()
    try:
        diary.wait("connected", now=True)
        yield diary
    finally:
        mqtt.stop()


def test_a_greeting_comes_before_online_at_every_connection(broker):
    """Who learns that the device is there knows already what it is; a broker that forgot is told again."""
    with greeting(broker.port) as diary:
        with Subscriber(broker.port) as subscriber:
            subscriber.wait(f"{BASE}/availability", "online")
            assert subscriber.on(GREETING.topic) == ["{}"]
        broker.stop()
        broker.start()
        diary.wait("connected", 2, now=True)
        with Subscriber(broker.port) as subscriber:
            subscriber.wait(f"{BASE}/availability", "online")
            assert subscriber.on(GREETING.topic) == ["{}"]
            assert subscriber.arrivals[0].retained


def test_when_home_assistant_comes_up_it_is_told_again(broker):
    """Its birth is answered once however often it comes, retained or not; anything else there is not."""
    with greeting(broker.port) as diary, Subscriber(broker.port) as somebody:
        for payload in ("offline", "", "online" * 9):
            somebody.publish("homeassistant/status", payload)
        for _ in range(20):
            somebody.publish("homeassistant/status", "online", retain=True)
        diary.wait("born")
        assert diary.count("born") < 3
        assert diary.count("request_refused") == 0


def test_one_thing_is_published_by_a_command(guarded):
    """`publish_once` returns when the broker has it; a refusal or a broker that is gone is told."""
    broker, password = guarded
    known = config.Broker(host=HERE, port=broker.port, username="sottovoce", password_file=str(password))
    publish_once(known, "somebody", KEPT)
    with connected(broker.port, username="sottovoce", password_file=str(password)):
        password.write_text("wrong")
        with pytest.raises(UnreachableError, match="refuses"):
            publish_once(known, "somebody", KEPT)
    broker.stop()
    with pytest.raises(UnreachableError, match="cannot be reached"):
        publish_once(known, "somebody", KEPT)
