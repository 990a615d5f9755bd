"""How soon it is deaf: from the edge of the switch on, at a virtual microphone, in real time.

The ear's own gate, stages and both threads hear speech in a room of PulseAudio's by way of PortAudio. The
switch is a call: the way of an edge through the kernel to this program is not in the figures. And it cuts
nothing: the sound goes on, so what is measured is software alone.
"""

import random
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np

from sottovoce.bench.cost import commands
from sottovoce.bench.room import DEVICE, Room
from sottovoce.config import Config, Reply
from sottovoce.ear import build
from sottovoce.ear.devices.pyaudio import PyAudioMicrophone
from sottovoce.ear.devices.simulated import SimulatedBoard
from sottovoce.ear.gate import Gate, Microphone
from sottovoce.ear.pipeline import Pipeline
from sottovoce.ear.stages import Stages
from sottovoce.ear.state_folder import StateFolder
from sottovoce.errors import MicrophoneError
from sottovoce.journal import Journal
from sottovoce.vocabulary import FRAME_SECONDS, SAMPLE_RATE, MuteReason, Position, Samples

FLIPS: Final = 40
MARK_FRAMES: Final = 2
"""The mark: one frame that is being read, and one period of the sound card."""
_LONGEST_SECONDS: Final = 0.4
"""It hears for so long at most before the next flip, and is deaf for a quarter of that."""
_A_FLIP_SECONDS: Final = 2.0
"""More than a flip there and back takes: for so long it is spoken."""
_LATENCY_MS: Final = 60
"""How far ahead the room's sound is mixed."""
_PATIENCE_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class Times:
    """Of all flips, milliseconds."""

    median: float
    p95: float
    max: float


@dataclass(frozen=True, slots=True)
class MuteReport:
    """What came of it, counted from the edge."""

    flips: int
    wiped_ms: Times
    """To all sound held overwritten."""
    last_sample_ms: Times
    """To the last sample handed over by the microphone (it is overwritten unheard); 0 where none was."""
    closed_ms: Times
    """To the stream closed."""
    period_ms: float
    """How much sound PortAudio hands over at a time, as it is asked to."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One flip to muted; monotonic times, seconds."""

    at: float
    wiped_at: float
    last_sample_at: float
    closed_at: float


class Watched:
    """A microphone that notes when it last gave sound, and when it was closed."""

    def __init__(self, microphone: Microphone) -> None:
        """Watch `microphone`."""
        self._microphone = microphone
        self.live = microphone.live
        self.gave_at = self.closed_at = 0.0
        self.gave, self.closed = threading.Event(), threading.Event()

    def open(self) -> None:
        """Start the stream. Raises MicrophoneError."""
        self.closed.clear()
        self._microphone.open()

    def read(self) -> Samples | None:
        """Wait for one frame. Raises MicrophoneError."""
        samples = self._microphone.read()
        if samples is None:
            return None
        self.gave_at = time.monotonic()
        if samples.any():
            self.gave.set()
        return samples

    def close(self) -> None:
        """Stop the stream."""
        self._microphone.close()
        self.closed_at = time.monotonic()
        self.gave.clear()
        self.closed.set()


class Bedside:
    """The ear's gate and stages and both its threads, behind a switch that only tells. A context."""

    def __init__(self, microphone: Microphone, config: Config, make: Callable[[Gate], Stages]) -> None:
        """Hear `microphone` with the stages that `make` makes."""
        self._microphone = Watched(microphone)
        self._board = SimulatedBoard(lambda _: None, position=Position.MUTED)
        self.gate = Gate(self._microphone, build.make_ring(config), lambda: None)
        self._board.watch(self.gate.follow)
        pipeline = Pipeline(
            self.gate, make(self.gate), lambda _: None, lambda: None, time.time, Journal("bench")
        )  # fmt: skip
        self._threads = [threading.Thread(target=work) for work in (self.gate.listen, pipeline.run)]

    def __enter__(self) -> Self:
        """Start both threads, muted."""
        self.gate.unmute(MuteReason.STARTING)
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End both threads."""
        self.gate.stop()
        for thread in self._threads:
            thread.join()

    def flip(self, seconds: float) -> Edge | None:
        """Hear for so long, then flip to muted; None when no stream was open just then.

        Raises MicrophoneError when there is no sound, or the stream stays open.
        """
        self._board.flip(Position.LIVE)
        if not self._microphone.gave.wait(_PATIENCE_SECONDS):
            raise MicrophoneError("microphone: no sound in the virtual room")
        threading.Event().wait(seconds)
        was_open = self.gate.stream_open  # it is not while the device speaks
        at = time.monotonic()
        self._board.flip(Position.MUTED)
        wiped_at = time.monotonic()
        if not self._microphone.closed.wait(_PATIENCE_SECONDS):
            raise MicrophoneError("microphone: muted, and its stream stays open")
        closed_at = self._microphone.closed_at
        if not was_open or closed_at < at:
            return None
        return Edge(at, wiped_at, max(at, self._microphone.gave_at), closed_at)


def measure(flips: int, done: Callable[[], None]) -> MuteReport:
    """Flip so many times, at random moments of speech; `done` is called after each.

    Raises SottovoceError: a program is missing, no sound comes, the stream stays open.
    """
    config = Config(reply=Reply(voice="none", earcons=False))
    with tempfile.TemporaryDirectory(prefix="sottovoce-bench-") as name, Room(Path(name)) as room:
        options = build.Options(state=Path(name), simulate=True, output=Path(name) / "answers.wav")

        def make(gate: Gate) -> Stages:
            journal = Journal("bench")
            return build.make_stages(config, options, gate, StateFolder(options.state, journal), journal)

        with room.entered(), Bedside(PyAudioMicrophone(DEVICE), config, make) as bedside:
            said = np.resize(commands(), round((flips + 10) * _A_FLIP_SECONDS) * SAMPLE_RATE)
            return report(flip_often(bedside, room, said, flips, done))


def flip_often(
    bedside: Bedside, room: Room, said: Samples, flips: int, done: Callable[[], None] = lambda: None
) -> list[Edge]:
    """Flip so many times while something is said in the room. Raises MicrophoneError, also at its end."""
    moments = random.Random(0)  # noqa: S311  any moment will do
    edges: list[Edge] = []
    player = room.begin_to_play(said, latency_ms=_LATENCY_MS)
    try:
        while len(edges) < flips:
            threading.Event().wait(moments.uniform(0.0, _LONGEST_SECONDS / 4))
            if (edge := bedside.flip(moments.uniform(0.0, _LONGEST_SECONDS))) is not None:
                edges.append(edge)
                done()
    finally:
        player.kill()
        player.wait()
    return edges


def report(edges: Sequence[Edge]) -> MuteReport:
    """Sum up."""
    return MuteReport(
        flips=len(edges),
        wiped_ms=_times([edge.wiped_at - edge.at for edge in edges]),
        last_sample_ms=_times([edge.last_sample_at - edge.at for edge in edges]),
        closed_ms=_times([edge.closed_at - edge.at for edge in edges]),
        period_ms=FRAME_SECONDS * 1000,
    )


def _times(seconds: Sequence[float]) -> Times:
    found = np.asarray(seconds) * 1000
    median, p95, longest = (float(np.percentile(found, share)) for share in (50, 95, 100))
    return Times(round(median, 3), round(p95, 3), round(longest, 3))
