"""A snippet as it lies in quarantine: a label that anybody may read, and the rest sealed. Deciding only.

Sealed by XChaCha20-Poly1305 (PyNaCl), to which the label is bound: one that was changed opens nothing. Nor
does another snippet's file under this one's name, as each has a key of its own.
"""

import math
import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Self

import msgspec
from nacl.exceptions import CryptoError
from nacl.secret import Aead

from sottovoce.ear.clip import decode, encode
from sottovoce.vocabulary import Intent, Snippet, Transcript

_LABEL: Final = struct.Struct(">4sdd8s")
_MARK: Final = b"SV01"
_LATEST: Final = 253_402_300_800.0
"""The end of the year 9999: days after it have no name."""


@dataclass(frozen=True, slots=True)
class Label:
    """When it was said, by two clocks, and which credential is needed to open it."""

    at: float
    """Seconds since the epoch."""
    ticks: float
    """Seconds since the system started: nobody sets this clock back."""
    fingerprint: bytes
    """Of the credential (day_keys.py)."""

    @property
    def day(self) -> str:
        """The day (UTC) it was said on."""
        return datetime.fromtimestamp(self.at, UTC).strftime("%Y-%m-%d")

    def is_over(self, now: float, ticks: float, seconds: float) -> bool:
        """Whether it is that old by either clock."""
        return now - self.at >= seconds or ticks - self.ticks >= seconds

    def packed(self) -> bytes:
        """Write it down."""
        return _LABEL.pack(_MARK, self.at, self.ticks, self.fingerprint)

    @classmethod
    def read(cls, data: bytes) -> Self | None:
        """Read it from the beginning of a parcel; None where there is none."""
        if len(data) < _LABEL.size:
            return None
        mark, at, ticks, fingerprint = _LABEL.unpack_from(data)
        is_moment = 0.0 <= at < _LATEST and math.isfinite(ticks)
        return cls(at, ticks, fingerprint) if mark == _MARK and is_moment else None


LABEL_BYTES: Final = _LABEL.size


class _Content(msgspec.Struct):
    """What is sealed."""

    text: str
    confidence: float
    engine: str
    others: tuple[str, ...]
    near: int
    intent: str | None
    slots: dict[str, Any]
    clip: bytes | None


def seal(snippet: Snippet, key: bytes, label: Label) -> bytes:
    """Make a parcel of a snippet."""
    heard, intent = snippet.transcript, snippet.intent
    content = _Content(
        text=heard.text,
        confidence=heard.confidence,
        engine=heard.engine,
        others=heard.others,
        near=heard.near,
        intent=intent.name if intent else None,
        slots=dict(intent.slots) if intent else {},
        clip=None if snippet.clip is None else encode(snippet.clip),
    )
    head = label.packed()
    return head + Aead(key).encrypt(msgspec.msgpack.encode(content), head)


def unseal(parcel: bytes, name: str, key: bytes, label: Label) -> Snippet | None:
    """Take a snippet out of its parcel; None when this is not that snippet, whole, under that key."""
    try:
        opened = Aead(key).decrypt(parcel[LABEL_BYTES:], label.packed())
        content = msgspec.msgpack.decode(opened, type=_Content)
    except (CryptoError, msgspec.MsgspecError, ValueError):
        return None
    return Snippet(
        id=name,
        at=label.at,
        transcript=Transcript(content.text, content.confidence, content.engine, content.others, content.near),
        intent=Intent(content.intent, content.slots) if content.intent else None,
        clip=None if content.clip is None else decode(content.clip),
    )
