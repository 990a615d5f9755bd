"""Stop whatever is going on."""

from sottovoce.ear.skills.timers import Timers
from sottovoce.vocabulary import Earcon, Intent, Outcome


class Stop:
    """Hushes what rings; otherwise just leaves it at that."""

    family = "stop"

    def __init__(self, timers: Timers) -> None:
        """Know the timers, which are what can ring."""
        self._timers = timers

    def handle(self, intent: Intent) -> Outcome:  # noqa: ARG002  the only intent it has says all
        """Stop."""
        self._timers.hush()
        return Outcome(Earcon.DONE)
