"""Hints: what the owner said a sentence was, used when the next one is chosen. Deciding only.

A sentence that the owner picked or typed is confirmed. One that was heard and is confirmed stands. Else
it becomes what the owner said of the same words before (typed, or picked twice); or the confirmed one
among those that fit the sound about as well.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Final

from sottovoce.vocabulary import Transcript

MOST: Final = 300
"""Corrections that are kept; the longest unused go first."""
TWICE: Final = 2


@dataclass(frozen=True, slots=True)
class Correction:
    """What was heard, and what the owner said it was."""

    heard: str = field(repr=False)
    """Empty when nothing was made out."""
    meant: str = field(repr=False)
    """The same as `heard` where the owner said that it was right."""
    count: int = 1
    typed: bool = False
    """Written in full by the owner, not picked from what the device offered."""


def choose(transcript: Transcript, corrections: Iterable[Correction]) -> Transcript:
    """Give a transcript as the owner's corrections have it. How sure it is stays: that was the sound's."""
    known = list(corrections)
    confirmed = {one.meant for one in known}
    if not transcript.text or transcript.text in confirmed:
        return transcript
    near = (text for text in transcript.others[: transcript.near] if text in confirmed)
    meant = _said_before(transcript.text, known) or next(near, "")
    if not meant:
        return transcript
    others = dict.fromkeys([transcript.text, *transcript.others])
    return replace(transcript, text=meant, others=tuple(one for one in others if one != meant), near=0)


def _said_before(heard: str, corrections: Iterable[Correction]) -> str:
    fitting = [one for one in corrections if one.heard == heard and (one.typed or one.count >= TWICE)]
    return max(fitting, key=lambda one: one.count).meant if fitting else ""


def learn(
    corrections: Sequence[Correction], transcript: Transcript, meant: str, *, typed: bool
) -> list[Correction]:
    """Add what the owner says a transcript was.

    Where an earlier correction had led astray, what it meant is still a sentence that the owner says; but
    what was heard then is no longer taken for it.
    """
    heard = transcript.text
    rest: list[Correction] = []
    for one in corrections:
        if meant != heard == one.meant != one.heard and one.heard in transcript.others:
            rest.append(replace(one, heard=one.meant, typed=False))
            if meant == one.heard:
                heard = meant  # it had been heard right
        else:
            rest.append(one)
    return _each_once([*rest, Correction(heard, meant, typed=typed)])[-MOST:]


def _each_once(corrections: Iterable[Correction]) -> list[Correction]:
    found: dict[tuple[str, str], Correction] = {}
    for one in corrections:
        before = found.pop((one.heard, one.meant), None)
        if before:
            one = replace(one, count=one.count + before.count, typed=one.typed or before.typed)  # noqa: PLW2901
        found[one.heard, one.meant] = one
    return list(found.values())


def unknown_names(corrections: Iterable[Correction], words: frozenset[str]) -> list[str]:
    """List the words, or words in a row, that the owner means and that are in no sentence of the device."""
    found: dict[str, None] = {}
    for one in corrections:
        for is_known, row in groupby(one.meant.split(), key=words.__contains__):
            if not is_known:
                found[" ".join(row)] = None
    return list(found)
