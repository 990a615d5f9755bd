"""Lawful fakes for the ear: they keep their port's promises, and time is what the test says it is."""

import io
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from itertools import pairwise
from operator import itemgetter
from types import MappingProxyType

import numpy as np

from sottovoce.ear.echo import LATEST_SAMPLES
from sottovoce.errors import MicrophoneError
from sottovoce.journal import Journal
from sottovoce.vocabulary import FRAME_SAMPLES, SAMPLE_RATE, Samples, Transcript

FRAME_MS = 32
_SAMPLES_PER_MS = SAMPLE_RATE // 1000


class Clock:
    """A clock that stands until it is moved, and does what was set for a moment at that moment."""

    def __init__(self, ms=0):
        self.ms = ms
        self._alarms = []

    def __call__(self):
        """Seconds."""
        return self.ms / 1000

    def at(self, ms, action):
        """Do `action` when the clock comes to `ms`."""
        self._alarms.append((ms, action))
        self._alarms.sort(key=itemgetter(0))  # stable: set first, rings first

    def move_to(self, ms):
        """Let time go by until `ms`; alarms that ring on the way are answered at their time."""
        while self._alarms and self._alarms[0][0] <= ms:
            due, action = self._alarms.pop(0)
            self.ms = max(self.ms, due)
            action()
        self.ms = max(self.ms, ms)

    def advance(self, ms):
        """Let `ms` milliseconds go by."""
        self.move_to(self.ms + ms)


def stamps(samples):
    """Say in which milliseconds the samples of a StampedMicrophone were captured; zeros are no sound."""
    seen = np.unique(np.asarray(samples).view(np.uint16))
    return [int(value) - 1 for value in seen if value]


class StampedMicrophone:
    """A live microphone whose every sample tells the millisecond it was captured in.

    It captures from its opening to its closing and keeps what was captured until it is read, as a sound
    card does. It knows of no switch: what is captured while muted is there to be found.
    """

    live = True

    def __init__(self, clock, opening_ms=0):
        self._clock = clock
        self._opening_ms = opening_ms
        self._at = None
        self.opened = 0

    @property
    def is_open(self):
        return self._at is not None

    def open(self):
        assert self._at is None, "opened twice"
        self._at = self._clock.ms
        self.opened += 1
        self._clock.advance(self._opening_ms)

    def read(self):
        assert self._at is not None, "read while closed"
        first, self._at = self._at, self._at + FRAME_MS
        self._clock.move_to(self._at)
        moments = np.repeat(np.arange(first, first + FRAME_MS), _SAMPLES_PER_MS)
        return (moments + 1).astype(np.uint16).view(np.int16)

    def close(self):
        self._at = None


class ScriptedMicrophone:
    """Gives what the script holds: a frame's value, or an error to raise; the end of it is EOFError."""

    def __init__(self, script: Iterable[int | Exception], *, live: bool = True, opens=(), brings=True):
        self.script = deque(script)
        self.brings = brings  # whether its frames are sound, or silence in place of none
        self.live = live
        self.opens = deque(opens)
        self.is_open = False
        self.calls = []

    @property
    def brought(self):
        return self.brings * self.calls.count("read")

    def open(self):
        self.calls.append("open")
        if self.opens and (error := self.opens.popleft()) is not None:
            raise error
        self.is_open = True

    def read(self) -> Samples:
        self.calls.append("read")
        assert self.is_open, "read while closed"
        if not self.script:
            raise EOFError
        item = self.script.popleft()
        if isinstance(item, Exception):
            raise item
        return np.full(FRAME_SAMPLES, item, dtype=np.int16)

    def close(self):
        self.calls.append("close")
        self.is_open = False


def unplugged():
    """What a microphone raises that was pulled out."""
    return MicrophoneError("microphone: went away", "plug it in")


def nothing(*_args, **_facts):
    """Take notice of nothing."""


class CountingWake:
    """A wake engine that hears its word in every n-th frame since it was reset; silence is no frame.

    With `at`, it hears it in those frames alone.
    """

    facts: Mapping[str, str | bool] = MappingProxyType({"engine": "counting"})

    def __init__(self, every=None, word="computer", on_frame: Callable[[Samples], None] = nothing, at=()):
        self.every = every
        self.at = at
        self.closed = False
        self.word = word
        self.heard = 0
        self.resets = 0
        self._on_frame = on_frame

    def detect(self, samples):
        assert not self.closed, "heard after its end"
        if not samples.any():
            return None
        self._on_frame(samples)
        self.heard += 1
        every = self.every and self.heard % self.every == 0
        return self.word if every or self.heard in self.at else None

    def reset(self):
        assert not self.closed, "reset after its end"
        self.heard = 0
        self.resets += 1

    def close(self):
        self.closed = True


class ScriptedDetector:
    """A voice activity detector that follows a script since it was reset; before and after it, silence."""

    def __init__(self, script="", on_frame: Callable[[Samples], None] = nothing, lead=0):
        """`script`: one letter a frame, S for speech; it begins after `lead` frames."""
        self.script = "-" * lead + script
        self.fed = 0
        self._on_frame = on_frame

    def probability(self, samples):
        self._on_frame(samples)
        self.fed += 1
        return 1.0 if self.script[self.fed - 1 : self.fed] == "S" else 0.0

    def reset(self):
        self.fed = 0


class KnowingTranscriber:
    """A transcriber that makes out the same text in everything."""

    def __init__(self, text, confidence=1.0, on_utterance=nothing):
        self.text = text
        self.confidence = confidence
        self.utterances = 0
        self.followed = []
        self.forgotten = 0
        self._on_utterance = on_utterance

    def follow(self, utterance):
        self.followed.append(utterance)

    def forget(self):
        self.forgotten += 1

    def transcribe(self, utterance):
        self.utterances += 1
        self._on_utterance(utterance)
        return Transcript(self.text, self.confidence, "knowing")


class TransparentCanceller:
    """An echo canceller that is sure of a delay and takes nothing out, or leaves so much of all it hears."""

    def __init__(
        self, late: int | None = 0, on_heard: Callable[[Samples], None] = nothing, left: float = 1.0
    ):
        self.late = late
        self.left = left
        self.cancelled = []
        self.resets = 0
        self._on_heard = on_heard

    def find(self, heard, played):
        assert len(heard) + LATEST_SAMPLES == len(played)
        self._on_heard(heard)
        return self.late

    def cancel(self, heard, played):
        assert len(heard) == len(played)
        self.cancelled.append(played.copy())
        clean = (heard * self.left).astype(np.int16) if self.left < 1 else heard.copy()
        self._on_heard(heard)
        return clean

    def reset(self):
        self.resets += 1


class HummingVoice:
    """A voice that hums for 10 ms a letter, at the loudness of speech."""

    def say(self, text):
        length = round(0.01 * len(text) * SAMPLE_RATE)
        return np.asarray(8000 * np.sin(np.arange(length) * 0.1), dtype=np.int16)


class MutteringVoice:
    """A voice that says everything in silence, so many milliseconds a letter."""

    def __init__(self, ms=10):
        self._ms = ms

    def say(self, text):
        return np.zeros(self._ms * len(text) * _SAMPLES_PER_MS, dtype=np.int16)


class ListeningSpeaker:
    """A loudspeaker that keeps what it played; it sounds for as long as a clock says, or for no time."""

    def __init__(self, on_play=nothing, clock=None):
        self.played = []
        self.hushed = 0
        self._on_play = on_play
        self._clock = clock or (lambda: 0.0)
        self._until = 0.0

    def play(self, samples):
        self.played.append(samples.copy())
        self._until = self._clock() + len(samples) / SAMPLE_RATE
        self._on_play(samples)

    def sounding(self):
        return 0 < self._clock() < self._until

    def hush(self):
        self.hushed += 1
        self._until = 0.0


class Diary(Journal):
    """A journal that can be read back."""

    def __init__(self):
        super().__init__("test")
        self.lines = []

    def note(self, event, **facts):
        self.lines.append((event, facts))

    def warn(self, event, **facts):
        self.lines.append((event, facts))

    @property
    def events(self):
        return [event for event, _ in self.lines]


def jumps(samples):
    """The largest step from one sample to the next, the silence before and after included."""
    padded = [0, *(int(sample) for sample in samples), 0]
    return max(abs(later - earlier) for earlier, later in pairwise(padded))


def wav(samples, rate=SAMPLE_RATE, **settings):
    """Write samples as a sound file in memory."""
    import soundfile  # noqa: PLC0415  most tests need none

    file = io.BytesIO()
    settings.setdefault("format", "WAV")
    soundfile.write(file, samples, rate, **settings)
    file.seek(0)
    return file
