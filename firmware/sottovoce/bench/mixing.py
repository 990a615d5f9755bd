"""Noise under speech, at a signal-to-noise ratio.

The ratio is that of Picovoice's benchmarks: the energy of the loudest whole frame of 2048 samples
of the speech over that of the loudest whole frame of the noise laid under it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zlib import crc32

import numpy as np
import numpy.typing as npt

from sottovoce.ear.devices.recording import read_samples
from sottovoce.errors import InputError
from sottovoce.vocabulary import Samples

RATIO_FRAME: Final = 2048
"""Samples in a frame of the ratio."""
_LOUDEST: Final = 32767.0

Sound = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Noise:
    """A noise recording, and how far speech shall stand above it."""

    samples: Samples
    snr: float
    """dB."""

    def under(self, speech: Samples, name: str) -> Samples:
        """Mix it under a recording; `name` decides where in the noise it begins, the same each time.

        A mix too loud for 16 bit is turned down as a whole, so that nothing is clipped and the
        ratio holds.
        """
        start = crc32(name.encode()) % len(self.samples)
        noise = np.take(self.samples, np.arange(start, start + len(speech)), mode="wrap").astype(np.float64)
        sound = speech + noise * gain(speech, noise, self.snr)
        peak = np.max(np.abs(sound), initial=0.0)
        if peak > _LOUDEST:
            sound *= _LOUDEST / peak
        return np.rint(sound).astype(np.int16)


def read_noise(path: Path, snr: float) -> Noise:
    """Read a noise recording for mixing at `snr` dB. Raises MissingInputError, InputError."""
    samples = read_samples(path)
    if not samples.any():
        raise InputError(f"{path}: there is no sound in it", "give a recording of noise")
    return Noise(samples, snr)


def gain(speech: Samples | Sound, noise: Samples | Sound, snr: float) -> float:
    """By how much to multiply `noise`, so that `speech` stands `snr` dB above it; 0 if either is silent."""
    under = loudest(noise) * 10.0 ** (snr / 10.0)
    return float(np.sqrt(loudest(speech) / under)) if under else 0.0


def loudest(sound: Samples | Sound) -> float:
    """Energy of the loudest whole frame, in squared steps of 16 bit; of all of it if there is none whole."""
    whole = len(sound) // RATIO_FRAME * RATIO_FRAME
    frames = sound[:whole].reshape(-1, RATIO_FRAME) if whole else sound[np.newaxis]
    return float(np.square(frames, dtype=np.float64).sum(axis=1).max())
