"""Rules of the mask: names of people."""

from collections.abc import Iterator
from typing import Final

from sottovoce.ear.masking import words
from sottovoce.ear.masking.sentence import Sentence, Span, behind, by_last
from sottovoce.ear.masking.tokens import Kind

_NAME_WORDS: Final = 4
"""How many words more a name may have."""
_NAME_CUES: Final = by_last(words.NAME_CUES)
_MAYBE_NAME_CUES: Final = by_last(words.MAYBE_NAME_CUES)


def strangers(sentence: Sentence) -> Iterator[Span]:
    """Words that are no everyday words, and words with a capital that no sentence's begin explains."""
    for at, token in enumerate(sentence.tokens):
        if token.kind is None and (
            not sentence.known[at] or (token.capital and token.key not in words.CAPITALS)
        ):
            yield at, at + 1, Kind.NAME


def cued_names(sentence: Sentence) -> Iterator[Span]:
    """What stands behind "my name is" and its like, and what can be a name behind "call" and its like."""
    for at in behind(sentence, _NAME_CUES):
        name = _past_particles(sentence, at)
        if name < len(sentence) and (sentence.names[name] or not sentence.is_function(name)):
            title = sentence.key(at - 1) in words.TITLES
            yield at - title, _name_end(sentence, name + 1), Kind.NAME
    for at in behind(sentence, _MAYBE_NAME_CUES):
        if sentence.names[at] == "given":
            yield at, _name_end(sentence, at + 1), Kind.NAME
    for at, token in enumerate(sentence.tokens):
        has_possession = token.elided and sentence.key(at + 1) == "s"
        does = has_possession or (token.first and sentence.key(at + 1) in words.DOERS)
        if does and sentence.names[at] == "given":
            yield at, at + 1, Kind.NAME


def _past_particles(sentence: Sentence, at: int) -> int:
    """Where a name goes on behind its de la or van der."""
    end = at + _NAME_WORDS
    while at < end and sentence.key(at) in words.PARTICLES:
        at += 1
    return at


def _name_end(sentence: Sentence, at: int) -> int:
    """Go on from inside a name, while what comes can belong to it."""
    end = at + _NAME_WORDS
    while at < end and sentence.continues(at) and sentence.names[at]:
        at += 1
    return at
