"""Bids: who answers, of several devices that heard the same wake word. Deciding only: no I/O, no time.

A device yields to a better bid, and to that only if it names its own: so whoever it yields to has heard of it
since, and answers, or yields in turn to one that is better still. Bids have one order, so this ends at one
that answers, whatever is lost, late, doubled or out of order on the way; loss makes two answer. A better
bid alone would not do: it may be an old one that hung in the network, of somebody who answers no more.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from types import MappingProxyType
from typing import Final

import msgspec

from sottovoce.wire import NAMES_CAP, OLDEST_SECONDS, Bid

WINDOW_SECONDS: Final = 0.2
"""So long a device waits for a better bid; two wakes further apart than this are not the same."""

PACE_SECONDS: Final = 0.02
"""A device says its bid no more often than this, whatever it hears."""

AGAIN_SECONDS: Final = 0.03
"""After so long without an answer it says its bid again: one may have been lost."""


class Standing(Enum):
    """How a device stands in a round."""

    OPEN = auto()
    WON = auto()
    """It answers."""
    LOST = auto()
    """Somebody else does."""


class Turn(Enum):
    """What can change that."""

    OUTBID = auto()
    TIME_UP = auto()


TABLE: Final[Mapping[tuple[Standing, Turn], Standing]] = MappingProxyType({
    (Standing.OPEN, Turn.OUTBID): Standing.LOST,
    (Standing.OPEN, Turn.TIME_UP): Standing.WON,
})  # fmt: skip
"""All else leaves it as it stands: who has won does not yield, who has lost does not come back."""


def beats(one: Bid, other: Bid) -> bool:
    """Whether `one` is the better bid: a conversation under way, then the louder above the room's noise.

    Of two that differ in anything one beats the other, and never in a circle.
    """
    return _rank(one) > _rank(other)


def _rank(bid: Bid) -> tuple[bool, float, float, str, str]:
    return bid.engaged, bid.score, bid.rms, bid.site, bid.nonce


@dataclass
class Round:
    """One wake of this device. Times are seconds of its own clock."""

    own: Bid
    woken: float
    standing: Standing = Standing.OPEN
    over: list[str] = field(default_factory=list)
    """The bids of the same wake that this one beats."""
    said: float = float("-inf")
    trails: bool = False
    """A better bid was heard, which may not know of this one yet."""
    asked: bool = True
    """There is somebody to answer."""

    def weigh(self, bid: Bid, made: float) -> None:
        """Take a bid of another device, whose wake word was at `made` or somewhat before."""
        same_wake = abs(made - self.woken) <= WINDOW_SECONDS
        if beats(bid, self.own):
            self.trails |= same_wake
            if self.own.nonce in bid.over:
                self._turn(Turn.OUTBID)
        elif same_wake:
            self.asked = True
            if bid.nonce not in self.over and len(self.over) < NAMES_CAP:
                self.over.append(bid.nonce)

    def go_on(self, now: float) -> None:
        """Let time go by."""
        if now >= self.woken + WINDOW_SECONDS:
            self._turn(Turn.TIME_UP)

    def say(self, now: float) -> Bid | None:
        """Give what is to be said: the bid, to somebody who asks, and again for as long as it is open."""
        silent, age = now - self.said, now - self.woken
        if self.standing is Standing.LOST or silent < PACE_SECONDS or not 0 <= age <= OLDEST_SECONDS:
            return None
        again = self.standing is Standing.OPEN and silent >= AGAIN_SECONDS
        if not again and (self.trails or not self.asked):
            return None
        self.said, self.asked = now, False
        return msgspec.structs.replace(self.own, age=round(age, 3), over=tuple(self.over))

    def _turn(self, turn: Turn) -> None:
        self.standing = TABLE.get((self.standing, turn), self.standing)
