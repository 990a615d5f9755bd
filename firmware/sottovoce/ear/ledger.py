"""The ledger: what left, when, to whom, under which grant. Append-only, each entry bound to the last.

One JSON line an entry, a file a month: `ledger/0001-2027-01.jsonl` and so on, one chain through all. An
entry holds no content: a salted hash of it only, so that deleting the content never breaks the chain.
`ledger/head` holds the signed head (ear/chain.py). `ledger.jsonl` with `ledger.head`, from before the
head was signed, is where the chain begins, if it is there.
"""

import hashlib
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nacl.signing import SigningKey

from sottovoce.ear.audit import Report, check, export
from sottovoce.ear.chain import LOST, Head, Point, entry_of, is_forged, link, public, sign
from sottovoce.ear.ledger_files import LedgerFiles
from sottovoce.ear.ledger_key import Keys, find_keys
from sottovoce.errors import StateError
from sottovoce.vocabulary import Envelope

Note = tuple[str, dict[str, str | float]]
"""An event and its facts."""


class Ledger:
    """All entries, and their head; several processes may write."""

    def __init__(self, folder: Path, now: Callable[[], float], keys: Keys | None = None) -> None:
        """Keep it in the state folder; `now` gives seconds since the epoch, `keys` tells where keys lie."""
        self._state, self._files, self._now = folder, LedgerFiles(folder), now
        self._keys = keys or find_keys(folder)

    def sent(self, envelope: Envelope) -> None:
        """Write down that the broker has an envelope. Raises StateError."""
        salt = secrets.token_hex(16)
        self.append(
            "sent",
            kind=str(envelope.kind),
            recipient=envelope.recipient,
            topic=envelope.topic,
            grant=envelope.grant_id,
            envelope=envelope.id,
            snippet=envelope.snippet_id,
            said=envelope.at,
            form=str(envelope.form),
            bytes=len(envelope.body) + len(envelope.clip),
            salt=salt,
            content=hashlib.sha256(salt.encode() + envelope.body + envelope.clip).hexdigest(),
        )

    def append(self, event: str, **facts: str | float) -> None:
        """Add one entry, on disk before this returns. Raises StateError."""
        with self._files.locked(write=True):
            head = self._files.begin()
            key = self._keys.to_sign(head)
            if head is None:
                head = sign(Point(), key) if key else Head()
                self._files.keep(head)
            point, notes = self._ready(head, key)
            for name, more in (*notes, (event, facts)):
                point = self._write(point, {"at": round(self._now(), 3), "event": name, **more}, key)
            if key:  # who has none leaves the head where it is
                self._files.keep(sign(point, key))

    def entries(self) -> list[dict[str, Any]]:
        """Every entry, oldest first. Raises StateError at the first one the chain does not hold."""
        report = self.audit()
        if report.fault and not report.fault.torn:
            raise self.broken(report)
        return report.entries

    def audit(self, key: str = "") -> Report:
        """Check everything; `key` is the public key that must have signed. Raises StateError."""
        with self._files.locked(write=False):
            own, head = self._keys.find(), self._files.head()
            if own is None or head is None or head.old:
                return check(self._files.read(), head, key)
            every = not self._keys.apart  # then all who may write here have the key
            return check(self._files.read(), head, key or public(own), every=every)

    def export(self) -> bytes:
        """Put everything into one file that an outsider can check. Raises StateError."""
        with self._files.locked(write=False):
            return export(self._files.read(), self._files.head())

    def broken(self, report: Report) -> StateError:
        """Tell what an audit found as an error."""
        fault = report.fault
        what = f"{self._state}/{fault.where}: the chain is broken here: {fault}" if fault else "nothing"
        return StateError(
            what, "a crash did this" if fault and fault.torn else "somebody changed these files"
        )

    @property
    def key_apart(self) -> bool:
        """Whether this process has its key from outside the state folder."""
        return self._keys.apart

    def _write(self, point: Point, entry: dict[str, str | float], key: SigningKey | None) -> Point:
        line = link(point, entry, key)
        file = self._files.name_for(point, self._now())
        self._files.add(file, line)
        return point.after(line, file)

    def _ready(self, head: Head, key: SigningKey | None) -> tuple[Point, list[Note]]:
        """Find where to go on, and what to note first; half an entry is taken away."""
        if not (head.old or head.holds()):
            return LOST, []
        point, half = self._walk(head)
        notes: list[Note] = []
        if half and point != LOST:
            self._files.take_away(*half)
            notes.append(("torn", {"entry": point.entries + 1, "bytes": half[1]}))
        if head.old:
            notes.append(("taken_over", {"entries": point.entries}))
        elif key and head.key != public(key):
            notes.append(("key_changed", {"key": head.key}))
        return point, notes

    def _walk(self, head: Head) -> tuple[Point, tuple[str, int] | None]:
        """Go from the head over what a crash kept out of it, or who has no key wrote; tell half an entry."""
        point, half = head.end, None
        behind = self._files.behind(point)
        if behind is None:
            return LOST, None
        for name, data in behind:
            for line in data.splitlines(keepends=True):
                if half or is_forged(line, head.key):
                    return LOST, None
                if not line.endswith(b"\n"):
                    half = (name, len(line))
                elif entry_of(line).get("previous") == point.hash:
                    point = point.after(line, name)
                else:
                    return LOST, None
        return point, half
