"""How often it can be interrupted: a wake word over a spoken reply, by way of a virtual sound card.

The ear's own gate, stages and both threads; PortAudio's microphone and loudspeaker in a room of PulseAudio's,
in real time. The reply begins as a timer rings, so that nobody need ask for it. In such a room a reply comes
back as it was played, but for its loudness: no walls, no bent loudspeaker.
"""

import contextlib
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np

from sottovoce.bench.mixing import gain
from sottovoce.bench.room import DEVICE, Room
from sottovoce.bench.speech import VOICES, speak
from sottovoce.config import Config, Microphone
from sottovoce.config import Reply as ReplyConfig
from sottovoce.ear import build
from sottovoce.ear.devices.pyaudio import PyAudioMicrophone, PyAudioSpeaker
from sottovoce.ear.engines.voices import CommandVoice
from sottovoce.ear.gate import Gate
from sottovoce.ear.pipeline import Pipeline
from sottovoce.ear.reply import Reply
from sottovoce.ear.skills.home import UNSHARED
from sottovoce.ear.skills.timers import Timers
from sottovoce.ear.state_folder import StateFolder
from sottovoce.ear.states import State
from sottovoce.errors import SpeakerError
from sottovoce.journal import Journal
from sottovoce.vocabulary import MuteReason, Outcome, Press, Samples

LEVELS: Final = (-6.0, 0.0, 6.0, 10.0)
"""How far the owner's voice is above the reply at the microphone, loudest frame to loudest frame, dB."""
MOMENTS: Final = (0.5, 1.2, 2.0, 2.8)
"""Seconds of the reply after which the owner begins."""
_SAID: Final = "computer, stop"
_DISTANCE: Final = 0.25
"""What the microphone hears of the reply, of 1: there is room above it for a louder voice."""
_PAUSE_SECONDS: Final = 0.5
_PATIENCE_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Interruptions:
    """What came of one level."""

    above_db: float
    tries: int
    interrupted: int
    without_canceller: int
    """The same with `[reply] echo_canceller = false`."""


@dataclass(frozen=True, slots=True)
class BargeInReport:
    """What came of it."""

    levels: Sequence[Interruptions]
    replies: int
    """That nobody spoke over."""
    own_wakes: int
    """How many of these the device interrupted itself."""


class Announcements(Timers):
    """Timers that ring when told to, with what they are told to say."""

    next: Outcome | None = None

    def due(self) -> Outcome | None:
        """Ring, if it should now."""
        outcome, self.next = self.next, None
        return outcome


class Troubles(Journal):
    """A journal that keeps its warnings."""

    kept: str = ""
    """The last of them."""

    def warn(self, event: str, **facts: object) -> None:
        """Keep a warning."""
        self.kept = f"{event} {facts}"


class DistantSpeaker(PyAudioSpeaker):
    """A loudspeaker some way from the microphone."""

    def play(self, samples: Samples) -> None:
        """Begin to play. Raises SpeakerError."""
        super().play(np.rint(samples * _DISTANCE).astype(np.int16))


class Bedroom:
    """An ear that speaks when told to, in a room where somebody may speak over it. A context."""

    def __init__(self, room: Room, folder: Path, voice: str = "espeak-ng", *, canceller: bool = True) -> None:
        """Speak with `voice`; be in the `room`, as this process must be. Raises SottovoceError."""
        config = Config(microphone=Microphone(device=DEVICE), reply=ReplyConfig(echo_canceller=canceller))
        self._room = room
        self._turn = threading.Condition()
        self.gate = Gate(PyAudioMicrophone(DEVICE), build.make_ring(config), self._changed)
        self.reply = Reply(
            CommandVoice(voice),
            DistantSpeaker(DEVICE),
            earcons=True,
            barge_in=True,
            wake_words=config.wake.words,
        )
        self._announcements = Announcements(folder, time.time)
        self._troubles = Troubles("bench")
        disk, options = StateFolder(folder, self._troubles), build.Options(state=folder, simulate=True)
        stages = replace(
            build.make_stages(config, options, self.gate, disk, self._troubles),
            reply=self.reply,
            timers=self._announcements,
        )
        self._pipeline = Pipeline(
            self.gate, stages, lambda _: None, self._changed, time.time, self._troubles
        )  # fmt: skip
        self._threads = [threading.Thread(target=work) for work in (self.gate.listen, self._pipeline.run)]

    def __enter__(self) -> Self:
        """Begin to hear."""
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

    def is_interrupted(self, outcome: Outcome, owner: Samples | None = None, after: float = 0.0) -> bool:
        """Say an outcome, and let `owner` be said over it `after` seconds; whether it fell silent to listen.

        Raises SpeakerError when it did not speak, or did not come to an end.
        """
        self._wait(State.IDLE)
        self._announcements.next = outcome
        self._wait(State.SPEAKING)
        if owner is not None:
            threading.Event().wait(after)
            player = self._room.begin_to_play(owner)
        ended = self._wait(State.LISTENING, State.IDLE)
        if owner is not None:
            player.wait(_PATIENCE_SECONDS)
        threading.Event().wait(_PAUSE_SECONDS)
        if self._troubles.kept:
            raise SpeakerError(f"loudspeaker: the virtual room does not work: {self._troubles.kept}")
        if self._pipeline.state is not State.IDLE:
            self._pipeline.press(Press.SHORT)
        return ended is State.LISTENING

    def called(self, above: float, outcome: Outcome, voice: str) -> Samples:
        """Let a voice of flite call it, `above` dB louder than the outcome is at the microphone."""
        reply = self.reply.word(outcome).astype(np.float64) * _DISTANCE
        owner = speak(_SAID, voice).astype(np.float64)
        loud: Samples = np.clip(owner * gain(reply, owner, -above), -32768, 32767).astype(np.int16)
        return loud

    def _wait(self, *states: State) -> State:
        with self._turn:
            if not self._turn.wait_for(lambda: self._pipeline.state in states, _PATIENCE_SECONDS):
                raise SpeakerError(f"loudspeaker: no reply in the virtual room; {self._troubles.kept}")
            return self._pipeline.state

    def _changed(self) -> None:
        with self._turn:
            self._turn.notify_all()


def steps(tries: int, levels: Sequence[float]) -> int:
    """Count the replies that `measure` lets it say."""
    return tries * (2 * len(levels) + 1)


def measure(tries: int, levels: Sequence[float], done: Callable[[], None]) -> BargeInReport:
    """Try so often at each level (dB), with and without the canceller; `done` is called after each reply.

    Raises SottovoceError: a program is missing, the virtual room does not work.
    """
    turns = [(MOMENTS[i % 4], VOICES[(i + i // 4) % 4]) for i in range(tries)]  # 16 ways
    own, found = 0, dict.fromkeys(product((True, False), levels), 0)
    for canceller in (True, False):
        with _bedroom(canceller=canceller) as bedroom:
            if canceller:
                for _ in turns:
                    own += bedroom.is_interrupted(UNSHARED)
                    done()
            for above, (moment, voice) in product(levels, turns):
                owner = bedroom.called(above, UNSHARED, voice)
                found[canceller, above] += bedroom.is_interrupted(UNSHARED, owner, moment)
                done()
    counted = [Interruptions(above, tries, found[True, above], found[False, above]) for above in levels]
    return BargeInReport(counted, tries, own)


@contextlib.contextmanager
def _bedroom(*, canceller: bool) -> Iterator[Bedroom]:
    with (
        tempfile.TemporaryDirectory(prefix="sottovoce-bench-") as name,
        Room(Path(name)) as room,
        room.entered(),
        Bedroom(room, Path(name), canceller=canceller) as bedroom,
    ):
        yield bedroom
