"""Noise under speech."""

from zlib import crc32

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.bench.mixing import RATIO_FRAME, Noise, gain, loudest

SNRS = st.floats(-5.0, 30.0)
SEEDS = st.integers(0, 2**32 - 1)
LENGTHS = st.integers(1, 4 * RATIO_FRAME)


def sound(seed, length, level):
    """Noise that grows and shrinks, so that one frame is the loudest."""
    random = np.random.default_rng(seed)
    swell = 0.2 + np.abs(np.sin(np.arange(length) / 3000 + random.uniform(0, 6)))
    return np.rint(np.clip(random.normal(0, level, length) * swell, -32768, 32767)).astype(np.int16)


def decibels(speech, noise):
    """How far the loudest frame of one stands above that of the other."""
    return 10 * np.log10(loudest(speech) / loudest(noise))


@given(SEEDS, LENGTHS, SNRS)
def test_the_ratio_is_the_one_asked_for(seed, length, snr):
    """The loudest frame of speech stands exactly `snr` dB over the loudest frame of the scaled noise."""
    speech, noise = sound(seed, length, 3000) + 1, sound(seed + 1, length, 500) + 1
    assert decibels(speech, noise * gain(speech, noise, snr)) == pytest.approx(snr, abs=1e-9)


@given(SEEDS, st.sampled_from([500, 3000, 30000]), SNRS)
def test_the_mix_holds_the_ratio_and_is_never_clipped(seed, level, snr):
    """Speech and noise can be found again in the mix, in that ratio, however loud both were."""
    speech, noise = sound(seed, 3 * RATIO_FRAME, level), sound(seed + 1, 5 * RATIO_FRAME, 8000)
    mixed = Noise(noise, snr).under(speech, "a.wav")
    start = crc32(b"a.wav") % len(noise)
    under = np.roll(noise, -start)[: len(speech)].astype(float)
    parts = np.stack([speech.astype(float), under], axis=1)
    (speech_share, noise_share), left, *_ = np.linalg.lstsq(parts, mixed.astype(float), rcond=None)
    assert decibels(speech * speech_share, under * noise_share) == pytest.approx(snr, abs=0.1)
    assert left[0] / len(speech) < 0.2, "more is left over than rounding leaves"


def test_the_same_recording_gets_the_same_noise_each_time():
    """Two runs hear the same; two recordings hear different parts of the noise."""
    noise = Noise(sound(1, 50_000, 1000), 6.0)
    speech = sound(2, 20_000, 1000)
    assert np.array_equal(noise.under(speech, "a.wav"), noise.under(speech, "a.wav"))
    assert not np.array_equal(noise.under(speech, "a.wav"), noise.under(speech, "b.wav"))


def test_noise_shorter_than_speech_goes_round():
    """A short noise is under all of a long recording."""
    speech = np.full(10_000, 1000, dtype=np.int16)
    mixed = Noise(sound(3, 3000, 1000), 0.0).under(speech, "a.wav")
    assert len(mixed) == len(speech)
    assert all(np.std(part) > 10 for part in np.split(mixed, 10))


def test_silence_stays_silent():
    """Over nothing, no noise has a ratio: none is mixed in."""
    silence = np.zeros(5000, dtype=np.int16)
    assert not Noise(sound(4, 9000, 1000), 6.0).under(silence, "a.wav").any()
    assert len(Noise(sound(4, 9000, 1000), 6.0).under(silence[:0], "a.wav")) == 0
