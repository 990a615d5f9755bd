"""home.toml to a House, checked once at the edge. An unknown key is an error with its line."""

from itertools import combinations
from pathlib import Path
from typing import Final

from sottovoce.config import Config, SpokenName, Table, checked, read, usual_places
from sottovoce.house.device import IN_WORDS, Device
from sottovoce.house.types import Action

NAME: Final = "home.toml"


class House(Table, frozen=True):
    """All of home.toml. Without one there is nothing in the house."""

    areas: tuple[SpokenName, ...] = ()
    """More areas than those in which a device stands."""
    device: tuple[Device, ...] = ()

    def __post_init__(self) -> None:
        """Refuse two devices that a sentence could not tell apart."""
        for one, other in combinations(self.device, 2):
            if fault := clash(one, other):
                raise ValueError(fault)

    @property
    def all_areas(self) -> tuple[str, ...]:
        """Every area, in lower case, each once."""
        said = (*self.areas, *(device.area for device in self.device if device.area))
        return tuple(dict.fromkeys(area.lower() for area in said))

    @property
    def all_names(self) -> tuple[str, ...]:
        """Every name of an area or a device."""
        return (*self.all_areas, *(name for device in self.device for name in device.names))

    def acting(self, action: Action, name: str, area: str) -> list[Device]:
        """Find what can do this under this name; an empty area means any."""
        return [device for device in self._called(name, area) if action in device.is_a.actions]

    def telling(self, name: str, area: str) -> list[Device]:
        """Find what tells a state under this name; an empty area means any."""
        return [device for device in self._called(name, area) if device.state_topic]

    def _called(self, name: str, area: str) -> list[Device]:
        return [
            device
            for device in self.device
            if name.lower() in device.names and area.lower() in {"", device.area.lower()}
        ]


def clash(one: Device, other: Device) -> str:
    """Say why a sentence could not tell two devices apart; empty when it could."""
    same = set(one.names) & set(other.names)
    if not same or one.area.lower() != other.area.lower():
        return ""
    if set(one.is_a.actions) & set(other.is_a.actions):
        return f"two devices are called {min(same)!r} and act alike"
    if one.state_topic and other.state_topic:
        return f"two devices are called {min(same)!r} and tell a state: set `tells = false` in one"
    return ""


def load(config: Config, config_path: Path | None) -> House:
    """Read the file that `[home] file` names, or else the one beside the configuration, if it is there.

    Raises ConfigError (with file, line and key) and MissingInputError.
    """
    path = place(config, config_path)
    if not config.home.file and not path.exists():
        return House()
    return parse(read(path, "give the file that [home] file means"), str(path))


def place(config: Config, config_path: Path | None) -> Path:
    """Say where home.toml is, or would be."""
    beside = config_path or next((path for path in usual_places() if path.exists()), usual_places()[0])
    return beside.parent / (config.home.file or NAME)


def parse(text: str, where: str) -> House:
    """Check TOML text. `where` names it in errors. Raises ConfigError."""
    return checked(text, where, House, {"device": Device}, IN_WORDS, "firmware/HOME.md tells what is known")
