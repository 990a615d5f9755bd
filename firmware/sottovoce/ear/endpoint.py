"""Endpoint: where the sentence after the wake word begins and ends.

The sentence begins `pre_roll` before the wake word was recognised, so that "computer turn on the
light" in one breath loses no word; the transcriber knows the wake word and takes it off. Whoever
thinks first is given a later beginning: silence of seconds would only blur what the transcriber
hears. The sentence ends with a pause, or at the hard cap; when nobody speaks, it times out.

Who speaks to the device is the loudest: speech far below the sentence's own loudness, such as a
television that talks on, or the room's echo of the last word, is taken for a pause.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final, Protocol

import numpy as np

from sottovoce.config import Endpoint as Limits
from sottovoce.vocabulary import FRAME_SAMPLES, FRAME_SECONDS, OpenFrame, Samples, Utterance

SPEECH_FRAMES: Final = 5
"""Speech frames (0.16 s) from which on a sentence counts as begun."""

LEAD_FRAMES: Final = 5
"""A wake word is recognised about 0.2 s after its end: speech in the frames just before that is the
sentence already, and a "stop" in the same breath may be over by then."""

_SETTLING_FRAMES: Final = 3
"""Frames a detector hears before what it says of one counts."""

_MOMENT_FRAMES: Final = 3
"""Loudness is told by so many frames: a moment is as loud as the loudest of them, a sentence as its
loudest moment's faintest. So a weak consonant is no pause, and a door that slams is no loud speaker."""

_FAINTER: Final = 10.0**1.2
"""Speech is taken for somebody else's when its power is less than the sentence's by this (12 dB)."""


class SpeechDetector(Protocol):
    """A voice activity detector (VAD)."""

    def probability(self, samples: Samples) -> float:
        """Say how likely one frame is speech, 0 to 1."""

    def reset(self) -> None:
        """Forget all sound heard so far."""


class Verdict(Enum):
    """What the stage makes of the sentence so far."""

    GOING_ON = auto()
    PAUSED = auto()
    """Half of the pause that ends a sentence has passed: time to write down what there is."""
    ENDED = auto()
    NOBODY_SPOKE = auto()


@dataclass
class _Sentence:
    """The sentence being heard: counts of frames, no sound."""

    wake_word: str
    epoch: int
    start: int
    woken: int
    speech: int = 0
    silence: int = 0
    again: "_Again | None" = None
    recent: deque[bool] = field(default_factory=lambda: deque(maxlen=LEAD_FRAMES))
    loudest: float = 0.0
    moment: deque[float] = field(default_factory=lambda: deque([0.0], maxlen=_MOMENT_FRAMES))

    def hear(self, power: float, *, speech: bool) -> None:
        """Count a frame as speech of who speaks to the device, or as silence."""
        self.moment.append(power)
        self.recent.append(speech)
        far = self.speech >= SPEECH_FRAMES and max(self.moment) * _FAINTER < self.loudest
        if speech and not far:
            self.speech += 1
            self.silence = 0
            self.loudest = max(self.loudest, min(self.moment))
        else:
            self.silence += 1


@dataclass(frozen=True)
class _Again:
    """Another wake word within a sentence."""

    wake_word: str
    start: int
    speech: int


def frames(milliseconds: int) -> int:
    """Count the frames that cover a time."""
    return round(milliseconds / 1000 / FRAME_SECONDS)


class Endpoint:
    """Follows one sentence at a time."""

    def __init__(
        self, detector: SpeechDetector, limits: Limits, sound: Callable[[int, int, int], Samples | None]
    ) -> None:
        """Judge speech by `detector`; fetch it by `sound(epoch, start, stop)`, in frames (see Gate.since)."""
        self._detector = detector
        self._limits = limits
        self._sound = sound
        self._sentence: _Sentence | None = None

    def begin(self, frame: OpenFrame, wake_word: str, earliest: int = 0) -> None:
        """Start a sentence at the frame that completed the wake word.

        No frame before `earliest` will be part of it: before that the device was sounding itself.
        """
        self.forget()
        start = max(earliest, frame.index - frames(self._limits.pre_roll_ms))
        self._sentence = _Sentence(wake_word, frame.epoch, start, frame.index, self._lead(frame, start))

    def again(self, frame: OpenFrame, wake_word: str) -> None:
        """Note another wake word; if more is said after it, the sentence begins there.

        So "computer, turn on, computer, stop" is a stop, and "computer, turn off the computer" is whole.
        """
        sentence = self._current()
        start = max(sentence.start, frame.index - frames(self._limits.pre_roll_ms))
        sentence.again = _Again(wake_word, start, sentence.speech - sum(sentence.recent))

    def hear(self, frame: OpenFrame) -> Verdict:
        """Follow the sentence by one frame."""
        sentence = self._current()
        power = float(np.square(frame.samples, dtype=np.float32).mean())
        sentence.hear(power, speech=self._is_speech(frame.samples))
        pause = frames(self._limits.silence_ms)
        if sentence.speech < SPEECH_FRAMES and sentence.silence >= pause:
            sentence.start = frame.index + 1 - pause
        return self._judge(sentence, frame.index - sentence.woken)

    def _lead(self, frame: OpenFrame, start: int) -> int:
        """Count the speech frames just before the wake word was recognised."""
        first = max(start, frame.index + 1 - LEAD_FRAMES - _SETTLING_FRAMES)
        sound = self._sound(frame.epoch, first, frame.index + 1)
        if sound is None:
            return 0
        heard = [self._is_speech(one) for one in sound.reshape(-1, FRAME_SAMPLES)]
        return sum(heard[-LEAD_FRAMES:])

    def _is_speech(self, samples: Samples) -> bool:
        return self._detector.probability(samples) >= self._limits.speech_threshold

    def _judge(self, sentence: _Sentence, heard: int) -> Verdict:
        if heard >= frames(self._limits.longest_ms):
            return Verdict.ENDED
        if sentence.speech < SPEECH_FRAMES:
            late = heard >= frames(self._limits.no_speech_ms)
            return Verdict.NOBODY_SPOKE if late else Verdict.GOING_ON
        pause = frames(self._limits.silence_ms)
        if sentence.silence >= pause:
            return Verdict.ENDED
        return Verdict.PAUSED if sentence.silence == max(1, pause // 2) else Verdict.GOING_ON

    @property
    def speech(self) -> int:
        """Count the speech frames of the sentence so far."""
        return self._current().speech

    @property
    def begun(self) -> bool:
        """Whether somebody speaks: from then on, where the sentence begins stays as it is."""
        return self._current().speech >= SPEECH_FRAMES

    def utterance(self, last: OpenFrame) -> Utterance | None:
        """Copy the sentence, up to and with the frame `last`; None when the gate has shut since."""
        sentence = self._current()
        start, wake_word, again = sentence.start, sentence.wake_word, sentence.again
        if again is not None and sentence.speech - again.speech >= SPEECH_FRAMES:
            start, wake_word = again.start, again.wake_word
        samples = self._sound(sentence.epoch, start, last.index + 1)
        return None if samples is None else Utterance(samples, sentence.epoch, wake_word, start)

    def clip(self, last: OpenFrame) -> Samples | None:
        """Copy what was said after the wake word, up to and with the frame `last`; None as for `utterance`.

        What was talked of before the wake word is nobody's business.
        """
        sentence = self._current()
        start = max(sentence.start, sentence.woken - LEAD_FRAMES)
        return self._sound(sentence.epoch, start, last.index + 1)

    def forget(self) -> None:
        """Drop what was half heard."""
        self._sentence = None
        self._detector.reset()

    def _current(self) -> _Sentence:
        if self._sentence is None:
            raise RuntimeError("endpoint: no sentence has begun")
        return self._sentence
