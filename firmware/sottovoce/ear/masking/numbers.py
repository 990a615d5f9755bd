"""Rules of the mask: numbers, and what is made of digits and letters.

A number stays only as a quantity: one small number with a unit of a setting or of time.
"""

import re
from collections.abc import Iterator
from typing import Final

from sottovoce.ear.masking import words
from sottovoce.ear.masking.sentence import Sentence, Span, behind, by_last
from sottovoce.ear.masking.tokens import Kind, Token

_CLASSES: Final = (
    ("N", words.NUMBERS), ("n", words.MAYBE_NUMBERS), ("M", words.MONTHS), ("m", words.MAYBE_MONTHS),
    ("J", words.JOINERS), ("l", words.LETTER_WORDS),
)  # fmt: skip
"""Each token has one sign: these, D for digits, L for a letter said alone, a dot for anything else."""
_RUN: Final = re.compile(r"[NnDMmLl](?:J{0,2}[NnDMmLl])*")
_SMALL: Final = re.compile(r"\d{1,3}(%|°c?)?")
_PER: Final = frozenset({"per", "pour"})
_QUANTITY_WORDS: Final = 2
"""As in "twenty five percent"."""
_PHONE_DIGITS: Final = 6
"""Digits, or words for them, from which on a number is called a phone number."""
_NUMBER_CUES: Final = by_last(words.NUMBER_CUES)
_CODE_CUES: Final = by_last(words.CODE_CUES)


def signs(sentence: Sentence) -> Iterator[Span]:
    """Whatever looks like an e-mail address, a link, a code or a date, and capitals beside digits."""
    for at, token in enumerate(sentence.tokens):
        if token.kind is not None and token.kind is not Kind.NUMBER:
            yield at, at + 1, token.kind
        if token.kind in {Kind.NUMBER, Kind.CODE}:
            for beside in (at - 1, at + 1):
                if 0 <= beside < len(sentence) and sentence.tokens[beside].shout:
                    yield beside, beside + 1, Kind.CODE


def numbers(sentence: Sentence) -> Iterator[Span]:
    """Numbers that are no quantity: phones, dates, codes, plates, accounts."""
    for start, stop, found in _runs(sentence):
        if _unit(sentence, start, stop, found) is None:
            yield start, stop, _run_kind(sentence, start, found)


def quantities(sentence: Sentence) -> Iterator[tuple[int, int]]:
    """One small number with its unit: fifty percent, ten minutes. It stays if the unit stays."""
    for start, stop, found in _runs(sentence):
        unit = _unit(sentence, start, stop, found)
        if unit is not None:
            yield start - (sentence.key(start - 1) in _PER), unit


def _unit(sentence: Sentence, start: int, stop: int, found: str) -> int | None:
    """Where the unit of a quantity ends; None for a number that is no quantity."""
    if found == "D":
        small = _SMALL.fullmatch(sentence.key(start))
        if small is None or small[1]:
            return stop if small else None
    elif not set(found) <= {"N", "n"}:
        return None
    elif sentence.key(stop - 1) in words.UNITS:  # "second" is a unit and a number
        return stop if 1 < len(found) <= _QUANTITY_WORDS + 1 else None
    elif len(found) > _QUANTITY_WORDS:
        return None
    elif _is_per_cent(sentence, stop - 1):
        return stop
    if _is_per_cent(sentence, stop + 1):
        return stop + 2
    return stop + 1 if sentence.key(stop) in words.UNITS else None


def _is_per_cent(sentence: Sentence, at: int) -> bool:
    return sentence.key(at) == "cent" and sentence.key(at - 1) in _PER


def _runs(sentence: Sentence) -> Iterator[tuple[int, int, str]]:
    """Find runs of number words, digits, months and letters: first token, the one after the last, classes."""
    classes = "".join(map(_class, sentence.tokens))
    for run in _RUN.finditer(classes):
        start, stop = run.span()
        while start < stop and classes[start] == "l" and classes[start + 1 : start + 2] not in {"L", "l"}:
            start += 1
        while (
            start < stop and classes[stop - 1] == "l" and (sentence.key(stop - 1) != "a" or "L" not in run[0])
        ):
            stop -= 1
        found = classes[start:stop]
        sure = sum(sign in "NDML" for sign in found)
        if sure or sum(sign in "nm" for sign in found) > 1:
            yield start, stop, found


def _class(token: Token) -> str:
    key = token.key
    if token.kind is not None:
        return "D" if token.kind in {Kind.NUMBER, Kind.CODE, Kind.DATE} else "."
    if token.elided:
        return "."
    for sign, listed in _CLASSES:
        if key in listed:
            return sign
    return "L" if len(key) == 1 else "."


def _run_kind(sentence: Sentence, start: int, found: str) -> Kind:
    if "M" in found or "m" in found:
        return Kind.DATE
    if "L" in found:
        return Kind.CODE
    digits = sum(map(str.isnumeric, "".join(sentence.key(start + at) for at in range(len(found)))))
    return Kind.PHONE if digits + sum(sign in "Nn" for sign in found) >= _PHONE_DIGITS else Kind.NUMBER


def codes(sentence: Sentence) -> Iterator[Span]:
    """What stands behind "the password is" and its like."""
    for at in behind(sentence, _CODE_CUES):
        if is_number(sentence, at) or not sentence.is_function(at):
            yield at, at + 1, Kind.CODE
    for at in behind(sentence, _NUMBER_CUES):
        if is_number(sentence, at):
            yield at, at + 1, Kind.NUMBER


def is_number(sentence: Sentence, at: int) -> bool:
    """Whether a number stands here, or a letter said alone."""
    return _class(sentence.tokens[at]) in "NnDL"
