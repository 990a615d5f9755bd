"""How the mask tells personal data from other words: each rule finds spans of tokens.

A rule only ever says what is to be masked, by what stands in the span and beside it. So less text around
a word never masks more, which makes masking twice the same as masking once.
Each rule looks a bounded number of tokens ahead and back: the time is linear in the text.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from sottovoce.ear import mask_words as words
from sottovoce.ear.mask_tokens import Kind, Token

Span = tuple[int, int, Kind]
"""First token, the one after the last, and what they are."""

_RUN: Final = re.compile(r"[NnDMmLl](?:J{0,2}[NnDMmLl])*")
_SMALL: Final = re.compile(r"\d{1,3}(%|°c?)?")
_QUANTITY_WORDS: Final = 2
_PHONE_DIGITS: Final = 6
"""Digits, or words for them, from which on a number is called a phone number."""
_AHEAD: Final = 8
_NAME_WORDS: Final = 4
_STREET_WORDS: Final = 3
_CITY_WORDS: Final = 2


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text's tokens, and what is known of each word."""

    tokens: Sequence[Token] = field(repr=False)
    known: Sequence[bool] = field(repr=False)
    """Whether it is an everyday word."""
    names: Sequence[str] = field(repr=False)
    """What name it can be: given, family, stranger (no everyday word), or empty."""

    def __len__(self) -> int:
        return len(self.tokens)

    def key(self, at: int) -> str:
        """Give a word, and nothing for a place outside."""
        return self.tokens[at].key if 0 <= at < len(self.tokens) else ""

    def is_function(self, at: int) -> bool:
        """Whether it is a word of grammar, or outside."""
        return not 0 <= at < len(self.tokens) or self.tokens[at].key in words.FUNCTION

    def continues(self, at: int) -> bool:
        """Whether there is a token here, and nothing but space before it."""
        return 0 <= at < len(self.tokens) and not self.tokens[at].apart


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
            yield start, unit


def _unit(sentence: Sentence, start: int, stop: int, found: str) -> int | None:
    """Where the unit of a quantity ends; None for a number that is no quantity."""
    if found == "D":
        small = _SMALL.fullmatch(sentence.key(start))
        if small is None or small[1]:
            return stop if small else None
    elif len(found) > _QUANTITY_WORDS or not set(found) <= {"N", "n"}:
        return None
    if sentence.key(stop) in words.UNITS:
        return stop + 1
    return stop if len(found) > 1 and sentence.key(stop - 1) in words.UNITS else None


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


_CLASSES: Final = (
    ("N", words.NUMBERS), ("n", words.MAYBE_NUMBERS), ("M", words.MONTHS), ("m", words.MAYBE_MONTHS),
    ("J", words.JOINERS), ("l", words.LETTER_WORDS),
)  # fmt: skip


def _run_kind(sentence: Sentence, start: int, found: str) -> Kind:
    if "M" in found or "m" in found:
        return Kind.DATE
    if "L" in found:
        return Kind.CODE
    digits = sum(map(str.isnumeric, "".join(sentence.key(start + at) for at in range(len(found)))))
    return Kind.PHONE if digits + sum(sign in "Nn" for sign in found) >= _PHONE_DIGITS else Kind.NUMBER


def strangers(sentence: Sentence) -> Iterator[Span]:
    """Words that are no everyday words, and words with a capital that no sentence's begin explains."""
    for at, token in enumerate(sentence.tokens):
        if token.kind is None and (not sentence.known[at] or (token.capital and not _may_be_capital(token))):
            yield at, at + 1, Kind.NAME


_CAPITAL: Final = frozenset(
    "i monday tuesday wednesday thursday friday saturday sunday english french tv ok".split()
)


def _may_be_capital(token: Token) -> bool:
    return token.key in _CAPITAL


Cues = dict[str, list[tuple[str, ...]]]


def _by_last(listed: Iterable[str]) -> Cues:
    cues: Cues = {}
    for cue in listed:
        *before, last = cue.split()
        cues.setdefault(last, []).append(tuple(before))
    return cues


def _behind(sentence: Sentence, cues: Cues) -> Iterator[int]:
    """Give each place that one of the cues stands right before."""
    for at, token in enumerate(sentence.tokens):
        for before in cues.get(token.key, ()):
            if all(sentence.key(at - len(before) + n) == word for n, word in enumerate(before)):
                if at + 1 < len(sentence):
                    yield at + 1
                break


_NAME_CUES: Final = _by_last(words.NAME_CUES)
_MAYBE_NAME_CUES: Final = _by_last(words.MAYBE_NAME_CUES)
_ADDRESS_CUES: Final = _by_last(words.ADDRESS_CUES)
_NUMBER_CUES: Final = _by_last(words.NUMBER_CUES)
_CODE_CUES: Final = _by_last(words.CODE_CUES)


def cued_names(sentence: Sentence) -> Iterator[Span]:
    """What stands behind "my name is" and its like, and what can be a name behind "call" and its like."""
    for at in _behind(sentence, _NAME_CUES):
        start = at
        while at < start + _NAME_WORDS and sentence.key(at) in words.PARTICLES:
            at += 1
        if at < len(sentence) and (sentence.names[at] or not sentence.is_function(at)):
            title = sentence.key(start - 1) in words.TITLES
            yield start - title, _name_end(sentence, at + 1), Kind.NAME
    for at in _behind(sentence, _MAYBE_NAME_CUES):
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
    first = max(0, at - _AHEAD - 4)
    while at > first:
        before = at - 1
        joined = sentence.key(at) in words.ADDRESS_JOINERS or sentence.key(before) in words.ADDRESS_JOINERS
        lone = len(sentence.key(before)) == 1 and not sentence.tokens[before].elided
        if not joined and not lone and sentence.is_function(before):
            break
        at = before
    return max(at, 0)


def links(sentence: Sentence) -> Iterator[Span]:
    """Addresses of sites as they are said: www dot example dot com."""
    for at, token in enumerate(sentence.tokens):
        if token.key == "www":
            yield at, _domain_end(sentence, at) or at + 1, Kind.URL
        if token.key in words.DOT and sentence.key(at + 1) in words.TOP_LEVEL and at:
            yield _local_start(sentence, at - 1), _labels_end(sentence, at), Kind.URL


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
        if token.key in words.DWELLINGS and at + 1 < len(sentence) and _is_number(sentence, at + 1):
            yield at, at + 2, Kind.ADDRESS


def _in_address(sentence: Sentence, at: int) -> bool:
    return not sentence.is_function(at) or sentence.key(at) in words.STREET_PARTICLES


def _is_number(sentence: Sentence, at: int) -> bool:
    return _class(sentence.tokens[at]) in "NnDL"


def _number_before(sentence: Sentence, at: int) -> int | None:
    """The nearest number a few words before a street."""
    for before in range(at - 1, max(-1, at - 2 - _STREET_WORDS), -1):
        if _is_number(sentence, before):
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
    yield from _behind(sentence, _ADDRESS_CUES)


def codes(sentence: Sentence) -> Iterator[Span]:
    """What stands behind "the password is" and its like."""
    for at in _behind(sentence, _CODE_CUES):
        if _is_number(sentence, at) or not sentence.is_function(at):
            yield at, at + 1, Kind.CODE
    for at in _behind(sentence, _NUMBER_CUES):
        if _is_number(sentence, at):
            yield at, at + 1, Kind.NUMBER


RULES: Final[tuple[Callable[[Sentence], Iterator[Span]], ...]] = (
    signs, numbers, strangers, cued_names, emails, links, addresses, codes,
)  # fmt: skip
