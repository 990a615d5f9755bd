"""The ledger: what left, when, to whom, under which grant. Append-only, each entry bound to the last.

One JSON line an entry, in `ledger.jsonl`. An entry holds no content: a salted hash of it only, so
that deleting the content never breaks the chain. The chain is SHA-256 over the line before. The
head, in `ledger.head`, tells how many entries there are and the hash of the last: an entry changed
at the end, or cut off, shows too.
"""

import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final

from sottovoce.errors import StateError
from sottovoce.vocabulary import Envelope

_START: Final = "0" * 64
_SWITCH: Final = {
    "live": "the privacy switch says live",
    "muted": "the privacy switch says muted",
    "fault": "the privacy switch is broken: it says live, and the microphones have no power. Taken for muted",
    "tamper": "ALARM: the privacy switch says muted, and the microphones have power. Taken for muted",
    "unreadable": "the privacy switch cannot be read. Taken for muted",
}
_BY: Final = {"soft": "you, in software", "schedule": "the schedule"}


@dataclass(frozen=True, slots=True)
class _Head:
    """Where the ledger ends."""

    entries: int = 0
    size: int = 0
    """Bytes."""
    hash: str = _START
    """Of the last entry."""

    def after(self, line: bytes) -> "_Head":
        """Give the head once `line` was added."""
        return _Head(self.entries + 1, self.size + len(line), hashlib.sha256(line).hexdigest())


class Ledger:
    """One file of entries, and one of its head."""

    def __init__(self, folder: Path, now: Callable[[], float]) -> None:
        """Keep it in the state folder; `now` gives seconds since the epoch."""
        self._path = folder / "ledger.jsonl"
        self._head_path = folder / "ledger.head"
        self._now = now

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
            bytes=len(envelope.body),
            salt=salt,
            content=hashlib.sha256(salt.encode() + envelope.body).hexdigest(),
        )

    def append(self, event: str, **facts: str | float) -> None:
        """Add one entry, on disk before this returns. Raises StateError."""
        try:
            with self._path.open("a+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)  # the ear and the owner's commands both write
                head = self._after_crash(file)
                entry = {"at": round(self._now(), 3), "event": event, **facts, "previous": head.hash}
                line = json.dumps(entry).encode() + b"\n"
                file.write(line)
                _to_disk(file)
                self._keep(head.after(line))
        except OSError as error:
            raise StateError(f"{self._path}: {error}", "see that the disk has room") from error

    def entries(self) -> list[dict[str, Any]]:
        """Every entry, oldest first. Raises StateError at the first one the chain does not hold."""
        try:
            with self._path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH)
                head, lines = self._head(), file.read().split(b"\n")[:-1]  # behind the last: half an entry
        except FileNotFoundError:
            head, lines = self._head(), []
        except OSError as error:
            raise StateError(f"{self._path}: {error}", "see that the file is yours") from error
        return self._check(head, lines)

    def _check(self, head: _Head, lines: list[bytes]) -> list[dict[str, Any]]:
        reached, heads, entries = _Head(), {0: _START}, []
        for line in lines:
            entry = _entry(line)
            if entry.get("previous") != reached.hash:
                raise self._broken(reached.entries + 1)
            reached = reached.after(line + b"\n")
            heads[reached.entries] = reached.hash
            entries.append(entry)
        if heads.get(head.entries) != head.hash:
            raise self._broken(max(1, min(head.entries, reached.entries + 1)))
        if reached.entries > head.entries + 1:  # one more can be: a crash before its head was written
            raise self._broken(head.entries + 1)
        return entries

    def _broken(self, number: int) -> StateError:
        return StateError(f"{self._path}:{number}: the chain is broken here", "somebody changed this file")

    def _after_crash(self, file: BinaryIO) -> _Head:
        """Read the head; an entry that a crash kept out of it counts, half an entry is taken away."""
        head = self._head()
        file.seek(head.size)
        left = file.read()
        line, end, rest = left.partition(b"\n")
        if left and not end:
            file.truncate(head.size)
        elif left and not rest and _entry(line).get("previous") == head.hash:
            return head.after(left)
        return head

    def _head(self) -> _Head:
        try:
            found = json.loads(self._head_path.read_bytes())
            return _Head(int(found["entries"]), int(found["size"]), str(found["hash"]))
        except FileNotFoundError:
            return _Head()
        except OSError as error:
            raise StateError(f"{self._head_path}: {error}", "see that the file is yours") from error
        except (ValueError, TypeError, KeyError):
            return _Head(hash="")  # fits no chain

    def _keep(self, head: _Head) -> None:
        beside = self._head_path.with_suffix(".new")
        with beside.open("wb") as file:
            file.write(json.dumps(asdict(head)).encode())
            _to_disk(file)
        beside.replace(self._head_path)


def in_words(entry: dict[str, Any]) -> str:
    """Tell one entry the way a bank statement would."""
    at = datetime.fromtimestamp(entry["at"]).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    match entry["event"]:
        case "sent":
            what, whom = f"1 {entry['kind']} ({entry['bytes']} bytes)", entry["recipient"]
            return f"{at}  sent {what} to {whom}, under grant {entry['grant']}"
        case "granted":
            return f"{at}  you let {entry['recipient']} have {entry['kind']}s, grant {entry['grant']}"
        case "revoked":
            return f"{at}  you revoked grant {entry['grant']}; {entry['deleted']} waiting deleted"
        case "switch":
            return f"{at}  {_SWITCH.get(entry['position'], entry['position'])}"
        case "mute":
            what = "muted" if entry["on"] == "yes" else "no longer muted"
            return f"{at}  {what} by {_BY.get(entry['reason'])}"
        case "mute_broken":
            return f"{at}  ALARM: muted, and a microphone was open all the same ({entry['open']})"
        case "mute_mended":
            closed = entry.get("finding") == "closed"
            return f"{at}  the alarm is over{': no microphone is open' if closed else ''}"
        case other:
            return f"{at}  {other}"


def _entry(line: bytes) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return {}
    return entry if isinstance(entry, dict) else {}


def _to_disk(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
