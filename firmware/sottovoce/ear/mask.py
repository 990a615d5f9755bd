"""Mask: a transcript without personal data. Deciding only.

A word stays when it is an everyday word (or the house's own) and nothing around it says that it is part
of a name, a number or an address. So a name nobody ever listed is masked, too.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Final

from sottovoce.ear.masking.everyday import everyday_words
from sottovoce.ear.masking.names import cued_names, strangers
from sottovoce.ear.masking.numbers import codes, numbers, quantities, signs
from sottovoce.ear.masking.online import emails, links
from sottovoce.ear.masking.sentence import Sentence, Span
from sottovoce.ear.masking.streets import addresses
from sottovoce.ear.masking.tokens import Kind, Token, tokens
from sottovoce.ear.masking.words import ELISIONS, LETTER_WORDS, PARTICLES

RULES: Final = (signs, numbers, strangers, cued_names, emails, links, addresses, codes)
"""Each only ever says what is to be masked, by what stands in a span of tokens and beside it. So a word with
less text around it is never masked the more, and masking twice is masking once. Each looks a bounded number
of tokens ahead and back, so the time is linear in the text.
"""
PLACEHOLDER: Final = re.compile(r"(\[(?:" + "|".join(Kind) + r")\])")
_ORDER: Final = {kind: number for number, kind in enumerate(Kind)}
_BETWEEN: Final = re.compile(r"[\s,.'’/-]*")
"""What joins two masked words of one kind to one placeholder."""


class Masker:
    """Masks transcripts."""

    def __init__(self, keep: Collection[str], names: Collection[str] = ()) -> None:
        """Let through the words and phrases of `keep` (devices, areas); mask `names` wherever they stand."""
        self._everyday = everyday_words()
        self._names = {token.key for name in names for token in tokens(name)} - PARTICLES
        self._keep: dict[str, list[tuple[str, ...]]] = {}
        for phrase in keep:
            keys = tuple(token.key for token in tokens(phrase))
            if keys:
                self._keep.setdefault(keys[0], []).append(keys)
        for phrases in self._keep.values():
            phrases.sort(key=len, reverse=True)

    def mask(self, text: str) -> str:
        """Replace personal data by placeholders such as [name]; one that is there already stays."""
        pieces = PLACEHOLDER.split(text)
        for at in range(0, len(pieces), 2):
            pieces[at] = self._masked(pieces[at], begins=at == 0)
        return "".join(pieces)

    def _masked(self, text: str, *, begins: bool) -> str:
        found = tokens(text, begins=begins)
        sentence = Sentence(
            found,
            known=[self._is_known(token) for token in found],
            names=[self._name(token) for token in found],
        )
        spans = [span for rule in RULES for span in rule(sentence)]
        kinds = _kinds(len(found), self._unkept(found, spans))
        _neighbours(sentence, kinds)
        for start, stop in quantities(sentence):
            if any(kinds[start:stop]):
                kinds[start:stop] = [kind or Kind.NUMBER for kind in kinds[start:stop]]
        return _written(text, found, kinds)

    def _is_known(self, token: Token) -> bool:
        return token.key not in self._names and (_is_letter(token) or token.key in self._everyday)

    def _name(self, token: Token) -> str:
        if token.kind or _is_letter(token):
            return ""
        return self._everyday.get(token.key, "stranger")

    def _unkept(self, found: Sequence[Token], spans: list[Span]) -> list[Span]:
        """Leave out the spans that lie in a phrase of the house, if no other span touches that phrase."""
        phrase_of = [-1] * len(found)
        for number, (start, stop) in enumerate(self._phrases(found)):
            phrase_of[start:stop] = [number] * (stop - start)
        outside = [
            span for span in spans if len(set(phrase_of[span[0] : span[1]])) > 1 or phrase_of[span[0]] < 0
        ]
        touched = {phrase for start, stop, _ in outside for phrase in phrase_of[start:stop]}
        return [span for span in spans if phrase_of[span[0]] in touched or phrase_of[span[0]] < 0] + outside

    def _phrases(self, found: Sequence[Token]) -> Iterator[tuple[int, int]]:
        """Find the phrases of the house, the longest first at each place."""
        keys = [token.key for token in found]
        at = 0
        while at < len(keys):
            for phrase in self._keep.get(keys[at], ()):
                if tuple(keys[at : at + len(phrase)]) == phrase:
                    yield at, at + len(phrase)
                    at += len(phrase) - 1
                    break
            at += 1


def _is_letter(token: Token) -> bool:
    """Whether it is a word of one letter, or what an apostrophe leaves of one."""
    return token.key in LETTER_WORDS or (token.elided and token.key in ELISIONS)


def _kinds(count: int, spans: list[Span]) -> list[Kind | None]:
    """Give each token what it is masked as; spans that overlap are one."""
    kinds: list[Kind | None] = [None] * count
    for start, stop, kind in spans:
        for at in range(start, stop):
            here = kinds[at]
            if here is None or _ORDER[kind] < _ORDER[here]:
                kinds[at] = kind
    return kinds


def _neighbours(sentence: Sentence, kinds: list[Kind | None]) -> None:
    """Mask what can be a name beside a name, and a particle between two."""
    for step in (range(1, len(kinds)), range(len(kinds) - 2, -1, -1)):
        beside = -step.step
        for at in step:
            if kinds[at] is None and kinds[at + beside] is Kind.NAME and sentence.names[at]:
                kinds[at] = Kind.NAME
    for at in range(1, len(kinds) - 1):
        if (
            kinds[at] is None
            and sentence.key(at) in PARTICLES
            and kinds[at - 1] is kinds[at + 1] is Kind.NAME
        ):
            kinds[at] = Kind.NAME


def _written(text: str, found: Sequence[Token], kinds: Sequence[Kind | None]) -> str:
    """Write the text with placeholders."""
    parts: list[str] = []
    done, last = 0, None
    for token, kind in zip(found, kinds, strict=True):
        between = text[done : token.start]
        if kind is not None and kind is last and _BETWEEN.fullmatch(between):
            between = ""
        elif kind is not None:
            between += f"[{kind}]"
        parts += (between, "" if kind else text[token.start : token.stop])
        done, last = token.stop, kind
    return "".join(parts) + text[done:]
