"""The mutes that stand over a restart: the owner's soft mute, and the hours of the schedule.

They are kept in the ear's one SQLite file, where `sottovoce mute` and the running ear meet. A Pi
has no clock of its own: while the time is one that has been before, what was muted stays muted.
"""

import math
import sqlite3
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from sottovoce.ear.hours import within
from sottovoce.vocabulary import MuteReason

UNTIL_TOLD: Final = math.inf
"""A soft mute without an end."""
_JITTER_SECONDS: Final = 60.0
"""A clock set back by less is still believed."""
_SEEN_EVERY_SECONDS: Final = 600.0
"""How often the time is written down, while nothing else is."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What is on disk."""

    soft_until: float = 0.0
    """Seconds since the epoch; UNTIL_TOLD for no end."""
    schedule: bool = False
    """Whether the schedule stood when it was last looked at."""
    seen: float = 0.0
    """The latest time this device has known, in seconds since the epoch."""


def standing(kept: Kept, now: float, minute: int, spans: Sequence[str]) -> frozenset[MuteReason]:
    """Say which of the two reasons stand at `now`, which is `minute` of the local day.

    With a clock that has been set back nothing ends: not a soft mute, not the hours of the schedule.
    """
    trusted = now >= kept.seen - _JITTER_SECONDS
    soft = now < kept.soft_until or (not trusted and kept.soft_until > 0)
    schedule = bool(spans) and (within(spans, minute) or (not trusted and kept.schedule))
    return frozenset(
        reason for reason, on in ((MuteReason.SOFT, soft), (MuteReason.SCHEDULE, schedule)) if on
    )


class Mutes:
    """Soft mute and schedule. Each call is one transaction; from any thread with a store of its own."""

    def __init__(
        self,
        store: sqlite3.Connection,
        now: Callable[[], float],
        spans: Sequence[str] = (),
        minute: Callable[[float], int] | None = None,
    ) -> None:
        """Keep them in `store`; `now` gives seconds since the epoch, `minute` the local minute of the day."""
        self._store = store
        self._now = now
        self._spans = tuple(spans)
        self._minute = minute or minute_of_day

    def set_soft(self, *, until: float = UNTIL_TOLD) -> None:
        """Mute softly, until a time or until told."""
        self._keep(soft_until=until)

    def clear_soft(self) -> None:
        """End the soft mute."""
        self._keep(soft_until=0.0)

    def look(self) -> frozenset[MuteReason]:
        """Say which reasons stand now. Raises sqlite3.Error where the disk gives nothing."""
        kept, now = self._kept(), self._now()
        found = standing(kept, now, self._minute(now), self._spans)
        if kept.soft_until and MuteReason.SOFT not in found:  # over, whatever the clock says from now on
            self._store.execute("UPDATE mute SET soft_until = 0 WHERE soft_until <= ?", (now,))
        schedule = MuteReason.SCHEDULE in found
        if schedule != kept.schedule or now - kept.seen >= _SEEN_EVERY_SECONDS:
            self._store.execute(
                "UPDATE mute SET schedule = ?, seen = max(seen, ?)", (int(schedule), now)
            )  # fmt: skip
        return found

    def soft_until(self) -> float:
        """Say when the soft mute ends, in seconds since the epoch: 0 for none, UNTIL_TOLD for no end."""
        until = self._kept().soft_until
        return until if MuteReason.SOFT in self.look() else 0.0

    def _keep(self, soft_until: float) -> None:
        self._store.execute("UPDATE mute SET soft_until = ?, seen = max(seen, ?)", (soft_until, self._now()))

    def _kept(self) -> Kept:
        row = self._store.execute("SELECT soft_until, schedule, seen FROM mute").fetchone()
        return Kept(float(row[0]), bool(row[1]), float(row[2]))


def minute_of_day(now: float) -> int:
    """Give the local minute of the day."""
    local = time.localtime(now)
    return local.tm_hour * 60 + local.tm_min
