"""Reminder: that something granted ends within a week. Said after an answer, once a day at most."""

import math
import sqlite3
from collections.abc import Callable
from datetime import datetime
from typing import Final

from sottovoce.ear.consent import ending
from sottovoce.ear.grants import Grants
from sottovoce.ear.words import counted
from sottovoce.vocabulary import Grant

DAY_SECONDS: Final = 24 * 3600


class Reminder:
    """Remembers over a restart on which day it last reminded."""

    def __init__(self, store: sqlite3.Connection, now: Callable[[], float]) -> None:
        """Use a connection from `open_store`; `now` gives seconds since the epoch."""
        self._store = store
        self._grants = Grants(store)
        self._now = now

    def due(self) -> str:
        """Give what to remind of, the first time on a day; empty for nothing, and where the disk fails."""
        now = self._now()
        day = datetime.fromtimestamp(now).astimezone().strftime("%Y-%m-%d")
        try:
            grants = ending(self._grants.all(), now)
            if not grants:
                return ""
            first = self._store.execute(
                "UPDATE reminded SET day = :day WHERE day <> :day", {"day": day}
            ).rowcount
        except sqlite3.Error:
            return ""
        return _words(grants, now) if first else ""


def ends_in(grant: Grant, now: float) -> str:
    """Say how soon a grant ends: "in 3 days", "within a day"."""
    days = math.ceil((grant.ends_at - now) / DAY_SECONDS)
    return f"in {counted(days, 'day')}" if days > 1 else "within a day"


def _words(grants: list[Grant], now: float) -> str:
    if len(grants) > 1:
        return f"By the way: {len(grants)} of your grants end within a week."
    (grant,) = grants
    return f"By the way: your {grant.kind} grant for {grant.recipient} ends {ends_in(grant, now)}."
