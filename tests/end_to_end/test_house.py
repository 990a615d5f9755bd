"""Spoken to, with a bare broker and devices at it: the real pair of processes and a home.toml."""

import pytest

from fakes.house import TEXT
from real.devices import Zigbee2mqtt
from sottovoce.demo.scene import Scene, processes_of

LOCK = "zigbee2mqtt/Haustür/set"


@pytest.fixture
def scene(tmp_path):
    """The pair in the house of everything, its wiring agreed to, and somebody who hears all topics."""
    (tmp_path / "home.toml").write_text(TEXT, encoding="utf-8")
    with Scene(tmp_path, lambda _: None) as made:
        made.owner("home", "wire", "--yes", "--config", str(made.config))
        yield made
    assert processes_of(tmp_path) == []


def ask(scene, text, answer):
    """Say a sentence, and wait until the answer that begins so is said."""
    heard, done = scene.terminal.count, scene.trace.count
    scene.speak(text, "slt")
    scene.terminal.wait(answer, lambda line: line.startswith("answered") and answer in line, heard)
    scene.expect("answered", done)


def test_a_light_and_a_door(scene):
    """The light goes on; the door is open as its contact says; to unlock asks, and waits for the button."""
    with Zigbee2mqtt(scene.broker.port) as zigbee:
        ask(scene, "computer, turn on the kitchen light", "Turning on the kitchen light.")
        scene.arrivals.wait("the light", lambda got: got.topic == "zigbee2mqtt/kitchen_light/set")
        zigbee.tell("zigbee2mqtt/garage contact", '{"contact":false}')
        ask(scene, "computer, is the garage door open", "Yes, the garage door is open.")
        ask(scene, "computer, unlock the front door", "Unlock the front door: are you sure?")
        assert [got for got in scene.arrivals.since(0) if got.topic == LOCK] == []
        scene.pair.order("press short")
        scene.arrivals.wait("the lock", lambda got: got.topic == LOCK)
    ledger = [line for line in scene.owner("ledger", "show") if "  sent 1 command" in line]
    assert len(ledger) == 2
    assert all("house devices in home.toml" in line for line in ledger)
