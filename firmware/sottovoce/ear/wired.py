"""The house as the ear knows it: which device a command means, and what its wiring makes of it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from sottovoce.config import Home as HomeConfig
from sottovoce.house.device import FAINT, Device
from sottovoce.house.file import House
from sottovoce.house.types import Action, StateWord
from sottovoce.house.wiring import fingerprint
from sottovoce.vocabulary import Intent

ACTIONS: Final[Mapping[str, Action]] = MappingProxyType({
    "HomeTurnOn": "on",
    "HomeTurnOff": "off",
    "HomeDim": "dim",
    "HomeOpen": "open",
    "HomeClose": "close",
    "HomeLock": "lock",
    "HomeUnlock": "unlock",
    "HomeArm": "arm",
    "HomeDisarm": "disarm",
})  # fmt: skip
"""Intent -> what the device is to do."""

_ACTING: Final[Mapping[str, Action]] = MappingProxyType(
    {"name": "on", "opens": "open", "locks": "lock", "alarms": "arm"}
)
"""List of the sentence templates -> what the devices in it can do."""

_TELLING: Final[Mapping[str, StateWord]] = MappingProxyType(
    {"powered": "on", "positioned": "open", "bolted": "locked", "guarded": "armed"}
)
"""List of the sentence templates -> what the devices in it can tell."""


class Wired:
    """Finds devices by what was said."""

    def __init__(self, house: House) -> None:
        """Know this house."""
        self.house = house
        self.fingerprint = fingerprint(house)

    def acting(self, intent: Intent) -> list[Device]:
        """Find the devices that a command may mean."""
        return self.house.acting(ACTIONS[intent.name], *_said(intent))

    def telling(self, intent: Intent) -> list[Device]:
        """Find the devices that a question may mean."""
        return self.house.telling(*_said(intent))

    def message(self, intent: Intent) -> tuple[str, bytes] | None:
        """Give the topic and the payload for the one device that is meant; None when none is wired."""
        found = self.acting(intent) if intent.name in ACTIONS else []
        action = ACTIONS.get(intent.name, "on")
        topic = found[0].topic_for(action) if len(found) == 1 else None
        if topic is None:
            return None
        return topic, found[0].payload_for(action, int(intent.slots.get("brightness", FAINT)))


def spoken_names(house: House, home: HomeConfig) -> dict[str, list[str]]:
    """Give the names in each list of the sentence templates.

    What the configuration gives as names for want of others does not count beside devices of the owner's own.
    """
    own = () if house.device and home.devices == HomeConfig().devices else home.devices
    areas = () if house.device and home.areas == HomeConfig().areas else home.areas
    lists = {"name": list(own), "area": [*areas, *house.all_areas]}
    for device in house.device:
        can, tells = device.is_a.actions, device.is_a.states if device.state_topic else ()
        into = [name for name, action in _ACTING.items() if action in can]
        into += [name for name, word in _TELLING.items() if word in tells]
        into += ["measured"] * (device.is_a.number and device.state_topic is not None)
        into += ["asking"] * device.asks
        for name in into:
            lists.setdefault(name, []).extend(device.names)
    return {name: list(dict.fromkeys(value.lower() for value in values)) for name, values in lists.items()}


def _said(intent: Intent) -> tuple[str, str]:
    return str(intent.slots.get("name", "")), str(intent.slots.get("area", ""))
