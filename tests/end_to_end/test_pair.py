"""The real pair of processes with a real broker, when things go wrong."""

import json
import signal
import subprocess
import sys

import pytest

from sottovoce.bench.broker import Broker
from sottovoce.demo.observers import Subscriber
from sottovoce.demo.scene import COMMAND_TOPIC, Scene, processes_of

SENTENCE = "computer, turn on the kitchen light"
PATIENCE = 15


def commands(scene):
    """Give the commands that arrived at the subscriber."""
    return [json.loads(got.payload) for got in scene.arrivals.since(0) if got.topic == COMMAND_TOPIC]


@pytest.fixture
def scene(tmp_path):
    """The pair, a broker, a microphone to speak into, somebody who subscribes to everything."""
    with Scene(tmp_path, lambda _: None) as made:
        yield made
    assert processes_of(tmp_path) == []


def test_without_a_grant_no_word_reaches_the_broker(scene):
    """Heard and understood, and not one topic or payload holds anything of what was said."""
    mark = scene.trace.count
    scene.speak(SENTENCE, "slt")
    scene.expect("kept", mark)
    scene.expect("answered", mark)
    scene.flip(muted=True)
    scene.arrivals.wait(
        "the mute", lambda got: (got.topic, got.payload) == ("sottovoce/demo/mute/hardware", "ON")
    )
    told = [got for got in scene.arrivals.since(0) if not got.topic.startswith("homeassistant/")]
    seen = " ".join(
        f"{got.topic} {got.payload}" for got in told
    ).lower()  # what it could tell is known before
    for word in ("kitchen", "light", "hometurnon", "turn", "computer"):
        assert word not in seen
    assert '"event_type": "command"' in seen


def test_a_courier_killed_and_a_broker_gone_lose_nothing_that_was_granted(scene):
    """Killed by -9, started again, broker down and up: the command arrives, at least once, with one id."""
    scene.grant()
    scene.pair.courier.send_signal(signal.SIGKILL)
    scene.pair.courier.wait(PATIENCE)
    mark = scene.trace.count
    scene.speak(SENTENCE, "rms")
    scene.expect("shared", mark)
    assert commands(scene) == []
    scene.pair.start_courier()
    scene.arrivals.wait("the command", lambda got: got.topic == COMMAND_TOPIC)
    scene.expect("sent", mark)
    assert len({body["id"] for body in commands(scene)}) == 1
    ledger = scene.owner("ledger", "show")
    assert len([line for line in ledger if "  sent 1 command" in line]) == 1


def test_a_revoked_grant_lets_nothing_out_any_more(scene):
    """What waits when the grant is revoked never arrives, and nothing after it."""
    scene.grant()
    scene.pair.courier.send_signal(signal.SIGKILL)
    scene.pair.courier.wait(PATIENCE)
    mark = scene.trace.count
    scene.speak(SENTENCE, "slt")
    scene.expect("shared", mark)
    scene.expect("answered", mark)
    grant = scene.owner("consent", "list")[0].split()[0]
    assert scene.owner("consent", "revoke", grant)[0].startswith("Revoked. 1 waiting deleted.")
    scene.pair.start_courier()
    scene.expect("broker", mark, connected=True)
    mark = scene.trace.count
    scene.speak(SENTENCE, "slt")
    scene.expect("kept", mark)
    scene.expect("answered", mark)
    assert commands(scene) == []


def test_with_the_broker_gone_it_keeps_hearing_and_delivers_when_it_is_back(scene):
    """A broker that is stopped and started again gets, in order, what was said while it was away."""
    scene.grant()
    mark = scene.trace.count
    scene.broker.stop()
    scene.expect("broker", mark, connected=False)
    for voice in ("slt", "rms"):
        before = scene.trace.count
        scene.speak(SENTENCE, voice)
        scene.expect("shared", before)
        scene.expect("answered", before)
    mark = scene.trace.count
    scene.broker.start()
    scene.expect("broker", mark, connected=True)
    for _ in range(2):
        scene.expect("sent", mark)
        mark += 1 + [event["event"] for event in scene.trace.since(mark)].index("sent")


def test_it_ends_when_whoever_started_it_is_gone(tmp_path):
    """When `sottovoce run` is killed by -9, ear and courier end by themselves."""
    with Broker() as broker:
        config = tmp_path / "sottovoce.toml"
        config.write_text(f'[broker]\nhost = "127.0.0.1"\nport = {broker.port}\n[reply]\nvoice = "none"\n')
        subscriber = Subscriber(broker.port)
        command = [
            sys.executable,
            "-m",
            "sottovoce",
            "run",
            "--simulate",
            "--input",
            "-",
            "--config",
            str(config),
        ]
        command += ["--state", str(tmp_path / "state"), "--output", str(tmp_path / "out.wav")]
        run = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
        subscriber.seen.wait("the device", lambda got: got.payload == "online")
        run.kill()
        run.wait(PATIENCE)
        subscriber.seen.wait("its end", lambda got: got.payload == "offline")
        subscriber.close()
        run.stdin.close()
