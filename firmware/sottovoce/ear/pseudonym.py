"""Pseudonyms: a device goes by another name with each recipient, and by another each month."""

import hashlib
import hmac
from datetime import UTC, datetime


def pseudonym(secret: bytes, recipient: str, now: float) -> str:
    """Name this device for a recipient in the month of `now` (seconds since the epoch): HMAC-SHA256, cut."""
    month = datetime.fromtimestamp(now, UTC).strftime("%Y-%m")
    return hmac.new(secret, f"{month} {recipient}".encode(), hashlib.sha256).hexdigest()[:16]
