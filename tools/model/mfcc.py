"""Kaldi's MFCC as libvosk computes it with the `mfcc.conf` below: 40 coefficients every 10 ms."""

from functools import cache, lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

Sound = NDArray[np.float32]
"""16 kHz, mono, in steps of 16 bit."""
Features = NDArray[np.float32]
"""(frames of 10 ms, 40)."""

CONFIGURATION: Final = """\
--use-energy=false
--num-mel-bins=40
--num-ceps=40
--low-freq=20
--high-freq=-400
--dither=0
"""
DIM: Final = 40
RATE: Final = 16_000
_WINDOW, _STEP, _FFT = 400, 160, 512
_LOW, _HIGH = 20.0, 7600.0
KNOTS: Final = (0.0, 300.0, 700.0, 1300.0, 2000.0, 2900.0, 4500.0, 8000.0)
"""Hz."""
Warp = tuple[float, ...]
"""By how much the frequencies at KNOTS are stretched; between them it is interpolated."""
UNWARPED: Final[Warp] = (1.0,) * len(KNOTS)
_EMPHASIS: Final = 0.97
_LIFTER: Final = 22.0


def mfcc(sound: Sound, warp: Warp = UNWARPED) -> Features:
    """Compute features; `warp` shifts the frequencies as another vocal tract would."""
    count = 1 + (len(sound) - _WINDOW) // _STEP if len(sound) >= _WINDOW else 0
    if not count:
        return np.zeros((0, DIM), np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(sound, _WINDOW)[::_STEP][:count]
    frames = frames - frames.mean(axis=1, keepdims=True)
    emphasised = frames.copy()
    emphasised[:, 1:] -= _EMPHASIS * frames[:, :-1]
    emphasised[:, 0] -= _EMPHASIS * frames[:, 0]
    spectrum = np.fft.rfft(emphasised * _povey(), _FFT)[:, :-1]
    power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
    energies = np.log(np.maximum(power @ _mel(warp), np.finfo(np.float32).eps))
    return np.asarray(energies @ _cosines(), np.float32)


@cache
def _povey() -> Sound:
    hann = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(_WINDOW) / (_WINDOW - 1))
    return (hann**0.85).astype(np.float32)


@lru_cache(maxsize=4)
def _mel(warp: Warp) -> Features:
    """Triangles, equally wide in mel; (bins of the FFT, 40)."""

    def mel(frequency: NDArray[np.float64]) -> NDArray[np.float64]:
        return 1127.0 * np.log(1.0 + frequency / 700.0)

    low, high = mel(np.array([_LOW, _HIGH]))
    edges = np.linspace(low, high, DIM + 2)
    frequencies = np.arange(_FFT // 2) * RATE / _FFT
    bins = mel(np.maximum.accumulate(frequencies / np.interp(frequencies, KNOTS, warp)))[:, None]
    left, middle, right = edges[:-2], edges[1:-1], edges[2:]
    rise, fall = (bins - left) / (middle - left), (right - bins) / (right - middle)
    return np.asarray(np.maximum(np.minimum(rise, fall), 0.0), np.float32)


@cache
def _cosines() -> Features:
    """The discrete cosine transform, with Kaldi's lifter."""
    number = np.arange(DIM)
    table = np.sqrt(2.0 / DIM) * np.cos(np.pi / DIM * np.outer(number + 0.5, number))
    table[:, 0] = np.sqrt(1.0 / DIM)
    lifter = 1.0 + 0.5 * _LIFTER * np.sin(np.pi * number / _LIFTER)
    return np.asarray(table * lifter, np.float32)
