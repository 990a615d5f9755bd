"""From a recording of one saying to an example: where the word ends, and how it sounds there."""

from typing import Final

import numpy as np

from sottovoce.ear.endpoint import SpeechDetector
from sottovoce.ear.engines.embedding import HOP_SAMPLES, Embedding
from sottovoce.ear.engines.tflite import Numbers
from sottovoce.ear.learn.model import SPAN, Example, vectors
from sottovoce.errors import InputError
from sottovoce.vocabulary import FRAME_SAMPLES, SAMPLE_RATE, Samples

SHORTEST_SECONDS: Final = 0.2
LONGEST_SECONDS: Final = 2.5
_GAP_SECONDS: Final = 0.3
"""A pause in a word is shorter than this."""
_SPEECH: Final = 0.5
_BEFORE: Final = round(0.5 * SAMPLE_RATE)
_AFTER: Final = round(0.6 * SAMPLE_RATE)
_CLIPPED: Final = 32_700
_CLIPPED_SHARE: Final = 0.01
_LAG: Final = 2
"""How many hops the detector tells of a word's end too late."""
_COPIES: Final = ((0, None), (427, 12.0), (853, 20.0))
"""How a saying is varied: by how many samples it is late, and under how much hiss (dB below the word)."""


class Examples:
    """Makes examples of recordings."""

    def __init__(self, embedding: Embedding, detector: SpeechDetector) -> None:
        """Find speech with `detector`."""
        self._embedding = embedding
        self._detector = detector

    def make(self, samples: Samples, name: str) -> Example:
        """Make an example of one saying. Raises InputError, which says what is wrong with `name`."""
        begin, end = self._word(samples, name)
        word = samples[begin:end]
        if np.mean(np.abs(word.astype(np.int32)) >= _CLIPPED) > _CLIPPED_SHARE:
            raise InputError(f"{name}: clipped", "say it softer, or further away")
        first, last = max(0, begin - _BEFORE), end + _AFTER
        around = np.pad(samples[first:last], (_BEFORE - (begin - first), max(0, last - len(samples))))
        copies = [(_varied(around, word, late, snr), late + _BEFORE + end - begin) for late, snr in _COPIES]
        return Example(
            tuple(vectors(self.embeddings(sound)) for sound, _ in copies),
            tuple(-(-last_sample // HOP_SAMPLES) - _LAG for _, last_sample in copies),
        )

    def embeddings(self, samples: Samples) -> Numbers:
        """Embed a stretch of sound, with silence before it; shape (n, DIMENSIONS)."""
        silence = self._embedding.reset()
        return np.array([*[silence] * SPAN, *self._embedding.take(samples)], dtype=np.float32)

    def _word(self, samples: Samples, name: str) -> tuple[int, int]:
        """Find the longest stretch of speech: its first sample and the one after its last."""
        self._detector.reset()
        lead = np.zeros(
            _BEFORE // FRAME_SAMPLES * FRAME_SAMPLES, dtype=np.int16
        )  # the detector settles in it
        padded = np.concatenate([lead, samples, np.zeros(_AFTER, dtype=np.int16)])
        frames = padded[: len(padded) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES)
        speech = [n for n, frame in enumerate(frames) if self._detector.probability(frame) >= _SPEECH]
        stretches: list[list[int]] = []
        for frame in speech:
            if stretches and (frame - stretches[-1][1]) * FRAME_SAMPLES < _GAP_SECONDS * SAMPLE_RATE:
                stretches[-1][1] = frame
            else:
                stretches.append([frame, frame])
        found = max(stretches, key=lambda stretch: stretch[1] - stretch[0], default=None)
        if found is None or (found[1] + 1 - found[0]) * FRAME_SAMPLES < SHORTEST_SECONDS * SAMPLE_RATE:
            raise InputError(f"{name}: no word is heard in it", "say it louder, or nearer")
        begin, end = (edge * FRAME_SAMPLES - len(lead) for edge in (found[0], found[1] + 1))
        if end - begin > LONGEST_SECONDS * SAMPLE_RATE:
            raise InputError(f"{name}: too long for a wake word", f"{LONGEST_SECONDS:g} s at most")
        return max(0, begin), min(len(samples), end)


def _varied(around: Samples, word: Samples, late: int, snr: float | None) -> Samples:
    sound = np.concatenate([np.zeros(late), around])
    if snr is not None:
        level = np.sqrt(np.mean(np.square(word, dtype=np.float64)))
        sound += np.random.default_rng(late).normal(0.0, level * 10.0 ** (-snr / 20.0), len(sound))
    return np.asarray(np.clip(np.rint(sound), -32768, 32767), dtype=np.int16)
