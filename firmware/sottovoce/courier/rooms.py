"""The bids of devices that heard the same wake word, as MQTT. Deciding only."""

from typing import Final

import msgspec

from sottovoce.courier.deliver import Publication
from sottovoce.wire import Bid

PAYLOAD_CAP: Final = 2048
"""Bytes of one bid; a bid that names as many others as it may has about 1500."""

RATE: Final = 300
"""Bids a second that are passed on; a house of 50 devices says about 130 at a wake."""


def topic(group: str) -> str:
    """Name the topic on which the devices of a group bid."""
    return f"sottovoce/rooms/{group}/bid"


def publication(bid: Bid, group: str) -> Publication:
    """Publish a bid at QoS 0: one that comes late is worth nothing, and none shall wait in a session."""
    return Publication(topic(group), msgspec.json.encode(bid), retain=False, expires_in=1, qos=0)


def read(untrusted_payload: bytes) -> Bid | None:
    """Make a bid of what came from the broker; None for anything else."""
    if len(untrusted_payload) > PAYLOAD_CAP:
        return None
    try:
        return _DECODER.decode(untrusted_payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


class Throttle:
    """Lets so many through in each second, and drops the rest."""

    def __init__(self, rate: int = RATE) -> None:
        """Let `rate` through a second."""
        self._rate = rate
        self._second, self._passed = -1, 0

    def lets_through(self, now: float) -> bool:
        """Whether one more may pass at `now` (seconds)."""
        if int(now) != self._second:
            self._second, self._passed = int(now), 0
        self._passed += 1
        return self._passed <= self._rate


_DECODER: Final = msgspec.json.Decoder(Bid)
