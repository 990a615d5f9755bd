"""Home Assistant's discovery messages, as keys of a device in home.toml.

Deciding only; all of it is untrusted.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sottovoce.house.types import TYPES

_LONG: Final = {
    "avty": "availability", "bri_cmd_t": "brightness_command_topic", "bri_scl": "brightness_scale",
    "cmd_t": "command_topic", "cmps": "components", "dev": "device", "dev_cla": "device_class",
    "pl_arm_away": "payload_arm_away", "pl_cls": "payload_close", "pl_disarm": "payload_disarm",
    "pl_lock": "payload_lock", "pl_off": "payload_off", "pl_on": "payload_on", "pl_open": "payload_open",
    "pl_unlk": "payload_unlock", "p": "platform", "sa": "suggested_area", "stat_clsd": "state_closed",
    "stat_locked": "state_locked", "stat_off": "state_off", "stat_on": "state_on", "stat_open": "state_open",
    "stat_t": "state_topic", "stat_unlocked": "state_unlocked", "unit_of_meas": "unit_of_measurement",
    "stat_val_tpl": "state_value_template", "val_tpl": "value_template",
}  # fmt: skip
_PATH: Final = re.compile(r"\{\{ *value_json((?:\.\w+|\[['\"]\w+['\"]\])+) *\}\}")
_SCALES: Final = {"255": "$byte", "254": "$level", "100": "$percent"}
_COVERS: Final = frozenset({"garage", "gate"})
_CONTACTS: Final = frozenset({"door", "garage_door", "window", "opening"})
_ELSEWHERE: Final = ("zigbee2mqtt/", "sottovoce/")
"""Topics told of in another way, or our own."""

_COMMANDS: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    "light": {"on": ("payload_on", "ON"), "off": ("payload_off", "OFF")},
    "switch": {"on": ("payload_on", "ON"), "off": ("payload_off", "OFF")},
    "fan": {"on": ("payload_on", "ON"), "off": ("payload_off", "OFF")},
    "cover": {"open": ("payload_open", "OPEN"), "close": ("payload_close", "CLOSE")},
    "lock": {"lock": ("payload_lock", "LOCK"), "unlock": ("payload_unlock", "UNLOCK")},
    "alarm_control_panel": {
        "arm": ("payload_arm_away", "ARM_AWAY"),
        "disarm": ("payload_disarm", "DISARM"),
    },
}
"""Component -> our action -> the key that holds its payload, and that key's default."""
_NONE: Final[tuple[str, ...]] = ()
_ARMED: Final = ("armed_away", "armed_home", "armed_night", "armed_vacation")
_STATES: Final[Mapping[str, Mapping[str, tuple[tuple[str, ...], str | tuple[str, ...]]]]] = {
    "light": {"on": (("payload_on",), "ON"), "off": (("payload_off",), "OFF")},
    "switch": {"on": (("state_on", "payload_on"), "ON"), "off": (("state_off", "payload_off"), "OFF")},
    "fan": {"on": (("payload_on",), "ON"), "off": (("payload_off",), "OFF")},
    "cover": {"open": (("state_open",), "open"), "closed": (("state_closed",), "closed")},
    "lock": {"locked": (("state_locked",), "LOCKED"), "unlocked": (("state_unlocked",), "UNLOCKED")},
    "alarm_control_panel": {"armed": (_NONE, _ARMED), "disarmed": (_NONE, "disarmed")},
    "binary_sensor": {"open": (("payload_on",), "ON"), "closed": (("payload_off",), "OFF")},
}
"""Component -> our word -> the keys that may hold what it says then, and the default."""


def devices(component: str, untrusted: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Give the devices that one discovery message tells of, as keys that are yet to be checked."""
    whole = _long(untrusted)
    if component != "device":
        yield from _device(component, whole, whole.get("device"))
        return
    parts = whole.get("components")
    for part in parts.values() if isinstance(parts, dict) else ():
        if isinstance(part, dict):
            shared = {key: whole[key] for key in ("~", "state_topic", "command_topic") if key in whole}
            one = shared | _long(part)
            yield from _device(str(one.get("platform")), one, whole.get("device"))


def _device(component: str, told: dict[str, Any], untrusted_device: object) -> Iterator[dict[str, Any]]:
    about = _long(untrusted_device) if isinstance(untrusted_device, dict) else {}
    kind = _type(component, told)
    if kind is None:
        return
    topic, state = _topic(told, "command_topic"), _topic(told, "state_topic")
    if str(topic or state).startswith(_ELSEWHERE):
        return
    keys: dict[str, Any] = {
        "name": told.get("name") or about.get("name"),
        "area": about.get("suggested_area"),
        "type": kind,
        "kind": "generic",
    }
    if state and (read := _read(component, told, state)):
        keys["state"] = read
    if topic and TYPES[kind].actions and not told.get("command_template"):
        keys |= _wired(component, told, topic)
    if "payload" in keys or "state" in keys:
        yield keys


def _type(component: str, told: Mapping[str, Any]) -> Any:
    shape = _plain(told.get("device_class"))
    if component == "cover":
        return shape if shape in _COVERS else "cover"
    if component == "binary_sensor":
        return "contact" if shape in _CONTACTS else None
    if component == "sensor":
        return shape if shape in {"temperature", "humidity"} else None
    if component == "alarm_control_panel":
        return "alarm"
    return component if component in _COMMANDS else None


def _wired(component: str, told: Mapping[str, Any], topic: str) -> dict[str, Any]:
    payload = {
        action: _escaped(told.get(key, default)) for action, (key, default) in _COMMANDS[component].items()
    }
    topics: dict[str, str] = {}
    if component == "light" and told.get("schema") == "json":
        payload = {"on": '{"state":"ON"}', "off": '{"state":"OFF"}'}
        if told.get("brightness") is True and told.get("brightness_scale", 255) == 255:  # noqa: PLR2004  theirs
            payload["dim"] = '{"state":"ON","brightness":$byte}'
    elif component == "light" and (bright := _topic(told, "brightness_command_topic")):
        scale = _SCALES.get(_plain(told.get("brightness_scale", 255)))
        payload |= {"dim": scale} if scale else {}
        topics |= {"dim": bright} if scale else {}
    return {"topic": topic, "topics": topics, "payload": payload}


def _read(component: str, told: Mapping[str, Any], topic: str) -> dict[str, Any] | None:
    """Say how a state is read; None for a template that is more than a path into JSON."""
    path = "state" if component == "light" and told.get("schema") == "json" else ""
    if template := told.get("state_value_template") or told.get("value_template"):
        found = _PATH.fullmatch(template) if isinstance(template, str) else None
        if found is None:
            return None
        path = ".".join(re.findall(r"\w+", found[1]))
    words = {
        word: next((_plain(told[key]) for key in keys if key in told), default)
        for word, (keys, default) in _STATES.get(component, {}).items()
    }
    return {"topic": topic, "words": words, **({"path": path} if path else {})}


def _topic(told: Mapping[str, Any], key: str) -> str | None:
    """Give a topic with `~` filled in, its dollar signs kept from meaning anything."""
    topic, base = told.get(key), told.get("~")
    if not isinstance(topic, str):
        return None
    if isinstance(base, str):
        topic = base + topic[1:] if topic.startswith("~") else topic
        topic = topic[:-1] + base if topic.endswith("~") else topic
    return _escaped(topic)


def _escaped(untrusted: object) -> str:
    return _plain(untrusted).replace("$", "$$")


def _plain(untrusted: object) -> str:
    if isinstance(untrusted, bool):
        return str(untrusted).lower()
    return str(untrusted) if isinstance(untrusted, str | int | float) else ""


def _long(untrusted: Mapping[str, Any]) -> dict[str, Any]:
    return {_LONG.get(key, key): value for key, value in untrusted.items()}
