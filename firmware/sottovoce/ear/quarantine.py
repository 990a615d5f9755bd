"""Quarantine: what no grant covers waits here for its owner, sealed, for some hours.

One file a snippet in the state folder; its key lies outside (day_keys.py). A snippet is there while its
file and its keys are: deleting destroys the key first, so that whatever happens next nothing opens it.
Several processes may come: the ear keeps and sweeps, the owner's command opens and deletes.
"""

import fcntl
import math
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from sottovoce.config import Review
from sottovoce.ear.day_keys import DayKeys, point
from sottovoce.ear.disk import replace, shred, told
from sottovoce.ear.ledger import Ledger
from sottovoce.ear.parcel import LABEL_BYTES, Label, seal, unseal
from sottovoce.errors import StateError, UsageError
from sottovoce.journal import Journal
from sottovoce.vocabulary import Snippet

SWEEP_SECONDS: Final = 60.0
_NAME: Final = re.compile(r"[0-9A-Za-z]{1,64}")
_ENDING: Final = ".sealed"


class Why(StrEnum):
    """Why a snippet was deleted, in the ledger's words."""

    OWNER = "you"
    APPROVED = "approved"
    AGE = "age"
    SIZE = "size"
    CLOCK = "clock"
    """It is dated in the future: nobody knows how old it is."""
    LOST = "lost"
    """Its key is gone, or the file is broken."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A snippet on the shelf, as one sees it from outside."""

    name: str
    path: Path
    label: Label | None
    """None where it cannot be read."""
    size: int
    """Bytes."""

    @property
    def at(self) -> float:
        """When it was said, in seconds since the epoch; what cannot be read is the oldest."""
        return self.label.at if self.label else -math.inf


class Quarantine:
    """The shelf in one state folder. Each call is whole by itself; from any thread."""

    def __init__(
        self,
        state: Path,
        review: Review,
        keys: DayKeys,
        ledger: Ledger,
        journal: Journal,
        now: Callable[[], float],
        ticks: Callable[[], float],
    ) -> None:
        """Keep as `review` says; `now` gives seconds since the epoch, `ticks` since the system started."""
        self._folder, self._keys, self._ledger, self._journal = state / "quarantine", keys, ledger, journal
        self._seconds, self._bytes = review.hours * 3600.0, review.megabytes * 1_000_000
        self._now, self._ticks = now, ticks
        self._tend_at = -math.inf

    def keep(self, snippet: Snippet) -> None:
        """Keep one until it is reviewed, or too old, or there is too much. Raises StateError."""
        with self._alone():
            point(self._folder, self._keys)
            label = Label(snippet.at, self._ticks(), self._keys.fingerprint)
            parcel = seal(snippet, self._keys.make(label.day, snippet.id), label)
            self._ledger.append("kept", snippet=snippet.id, bytes=len(parcel))
            replace(self._path(snippet.id), parcel)
            self._shrink()

    def kept(self) -> list[Kept]:
        """Name all there are, the oldest first. Raises StateError."""
        if not self._folder.is_dir():
            return []
        with self._alone():
            return self._all()

    def count(self) -> int:
        """Count them."""
        return sum(1 for _ in self._folder.glob(f"*{_ENDING}"))

    def ids(self) -> list[tuple[str, float]]:
        """Name all there are, and when each was said, in seconds since the epoch. Raises StateError."""
        return [(kept.name, kept.at) for kept in self.kept()]

    def forget(self, names: Iterable[str]) -> int:
        """Destroy these, as far as they are there; how many were. Raises StateError."""
        gone = 0
        for name in names:
            with suppress(UsageError):  # it grew too old just now
                self.delete(name)
                gone += 1
        return gone

    def open(self, name: str) -> Snippet:
        """Unseal one. Raises UsageError where there is none; what opens no more is deleted then."""
        with self._alone():
            kept = self._find(name)
            snippet = self._unsealed(kept)
            if snippet is None and self._is_ours(kept):
                self._destroy(kept, Why.LOST)
        if snippet is None:
            raise UsageError(f"snippet {name} cannot be opened", _hint(ours=self._is_ours(kept)))
        return snippet

    def delete(self, name: str, why: Why = Why.OWNER) -> None:
        """Destroy one, key first. Raises UsageError when it is not there, StateError."""
        with self._alone():
            self._destroy(self._find(name), why)
            self._tidy()

    def sweep(self, *, thorough: bool = False) -> None:
        """Delete what is too old, too much, or opens no more. Raises StateError.

        `thorough`, at the start: also look into each, and trust nothing that is dated in the future.
        """
        if not self._folder.is_dir():
            return
        lost = 0
        with self._alone():
            there = self._keys.names()
            for kept in self._all():
                if why := self._verdict(kept, there, thorough=thorough):
                    lost += why is Why.LOST
                    self._destroy(kept, why)
            self._shrink()
            self._tidy()
        if lost:
            self._journal.warn("review_lost", snippets=lost)

    def tend(self) -> None:
        """Sweep, thoroughly the first time, if a minute has passed; a fault of the disk is told."""
        if self._ticks() < self._tend_at:
            return
        first, self._tend_at = self._tend_at == -math.inf, self._ticks() + SWEEP_SECONDS
        try:
            self.sweep(thorough=first)
        except StateError as error:
            self._journal.warn("state_folder_fault", error=str(error))

    def _verdict(self, kept: Kept, there: set[str], *, thorough: bool) -> Why | None:
        label = kept.label
        if label is None:
            return Why.LOST
        if label.is_over(self._now(), self._ticks(), self._seconds):
            return Why.AGE
        if thorough and label.at > self._now():
            return Why.CLOCK
        if not {label.day, kept.name} <= there:
            return Why.LOST
        broken = thorough and self._is_ours(kept) and self._unsealed(kept) is None
        return Why.LOST if broken else None

    def _is_ours(self, kept: Kept) -> bool:
        """Whether this process has the credential that it takes; what is not ours only grows old."""
        return kept.label is None or kept.label.fingerprint == self._keys.fingerprint

    def _unsealed(self, kept: Kept) -> Snippet | None:
        key = self._keys.find(kept.label.day, kept.name) if kept.label else None
        if key is None or kept.label is None:
            return None
        return unseal(kept.path.read_bytes(), kept.name, key, kept.label)

    def _destroy(self, kept: Kept, why: Why) -> None:
        self._keys.destroy(kept.name)  # from here on nothing opens it
        try:
            if why is not Why.APPROVED:
                self._ledger.append("deleted", snippet=kept.name, why=str(why))
        finally:
            shred(kept.path)

    def _shrink(self) -> None:
        """Delete the oldest of what is over the size."""
        shelf = self._all()
        over = sum(kept.size for kept in shelf) - self._bytes
        for kept in shelf:
            if over <= 0:
                return
            self._destroy(kept, Why.SIZE)
            over -= kept.size

    def _tidy(self) -> None:
        """Remove what a crash left half done, and every key that opens nothing any more."""
        for path in self._folder.glob("*.new"):
            shred(path)
        shelf = self._all()
        used = {kept.name for kept in shelf} | {kept.label.day for kept in shelf if kept.label}
        for name in self._keys.names() - used:
            self._keys.destroy(name)
            if _NAME.fullmatch(name):  # the ledger was told that it is kept; the file never came to be
                self._ledger.append("deleted", snippet=name, why=str(Why.LOST))

    def _all(self) -> list[Kept]:
        found = [_look(path) for path in self._folder.glob(f"*{_ENDING}")]
        return sorted(found, key=lambda kept: (kept.at, kept.label.ticks if kept.label else 0.0))

    def _find(self, name: str) -> Kept:
        if not _NAME.fullmatch(name) or not self._path(name).exists():
            raise UsageError(f"no snippet {name}", "sottovoce review list shows them")
        return _look(self._path(name))

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}{_ENDING}"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Keep other threads and processes away meanwhile; whatever the disk does is a StateError."""
        with told(self._folder):
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with os.fdopen(os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)) as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                yield


def _look(path: Path) -> Kept:
    with path.open("rb") as file:
        label = Label.read(file.read(LABEL_BYTES))
    return Kept(path.name.removesuffix(_ENDING), path, label, path.stat().st_size)


def _hint(*, ours: bool) -> str:
    if ours:
        return "its key is gone or the file broken: it is deleted"
    return "it takes the ear's credential: run this as the user the ear runs as"
