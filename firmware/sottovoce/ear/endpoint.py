"""Endpoint: where the sentence after the wake word begins and ends.

The sentence begins `pre_roll` before the wake word was recognised, so that "computer turn on the
light" in one breath loses no word; the transcriber knows the wake word and takes it off. Whoever
thinks first is given a later beginning: silence of seconds would only blur what the transcriber
hears. The sentence ends with a pause, or at the hard cap; when nobody speaks, it times out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final, Protocol

from sottovoce.config import Endpoint as Limits
from sottovoce.vocabulary import FRAME_SECONDS, OpenFrame, Samples, Utterance

SPEECH_FRAMES: Final = 7
"""Speech frames after the wake word (0.22 s) from which on a sentence counts as begun.
Fewer are the tail of the wake word itself."""


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

    def begin(self, frame: OpenFrame, wake_word: str) -> None:
        """Start a sentence at the frame that completed the wake word."""
        self.forget()
        start = frame.index - frames(self._limits.pre_roll_ms)
        self._sentence = _Sentence(wake_word, frame.epoch, start, frame.index)

    def hear(self, frame: OpenFrame) -> Verdict:
        """Follow the sentence by one frame."""
        sentence = self._current()
        if self._detector.probability(frame.samples) >= self._limits.speech_threshold:
            sentence.speech += 1
            sentence.silence = 0
        else:
            sentence.silence += 1
            pause = frames(self._limits.silence_ms)
            if sentence.speech < SPEECH_FRAMES and sentence.silence >= pause:
                sentence.start = frame.index + 1 - pause
        return self._judge(sentence, frame.index - sentence.woken)

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
        samples = self._sound(sentence.epoch, sentence.start, last.index + 1)
        if samples is None:
            return None
        return Utterance(samples, sentence.epoch, sentence.wake_word, sentence.start)

    def forget(self) -> None:
        """Drop what was half heard."""
        self._sentence = None
        self._detector.reset()

    def _current(self) -> _Sentence:
        if self._sentence is None:
            raise RuntimeError("endpoint: no sentence has begun")
        return self._sentence
