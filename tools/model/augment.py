"""What rooms, microphones and people do to a voice."""

import numpy as np
import soxr

from model.mfcc import KNOTS, RATE, Sound, Warp

_SHAPE = 0.05
"""The deviation of a formant's factor from that of the whole vocal tract."""


def varied(sound: Sound, others: list[Sound], chance: np.random.Generator) -> tuple[Sound, float]:
    """Change a sound as a room and a microphone might; and the factor by which it became longer."""
    factor = float(chance.uniform(0.88, 1.14))
    sound = soxr.resample(sound, RATE, RATE * factor).astype(np.float32)
    sound = _coloured(sound, chance)
    if chance.random() < 0.6:
        sound = _room(sound, chance)
    sound = sound * (10 ** chance.uniform(2.2, 4.4) / (np.abs(sound).max() + 1.0))
    if chance.random() < 0.85:
        sound = sound + _noise(sound, others, chance)
        sound += chance.normal(0.0, chance.uniform(0.5, 4.0), len(sound))
    return np.clip(sound, -32768, 32767).astype(np.float32), factor


def vocal_tract(chance: np.random.Generator) -> Warp:
    """Draw a longer or shorter vocal tract, each formant stretched by a factor of its own."""
    length = chance.uniform(0.88, 1.14)
    shape = np.exp(chance.normal(0.0, _SHAPE, len(KNOTS)).clip(-2.2 * _SHAPE, 2.2 * _SHAPE))
    return tuple(map(float, length * shape))


def padded(sound: Sound, chance: np.random.Generator) -> tuple[Sound, float]:
    """Put up to half a second of nothing before and after; and the seconds before."""
    before, after = (int(chance.uniform(0.05, 0.5) * RATE) for _ in range(2))
    return np.pad(sound, (before, after)), before / RATE


def _coloured(sound: Sound, chance: np.random.Generator) -> Sound:
    """A smooth random response, within 8 dB either way, such as of a cheap microphone."""
    knots = chance.normal(0.0, 4.0, 8).clip(-8.0, 8.0)
    spectrum = np.fft.rfft(sound, _power_of_two(len(sound)))
    gains = np.interp(np.linspace(0, 7, len(spectrum)) ** 0.7 * 7**0.3, np.arange(8), knots)
    return np.fft.irfft(spectrum * 10 ** (gains / 20))[: len(sound)].astype(np.float32)


def _room(sound: Sound, chance: np.random.Generator) -> Sound:
    """Exponential decay of noise after the direct sound."""
    seconds, distance = chance.uniform(0.1, 0.6), chance.uniform(0.05, 0.7)
    times = np.arange(int(seconds * RATE)) / RATE
    tail = chance.normal(0.0, 1.0, len(times)) * np.exp(-6.9 * times / seconds)
    tail[: int(chance.uniform(0.002, 0.015) * RATE)] = 0.0
    answer = distance * tail / np.sqrt((tail**2).sum() + 1e-9)
    answer[0] = 1.0
    size = _power_of_two(len(sound) + len(answer))
    both = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(answer, size), size)
    return both[: len(sound)].astype(np.float32)


def _noise(sound: Sound, others: list[Sound], chance: np.random.Generator) -> Sound:
    """Noise of a random tilt, or people talking, 3 to 55 dB under the sound."""
    if chance.random() < 0.25:
        noise = np.zeros(len(sound))
        for index in chance.integers(0, len(others), 4):
            noise += np.resize(others[index], len(sound))
    else:
        spectrum = np.fft.rfft(chance.normal(0.0, 1.0, _power_of_two(len(sound))))
        tilt = chance.uniform(0.0, 1.2)
        noise = np.fft.irfft(spectrum / np.arange(1, len(spectrum) + 1) ** tilt)[: len(sound)]
        noise = noise * (1 + 0.5 * np.sin(np.arange(len(sound)) / RATE * chance.uniform(0.5, 8)))
    below = 10 ** (-chance.uniform(3.0, 55.0) / 20)
    loudest = np.sqrt(np.sort(sound**2)[int(0.8 * len(sound)) :].mean())
    return np.asarray(noise * below * loudest / (noise.std() + 1e-9), np.float32)


def _power_of_two(count: int) -> int:
    """Give the next power of two: an FFT of another length may take ten times as long."""
    return 1 << (count - 1).bit_length()
