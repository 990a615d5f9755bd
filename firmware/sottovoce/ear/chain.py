"""The ledger's chain: what each entry is bound to, and what its signatures vouch for. Deciding only.

An entry is one line of JSON. It holds the SHA-256 of the line before it and ends in an Ed25519 signature
of its own, so that what is written is whole and signed in one go. The head, signed too, tells how many
entries there are: an end that was cut off shows. After a crash it may lag behind the lines, never the
other way round.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any, Final

import msgspec
from nacl.exceptions import CryptoError
from nacl.signing import SigningKey, VerifyKey

START: Final = "0" * 64
"""What the first entry is bound to."""
BROKEN: Final = ""
"""What an entry is bound to when what came before cannot be trusted: no chain fits it, for good."""
_SIGNED: Final = re.compile(rb'(\{.*), "signature": "([0-9a-f]{128})"\}\n')
_HEAD: Final = b"sottovoce ledger head\n"
"""Stands before what is signed, so that no entry's signature can pass for a head's."""


class Point(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A place in the ledger: behind an entry."""

    entries: int = 0
    """How many there are up to here."""
    file: str = ""
    """Which file the last of them is in, from the state folder."""
    size: int = 0
    """Bytes of that file up to here."""
    hash: str = START
    """Of the last line."""

    def after(self, line: bytes, file: str) -> "Point":
        """Give the place behind `line`, written into `file`."""
        size = self.size if file == self.file else 0
        return Point(self.entries + 1, file, size + len(line), hash_of(line))


LOST: Final = Point(hash=BROKEN)
"""Where to go on when what came before cannot be trusted: in a new file."""


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """Where the ledger ends, and a key's word for it."""

    end: Point = Point()
    signature: str = ""
    """Ed25519, in hex."""
    key: str = ""
    """The public key, in hex."""
    old: bool = False
    """Whether it is from before heads were signed."""

    def holds(self, key: str = "") -> bool:
        """Whether it is signed, and by `key` if that is known."""
        return (not key or key == self.key) and _is_signed(_statement(self.end), self.signature, self.key)


def hash_of(line: bytes) -> str:
    """SHA-256 of a line, its end included, in hex."""
    return hashlib.sha256(line).hexdigest()


def link(point: Point, entry: Mapping[str, str | float], key: SigningKey | None) -> bytes:
    """Bind an entry to what ends at `point`, and sign it: its line."""
    body = json.dumps({**entry, "previous": point.hash}).encode()
    if key is None:
        return body + b"\n"
    return body[:-1] + f', "signature": "{key.sign(body).signature.hex()}"}}\n'.encode()


def signature_of(line: bytes) -> tuple[bytes, str]:
    """Take a line apart into what was signed and the signature in hex, empty when there is none."""
    found = _SIGNED.fullmatch(line)
    return (found[1] + b"}", found[2].decode()) if found else (line, "")


def is_forged(line: bytes, key: str) -> bool:
    """Whether a line bears a signature that is not by `key`. One without any is not forged."""
    body, signature = signature_of(line)
    return bool(signature) and not _is_signed(body, signature, key)


def entry_of(line: bytes) -> dict[str, Any]:
    """Read one line; what is no entry is an empty one."""
    try:
        entry = msgspec.json.decode(line)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return {}
    return entry if isinstance(entry, dict) else {}


def sign(end: Point, key: SigningKey) -> Head:
    """Make the signed head of a ledger that ends there."""
    return Head(end, key.sign(_statement(end)).signature.hex(), public(key))


def public(key: SigningKey) -> str:
    """Tell the public half of a key, in hex."""
    return bytes(key.verify_key).hex()


def _statement(end: Point) -> bytes:
    return _HEAD + msgspec.json.encode(end)


def _is_signed(body: bytes, signature: str, key: str) -> bool:
    try:
        VerifyKey(bytes.fromhex(key)).verify(body, bytes.fromhex(signature))
    except (CryptoError, ValueError, TypeError):
        return False
    return (
        bytes.fromhex(signature).hex() == signature
    )  # one way to write it, so that every changed byte shows
