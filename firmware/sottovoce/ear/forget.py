"""Forget: what was said is deleted here at once, and everyone who got it is asked to delete it too.

What is kept and what waits is deleted, overwritten; for what has left, by the ledger, requests are put
down that outlast a restart and a broker that is away (erasures.py). "Today" begins at the last local
midnight of the device's clock. A clock that was wrong shows here: what is dated later than now counts as
today's; what was said while the clock was behind, on another date, does not. `all` goes by no clock.
"""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

import msgspec

from sottovoce.ear.audit import Report
from sottovoce.ear.erasures import Erasures
from sottovoce.ear.grants import Grants
from sottovoce.ear.ledger import Ledger
from sottovoce.ear.outbox import Outbox, Thing
from sottovoce.vocabulary import Erasure, Form
from sottovoce.wire import Erase

Scope = Callable[[Thing], bool]


class Kept(Protocol):
    """Snippets kept for their owner to review."""

    def ids(self) -> list[tuple[str, float]]:
        """Name each, and when it was said, in seconds since the epoch. Raises StateError."""

    def forget(self, ids: Iterable[str]) -> int:
        """Delete these for good; how many there were. Raises StateError."""


class NothingKept:
    """In place of a shelf while none is kept."""

    def ids(self) -> list[tuple[str, float]]:
        """Name nothing."""
        return []

    def forget(self, ids: Iterable[str]) -> int:  # noqa: ARG002  there is nothing of any id
        """Delete nothing."""
        return 0


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What came of it."""

    kept: int = 0
    """Kept snippets deleted."""
    waiting: int = 0
    """Waiting envelopes deleted."""
    asked: Mapping[str, int] = field(default_factory=Counter)
    """How many things each recipient is being asked to delete."""
    wired: int = 0
    """Messages that devices of home.toml got: nobody is asked to delete them."""
    ledger_broken: bool = False
    """Whether more may have left than the ledger can tell."""

    @property
    def nothing(self) -> bool:
        """Whether there was nothing to forget."""
        return not (self.kept or self.waiting or self.asked)


class Forget:
    """Deletes by what was said last, by day, by grant, or all; from one thread with a store of its own."""

    def __init__(
        self, store: sqlite3.Connection, ledger: Ledger, kept: Kept, now: Callable[[], float]
    ) -> None:
        """Use a connection from `open_store`; `now` gives seconds since the epoch."""
        self._outbox, self._erasures, self._grants = Outbox(store, now), Erasures(store), Grants(store)
        self._ledger = ledger
        self._kept = kept
        self._now = now

    def last(self) -> Forgotten:
        """Forget the newest sentence of which anything is kept, waits, or is out there and not asked back.

        Raises sqlite3.Error, StateError; so do the others.
        """
        asked = self._erasures.ids()
        out = [thing for thing, _ in _left(self._ledger.audit()) if thing.envelope not in asked]
        things = [*self._shelf(), *self._outbox.things(), *out]
        if not things:
            return Forgotten()
        newest = max(things, key=lambda thing: thing.at)
        if newest.snippet:
            return self.sentence(newest.snippet)
        return self._forget(lambda thing: thing.envelope == newest.envelope)

    def sentence(self, snippet: str) -> Forgotten:
        """Forget one sentence."""
        return self._forget(lambda thing: bool(snippet) and thing.snippet == snippet)

    def today(self) -> Forgotten:
        """Forget what was said since midnight."""
        midnight = midnight_before(self._now())
        return self._forget(lambda thing: thing.at >= midnight)

    def all(self) -> Forgotten:
        """Forget everything."""
        return self._forget(lambda _: True)

    def under(self, grants: Iterable[str]) -> Forgotten:
        """Ask for the deletion of all that left under these grants."""
        named = frozenset(grants)
        return self._ask(lambda thing: thing.grant in named)

    def revoke(self, grant_id: str) -> tuple[int, Forgotten]:
        """End a grant: delete what waits under it and ask for what left; how many waited.

        Raises UsageError when there is no such grant.
        """
        waiting = self._grants.revoke(grant_id)
        self._ledger.append("revoked", grant=grant_id, deleted=waiting)
        return waiting, self.under([grant_id])

    def unanswered(self) -> Mapping[str, int]:
        """Count what each recipient was asked to delete and has not answered."""
        return self._erasures.open()

    def _forget(self, scope: Scope) -> Forgotten:
        """Delete first: what the link delivers meanwhile is in the ledger by then, or is asked back by it."""
        try:
            kept = self._kept.forget([thing.snippet for thing in self._shelf() if scope(thing)])
        finally:  # whatever befalls one of the two places, the other is emptied
            waiting = self._outbox.delete([one.envelope for one in self._outbox.things() if scope(one)])
            asked = self._ask(scope)
        done = replace(asked, kept=kept, waiting=waiting)
        if not done.nothing:
            self._ledger.append("forgotten", kept=kept, waiting=waiting, asked=sum(done.asked.values()))
        return done

    def _ask(self, scope: Scope) -> Forgotten:
        report = self._ledger.audit()
        erasures = [erasure for thing, erasure in _left(report) if scope(thing)]
        self._erasures.ask(erasures)
        return Forgotten(
            asked=Counter(one.recipient for one in erasures),
            wired=sum(_is_wired(entry) and scope(_thing(entry)) for entry in report.trusted),
            ledger_broken=report.broken,
        )

    def _shelf(self) -> list[Thing]:
        return [Thing("", snippet, at, "") for snippet, at in self._kept.ids()]


def midnight_before(now: float) -> float:
    """Give the last local midnight, in seconds since the epoch."""
    return (
        datetime.fromtimestamp(now)
        .astimezone()
        .replace(hour=0, minute=0, second=0, microsecond=0)
        .timestamp()
    )


def _left(report: Report) -> list[tuple[Thing, Erasure]]:
    """Tell what has left, can be asked for, and was not said to be deleted."""
    gone = {
        one.get("envelope")
        for one in report.trusted
        if one.get("event") == "receipt" and one.get("deleted") == "yes"
    }
    return [
        (_thing(entry), erasure)
        for entry in report.trusted
        if entry.get("event") == "sent"
        and entry.get("envelope") not in gone
        and (erasure := _erasure(entry)) is not None
    ]


def _is_wired(entry: Mapping[str, Any]) -> bool:
    return entry.get("event") == "sent" and entry.get("form") == Form.WIRED


def _thing(entry: Mapping[str, Any]) -> Thing:
    return Thing(
        str(entry.get("envelope", "")),
        str(entry.get("snippet", "")),
        entry.get("said") or entry["at"],
        str(entry.get("grant", "")),
    )


def _erasure(entry: Mapping[str, Any]) -> Erasure | None:
    """Make the request for one entry of the ledger; None where it would not cross the seam.

    Nor is a device of home.toml asked: a lamp keeps no words, and answers nothing.
    """
    if _is_wired(entry):
        return None
    topic = str(entry.get("topic", "")).rpartition("/")[0]
    try:
        asked = msgspec.convert({"type": "Erase", "id": entry.get("envelope"), "topic": topic}, Erase)
    except msgspec.ValidationError:
        return None
    return Erasure(asked.id, str(entry.get("recipient", "")), asked.topic)
