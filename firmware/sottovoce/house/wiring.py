"""The wiring as text: what the owner agrees to, and the hash by which a changed one is known."""

import hashlib
from collections.abc import Iterator
from string import Template

from sottovoce.house.device import Device
from sottovoce.house.file import House


def listing(house: House) -> str:
    """Write out every message that a sentence can send, device by device."""
    return "\n".join(line for device in house.device for line in _lines(device))


def fingerprint(house: House) -> str:
    """SHA-256 of all that the owner was shown, in hex; empty when nothing is wired."""
    text = listing(house)
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


def topics(house: House) -> frozenset[str]:
    """Every topic on which a device of the house takes commands."""
    found = (device.topic_for(action) for device in house.device for action in device.is_a.actions)
    return frozenset(topic for topic in found if topic)


def _lines(device: Device) -> Iterator[str]:
    wired = [action for action in device.is_a.actions if device.topic_for(action)]
    if not wired:
        return
    others = f" (also: {', '.join(device.names[1:])})" if device.aliases else ""
    yield f"{device.label}{others}"
    for action in wired:
        asks = ""
        if device.asks:
            asks = "  asks first: yes or button" if device.by_voice(action) else "  asks first: button"
        payload = Template(device.wires.payload[action]).safe_substitute(channel=device.channel)
        topic = device.topic_for(action) or ""
        yield f"  {action:7} {_shown(topic)}  {_shown(payload)}{asks}"


def _shown(text: str) -> str:
    """Show a text as it is, or escaped where it could look like another."""
    return text if text.isprintable() else ascii(text)
