"""The ledger: what left, when, to whom, under which grant. Append-only, each entry bound to the last.

One JSON line an entry, in `ledger.jsonl`. An entry holds no content: a salted hash of it only, so
that deleting the content never breaks the chain. The chain is SHA-256 over the line before.
"""

import fcntl
import hashlib
import json
import os
import secrets
from collections import deque
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sottovoce.errors import StateError
from sottovoce.vocabulary import Envelope

_START: Final = "0" * 64


class Ledger:
    """One file of entries."""

    def __init__(self, folder: Path, now: Callable[[], float]) -> None:
        """Keep it in the state folder; `now` gives seconds since the epoch."""
        self._path = folder / "ledger.jsonl"
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
            with self._path.open("a+", encoding="utf-8") as file:
                fcntl.flock(file, fcntl.LOCK_EX)  # the ear and the owner's commands both write
                file.seek(0)
                last = next(iter(deque(file, maxlen=1)), "")
                previous = _hash(last) if last else _START
                entry = {"at": round(self._now(), 3), "event": event, **facts, "previous": previous}
                file.write(json.dumps(entry) + "\n")
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise StateError(f"{self._path}: {error}", "see that the disk has room") from error

    def entries(self) -> list[dict[str, Any]]:
        """Every entry, oldest first. Raises StateError at the first one the chain does not hold."""
        try:
            lines = self._path.read_text(encoding="utf-8").splitlines(keepends=True)
        except FileNotFoundError:
            return []
        last, entries = _START, []
        for number, line in enumerate(lines, start=1):
            entry = _entry(line)
            if entry.get("previous") != last:
                raise StateError(
                    f"{self._path}:{number}: the chain is broken here", "somebody changed this file"
                )
            last = _hash(line)
            entries.append(entry)
        return entries


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
        case other:
            return f"{at}  {other}"


def _entry(line: str) -> dict[str, Any]:
    try:
        entry = json.loads(line)
    except ValueError:
        return {}
    return entry if isinstance(entry, dict) else {}


def _hash(line: str) -> str:
    return hashlib.sha256(line.rstrip("\n").encode()).hexdigest()
