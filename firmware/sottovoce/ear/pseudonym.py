"""Pseudonym: what the device is called towards one recipient, for one month. Deciding only.

Two recipients, or two months, cannot be linked by it without the device's secret.
"""

import hashlib
import hmac
from datetime import UTC, datetime
from typing import Final

LENGTH: Final = 16
"""Hex digits: 64 bits, so that no two devices of a recipient are likely to meet."""
SHORTEST_SECRET: Final = 16
"""Bytes. A shorter secret could be guessed, and everything linked."""


def pseudonym(secret: bytes, recipient: str, now: float) -> str:
    """Name this device towards `recipient` in the UTC month of `now` (seconds since the epoch).

    Raises ValueError when the secret is shorter than SHORTEST_SECRET.
    """
    if len(secret) < SHORTEST_SECRET:
        raise ValueError(f"a pseudonym's secret has {SHORTEST_SECRET} bytes or more, this one {len(secret)}")
    month = datetime.fromtimestamp(now, UTC).strftime("%Y-%m")
    message = f"sottovoce pseudonym {month} {recipient}".encode()
    return hmac.new(secret, message, hashlib.sha256).hexdigest()[:LENGTH]
