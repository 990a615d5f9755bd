"""Reply: an earcon, and speech.

Meanwhile the ear listens for a wake word and for nothing else, so that its owner can interrupt it. A
reply that names a wake word itself, or a word spelled much like one, is said behind a shut gate.
"""

import difflib
import string
from collections.abc import Collection
from typing import Final, Protocol

import numpy as np

from sottovoce.vocabulary import SAMPLE_RATE, Earcon, Outcome, Samples


class Voice(Protocol):
    """A text-to-speech engine."""

    def say(self, text: str) -> Samples:
        """Speak a text into samples at SAMPLE_RATE. Raises EngineError."""


class Speaker(Protocol):
    """Something that sounds."""

    def play(self, samples: Samples) -> None:
        """Begin to play samples at SAMPLE_RATE, and return. Raises SpeakerError."""

    def sounding(self) -> bool:
        """Whether it plays still. Raises SpeakerError, once, when it could not go on."""

    def hush(self) -> None:
        """Fall silent at once."""


_TONES: Final = {
    Earcon.DONE: ((660.0, 0.09), (880.0, 0.13)),
    Earcon.UNSURE: ((440.0, 0.12), (330.0, 0.18)),
    Earcon.CHIME: ((1047.0, 0.12), (784.0, 0.12), (523.0, 0.22)),
    Earcon.ALARM: ((880.0, 0.15), (0.0, 0.05), (880.0, 0.15), (0.0, 0.05), (1175.0, 0.3)),
}
"""Earcon -> (Hz, seconds) of each tone; 0 Hz is a rest."""


_BLANKS: Final = str.maketrans(dict.fromkeys(string.punctuation, " "))

_ALIKE: Final = 0.8
"""Words whose letters agree so far (difflib's measure) may sound alike: "commuter" and "computer"."""


class Reply:
    """The stage: words an outcome by sound."""

    def __init__(
        self,
        voice: Voice | None,
        speaker: Speaker,
        *,
        earcons: bool,
        barge_in: bool = False,
        wake_words: Collection[str] = (),
    ) -> None:
        """Speak with `voice` (None: earcons only) through `speaker`.

        With `barge_in`, a reply in which nothing like one of `wake_words` is said can be interrupted.
        """
        self._voice = voice
        self._speaker = speaker
        self._earcons = earcons
        self._barge_in = barge_in
        self._wake_words = wake_words

    def word(self, outcome: Outcome) -> Samples:
        """Make the sound of an outcome: the earcon, then the speech. Raises EngineError."""
        parts = [np.zeros(0, dtype=np.int16)]
        if self._earcons or outcome.earcon is Earcon.CHIME:  # which tells who speaks
            parts.append(tones(outcome.earcon))
        if self._voice is not None and outcome.speech:
            parts.append(self._voice.say(outcome.speech))
        return np.concatenate(parts)

    def can_be_interrupted(self, outcome: Outcome) -> bool:
        """Whether a wake word heard while this is said can only be its owner's."""
        said = outcome.speech.lower()
        return self._barge_in and not any(_names(said, word) for word in self._wake_words)

    def play(self, sound: Samples) -> None:
        """Begin to play what `word` made. Raises SpeakerError."""
        if len(sound):
            self._speaker.play(sound)

    def sounding(self) -> bool:
        """Whether it is to be heard still. Raises SpeakerError, once, when it broke off."""
        return self._speaker.sounding()

    def hush(self) -> None:
        """Fall silent at once."""
        self._speaker.hush()


def _names(said: str, wake_word: str) -> bool:
    """Whether a wake word, or what is spelled much like it, is among the words said."""
    words, length = said.translate(_BLANKS).split(), len(wake_word.split())
    phrases = [" ".join(words[at : at + length]) for at in range(len(words))]
    return wake_word in said or bool(difflib.get_close_matches(wake_word, phrases, 1, _ALIKE))


def tones(earcon: Earcon) -> Samples:
    """Make an earcon: sine tones at a quarter of full scale, each faded over 10 ms against clicks."""
    parts = []
    for frequency, seconds in _TONES[earcon]:
        time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
        fade = np.minimum(1.0, np.minimum(time, seconds - time) / 0.01)
        parts.append(0.25 * fade * np.sin(2 * np.pi * frequency * time))
    return np.asarray(np.concatenate(parts) * 32767, dtype=np.int16)
