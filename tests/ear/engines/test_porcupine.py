"""The wake engine on real sound."""

import numpy as np
import pytest

from sottovoce.bench.speech import VOICES, quiet
from sottovoce.ear.engines.porcupine import Porcupine
from sottovoce.ear.wake import Wake
from sottovoce.errors import EngineError
from sottovoce.vocabulary import FRAME_SAMPLES, SAMPLE_RATE, OpenFrame


@pytest.fixture(scope="module")
def porcupine():
    """The engine as it is configured by default."""
    return Porcupine(("computer", "jarvis"), 0.8)


def woken(engine, samples):
    """Play samples to an engine that has heard nothing yet; the words it names, in order."""
    engine.reset()
    whole = samples[: len(samples) // FRAME_SAMPLES * FRAME_SAMPLES].copy()
    return [word for frame in np.split(whole, len(whole) // FRAME_SAMPLES) if (word := engine.detect(frame))]


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize("word", ["computer", "jarvis"])
def test_it_hears_its_words(porcupine, said, word, voice):
    """Each wake word, in each voice, followed by a sentence: heard once, and by its own name."""
    assert woken(porcupine, said(f"{word}, turn on the kitchen light", voice)) == [word]


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize(
    "text", ["hello there how are you", "turn on the kitchen light", "good morning everybody"]
)
def test_it_hears_nothing_else(porcupine, said, text, voice):
    """Talk without a wake word wakes nobody."""
    assert woken(porcupine, said(text, voice)) == []


def test_silence_and_noise_wake_nobody(porcupine):
    """Ten seconds of nothing, of a quiet room, and of loud hiss."""
    hiss = np.random.default_rng(1).normal(0, 8000, 10 * SAMPLE_RATE).astype(np.int16)
    for sound in (np.zeros(10 * SAMPLE_RATE, dtype=np.int16), quiet(10 * SAMPLE_RATE), hiss):
        assert woken(porcupine, sound) == []


@pytest.mark.parametrize("cut", [0.3, 0.5, 0.7])
def test_what_was_half_heard_is_forgotten(porcupine, said, cut):
    """A wake word whose first part was heard before the stage forgot is no wake word."""
    samples = said("computer", "slt")
    spoken = np.flatnonzero(np.abs(samples) > 500)
    middle = round(spoken[0] + cut * (spoken[-1] - spoken[0])) // FRAME_SAMPLES * FRAME_SAMPLES
    whole = samples[: len(samples) // FRAME_SAMPLES * FRAME_SAMPLES]
    wake = Wake(porcupine)
    wake.forget()
    heard = []
    for number, frame in enumerate(np.split(whole, len(whole) // FRAME_SAMPLES)):
        if number * FRAME_SAMPLES == middle:
            wake.forget()
        heard.append(wake.hear(OpenFrame(frame, 1, number)))
    assert not any(heard)


def test_a_word_it_does_not_know_is_an_error_that_names_those_it_does():
    """The configuration's fault is one line with the words there are."""
    with pytest.raises(EngineError, match=r"no wake word 'sottovoce' \(it has .*computer.*jarvis"):
        Porcupine(("computer", "sottovoce"), 0.5)
