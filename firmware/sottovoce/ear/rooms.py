"""Rooms: several devices hear the same wake word; the one that heard it best answers.

Each tells the others its bid (bids.py), and listens at once; while one speaks on, in 0.2 s, it is decided
who goes on. No clocks are compared: a bid tells how old it is.
"""

import secrets
import threading
from collections import deque
from collections.abc import Callable
from typing import Final

from sottovoce.ear.bids import Round, Standing
from sottovoce.vocabulary import Loudness, OpenFrame
from sottovoce.wire import Bid

RECENT: Final = 256
"""Bids remembered, for a device that wakes a moment later than the others."""


class Rooms:
    """The stage: one round at a time. `hear` may be called from any thread."""

    def __init__(
        self,
        site: str,
        loudness: Callable[[OpenFrame], Loudness | None],
        now: Callable[[], float],
        say: Callable[[Bid], None] | None = None,
        nonce: Callable[[], str] = lambda: secrets.token_hex(8),
    ) -> None:
        """Bid for `site` with the `loudness` of a wake word; `say` (None: alone) tells the other devices.

        `now` gives seconds, of a clock that nobody sets.
        """
        self._site = site
        self._loudness = loudness
        self._now = now
        self._say = say
        self._nonce = nonce
        self._turn = threading.Lock()
        self._recent: deque[tuple[Bid, float]] = deque(maxlen=RECENT)
        self._round: Round | None = None

    def call(self, frame: OpenFrame, *, engaged: bool) -> None:
        """Begin a round at the frame that completed the wake word. A device that is alone needs none.

        Whoever is `engaged`, with a sentence or a reply, goes on with it and only tells the others. A round
        that is not won yet is not begun anew.
        """
        if self._say is None or (loud := self._loudness(frame)) is None:
            return
        with self._turn:
            if self._round is not None and self._round.standing is not Standing.WON:
                return
            own = Bid(
                site=self._site, nonce=self._nonce(), engaged=engaged, score=loud.above_noise, rms=loud.rms
            )
            self._round = Round(own, self._now(), Standing.WON if engaged else Standing.OPEN)
            for bid, made in self._recent:
                self._round.weigh(bid, made)
            self._speak(self._round)

    def hear(self, untrusted_bid: Bid) -> None:
        """Take the bid of another device."""
        if untrusted_bid.site == self._site:  # an echo, maybe of a wake before
            return
        with self._turn:
            made = self._now() - untrusted_bid.age
            self._recent.append((untrusted_bid, made))
            if self._round is not None:
                self._round.weigh(untrusted_bid, made)
                self._speak(self._round)

    def look(self) -> Standing:
        """See whether the time is up, say again what may have been lost, and tell how it stands."""
        with self._turn:
            if self._round is None:
                return Standing.WON
            self._round.go_on(self._now())
            self._speak(self._round)
            return self._round.standing

    def end(self) -> None:
        """Bid no more: what was heard is dropped."""
        with self._turn:
            self._round = None

    def _speak(self, current: Round) -> None:
        bid = current.say(self._now())
        if bid is not None and self._say is not None:
            self._say(bid)
