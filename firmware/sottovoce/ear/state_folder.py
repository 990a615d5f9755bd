"""The state folder: used for as long as the disk allows; done without, and told, when it does not.

With a disk that fails the device goes on hearing and acting here. It knows of no grant then: nothing leaves.
"""

import contextlib
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sottovoce.ear.ledger import Ledger
from sottovoce.ear.store import FILE, bring_up, open_store
from sottovoce.errors import DamagedStateError, StateError
from sottovoce.journal import Journal

_MUTES: Final = "SELECT soft_until, schedule, seen FROM mute"
_KEEP: Final = "UPDATE mute SET soft_until = ?, schedule = ?, seen = ?"
_UNTIL_TOLD: Final = (float("inf"), 0, 0.0)


class StateFolder:
    """Opens the store for each part of the ear, and knows which of them could not use the disk."""

    def __init__(self, path: Path, journal: Journal, now: Callable[[], float] = time.time) -> None:
        """Use the folder at `path`; `now` gives seconds since the epoch."""
        self.path = path
        self._journal = journal
        self._now = now
        self._failing: set[str] = set()

    @property
    def fails(self) -> bool:
        """Whether some part of the ear cannot use the disk."""
        return bool(self._failing)

    def failed(self, who: str, error: Exception) -> None:
        """Learn that a part of the ear could not use it; told once, until it can again."""
        if who not in self._failing:
            self._failing.add(who)
            what = error if isinstance(error, StateError) else type(error).__name__
            self._journal.warn("state_folder_fault", part=who, error=str(what))

    def works(self, who: str) -> None:
        """Learn that it can again."""
        self._failing.discard(who)

    def store(self, who: str) -> sqlite3.Connection:
        """Open the store; one in memory where the disk gives none. A damaged one is moved aside first."""
        try:
            try:
                return open_store(self.path, check=True)
            except DamagedStateError as error:
                self._move_aside(error)
                return open_store(self.path)
        except (StateError, OSError) as error:
            self.failed(who, error)
            return self._spare()

    def _move_aside(self, error: DamagedStateError) -> None:
        """Begin anew, deaf: nobody knows any more what was muted. Raises OSError, StateError."""
        aside = self.path / f"damaged-{time.strftime('%Y%m%d-%H%M%S', time.gmtime(self._now()))}"
        aside.mkdir(mode=0o700, exist_ok=True)
        for file in self.path.glob(f"{FILE}*"):
            file.replace(aside / file.name)
        with contextlib.closing(open_store(self.path)) as store:
            store.execute(_KEEP, _UNTIL_TOLD)
        self._journal.warn("state_damaged", error=str(error), moved_to=str(aside))
        with contextlib.suppress(StateError):
            Ledger(self.path, self._now).append("damaged", moved_to=aside.name)

    def _spare(self) -> sqlite3.Connection:
        """Make a store in memory: no grant, and the mutes as they stood on disk, or deaf."""
        store = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        bring_up(store)
        store.execute(_KEEP, self._mutes_on_disk())
        return store

    def _mutes_on_disk(self) -> tuple[float, int, float]:
        path = self.path / FILE
        with contextlib.suppress(OSError):
            if not path.exists():
                return (0.0, 0, 0.0)
        try:
            with contextlib.closing(sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True)) as disk:
                soft, schedule, seen = disk.execute(_MUTES).fetchone()
                return float(soft), int(schedule), float(seen)
        except (sqlite3.Error, TypeError, ValueError):
            return _UNTIL_TOLD
