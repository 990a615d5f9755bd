"""What the ear says, as MQTT publications. Deciding only."""

import json
from dataclasses import dataclass, field

from sottovoce.wire import Deliver, Happened, Status


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


def publications(message: Status | Happened | Deliver, base: str, now: float) -> list[Publication]:
    """Turn a message of the ear into what is published under `base` at `now` (seconds since the epoch)."""
    match message:
        case Status():
            return [
                _status(f"{base}/state", message.state),
                _status(f"{base}/mute/hardware", "ON" if "hardware" in message.reasons else "OFF"),
                _status(f"{base}/mute/reasons", ",".join(message.reasons)),
                _status(f"{base}/mic/open", "ON" if message.microphone_open else "OFF"),
            ]
        case Happened():
            body = json.dumps({"event_type": message.event, "at": message.at}).encode()
            return [Publication(f"{base}/event", body, retain=False)]
        case Deliver():
            left = int(message.expires_at - now)
            if left <= 0:
                return []
            return [
                Publication(
                    message.topic,
                    message.body,
                    retain=False,
                    envelope=message.id,
                    grant=message.grant_id,
                    expires_in=left,
                )
            ]


def availability(base: str, *, online: bool) -> Publication:
    """Tell whether the device is there."""
    return _status(f"{base}/availability", "online" if online else "offline")


def _status(topic: str, text: str) -> Publication:
    return Publication(topic, text.encode(), retain=True)
