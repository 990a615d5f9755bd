"""Bouncing contacts to what is meant: the switch's two senses, and the button. Deciding only.

Time is passed in, in seconds that only go forward.
"""

from collections.abc import Mapping
from typing import Final

from sottovoce.vocabulary import Position, Press

DEBOUNCE_SECONDS: Final = 0.05
"""Both senses must say `live` for this long before the device is un-muted; muting waits for nothing.

A fault or tampering is told after the same time, as one sense follows the other by a millisecond or two.
"""
LONG_SECONDS: Final = 1.0
VERY_LONG_SECONDS: Final = 8.0
_BOUNCE_SECONDS: Final = 0.02
"""A button that was held for less was not pressed."""

POSITIONS: Final[Mapping[tuple[bool, bool], Position]] = {
    (False, True): Position.LIVE,
    (True, False): Position.MUTED,
    (False, False): Position.FAULT,
    (True, True): Position.TAMPER,
}
"""(switch sense high, rail sense high) -> what they say, as hardware/board.toml has it."""


class Senses:
    """What the privacy switch says, as its two senses are looked at and tell of their edges."""

    def __init__(self) -> None:
        """Begin muted."""
        self.position = Position.MUTED
        self._raw: Position = Position.MUTED
        self._since = 0.0

    def feed(self, now: float, *, switch_high: bool, rail_high: bool, edge: bool = False) -> Position:
        """Take both levels at `now`; `edge` says that one of them moved, whatever it is by now.

        Anything but `live` counts at once, an edge of a live switch too; `live` once both senses have
        said so for DEBOUNCE_SECONDS without an edge.
        """
        raw = POSITIONS[switch_high, rail_high]
        if edge or raw is not self._raw:
            self._raw, self._since = raw, now
        if now - self._since >= DEBOUNCE_SECONDS or raw is Position.MUTED:
            self.position = raw
        elif self.position is Position.LIVE:
            self.position = Position.MUTED
        return self.position

    def lost(self) -> Position:
        """Take that a sense cannot be read."""
        self._raw = self.position = Position.UNREADABLE
        return self.position

    @property
    def settling(self) -> bool:
        """Whether it waits for the senses to stay as they are."""
        return self.position is not self._raw


class Button:
    """How long the button was held, told when it is let go; the longest when its time has come."""

    def __init__(self) -> None:
        """Begin with the button up."""
        self._down_since: float | None = None
        self._told = False

    def feed(self, now: float, *, down: bool) -> Press | None:
        """Take the button's level at `now`; a press, once, when it is clear which."""
        if not down:
            held, self._down_since = self._held(now), None
            told, self._told = self._told, False
            return None if told or held < _BOUNCE_SECONDS else _press(held)
        if self._down_since is None:
            self._down_since = now
        if not self._told and self._held(now) >= VERY_LONG_SECONDS:
            self._told = True
            return Press.VERY_LONG
        return None

    def lost(self) -> None:
        """Take that the button cannot be read: whatever was begun is no press."""
        self._down_since, self._told = None, False

    def _held(self, now: float) -> float:
        return 0.0 if self._down_since is None else now - self._down_since


def _press(held: float) -> Press:
    if held >= VERY_LONG_SECONDS:
        return Press.VERY_LONG
    return Press.LONG if held >= LONG_SECONDS else Press.SHORT
