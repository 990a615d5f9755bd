"""The phones of the model, and what Kaldi calls them: phone numbers, pdfs, transition-ids.

A phone is one state: a first frame and any number of further ones, each with a pdf of its own (the
topology of Kaldi's chain models). A frame is 30 ms. Every phone stands four times in the lexicon,
by its place in a word, so that libvosk finds where words begin and end; the four share their pdfs.
"""

from typing import Final

SILENCE: Final = "SIL"
PHONES: Final = (
    "AA", "AE", "AH", "AO", "AW", "AY", "B", "CH", "D", "DH", "EH", "ER", "EY", "F", "G", "HH", "IH", "IY",
    "JH", "K", "L", "M", "N", "NG", "OW", "OY", "P", "R", "S", "SH", "T", "TH", "UH", "UW", "V", "W", "Y",
    "Z", "ZH",
)  # fmt: skip
"""CMU's set, without stress."""
PLACES: Final = ("begin", "end", "internal", "singleton")
"""Kaldi's words for the place of a phone in a word."""

SILENCE_PHONE: Final = 1
SILENCE_IN_WORD: Final = 2
"""A pause inside of `[unk]`, which may be many words."""
PHONE_COUNT: Final = 2 + len(PHONES) * len(PLACES)
PDF_COUNT: Final = 2 + 2 * len(PHONES)

_NUMBERS: Final = {name: number for number, name in enumerate((SILENCE, *PHONES))}


def number_of(name: str) -> int:
    """Count phones from 0, silence; the pdfs of phone n are 2n (its first frame) and 2n + 1."""
    return _NUMBERS[name]


def phone_at(name: str, place: str) -> int:
    """Kaldi's number of a phone at a place in a word."""
    return 3 + len(PLACES) * (number_of(name) - 1) + PLACES.index(place)


def pdfs_of(phone: int) -> tuple[int, int]:
    """The pdfs of a phone (Kaldi's number): of its first frame and of the frames after it."""
    number = 0 if phone <= SILENCE_IN_WORD else 1 + (phone - 3) // len(PLACES)
    return 2 * number, 2 * number + 1


def first(phone: int) -> int:
    """Give the transition-id of a phone's first frame."""
    return 2 * phone


def further(phone: int) -> int:
    """Give the transition-id of each frame after the first."""
    return 2 * phone - 1


def word_boundaries() -> str:
    """Write Kaldi's `word_boundary.int`."""
    lines = [f"{SILENCE_PHONE} nonword", f"{SILENCE_IN_WORD} internal"]
    lines += [f"{phone_at(name, place)} {place}" for name in PHONES for place in PLACES]
    return "\n".join(lines) + "\n"
