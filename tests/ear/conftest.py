"""Speech for the tests of the ear, made once."""

import numpy as np
import pytest

from sottovoce.bench.speech import quiet, speak
from sottovoce.vocabulary import SAMPLE_RATE


@pytest.fixture(scope="session")
def said():
    """Have one of flite's voices say something, in a quiet room: a moment before it and one after."""
    known = {}

    def say(text, voice):
        if (text, voice) not in known:
            before, after = quiet(SAMPLE_RATE // 2, 1), quiet(SAMPLE_RATE // 5, 2)
            known[text, voice] = np.concatenate([before, speak(text, voice), after])
        return known[text, voice].copy()

    return say
