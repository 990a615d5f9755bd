"""Two real devices in one house, with a real broker, and one person who is heard by both."""

import contextlib

import numpy as np
import pytest

from sottovoce.bench.broker import Broker
from sottovoce.bench.speech import PacedMicrophone, speak
from sottovoce.demo.observers import Lines, Seen, Subscriber, trace_line
from sottovoce.pair import Pair

SENTENCE = "computer, what time is it"
FURTHER = 0.25
"""How much fainter (12 dB) a person is heard by the device that is further away."""


class Device:
    """Ear, courier and microphone of one room. A context."""

    def __init__(self, folder, site, port):
        self.config, self.state = folder / f"{site}.toml", folder / site
        self.config.write_text(
            f'site = "{site}"\n[broker]\nhost = "127.0.0.1"\nport = {port}\n'
            '[rooms]\nshare = true\n[reply]\nvoice = "none"\n'
        )
        self.site, self.trace = site, Seen()
        self._closing = contextlib.ExitStack()

    def __enter__(self):
        lines = Lines(trace_line(self.trace))
        self._closing.callback(lines.close)
        self.microphone = PacedMicrophone()
        self._closing.callback(self.microphone.close)
        self._closing.enter_context(
            Pair(
                ["--config", str(self.config), "--state", str(self.state)],
                ["--simulate", "--input", "-", "--output", f"{self.state}.wav"],
                sound=self.microphone.descriptor,
                environment={"SOTTOVOCE_TRACE": str(lines.write)},
                keep_descriptors=(lines.write,),
            )
        )
        return self

    def __exit__(self, *_):
        self._closing.close()

    def expect(self, event, mark=0, **facts):
        """Wait for an event of the trace with these facts."""
        self.trace.wait(event, lambda seen: {**seen, **facts, "event": event} == seen, mark)

    def events(self, mark):
        return [seen["event"] for seen in self.trace.since(mark)]


@pytest.fixture
def house(tmp_path):
    """A broker, two devices that share, and somebody who sees all that is published."""
    with (
        Broker() as broker,
        Device(tmp_path, "kitchen", broker.port) as kitchen,
        Device(tmp_path, "hall", broker.port) as hall,
        contextlib.closing(Subscriber(broker.port)) as subscriber,
    ):
        for device in (kitchen, hall):
            device.expect("ready", process="ear")
            device.expect("broker", connected=True)
        yield broker, kitchen, hall, subscriber


def say(near, far):
    """Say a sentence close to one device; the marks in both traces from before it."""
    marks, sound = (near.trace.count, far.trace.count), speak(SENTENCE, "slt")
    near.microphone.say(sound)
    far.microphone.say((sound * FURTHER).astype(np.int16))
    return marks


def test_the_nearer_one_answers_and_without_a_broker_both_do(house):
    """Wherever one is. The other tells of nothing; and what they told each other holds no word."""
    broker, kitchen, hall, subscriber = house
    for near, far in ((kitchen, hall), (hall, kitchen)):
        near_mark, far_mark = say(near, far)
        near.expect("answered", near_mark)
        far.expect("yielded", far_mark)
        assert "yielded" not in near.events(near_mark)
        assert not {"endpoint", "understood", "answered"} & set(far.events(far_mark))
        told = f"sottovoce/{near.site}/event"
        subscriber.seen.wait(
            "the command", lambda got, told=told: got.topic == told and "command" in got.payload
        )
    events = [got.topic for got in subscriber.seen.since(0) if got.topic.endswith("/event")]
    assert sorted(events) == ["sottovoce/hall/event"] * 2 + ["sottovoce/kitchen/event"] * 2
    bids = [got.payload for got in subscriber.seen.since(0) if got.topic == "sottovoce/rooms/home/bid"]
    assert len(bids) >= 4
    assert not [bid for bid in bids for word in ("computer", "time", "clock") if word in bid.lower()]
    marks = kitchen.trace.count, hall.trace.count
    broker.stop()
    for device, mark in zip((kitchen, hall), marks, strict=True):
        device.expect("broker", mark, connected=False)
    marks = say(kitchen, hall)
    for device, mark in zip((kitchen, hall), marks, strict=True):
        device.expect("answered", mark)
        assert "yielded" not in device.events(mark)
