"""How loud a wake word was: two numbers, and nothing of the sound."""

from collections.abc import Callable
from typing import Final

import numpy as np

from sottovoce.vocabulary import FRAME_SAMPLES, Loudness, OpenFrame, Samples

_ROOM_FRAMES: Final = 94
"""The noise floor is looked for in so many frames (3 s)."""

_WORD_FRAMES: Final = 32
"""The wake word is among the last so many (1 s)."""

_LOUD_FRAMES: Final = 8
"""And as loud as its loudest frames (0.26 s) are on the mean."""

_FLOOR_PERCENT: Final = 10
_FULL_SCALE: Final = 32_768.0


def loudness(samples: Samples) -> Loudness:
    """Measure a wake word at the end of `samples`, whole frames of any number."""
    powers = np.square(samples.reshape(-1, FRAME_SAMPLES), dtype=np.float64).mean(axis=1)
    powers = np.maximum(powers, 1.0) / _FULL_SCALE**2
    word = np.sort(powers[-_WORD_FRAMES:])[-_LOUD_FRAMES:].mean()
    floor = np.percentile(powers, _FLOOR_PERCENT)
    return Loudness(above_noise=_decibels(word / floor), rms=_decibels(word))


def listen(sound: Callable[[int, int, int], Samples | None]) -> Callable[[OpenFrame], Loudness | None]:
    """Measure what ends with a frame, fetched by `sound` (see Gate.since); None when the gate has shut."""

    def measure(frame: OpenFrame) -> Loudness | None:
        samples = sound(frame.epoch, frame.index + 1 - _ROOM_FRAMES, frame.index + 1)
        if samples is None:
            return None
        measured = loudness(samples)
        samples.fill(0)
        return measured

    return measure


def _decibels(power: float) -> float:
    return round(10.0 * float(np.log10(power)), 1)
