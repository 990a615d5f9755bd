"""What the ear says, as MQTT publications. Deciding only."""

import json
from collections.abc import Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

import msgspec

from sottovoce.wire import Deliver, Erase, Erased, Happened, SoftMute, Status

RECEIPT_CAP: Final = 4096
"""Bytes of a recipient's receipt that are looked at at all."""


@dataclass(frozen=True, slots=True)
class Publication:
    """One message for the broker."""

    topic: str
    payload: bytes = field(repr=False)
    retain: bool
    envelope: str = ""
    """The id to acknowledge once the broker has it; empty for status and events."""
    grant: str = ""
    expires_in: int | None = None
    """Seconds after which the broker drops it; None to keep it."""
    content_type: str = "application/json"
    qos: int = 1


def publications(message: Status | Happened | Deliver | Erase, base: str, now: float) -> list[Publication]:
    """Turn a message of the ear into what is published under `base` at `now` (seconds since the epoch)."""
    match message:
        case Status():
            return [
                _status(f"{base}/state", message.state),
                _status(f"{base}/mute/hardware", "ON" if "hardware" in message.reasons else "OFF"),
                _status(f"{base}/mute/soft", "ON" if "soft" in message.reasons else "OFF"),
                _status(f"{base}/mute/switch", message.switch),
                _status(f"{base}/mute/reasons", ",".join(message.reasons)),
                _status(f"{base}/mic/open", "ON" if message.microphone_open else "OFF"),
                _status(f"{base}/snippets/pending", str(message.pending)),
                _status(f"{base}/sent/count", str(message.sent_today)),
                _status(f"{base}/sent/last", _moment(message.sent_last)),
            ]
        case Happened():
            body = json.dumps({"event_type": message.event, "at": message.at}).encode()
            return [Publication(f"{base}/event", body, retain=False)]
        case Erase():
            body = json.dumps({"id": message.id, "at": round(now, 3)}).encode()
            topic = f"{_snippet(message.topic, message.id)}/delete"
            return [Publication(topic, body, retain=False, envelope=message.id)]
        case Deliver():
            left = int(message.expires_at - now)
            return _envelope(message, left) if left > 0 else []


def _envelope(message: Deliver, left: int) -> list[Publication]:
    """Publish an envelope: its body alone, or a clip and what is to be said of it before."""
    whole = Publication(
        message.topic,
        message.body,
        retain=False,
        envelope=message.id,
        grant=message.grant_id,
        expires_in=left,
    )
    if not message.clip:
        return [whole]
    topic = f"{message.topic}/{message.id}"
    return [
        replace(whole, topic=f"{topic}/meta", envelope=""),
        replace(whole, topic=topic, payload=message.clip, content_type="audio/flac"),
    ]


def request(
    base: str,
    untrusted_topic: str,
    untrusted_payload: bytes | bytearray,
    *,
    retained: bool,
    recipients: Collection[str] = (),
) -> SoftMute | Erased | None:
    """Make of a message from the broker what may be told the ear; None for anything else.

    A retained wish is old, and nobody's any more; a retained receipt is an answer all the same.
    `recipients` are the topic prefixes that may answer.
    """
    if untrusted_topic.endswith("/receipt"):
        return _receipt(untrusted_topic, bytes(untrusted_payload), recipients)
    wishes = {b"ON": SoftMute(on=True), b"OFF": SoftMute(on=False)}
    if retained or untrusted_topic != soft_mute_topic(base):
        return None
    return wishes.get(bytes(untrusted_payload))


def _receipt(untrusted_topic: str, untrusted_payload: bytes, recipients: Collection[str]) -> Erased | None:
    """Read a recipient's answer to a request to delete; its note is for nobody."""
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


def receipt_topics(recipients: Collection[str]) -> list[str]:
    """Name the topics on which recipients answer a request to delete."""
    return [_snippet(prefix, "+") + "/receipt" for prefix in recipients]


def _snippet(prefix: str, identity: str) -> str:
    return f"{prefix}/snippet/{identity}"


def soft_mute_topic(base: str) -> str:
    """Name the topic on which a soft mute, and its end, are asked for."""
    return f"{base}/mute/soft/set"


def availability(base: str, *, online: bool) -> Publication:
    """Tell whether the device is there."""
    return _status(f"{base}/availability", "online" if online else "offline")


def _moment(at: float) -> str:
    """In ISO 8601; empty for never."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds") if at else ""


def _status(topic: str, text: str) -> Publication:
    return Publication(topic, text.encode(), retain=True)
