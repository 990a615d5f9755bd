"""What zigbee2mqtt and Home Assistant's discovery tell at a broker, as a proposal for home.toml.

Deciding only. All of it is untrusted: whoever can write to the broker can say anything. Each device that is
proposed has been through the same checks as one in home.toml, names are letters and spaces, numbers and sizes
are capped, and nothing is taken over but in TOML strings.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import msgspec

from sottovoce.config import toml
from sottovoce.house import hass
from sottovoce.house.device import Device
from sottovoce.house.file import clash

ZIGBEE: Final = "zigbee2mqtt/bridge/devices"
HASS: Final = re.compile(r"homeassistant/([a-z_]+)/(?:[A-Za-z0-9_-]+/)?[A-Za-z0-9_-]+/config")
TOPICS: Final = (ZIGBEE, "homeassistant/+/+/config", "homeassistant/+/+/+/config")
CAP_DEVICES: Final = 300
_LONGEST_NAME: Final = 40
_DIGITS: Final = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_HEADER: Final = """\
# Proposed by `sottovoce home discover`, from what the broker holds. Read every line: whoever can write to the
# broker can put a device here. Give names you would say, and areas; delete what you do not want.
"""


def propose(messages: Iterable[tuple[str, bytes]]) -> tuple[str, int]:
    """Write a home.toml of what untrusted messages (topic, payload) tell; the text, and how many devices."""
    devices: list[Device] = []
    for keys in _found(messages):
        device = _checked(keys, devices)
        if device is not None:
            devices.append(device)
        if len(devices) >= CAP_DEVICES:
            break
    tables = "".join(f"\n[[device]]\n{_table(device)}" for device in devices)
    return _HEADER + tables, len(devices)


def spoken(untrusted_name: object) -> str:
    """Make a name that can be said: words of letters, digits written out; empty when nothing is left."""
    text = untrusted_name if isinstance(untrusted_name, str) else ""
    text = "".join(f" {_DIGITS[int(sign)]} " if sign in "0123456789" else sign for sign in text[:200])
    words = "".join(sign if sign.isalpha() else " " for sign in text.lower()).split()
    while words and len(" ".join(words)) > _LONGEST_NAME:
        words.pop()
    return " ".join(words)


def _found(messages: Iterable[tuple[str, bytes]]) -> Iterator[dict[str, Any]]:
    for topic, untrusted in messages:
        component = HASS.fullmatch(topic)
        if topic != ZIGBEE and component is None:
            continue
        try:
            told = msgspec.json.decode(untrusted)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            continue
        if component is None:
            yield from _zigbee(told)
        elif isinstance(told, dict):
            yield from hass.devices(component[1], told)


_BY_EXPOSE: Final = {"contact": "contact", "temperature": "temperature", "humidity": "humidity"}
_WITH_STATE: Final = frozenset({"light", "switch", "fan", "cover", "lock"})


def _zigbee(untrusted: object) -> Iterator[dict[str, Any]]:
    for device in untrusted if isinstance(untrusted, list) else ():
        definition = device.get("definition") if isinstance(device, dict) else None
        exposes = definition.get("exposes") if isinstance(definition, dict) else None
        name = device.get("friendly_name") if isinstance(device, dict) else None
        for one in exposes if isinstance(exposes, list) else ():
            if isinstance(one, dict) and (kind := _expose(one)):
                more = f" {kind}" if kind in {"temperature", "humidity"} else ""
                yield {"name": f"{name}{more}", "type": kind, "kind": "zigbee2mqtt", "id": name}


def _expose(untrusted: Mapping[str, Any]) -> str | None:
    """Name the type of what a zigbee2mqtt device exposes; None for what we have no wiring for."""
    kind, features = untrusted.get("type"), untrusted.get("features")
    if isinstance(kind, str) and kind in _WITH_STATE and isinstance(features, list):
        plain = any(isinstance(one, dict) and one.get("property") == "state" for one in features)
        return kind if plain else None
    name = untrusted.get("property")
    return _BY_EXPOSE.get(name) if isinstance(name, str) else None


def _checked(keys: dict[str, Any], others: list[Device]) -> Device | None:
    """Make a device as home.toml would, under a name that no other has; None when that cannot be."""
    area, name = spoken(keys.get("area")), spoken(keys.get("name")) or "thing"
    if area and name.startswith(f"{area} "):
        name = name.removeprefix(f"{area} ")
    for number in ("", *_DIGITS[2:]):
        named = {**keys, "name": f"{name} {number}".strip(), "area": area}
        try:
            device = msgspec.convert({key: value for key, value in named.items() if value}, Device)
        except msgspec.ValidationError:
            return None
        if not any(clash(device, other) for other in others):
            return device
    return None


def _table(device: Device) -> str:
    keys = msgspec.to_builtins(device)
    default = msgspec.to_builtins(Device(type=device.type, unit="units"))
    order = ("name", "area", "type", "kind", *keys)
    told = {key: keys[key] for key in order if key == "type" or keys[key] != default.get(key)}
    return "".join(
        f"{key} = {toml(_bare(value))}\n" for key, value in told.items() if value not in (None, "")
    )


def _bare(value: object) -> object:
    """Leave out of nested tables what is empty."""
    if isinstance(value, dict):
        return {key: _bare(one) for key, one in value.items() if one not in (None, "", {}, ())}
    return value
