"""A virtual sound card: what is said there comes out of a real broker as a command, unless it is muted."""

import contextlib
import json
import os
import subprocess
import sys
import time

import numpy as np
import pytest

from fakes.hearing import CountingWake, KnowingTranscriber, ScriptedDetector
from fakes.stages import make_stages
from sottovoce.bench import mute
from sottovoce.bench.broker import Broker
from sottovoce.bench.mute import FLIPS, Bedside, flip_often
from sottovoce.bench.room import DEVICE, Room
from sottovoce.bench.speech import speak
from sottovoce.config import Config
from sottovoce.config import Endpoint as Limits
from sottovoce.demo.observers import Lines, Seen, Subscriber, trace_line
from sottovoce.ear.devices.pyaudio import PyAudioMicrophone
from sottovoce.pair import Pair
from sottovoce.vocabulary import SAMPLE_RATE

_GRANT = [
    sys.executable,
    "-m",
    "sottovoce",
    "consent",
    "grant",
    "command",
    "--to",
    "home automation",
    "--yes",
]
_OPEN = ("sottovoce/test/mic/open", "ON")


@pytest.fixture(params=["16000 x 1", "44100 x 2"])
def room(request, tmp_path):
    """A virtual sound card of some rate and so many channels."""
    rate, _, channels = request.param.partition(" x ")
    with Room(tmp_path, int(rate), int(channels)) as made:
        yield made


@pytest.fixture
def seen():
    """The trace of the processes."""
    return Seen()


def _happened(event, **facts):
    return lambda line: line["event"] == event and all(line.get(k) == v for k, v in facts.items())


class Listening:
    """An ear, a courier and a broker around the room's microphone. A context."""

    def __init__(self, room, seen, folder):
        self.room, self.seen, self.folder = room, seen, folder

    def __enter__(self):
        state, config = self.folder / "state", self.folder / "sottovoce.toml"
        options = ["--config", str(config), "--state", str(state)]
        with contextlib.ExitStack() as starting:
            broker = starting.enter_context(Broker())
            config.write_text(
                'site = "test"\n[microphone]\ndevice = "pulse"\n'
                f'[broker]\nhost = "127.0.0.1"\nport = {broker.port}\n'
            )
            subprocess.run([*_GRANT, *options], check=True)
            self.subscriber = Subscriber(broker.port)
            starting.callback(self.subscriber.close)
            trace = Lines(trace_line(self.seen))
            starting.callback(trace.close)
            starting.enter_context(
                Pair(
                    options,
                    ["--simulate", "--output", str(self.folder / "answers.wav")],
                    environment={**os.environ, **self.room.environment, "SOTTOVOCE_TRACE": str(trace.write)},
                    keep_descriptors=(trace.write,),
                )
            )
            self.seen.wait("the broker", _happened("broker", connected=True))
            self.wait_for(_OPEN)
            self._closing = starting.pop_all()
        return self

    def __exit__(self, *_):
        self._closing.close()

    def wait_for(self, message, mark=0):
        """Wait until the broker has a message, (topic, payload), after a mark."""
        return self.subscriber.seen.wait(str(message), lambda got: (got.topic, got.payload) == message, mark)

    def command(self, text, mark=0):
        """Say a command into the room; what the broker got of it."""
        self.room.play(speak(text, "slt"))
        got = self.subscriber.seen.wait(text, lambda got: got.topic == "sottovoce/test/command", mark)
        return json.loads(got.payload)


def test_speech_in_the_room_becomes_a_command_at_the_broker(room, seen, tmp_path):
    """Somebody speaks in the room; PyAudio hears it; a subscriber of the broker gets the command, once."""
    with Listening(room, seen, tmp_path) as ear:
        body = ear.command("computer, turn on the kitchen light")
        seen.wait("the receipt", _happened("sent"))
    assert body["intent"] == "HomeTurnOn"
    assert body["slots"] == {"area": "kitchen", "name": "light"}
    commands = [got for got in ear.subscriber.seen.since(0) if got.topic == "sottovoce/test/command"]
    assert len(commands) == 1


def test_a_microphone_that_is_pulled_out_and_put_back_hears_again(seen, tmp_path):
    """Gone in mid-stream, the state and one line of the journal say so; back, it hears, not restarted."""
    with Room(tmp_path) as room, Listening(room, seen, tmp_path) as ear:
        room.unplug()
        ear.wait_for(("sottovoce/test/state", "error"))
        mark = len(ear.subscriber.seen.since(0))
        room.plug_in()
        ear.wait_for(("sottovoce/test/state", "idle"), mark)
        assert ear.command("computer, turn off the fan", mark)["intent"] == "HomeTurnOff"
        events = [line["event"] for line in seen.since(0)]
    assert events.count("microphone_lost") == 1
    assert events.count("microphone_back") == 1


STAMPED_SAMPLES = 32
"""Samples with one stamp: 2 ms."""
STAMPED_SECONDS = 120


class StampedRoom(PyAudioMicrophone):
    """The microphone of a room where each sample tells when it was played; it notes what was captured."""

    def __init__(self):
        super().__init__(DEVICE)
        self.captured = []  # (monotonic time, the latest stamp)

    def _bring(self, raw, count, times, status):
        latest = int(np.frombuffer(raw, dtype=np.uint16).max())
        self.captured.append((time.monotonic(), latest))
        return super()._bring(raw, count, times, status)

    def latest_before(self, at):
        return max((stamp for when, stamp in self.captured if when <= at), default=0)


class Engines:
    """What the engines hear: when they began to look, and the stamps they found."""

    def __init__(self):
        self.heard = []

    def frame(self, samples):
        at = time.monotonic()
        found = np.array(samples).view(np.uint16)
        self.heard.append((at, found[found > 0]))

    def utterance(self, utterance):
        self.frame(utterance.samples)


def test_forty_flips_in_real_time_let_no_sound_through(tmp_path):
    """Nothing captured after an edge reaches an engine; nothing from before it is decoded when it is back.

    With sound on, at moments that nobody chose, through PulseAudio, PortAudio and the ear's own threads.
    The times are printed, not judged: machines are noisy.
    """
    ears, microphone = Engines(), StampedRoom()
    stamps = np.arange(STAMPED_SECONDS * SAMPLE_RATE) // STAMPED_SAMPLES + 1

    def make(gate):
        return make_stages(
            tmp_path, gate, time.time, Limits(silence_ms=96),
            wake=CountingWake(6, on_frame=ears.frame),
            detector=ScriptedDetector("S" * 8, on_frame=ears.frame, lead=6),
            transcriber=KnowingTranscriber("what time is it", on_utterance=ears.utterance),
        )  # fmt: skip

    with Room(tmp_path) as room, room.entered(), Bedside(microphone, Config(), make) as bedside:
        edges = flip_often(bedside, room, stamps.astype(np.uint16).view(np.int16), FLIPS)
    report = mute.report(edges)
    print(f"\n{report}")  # noqa: T201
    check_that_nothing_came_through(microphone, ears.heard, edges)


def check_that_nothing_came_through(microphone, heard, edges):
    """Every engine that looked after an edge found only what was captured after the flip back."""
    assert sum(len(stamps) > 0 for _, stamps in heard) > FLIPS
    for edge in edges:
        before = microphone.latest_before(edge.closed_at)
        assert before
        for at, stamps in heard:
            if at > edge.wiped_at and len(stamps):
                assert at > edge.closed_at, "heard while it is deaf"
                assert stamps.min() > before, "heard from before, or from while it was deaf"
