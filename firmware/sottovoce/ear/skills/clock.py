"""Time and date."""

from collections.abc import Callable
from datetime import datetime

from sottovoce.vocabulary import Earcon, Intent, Outcome


class Clock:
    """Tells the time by the device's own clock."""

    family = "clock"

    def __init__(self, now: Callable[[], float]) -> None:
        """`now` gives seconds since the epoch."""
        self._now = now

    def handle(self, intent: Intent) -> Outcome:
        """Say the local time, or the date."""
        local = datetime.fromtimestamp(self._now()).astimezone()
        if intent.name == "ClockTime":
            return Outcome(Earcon.DONE, f"It is {local:%H:%M}.")
        return Outcome(Earcon.DONE, f"It is {local:%A}, {local.day} {local:%B}.")
