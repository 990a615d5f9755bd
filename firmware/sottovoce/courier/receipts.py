"""What recipients answer to a request to delete. Deciding only."""

from collections.abc import Collection
from typing import Final

import msgspec

from sottovoce.wire import Erased

RECEIPT_CAP: Final = 4096
"""Bytes of a recipient's receipt that are looked at at all."""


def read(untrusted_topic: str, untrusted_payload: bytes, recipients: Collection[str]) -> Erased | None:
    """Read an answer of one of `recipients` (topic prefixes), its note left aside; None for anything else."""
    prefix, _, untrusted_id = untrusted_topic.removesuffix("/receipt").rpartition("/snippet/")
    if prefix not in recipients or len(untrusted_payload) > RECEIPT_CAP:
        return None
    words = {b"deleted": True, b"refused": False}
    try:
        answer = words.get(untrusted_payload.strip())
        if answer is None:
            answer = msgspec.json.decode(untrusted_payload, type=_Answer).deleted
        return msgspec.convert({"type": "Erased", "id": untrusted_id, "deleted": answer}, Erased)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None


class _Answer(msgspec.Struct):
    """What a receipt in JSON must say."""

    deleted: bool


def topics(recipients: Collection[str]) -> list[str]:
    """Name the topics on which recipients answer a request to delete."""
    return [f"{prefix}/snippet/+/receipt" for prefix in recipients]
