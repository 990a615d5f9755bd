"""Other speech to tell a word from: the device's own voices read words of the dictionary.

Nobody's recordings are needed for it, and it is the same each time.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import pocketsphinx

from sottovoce.ear.engines.voices import spoken
from sottovoce.errors import EngineError
from sottovoce.vocabulary import SAMPLE_RATE, Samples

_FLITE: Final = ("slt", "awb", "rms", "kal16")
_ESPEAK: Final = (
    "en-us", "en-gb", "en-gb-scotland", "en-us+f2", "en-us+f5", "en-us+m3", "en-us+m7", "en-gb+f3",
    "en-gb+f4", "en-us+Annie", "en-029", "en-gb-x-rp+m1", "de", "es",
)  # fmt: skip
_SENTENCES: Final = 8
_WORDS: Final = 7


def voices() -> list[tuple[str, ...]]:
    """List the commands that speak, of what is installed. Raises EngineError when nothing is."""
    flite, espeak = shutil.which("flite"), shutil.which("espeak-ng")
    found: list[tuple[str, ...]] = []
    if flite:
        found += [(flite, "-voice", voice, "-f", "/dev/stdin", "-o", "/dev/stdout") for voice in _FLITE]
    if espeak:
        found += [(espeak, "--stdin", "--stdout", "-v", voice) for voice in _ESPEAK]
    if not found:
        raise EngineError("no voice to learn a word against is installed", "apt install espeak-ng flite")
    return found


def speech(commands: list[tuple[str, ...]]) -> Iterator[Samples]:
    """Have each voice read some sentences of random words, in rooms of its own. Raises EngineError."""
    chance = np.random.default_rng(1)
    known = _dictionary()
    for command in commands:
        sentences = [" ".join(chance.choice(known, _WORDS)) for _ in range(_SENTENCES)]
        yield _in_a_room(spoken(command, ". ".join(sentences)), chance)


def _dictionary() -> list[str]:
    text = Path(pocketsphinx.get_model_path(), "en-us", "cmudict-en-us.dict").read_text(encoding="utf-8")
    return [word for line in text.splitlines() if (word := line.split(" ", 1)[0]).isalpha()]


def _in_a_room(samples: Samples, chance: np.random.Generator) -> Samples:
    """Play sound in a room with an echo and some hiss, at any loudness."""
    length = round(chance.uniform(0.05, 0.25) * SAMPLE_RATE)
    echo = chance.normal(0.0, 1.0, length) * np.exp(-5.0 * np.arange(length) / length)
    echo *= chance.uniform(0.1, 0.5) / np.linalg.norm(echo)
    echo[0] += 1.0
    size = len(samples) + length - 1
    sound = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(echo, size), size)
    sound *= 32767.0 * 10.0 ** (chance.uniform(-20.0, -3.0) / 20.0) / np.max(np.abs(sound), initial=1.0)
    hiss = np.sqrt(np.mean(np.square(sound))) * 10.0 ** (-chance.uniform(15.0, 35.0) / 20.0)
    return np.clip(sound + chance.normal(0.0, hiss, size), -32768, 32767).astype(np.int16)
