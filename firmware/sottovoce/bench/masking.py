"""How much planted personal data the mask finds, and how much else it takes.

A planted item counts as found when none of its words comes out; words of grammar count as well.
"""

import importlib.resources
import re
import statistics
import time
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from sottovoce.config import Config
from sottovoce.ear.build import make_understanding
from sottovoce.ear.grammar import compile_grammar
from sottovoce.ear.mask import PLACEHOLDER, Masker

SETS: Final = ("planted", "held_out")
_ITEM: Final = re.compile(r"\{(\w+):(.*?)\}")
_WORD: Final = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Planted:
    """A sentence with personal data in it."""

    language: str
    text: str = field(repr=False)
    items: tuple[tuple[str, str], ...] = field(repr=False)
    """Kind and words of each."""
    around: str = field(repr=False)
    """What is no personal data."""


@dataclass(frozen=True, slots=True)
class Recall:
    """Of one language and kind."""

    language: str
    kind: str
    found: int
    planted: int


@dataclass(frozen=True, slots=True)
class SetReport:
    """What came of one set of sentences."""

    sentences: int
    found: int
    planted: int
    recall: float
    """The share found, 0 to 1."""
    words_around: int
    """Words that are no personal data."""
    words_around_masked: int
    by_kind: tuple[Recall, ...]


@dataclass(frozen=True, slots=True)
class MaskingReport:
    """What came of it."""

    sets: Mapping[str, SetReport]
    home_words: int
    """Words of the home's own commands, in sentences that hold every pair of neighbouring words."""
    home_words_masked: int
    median_ms: float
    """Milliseconds for one transcript."""
    longest_ms: float


def measure() -> MaskingReport:
    """Mask all sentences there are."""
    config = Config()
    masker = Masker((*config.home.areas, *config.home.devices))
    home = compile_grammar(make_understanding(config).templates).phrases()
    sets = {name: read(name) for name in SETS}
    texts = [*home, *(sentence.text for sentences in sets.values() for sentence in sentences)]
    times = list(_times_ms(masker, texts))
    return MaskingReport(
        sets={name: count(masker, sentences) for name, sentences in sets.items()},
        home_words=sum(len(_WORD.findall(text)) for text in home),
        home_words_masked=sum((_words(text) - _left(masker, text)).total() for text in home),
        median_ms=statistics.median(times),
        longest_ms=max(times),
    )


def read(name: str) -> list[Planted]:
    """Read one of SETS."""
    text = importlib.resources.files(__package__).joinpath(f"{name}.toml").read_text(encoding="utf-8")
    return [
        Planted(
            language=language,
            text=_ITEM.sub(r"\2", sentence),
            items=tuple((kind, words) for kind, words in _ITEM.findall(sentence)),
            around=_ITEM.sub(" ", sentence),
        )
        for language, halves in tomllib.loads(text).items()
        for half in halves.values()
        for sentence in half
    ]


def count(masker: Masker, sentences: list[Planted]) -> SetReport:
    """Count what is found of the items, and what is masked around them."""
    found: Counter[tuple[str, str]] = Counter()
    planted: Counter[tuple[str, str]] = Counter()
    around = masked = 0
    for sentence in sentences:
        left, rest = _left(masker, sentence.text), _words(sentence.around)
        leaked = left - rest
        for kind, words in sentence.items:
            planted[sentence.language, kind] += 1
            found[sentence.language, kind] += not leaked.keys() & _words(words).keys()
        around += rest.total()
        masked += (rest - left).total()
    return SetReport(
        sentences=len(sentences),
        found=found.total(),
        planted=planted.total(),
        recall=found.total() / planted.total(),
        words_around=around,
        words_around_masked=masked,
        by_kind=tuple(Recall(*key, found[key], planted[key]) for key in planted),
    )


def _left(masker: Masker, text: str) -> Counter[str]:
    """Count the words that come out."""
    return _words(PLACEHOLDER.sub(" ", masker.mask(text)))


def _words(text: str) -> Counter[str]:
    return Counter(_WORD.findall(text.casefold()))


def _times_ms(masker: Masker, texts: list[str]) -> Iterator[float]:
    for text in texts:
        begun = time.perf_counter()
        masker.mask(text)
        yield (time.perf_counter() - begun) * 1000.0
