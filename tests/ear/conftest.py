"""Speech for the tests of the ear, made once."""

import numpy as np
import pytest

from sottovoce.bench.programs import find
from sottovoce.bench.speech import quiet, speak
from sottovoce.ear import build
from sottovoce.ear.engines.voices import spoken
from sottovoce.ear.learn import cohort
from sottovoce.ear.learn.teach import Teacher
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


@pytest.fixture(scope="session")
def render():
    """Have flite say something somewhat differently for each number."""
    known = {}

    def rendering(text, number, voice="slt"):
        if (text, number, voice) not in known:
            chance = np.random.default_rng(number)
            stretch, pitch = chance.uniform(0.9, 1.15), 180 * chance.uniform(0.9, 1.1)
            manner = [
                "--setf",
                f"duration_stretch={stretch:.3f}",
                "--setf",
                f"int_f0_target_mean={pitch:.1f}",
            ]
            command = [find("flite"), "-voice", voice, *manner, "-f", "/dev/stdin", "-o", "/dev/stdout"]
            sound = spoken(command, text) * chance.uniform(0.3, 1.0)
            around = quiet(len(sound) + SAMPLE_RATE, number) * 3.0
            around[SAMPLE_RATE // 2 : SAMPLE_RATE // 2 + len(sound)] += sound
            known[text, number, voice] = np.clip(around, -32768, 32767).astype(np.int16)
        return known[text, number, voice].copy()

    return rendering


@pytest.fixture(scope="session")
def teacher():
    """A teacher whose other speech is that of four voices."""
    voices = cohort.voices()
    return Teacher(build.make_detector(), [*voices[:3], voices[-1]])


@pytest.fixture(scope="session")
def other(teacher):
    """Other speech."""
    return teacher.listen(lambda: None)
