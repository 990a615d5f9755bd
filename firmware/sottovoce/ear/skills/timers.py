"""Timers. They live over a restart, and ring until stopped."""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Final

from sottovoce.ear.words import length_of_time
from sottovoce.errors import StateError
from sottovoce.vocabulary import Earcon, Intent, Outcome

RING_EVERY: Final = 5.0
"""Seconds from one ring to the next; between them the device listens for "stop"."""
RINGS: Final = 12
"""A timer nobody stops gives up after this many."""
_UNWRITTEN: Final = " I cannot write it down: it ends when I am switched off."


class Timers:
    """Timers kept as the seconds since the epoch at which they ring next, and rings so far."""

    family = "timers"

    def __init__(self, folder: Path, now: Callable[[], float]) -> None:
        """Keep them in `timers.json` in the state folder; `now` gives seconds since the epoch.

        Raises StateError when the file is there and cannot be read.
        """
        self._path = folder / "timers.json"
        self._now = now
        self._written = True
        self._timers: list[tuple[float, int]] = self._read()

    def handle(self, intent: Intent) -> Outcome:
        """Set a timer, cancel all, or tell how long the next one has."""
        if intent.name == "TimerSet":
            seconds = _seconds(intent)
            self._keep([*self._timers, (self._now() + seconds, 0)])
            unwritten = "" if self._written else _UNWRITTEN
            return Outcome(Earcon.DONE, f"Timer set for {length_of_time(seconds)}.{unwritten}")
        if intent.name == "TimerCancel":
            return Outcome(Earcon.DONE, "Timers cancelled." if self.cancel() else "There is no timer.")
        running = [at for at, rings in self._timers if rings == 0]
        if not running:
            return Outcome(Earcon.DONE, "There is no timer.")
        return Outcome(Earcon.DONE, f"{length_of_time(max(0, round(min(running) - self._now())))} left.")

    def due(self) -> Outcome | None:
        """Ring, if a timer should ring now."""
        now = self._now()
        ringing = [timer for timer in self._timers if timer[0] <= now]
        if not ringing:
            return None
        waiting = [timer for timer in self._timers if timer[0] > now]
        again = [(now + RING_EVERY, rings + 1) for _, rings in ringing if rings + 1 < RINGS]
        self._keep(waiting + again)
        first = any(rings == 0 for _, rings in ringing)
        return Outcome(Earcon.ALARM, "Your timer is done." if first else "")

    @property
    def ringing(self) -> bool:
        """Whether one rings, or is between two rings."""
        return any(rings for _, rings in self._timers)

    def hush(self) -> bool:
        """Stop what rings, and leave the others; whether anything rang."""
        quiet = [timer for timer in self._timers if timer[1] == 0]
        rang = len(quiet) < len(self._timers)
        self._keep(quiet)
        return rang

    def cancel(self) -> bool:
        """Drop every timer; whether there was one."""
        had = bool(self._timers)
        self._keep([])
        return had

    def _keep(self, timers: list[tuple[float, int]]) -> None:
        self._timers = timers
        beside = self._path.with_suffix(".new")
        try:
            beside.write_text(json.dumps(timers), encoding="utf-8")
            beside.replace(self._path)
        except OSError:  # the disk: timers go on in memory, and who sets one is told
            self._written = False
        else:
            self._written = True

    def _read(self) -> list[tuple[float, int]]:
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return []
        except UnicodeDecodeError:
            text = ""
        except OSError as error:
            raise StateError(f"{self._path}: {error.strerror}", "see that the file is yours") from error
        timers = _parsed(text)
        if timers is None:
            self._path.replace(self._path.with_suffix(".broken"))
        return timers or []


def _parsed(text: str) -> list[tuple[float, int]] | None:
    """Read what `_keep` wrote; None for anything else."""
    try:
        timers = [(float(at), int(rings)) for at, rings in json.loads(text)]
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None
    return timers if all(math.isfinite(at) and rings >= 0 for at, rings in timers) else None


def _seconds(intent: Intent) -> int:
    units = {"hours": 3600, "minutes": 60, "seconds": 1}
    return sum(int(intent.slots[unit]) * length for unit, length in units.items() if unit in intent.slots)
