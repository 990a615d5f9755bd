"""Rules of the mask: e-mail addresses and links, as they are said."""

from collections.abc import Iterator
from typing import Final

from sottovoce.ear.masking import words
from sottovoce.ear.masking.sentence import Sentence, Span
from sottovoce.ear.masking.tokens import Kind

_AHEAD: Final = 8
"""Words of a domain."""
_BACK: Final = 12
"""Words before the "at"."""


def emails(sentence: Sentence) -> Iterator[Span]:
    """E-mail addresses as they are said: marie dot dupont at example dot com."""
    for at, token in enumerate(sentence.tokens):
        if token.key not in words.AT:
            continue
        stop = _domain_end(sentence, at + 1)
        if stop is None and token.key in words.SURE_AT:
            stop = min(at + 2, len(sentence))
        if stop is not None:
            yield _local_start(sentence, at - 1), stop, Kind.EMAIL


def links(sentence: Sentence) -> Iterator[Span]:
    """Addresses of sites as they are said: www dot example dot com."""
    for at, token in enumerate(sentence.tokens):
        if token.key == "www":
            yield at, _domain_end(sentence, at) or at + 1, Kind.URL
        if token.key in words.DOT and sentence.key(at + 1) in words.TOP_LEVEL and at:
            yield _local_start(sentence, at - 1), _labels_end(sentence, at), Kind.URL


def _domain_end(sentence: Sentence, at: int) -> int | None:
    """Where a domain ends that begins here; None when there is none."""
    for dot in range(at + 1, min(at + _AHEAD, len(sentence) - 1)):
        if sentence.key(dot) in words.DOT:
            return _labels_end(sentence, dot)
    return None


def _labels_end(sentence: Sentence, dot: int) -> int:
    """Where the last label of a domain ends, from one of its dots on; letters may be said one by one."""
    while sentence.key(dot) in words.DOT and dot + 1 < len(sentence):
        dot += 2
        while len(sentence.key(dot - 1)) == 1 and len(sentence.key(dot)) == 1:
            dot += 1
    return min(dot, len(sentence))


def _local_start(sentence: Sentence, at: int) -> int:
    """Where the part before the "at" begins: at a word of grammar that no dot or dash joins to it."""
    first = max(0, at - _BACK)
    while at > first:
        before = at - 1
        joined = sentence.key(at) in words.ADDRESS_JOINERS or sentence.key(before) in words.ADDRESS_JOINERS
        lone = len(sentence.key(before)) == 1 and not sentence.tokens[before].elided
        if not joined and not lone and sentence.is_function(before):
            break
        at = before
    return max(at, 0)
