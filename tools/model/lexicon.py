"""Words and how they are said: CMU's dictionary, and flite's letter-to-sound for what it lacks."""

from collections.abc import Iterable
from pathlib import Path

import pocketsphinx

from model.phones import PHONES
from sottovoce.ear.engines.pronounce import flite_phones

Lexicon = dict[str, list[tuple[str, ...]]]
_WORDS = Path(__file__).parent / "words.txt"


def dictionary() -> Lexicon:
    """Read CMU's dictionary as the PocketSphinx wheel carries it."""
    found: Lexicon = {}
    path = Path(pocketsphinx.get_model_path("en-us/cmudict-en-us.dict"))
    for line in path.read_text(encoding="utf-8").splitlines():
        word, *phones = line.split()
        found.setdefault(word.partition("(")[0], []).append(tuple(phones))
    return found


def common_words() -> set[str]:
    """Read the vocabulary that stands beside this file."""
    lines = _WORDS.read_text(encoding="utf-8").splitlines()
    return {word for line in lines if not line.startswith("#") for word in line.split()}


def lexicon(words: Iterable[str], known: Lexicon) -> Lexicon:
    """Pronounce every word."""
    return {word: known.get(word) or [_spelt(word)] for word in sorted(set(words))}


def _spelt(word: str) -> tuple[str, ...]:
    phones = tuple(flite_phones(word))
    if not set(phones) <= set(PHONES):
        raise ValueError(f"flite says {word!r} with phones the model lacks: {phones}")
    return phones
