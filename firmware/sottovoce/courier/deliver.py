"""What the ear says, as MQTT publications. Deciding only."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from sottovoce.wire import Deliver, Happened, SoftMute, Status


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


def publications(message: Status | Happened | Deliver, base: str, now: float) -> list[Publication]:
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
    base: str, untrusted_topic: str, untrusted_payload: bytes | bytearray, *, retained: bool
) -> SoftMute | None:
    """Make of a message from the broker what may be asked of the ear; None for anything else.

    A retained one is old, and nobody's wish any more.
    """
    wishes = {b"ON": SoftMute(on=True), b"OFF": SoftMute(on=False)}
    if retained or untrusted_topic != soft_mute_topic(base):
        return None
    return wishes.get(bytes(untrusted_payload))


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
