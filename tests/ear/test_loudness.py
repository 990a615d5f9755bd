"""How loud a wake word was."""

import numpy as np
import pytest

from sottovoce.ear.loudness import listen, loudness
from sottovoce.vocabulary import FRAME_SAMPLES, OpenFrame

FRAMES = 94


def room(word=1000.0, noise=10.0, gain=1.0):
    """Make 2.5 s of noise and then 0.5 s of a louder one, of these root mean squares."""
    generator = np.random.default_rng(0)
    sound = generator.normal(0.0, noise, FRAMES * FRAME_SAMPLES)
    sound[-16 * FRAME_SAMPLES :] *= word / noise
    return np.rint(gain * sound).astype(np.int16)


def test_it_tells_the_word_from_the_room():
    """A word of 1000 in a noise of 10 stands 40 dB above it."""
    heard = loudness(room())
    assert heard.above_noise == pytest.approx(40.0, abs=1.0)
    assert heard.rms == pytest.approx(20 * np.log10(1000 / 32768), abs=1.0)


def test_a_microphone_that_is_set_louder_does_not_win_by_that():
    """Gain lifts word and noise alike."""
    assert loudness(room(gain=4)).above_noise == pytest.approx(loudness(room()).above_noise, abs=0.3)


@pytest.mark.parametrize("frames", [1, 3, FRAMES])
def test_digital_silence_is_as_loud_as_its_smallest_step(frames):
    """Never infinite, and a bid all the same; however little was heard yet."""
    heard = loudness(np.zeros(frames * FRAME_SAMPLES, dtype=np.int16))
    assert heard.above_noise == 0.0
    assert heard.rms == pytest.approx(-90.3)


def test_the_copy_is_overwritten_and_a_shut_gate_gives_none():
    """Nothing of the sound is left but two numbers."""
    lent = room()
    frame = OpenFrame(lent[:FRAME_SAMPLES], 1, 200)
    assert listen(lambda *span: lent if span == (1, 107, 201) else None)(frame).above_noise > 30
    assert not lent.any()
    assert listen(lambda *_: None)(frame) is None
