"""Reply: an earcon, and speech. The gate is shut meanwhile, so that the device cannot hear itself."""

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
        """Play samples at SAMPLE_RATE to their end. Raises SpeakerError."""


_TONES: Final = {
    Earcon.DONE: ((660.0, 0.09), (880.0, 0.13)),
    Earcon.UNSURE: ((440.0, 0.12), (330.0, 0.18)),
    Earcon.ALARM: ((880.0, 0.15), (0.0, 0.05), (880.0, 0.15), (0.0, 0.05), (1175.0, 0.3)),
}
"""Earcon -> (Hz, seconds) of each tone; 0 Hz is a rest."""


class Reply:
    """The stage: words an outcome by sound."""

    def __init__(self, voice: Voice | None, speaker: Speaker, *, earcons: bool) -> None:
        """Speak with `voice` (None: earcons only) through `speaker`."""
        self._voice = voice
        self._speaker = speaker
        self._earcons = earcons

    def give(self, outcome: Outcome) -> None:
        """Sound the earcon, then speak. Raises EngineError, SpeakerError."""
        parts = [tones(outcome.earcon)] if self._earcons else []
        if self._voice is not None and outcome.speech:
            parts.append(self._voice.say(outcome.speech))
        if parts:
            self._speaker.play(np.concatenate(parts))


def tones(earcon: Earcon) -> Samples:
    """Make an earcon: sine tones at a quarter of full scale, each faded over 10 ms against clicks."""
    parts = []
    for frequency, seconds in _TONES[earcon]:
        time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
        fade = np.minimum(1.0, np.minimum(time, seconds - time) / 0.01)
        parts.append(0.25 * fade * np.sin(2 * np.pi * frequency * time))
    return np.asarray(np.concatenate(parts) * 32767, dtype=np.int16)
