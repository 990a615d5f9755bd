"""Rules of the mask: where somebody lives."""

from collections.abc import Iterator
from typing import Final

from sottovoce.ear.masking import words
from sottovoce.ear.masking.numbers import is_number
from sottovoce.ear.masking.sentence import Sentence, Span, behind, by_last
from sottovoce.ear.masking.tokens import Kind

_AHEAD: Final = 8
"""Words of an address."""
_STREET_WORDS: Final = 3
_CITY_WORDS: Final = 2
_ADDRESS_CUES: Final = by_last(words.ADDRESS_CUES)


def addresses(sentence: Sentence) -> Iterator[Span]:
    """Streets with their numbers, and what stands behind "i live at" and its like."""
    for at, token in enumerate(sentence.tokens):
        number = _number_before(sentence, at)
        sure = token.key in words.STREETS
        if not (sure or (number is not None and token.key in words.MAYBE_STREETS)):
            continue
        start, stop = at if number is None else number, at + 1
        if token.key in words.FRENCH_STREETS:
            stop = _french_street_end(sentence, at + 1)
        if stop == at + 1 and number is None:
            start = _english_street_start(sentence, at)
        if stop - start > 1:
            yield start, _town_end(sentence, stop), Kind.ADDRESS
    for at in _lives_at(sentence):
        stop = at
        while stop < at + _AHEAD and stop < len(sentence) and (stop == at or _in_address(sentence, stop)):
            stop += 1
        yield at, stop, Kind.ADDRESS
    for at, token in enumerate(sentence.tokens):
        if token.key in words.DWELLINGS and at + 1 < len(sentence) and is_number(sentence, at + 1):
            yield at, at + 2, Kind.ADDRESS


def _in_address(sentence: Sentence, at: int) -> bool:
    return not sentence.is_function(at) or sentence.key(at) in words.STREET_PARTICLES


def _number_before(sentence: Sentence, at: int) -> int | None:
    """The nearest number a few words before a street."""
    for before in range(at - 1, max(-1, at - 2 - _STREET_WORDS), -1):
        if is_number(sentence, before):
            return before
        if sentence.is_function(before):
            return None
    return None


def _french_street_end(sentence: Sentence, at: int) -> int:
    """Where the name of a French street ends; `at` when there is none."""
    stop, content = at, 0
    for place in range(at, min(at + _AHEAD, len(sentence))):
        if sentence.key(place) in words.STREET_PARTICLES:
            continue
        if sentence.is_function(place) or content == _CITY_WORDS:
            break
        stop, content = place + 1, content + 1
    return stop


def _english_street_start(sentence: Sentence, at: int) -> int:
    start = at
    while start > at - _STREET_WORDS and start > 0 and not sentence.is_function(start - 1):
        start -= 1
    return start


def _town_end(sentence: Sentence, at: int) -> int:
    """Go on over the words behind a street that are no everyday words: a town."""
    end = at
    for place in range(at, min(at + _AHEAD, len(sentence))):
        if sentence.names[place] == "stranger":
            end = place + 1
        elif place > end or sentence.key(place) not in words.LIVES_AT:
            break
    return end


def _lives_at(sentence: Sentence) -> Iterator[int]:
    for at, token in enumerate(sentence.tokens):
        if token.key in words.LIVES_AT and sentence.key(at - 1) in words.LIVES and at + 1 < len(sentence):
            yield at + 1
    yield from behind(sentence, _ADDRESS_CUES)
