"""What the mask looks at: a text as tokens, and what each of them is by itself."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """What was masked; where two claim a word, the first of these is said."""

    EMAIL = "email"
    URL = "url"
    PHONE = "phone"
    ADDRESS = "address"
    DATE = "date"
    CODE = "code"
    NUMBER = "number"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Token:
    """A word, or a run of signs that holds a digit or looks like an e-mail address or a link."""

    key: str = field(repr=False)
    """The word as it is looked up: lower case, one form of each letter."""
    start: int
    stop: int
    kind: Kind | None = None
    """What a run of signs is."""
    capital: bool = False
    """Begins with a capital letter for no other reason than being a name."""
    shout: bool = False
    """All in capital letters."""
    first: bool = False
    """Begins a sentence."""
    apart: bool = False
    """A comma or the like stands before it."""
    elided: bool = False
    """An apostrophe joins it to its neighbour: the l of l'adresse."""


_CHUNK: Final = re.compile(r"\S+")
_WORD: Final = re.compile(r"[^\s!-/:-@\[-`{-~«»“”„‘’‚…–—‐‑¿¡€£$°·•]+")
_AROUND: Final = "!\"'()*,-./:;<>?[]^_`{|}~«»“”„‘’‚…–—¿¡"
"""What stands around a run of signs and is no part of it."""
_LINK: Final = re.compile(r"://|^www\.|[^\W\d_]{2}\.[^\W\d_]{2}|[\\/_=&]")
_DATE: Final = re.compile(r"\d{1,4}[-./]\d{1,2}([-./]\d{1,4})?")
_ENDS: Final = re.compile(r"[.!?\n]")
_INITIAL: Final = re.compile(r"(^|\s)[A-Z]$")
"""The M. of a person: no sentence ends there."""
_PAUSES: Final = re.compile(r"[,;:()\[\]]")
_APOSTROPHES: Final = frozenset("'’‘`´")


def key_of(word: str) -> str:
    """Give the form a word is looked up by."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", word).casefold())


def tokens(text: str, *, begins: bool = True) -> list[Token]:
    """Cut a text into tokens; `begins` says whether a sentence begins with it."""
    found: list[Token] = []
    before = 0
    for chunk in _CHUNK.finditer(text):
        for start, stop, kind in _pieces(chunk[0], chunk.start()):
            between = text[before:start]
            first = _has_ended(text[max(0, before - 2) : before], between) if found else begins
            found.append(_token(text, start, stop, kind, first=first, pause=bool(_PAUSES.search(between))))
            before = stop
    return found


def _has_ended(word: str, between: str) -> bool:
    """Whether a sentence ends behind a word, of which the last two signs are given."""
    return bool(_ENDS.search(between)) and not (between.startswith(".") and _INITIAL.search(word))


def _pieces(chunk: str, offset: int) -> Iterator[tuple[int, int, Kind | None]]:
    signs = chunk.strip(_AROUND)
    kind = _kind(signs)
    if kind:
        start = offset + chunk.index(signs)
        yield start, start + len(signs), kind
        return
    for word in _WORD.finditer(chunk):
        yield offset + word.start(), offset + word.end(), None


def _kind(signs: str) -> Kind | None:
    """Say what a run without spaces is, if it is no words."""
    if "@" in signs or "＠" in signs:
        return Kind.EMAIL
    has_letters = any(sign.isalpha() for sign in signs)
    if has_letters and _LINK.search(signs):
        return Kind.URL
    if _DATE.fullmatch(signs):
        return Kind.DATE
    if not any(sign.isnumeric() for sign in signs):
        return None
    return Kind.CODE if has_letters else Kind.NUMBER


def _token(text: str, start: int, stop: int, kind: Kind | None, *, first: bool, pause: bool) -> Token:
    word = text[start:stop]
    around = {text[start - 1 : start], text[stop : stop + 1]}
    shout = len(word) > 1 and word.isupper()
    return Token(
        key=key_of(word),
        start=start,
        stop=stop,
        kind=kind,
        capital=word[:1].isupper() and not first and not shout,
        shout=shout,
        first=first,
        apart=first or pause,
        elided=bool(around & _APOSTROPHES),
    )
