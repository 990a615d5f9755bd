"""What the ear says, as MQTT publications. Deciding only."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from sottovoce.courier.requests import ANY
from sottovoce.wire import Deliver, Erase, Happened, Status


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
                _status(f"{base}/sensitivity", f"{message.sensitivity:g}"),
                _status(f"{base}/wake_word", message.wake_word or ANY),
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


def _snippet(prefix: str, identity: str) -> str:
    return f"{prefix}/snippet/{identity}"


def availability(base: str, *, online: bool) -> Publication:
    """Tell whether the device is there."""
    return _status(f"{base}/availability", "online" if online else "offline")


def firmware(base: str, version: str) -> Publication:
    """Tell which version runs. Nobody tells the device of a newer one: it asks nobody."""
    body = json.dumps({"installed_version": version, "latest_version": version})
    return _status(f"{base}/firmware", body)


def _moment(at: float) -> str:
    """In ISO 8601; empty for never."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds") if at else ""


def _status(topic: str, text: str) -> Publication:
    return Publication(topic, text.encode(), retain=True)
