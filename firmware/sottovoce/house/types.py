"""What kinds of thing stand in a house: what each can do, can tell, and whether it asks first. A table."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

Action = Literal["on", "off", "dim", "open", "close", "lock", "unlock", "arm", "disarm"]
StateWord = Literal["on", "off", "open", "closed", "locked", "unlocked", "armed", "disarmed"]
TypeName = Literal[
    "light", "switch", "fan", "oven", "cover", "garage", "gate", "lock", "alarm",
    "contact", "temperature", "humidity", "measure",
]  # fmt: skip

HARMLESS: Final[frozenset[Action]] = frozenset({"off", "close", "lock", "arm"})
"""Of a dangerous device: what a spoken yes is enough for. All else takes the button, unless the owner
says `allow_by_voice`: somebody who shouts through a window can shout "yes", too."""


@dataclass(frozen=True, slots=True)
class Type:
    """One kind of thing."""

    actions: tuple[Action, ...] = ()
    states: tuple[StateWord, ...] = ()
    """What it can tell of itself; none for one that tells a number, or nothing."""
    unit: str = ""
    """Of the number it tells."""
    number: bool = False
    """Whether it tells a number."""
    dangerous: bool = False
    """Whether it asks before it acts."""


_POWER: Final[tuple[StateWord, ...]] = ("on", "off")
_POSITION: Final[tuple[StateWord, ...]] = ("open", "closed")

TYPES: Final[Mapping[TypeName, Type]] = MappingProxyType({
    "light": Type(("on", "off", "dim"), _POWER),
    "switch": Type(("on", "off"), _POWER),
    "fan": Type(("on", "off"), _POWER),
    "oven": Type(("on", "off"), _POWER, dangerous=True),
    "cover": Type(("open", "close"), _POSITION),
    "garage": Type(("open", "close"), _POSITION, dangerous=True),
    "gate": Type(("open", "close"), _POSITION, dangerous=True),
    "lock": Type(("lock", "unlock"), ("locked", "unlocked"), dangerous=True),
    "alarm": Type(("arm", "disarm"), ("armed", "disarmed"), dangerous=True),
    "contact": Type((), _POSITION),
    "temperature": Type(number=True, unit="degrees"),
    "humidity": Type(number=True, unit="percent"),
    "measure": Type(number=True),
})  # fmt: skip
