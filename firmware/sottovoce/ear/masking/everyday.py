"""Everyday words of English and French: what the mask lets through.

How the list is made: tools/make-lexicon.
"""

import importlib.resources
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType


@cache
def everyday_words() -> Mapping[str, str]:
    """Read the list: word -> "given" or "family" for one that is such a name too, else empty."""
    text = importlib.resources.files(__package__).joinpath("everyday.txt").read_text(encoding="utf-8")
    rows = (line.partition(" ") for line in text.splitlines() if not line.startswith("#"))
    return MappingProxyType({word: mark for word, _, mark in rows})
