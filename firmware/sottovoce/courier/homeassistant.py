"""Home Assistant's MQTT discovery: one message that tells it all there is of the device. Deciding only.

Its schema is closed: with one key too many at the top, Home Assistant drops the message.
"""

import json
from typing import Any, Final

from sottovoce import __version__
from sottovoce.config import Config
from sottovoce.courier.deliver import Publication
from sottovoce.courier.requests import ANY, PRESS
from sottovoce.vocabulary import Happening

STATES: Final = ("muted", "idle", "listening", "thinking", "speaking", "error")
INTENTS: Final = (
    "HomeTurnOn", "HomeTurnOff", "HomeDim", "HomeOpen", "HomeClose", "HomeLock", "HomeUnlock", "HomeArm",
    "HomeDisarm",
)  # fmt: skip
"""Commands that can leave under a grant; each is a type of the event."""

_COMMAND: Final = (
    "{{ dict(event_type=value_json.intent, slots=value_json.slots, id=value_json.id, at=value_json.at)"
    " | tojson }}"
)
_NEVER: Final = "{{ value or none }}"

Entity = tuple[str, str, dict[str, Any]]
"""Home Assistant's platform, the name a person sees, and what the platform needs to know."""


def announcement(config: Config) -> Publication:
    """Tell Home Assistant of the device: to be published at each connection."""
    return Publication(_topic(config), json.dumps(message(config)).encode(), retain=True)


def farewell(config: Config) -> Publication:
    """Have Home Assistant forget the device."""
    return Publication(_topic(config), b"", retain=True)


def births(config: Config) -> str:
    """Name the topic on which Home Assistant says that it came up."""
    return f"{config.home_assistant.prefix}/status"


def message(config: Config) -> dict[str, Any]:
    """Make the message: the device, who says so, and its entities."""
    settings, identity = config.home_assistant, _identity(config)
    device = {
        "identifiers": [identity],
        "name": settings.name or f"Sottovoce {config.site}",
        "manufacturer": "Sottovoce",
        "model": "Voice assistant",
        "sw_version": __version__,
    }
    if settings.suggested_area:
        device["suggested_area"] = settings.suggested_area
    return {
        "device": device,
        "origin": {"name": "Sottovoce", "sw_version": __version__},
        "availability_topic": f"{config.base_topic}/availability",
        "qos": 1,
        "components": {_key(entity[1]): _component(identity, *entity) for entity in _entities(config)},
    }


def _component(identity: str, platform: str, name: str, facts: dict[str, Any]) -> dict[str, Any]:
    return {
        "platform": platform,
        "unique_id": f"{identity}_{_key(name)}",
        "default_entity_id": f"{platform}.{_slug(identity)}_{_key(name)}",
        "name": name,
        **facts,
    }


def _entities(config: Config) -> tuple[Entity, ...]:
    """List all there is to see and to press; those of category `config` and `diagnostic` stand apart."""
    base, wake = config.base_topic, config.wake
    words = list(dict.fromkeys((ANY, *wake.words)))
    return (
        ("sensor", "State", {
            "state_topic": f"{base}/state", "device_class": "enum", "options": list(STATES),
            "icon": "mdi:account-voice",
        }),
        ("binary_sensor", "Muted by switch", {
            "state_topic": f"{base}/mute/hardware", "icon": "mdi:microphone-off",
        }),
        ("binary_sensor", "Microphone open", {"state_topic": f"{base}/mic/open", "icon": "mdi:microphone"}),
        ("switch", "Soft mute", {
            "state_topic": f"{base}/mute/soft", "command_topic": f"{base}/mute/soft/set",
            "icon": "mdi:microphone-off",
        }),
        ("event", "Activity", {
            "state_topic": f"{base}/event", "event_types": [str(happening) for happening in Happening],
            "icon": "mdi:ear-hearing",
        }),
        ("event", "Command", {
            "state_topic": f"{base}/command", "event_types": list(INTENTS), "value_template": _COMMAND,
            "icon": "mdi:home-automation",
        }),
        ("notify", "Say", {"command_topic": f"{base}/say/set", "icon": "mdi:bullhorn"}),
        ("sensor", "Snippets waiting", {
            "state_topic": f"{base}/snippets/pending", "state_class": "measurement", "icon": "mdi:tray-full",
        }),
        ("sensor", "Last sent", {
            "state_topic": f"{base}/sent/last", "device_class": "timestamp", "value_template": _NEVER,
        }),
        ("sensor", "Sent today", {
            "state_topic": f"{base}/sent/count", "state_class": "total_increasing",
            "icon": "mdi:tray-arrow-up",
        }),
        ("number", "Sensitivity", {
            "state_topic": f"{base}/sensitivity", "command_topic": f"{base}/sensitivity/set",
            "min": 0, "max": wake.highest, "step": 0.05, "mode": "slider", "entity_category": "config",
            "icon": "mdi:tune",
        }),
        ("select", "Wake word", {
            "state_topic": f"{base}/wake_word", "command_topic": f"{base}/wake_word/set", "options": words,
            "entity_category": "config", "icon": "mdi:chat-alert",
        }),
        ("button", "Delete kept snippets", {
            "command_topic": f"{base}/purge/set", "payload_press": PRESS, "entity_category": "config",
            "icon": "mdi:delete",
        }),
        ("button", "Chime", {
            "command_topic": f"{base}/chime/set", "payload_press": PRESS, "device_class": "identify",
            "entity_category": "diagnostic",
        }),
        ("update", "Firmware", {
            "state_topic": f"{base}/firmware", "device_class": "firmware", "entity_category": "diagnostic",
        }),
    )  # fmt: skip


def _topic(config: Config) -> str:
    return f"{config.home_assistant.prefix}/device/{_identity(config)}/config"


def _identity(config: Config) -> str:
    return f"sottovoce_{config.site}"


def _key(name: str) -> str:
    return name.lower().replace(" ", "_")


def _slug(identity: str) -> str:
    return identity.lower().replace("-", "_")
