"""Rules of the mask: names of people."""

from collections.abc import Iterator
from typing import Final

from sottovoce.ear.masking import words
from sottovoce.ear.masking.sentence import Sentence, Span, behind, by_last
from sottovoce.ear.masking.tokens import Kind

_NAME_WORDS: Final = 4
_CAPITAL: Final = frozenset(
    [
        "i",
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "english",
        "french",
        "tv",
        "ok",
    ]
)
"""Everyday words with a capital inside a sentence."""
_NAME_CUES: Final = by_last(words.NAME_CUES)
_MAYBE_NAME_CUES: Final = by_last(words.MAYBE_NAME_CUES)


def strangers(sentence: Sentence) -> Iterator[Span]:
    """Words that are no everyday words, and words with a capital that no sentence's begin explains."""
    for at, token in enumerate(sentence.tokens):
        if token.kind is None and (not sentence.known[at] or (token.capital and token.key not in _CAPITAL)):
            yield at, at + 1, Kind.NAME


def cued_names(sentence: Sentence) -> Iterator[Span]:
    """What stands behind "my name is" and its like, and what can be a name behind "call" and its like."""
    for at in behind(sentence, _NAME_CUES):
        start = at
        while at < start + _NAME_WORDS and sentence.key(at) in words.PARTICLES:
            at += 1
        if at < len(sentence) and (sentence.names[at] or not sentence.is_function(at)):
            title = sentence.key(start - 1) in words.TITLES
            yield start - title, _name_end(sentence, at + 1), Kind.NAME
    for at in behind(sentence, _MAYBE_NAME_CUES):
        if sentence.names[at] == "given":
            yield at, _name_end(sentence, at + 1), Kind.NAME
    for at, token in enumerate(sentence.tokens):
        if token.first and sentence.names[at] == "given" and sentence.key(at + 1) in words.DOERS:
            yield at, at + 1, Kind.NAME


def _name_end(sentence: Sentence, at: int) -> int:
    """Go on from inside a name, while what comes can belong to it."""
    end = at + _NAME_WORDS
    while at < end and sentence.continues(at) and sentence.names[at]:
        at += 1
    return at
