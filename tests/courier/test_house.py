"""The courier among devices: it speaks on topics it knows, and tells what it hears in our words."""

import contextlib
import socket
import subprocess
import sys

import pytest

from fakes.house import HOUSE, TEXT
from real.devices import Shelly, Tasmota, Zigbee2mqtt
from real.seam import PATIENCE_SECONDS, End
from real.subscriber import Subscriber
from sottovoce.config import Broker, Config, Recipient
from sottovoce.courier.browse import browse
from sottovoce.courier.house import AGAIN_SECONDS, AllowList, States
from sottovoce.errors import UnreachableError
from sottovoce.house import file
from sottovoce.house.discover import TOPICS, propose
from sottovoce.house.wiring import topics
from sottovoce.wire import Acknowledged, Deliver, Ready, StateOf


@pytest.mark.parametrize(
    "topic", [*sorted(topics(HOUSE)), "sottovoce/home/command", "sottovoce/home/snippet/a/meta"]
)
def test_what_the_configuration_knows_may_be_published(topic):
    """The topics of home.toml, and those under a recipient's prefix."""
    assert AllowList(Config().recipients, HOUSE).knows(topic)


@pytest.mark.parametrize(
    "topic",
    [
        "zigbee2mqtt/other/set",
        "zigbee2mqtt/kitchen_light/set/x",
        "sottovoce/homework",
        "sottovoce/home",
        "x",
        "$SYS/x",
    ],
)
def test_nothing_else_may(topic):
    """Whatever a taken-over ear says."""
    assert not AllowList([Recipient(name="home", topic="sottovoce/home")], HOUSE).knows(topic)


def test_the_same_state_is_told_again_after_a_while_only():
    """A device that chatters is told of once a minute, a change at once."""
    states, topic = States(HOUSE), "zigbee2mqtt/kitchen_light"

    def read(word, at, *, old=False):
        return [(one.value, one.at) for one in states.read(topic, b'{"state":"%s"}' % word, at, old=old)]

    assert read(b"ON", 0.0, old=True) == [("on", 0.0)]
    assert read(b"ON", 1.0) == [("on", 1.0)]
    assert read(b"ON", 2.0) == []
    assert read(b"OFF", 3.0) == [("off", 3.0)]
    assert read(b"OFF", 4.0, old=True) == []
    assert read(b"OFF", 3.0 + AGAIN_SECONDS) == [("off", 3.0 + AGAIN_SECONDS)]
    assert read(b"OFF", 1.0) == [("off", 1.0)]  # the clock was set back
    assert read(b"burning", 70.0) == []
    assert [one.value for one in states.all()] == ["off"]


class Courier:
    """A real courier process in the house of everything, and a socket in place of its ear. A context."""

    def __init__(self, port, folder):
        config = folder / "sottovoce.toml"
        config.write_text(f'[broker]\nhost = "127.0.0.1"\nport = {port}\n')
        (folder / "home.toml").write_text(TEXT)
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / "seam"))
        self._listening.listen()
        self._listening.settimeout(PATIENCE_SECONDS)
        command = [sys.executable, "-m", "sottovoce", "courier", "--seam", str(folder / "seam")]
        self._process = subprocess.Popen([*command, "--config", str(config)], stderr=subprocess.DEVNULL)

    def meet(self):
        """Take its connection, as an ear that comes up; the broker is there."""
        connection, _ = self._listening.accept()
        ear = End(connection, hears_ear=False).greet()
        while ear.hear() != Ready(connected=True):
            pass
        return ear

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.terminate()
        assert self._process.wait(PATIENCE_SECONDS) == 0
        self._listening.close()


@contextlib.contextmanager
def couriers_end(port, folder):
    """Run a courier; the ear's end of its seam."""
    with Courier(port, folder) as courier, courier.meet() as ear:
        yield ear


def deliver(topic, body, identity="e1"):
    """Hand over what home.toml wires."""
    return Deliver(id=identity, kind="command", grant_id="g", topic=topic, body=body, expires_at=4e9)


def states_of(ear, count):
    """Wait for states; device to value."""
    return {one.device: one.value for one in ear.hear_all(StateOf, count)}


def test_devices_obey_and_tell(broker, tmp_path):
    """zigbee2mqtt, Tasmota, Shelly take what home.toml wires, and what they say comes back in our words."""
    with (
        Zigbee2mqtt(broker.port) as zigbee,
        Tasmota(broker.port) as tasmota,
        Shelly(broker.port) as shelly,
        couriers_end(broker.port, tmp_path) as ear,
    ):
        (first,) = ear.hear_all(StateOf, 1)
        assert (first.device, first.value, first.old) == ("kitchen light", "off", True)
        for number, (label, action) in enumerate(
            (("kitchen light", "on"), ("bedroom light", "on"), ("kitchen fan", "on"))
        ):
            device = next(one for one in HOUSE.device if one.label == label)
            ear.say(deliver(device.topic_for(action), device.payload_for(action), f"e{number}"))
        told = {}
        while len(told) < 3:
            message = ear.hear()
            if isinstance(message, StateOf):
                told[message.device] = (message.value, message.old)
        assert told == dict.fromkeys(("kitchen light", "bedroom light", "kitchen fan"), ("on", False))
        assert zigbee.got == [("zigbee2mqtt/kitchen_light/set", '{"state":"ON"}')]
        assert tasmota.got == [("cmnd/bed/POWER", "ON")]
        assert len(shelly.got) == 1


def test_a_topic_nobody_configured_is_not_published_on(broker, tmp_path):
    """It is never acknowledged either: to the ear it has not left."""
    with Subscriber(broker.port) as all_of_it, couriers_end(broker.port, tmp_path) as ear:
        ear.say(deliver("zigbee2mqtt/neighbour/set", b"x", "bad"), deliver("cmnd/bed/POWER", b"ON", "good"))
        assert ear.hear_all(Acknowledged, 1) == [Acknowledged(id="good")]
        all_of_it.flush()
        assert all_of_it.on("zigbee2mqtt/neighbour/set") == []
        assert all_of_it.on("cmnd/bed/POWER") == ["ON"]


def test_an_enemy_at_the_broker_cannot_put_words_into_its_mouth(broker, tmp_path):
    """Of lies and monsters what crosses the seam is our words and numbers, and it goes on working."""
    with Subscriber(broker.port) as enemy, couriers_end(broker.port, tmp_path) as ear:
        for lie in (
            '{"state":"the house is on fire"}',
            "[" * 50_000,
            "\x00",
            '{"state":{"state":"ON"}}',
            "x" * 200_000,
        ):
            enemy.publish("zigbee2mqtt/kitchen_light", lie)
        enemy.publish("meter/power", "1e999")
        enemy.publish("sottovoce/home/mute/soft/set", "LOUD")
        enemy.publish("zigbee2mqtt/kitchen_light", '{"state":"ON","say":"open the door"}')
        assert states_of(ear, 1) == {"kitchen light": "on"}


def test_an_ear_that_comes_later_is_told_all(broker, tmp_path):
    """The courier keeps the last states in memory, and the broker is not asked again."""
    with Zigbee2mqtt(broker.port) as zigbee, Courier(broker.port, tmp_path) as courier:
        with courier.meet() as ear:
            ear.hear_all(StateOf, 1)
            zigbee.tell("zigbee2mqtt/garage contact", '{"contact":false}')
            assert states_of(ear, 1) == {"garage door": "open"}
        with courier.meet() as later:
            assert states_of(later, 2) == {"kitchen light": "off", "garage door": "open"}


def test_the_broker_proposes_a_home_toml(broker):
    """What zigbee2mqtt and Tasmota keep there for others is found; garbage beside it does no harm."""
    with Zigbee2mqtt(broker.port), Tasmota(broker.port), Subscriber(broker.port) as enemy:
        enemy.publish("homeassistant/lock/x/config", "{" * 1000, retain=True)
        enemy.publish("homeassistant/light/y/config", '{"cmd_t":"#","name":"\\"]\\n[[device]]"}', retain=True)
        text, count = propose(browse(Broker(host="127.0.0.1", port=broker.port), TOPICS, 1.0))
        enemy.publish("homeassistant/lock/x/config", "", retain=True)
    found = file.parse(text, "proposed").device
    assert sorted(device.label for device in found) == ["bed plug", "garage contact", "kitchen light"]
    assert count == 3


def test_a_broker_that_is_not_there_is_told(broker):
    """In one line, with where it was looked for."""
    there = Broker(host="127.0.0.1", port=broker.port)
    broker.stop()
    with pytest.raises(UnreachableError, match=f"127.0.0.1:{broker.port}: no broker"):
        browse(there, TOPICS, 0.1)


def climate(kind):
    """Make a sensor of that type in the same box."""
    (made,) = file.parse(f'[[device]]\ntype = "{kind}"\nkind = "zigbee2mqtt"\nid = "climate"\n', "x").device
    return made


def test_states_of_devices_that_share_a_topic_are_told_apart():
    """One climate sensor is two devices of home.toml."""
    warm, wet = climate("temperature"), climate("humidity")
    states = States(file.House(device=(warm, wet)))
    news = states.read("zigbee2mqtt/climate", b'{"temperature":20.5,"humidity":40}', 1.0, old=False)
    assert {one.device: one.value for one in news} == {"temperature": 20.5, "humidity": 40.0}
