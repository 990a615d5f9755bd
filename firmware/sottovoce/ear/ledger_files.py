"""The ledger's files: which there are, in what order, and what a crash left in them."""

import fcntl
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from sottovoce.ear.audit import OLD, Files
from sottovoce.ear.chain import LOST, Head, Point
from sottovoce.ear.disk import add, overwrite, replace, told

_NAME: Final = re.compile(r"ledger/(\d{4,})-(\d{4}-\d{2})\.jsonl")
_DAY_SECONDS: Final = 24 * 3600
_SECTOR_BYTES: Final = 512
_RUBBISH: Final = Head(LOST)


class LedgerFiles:
    """What lies in the state folder. Names are told from there."""

    def __init__(self, state: Path) -> None:
        """Look into the state folder."""
        self._state, self._folder = state, state / "ledger"

    @contextmanager
    def locked(self, *, write: bool) -> Iterator[None]:
        """Keep other processes from writing meanwhile; whatever the disk does is a StateError."""
        with told(self._folder):
            if write:
                self._folder.mkdir(mode=0o700, exist_ok=True)
            flags = os.O_RDONLY | (os.O_CREAT if write else 0)
            try:
                lock = os.open(self._folder / "lock", flags, 0o600)
            except FileNotFoundError:  # nothing was written yet, but for an old ledger
                yield
                return
            with os.fdopen(lock):
                fcntl.flock(lock, fcntl.LOCK_EX if write else fcntl.LOCK_SH)
                yield

    def names(self) -> list[str]:
        """Name the files there are, oldest first."""
        found = [f"ledger/{path.name}" for path in self._folder.glob("*.jsonl")]
        old = [OLD] if (self._state / OLD).exists() else []
        return old + sorted((name for name in found if _NAME.fullmatch(name)), key=_number)

    def read(self) -> Files:
        """Read all of them."""
        return [(name, (self._state / name).read_bytes()) for name in self.names()]

    def head(self) -> Head | None:
        """Read the head; None where there is none. One that is none says what no chain fits."""
        try:
            head = msgspec.json.decode((self._folder / "head").read_bytes(), type=Head)
        except FileNotFoundError:
            return self._old()
        except (msgspec.MsgspecError, ValueError):
            return _RUBBISH
        return _RUBBISH if head.old else head  # only the old file may say that it is old

    def begin(self) -> Head | None:
        """Read the head to go on from; None where there is nothing at all."""
        return self.head() or (_RUBBISH if self.names() else None)

    def keep(self, head: Head) -> None:
        """Write the head; the lines can do without for a while, so that this waits for no disk."""
        path, data = self._folder / "head", msgspec.json.encode(head).ljust(_SECTOR_BYTES)
        if path.exists() and path.stat().st_size == len(data):
            overwrite(path, data)
        else:
            replace(path, data)

    def add(self, name: str, line: bytes) -> None:
        """Have a line on disk."""
        add(self._state / name, line)

    def behind(self, point: Point) -> Files | None:
        """Give what stands behind a point, a file each; None if the files do not even reach there."""
        names = self.names()
        if not point.file:
            return self.read()
        if point.file not in names:
            return None
        first, *rest = [
            (name, (self._state / name).read_bytes()) for name in names[names.index(point.file) :]
        ]
        return None if len(first[1]) < point.size else [(first[0], first[1][point.size :]), *rest]

    def take_away(self, name: str, count: int) -> None:
        """Remove the last bytes of a file; the file too if nothing is left."""
        path = self._state / name
        os.truncate(path, path.stat().st_size - count)
        if not path.stat().st_size:
            path.unlink()

    def name_for(self, point: Point, now: float) -> str:
        """Name the file for an entry of now; a clock set back by less than a day begins none."""
        begun = _NAME.fullmatch(point.file)
        if begun and begun[2] in {_month(now), _month(now + _DAY_SECONDS)}:
            return point.file
        return f"ledger/{max(map(_number, self.names()), default=0) + 1:04}-{_month(now)}.jsonl"

    def _old(self) -> Head | None:
        """Read the head of a ledger from before."""
        try:
            found = json.loads((self._state / "ledger.head").read_bytes())
            return Head(Point(int(found["entries"]), OLD, int(found["size"]), str(found["hash"])), old=True)
        except FileNotFoundError:
            return None
        except (ValueError, TypeError, KeyError):
            return _RUBBISH


def _number(name: str) -> int:
    found = _NAME.fullmatch(name)
    return int(found[1]) if found else 0


def _month(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m")
