"""The circuit as KiCad exports it: parts, pins and the nets that join them."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

HARDWARE: Final = Path(__file__).parent.parent
VARIANTS: Final = ("i2s", "usb")
CONTACTS: Final = {"live_a": "12", "mute_a": "23", "live_b": "45", "mute_b": "56"}
"""The privacy switch's contacts: pole a is the supply, pole b tells. Pins 2 and 5 are the commons."""


@dataclass(frozen=True)
class Buffer:
    """Pins of a buffer chip."""

    ways: Mapping[str, str]
    """Input to output."""
    supply: str
    ground: str


BUFFERS: Final = {
    "74LVC2G34": Buffer({"1": "6", "3": "4"}, "5", "2"),
    "74LVC1G34": Buffer({"2": "4"}, "5", "3"),
}
_UNITS: Final = {"": 1.0, "R": 1.0, "k": 1e3, "M": 1e6, "u": 1e-6, "n": 1e-9, "p": 1e-12}


@dataclass(frozen=True)
class Part:
    """One part: its reference, its symbol, its value, and which net each pin is on."""

    ref: str
    symbol: str
    value: str
    pins: Mapping[str, str]
    """Pin number to net."""

    @property
    def nets(self) -> frozenset[str]:
        """The nets it touches."""
        return frozenset(self.pins.values())

    @property
    def joins(self) -> list[frozenset[str]]:
        """Nets that can meet in it: all of them; in the privacy switch, a contact and its common."""
        if self.symbol != "SW_PRIVACY":
            return [self.nets]
        return [frozenset(self.pins[pin] for pin in contact) for contact in CONTACTS.values()]


@dataclass(frozen=True)
class Netlist:
    """A circuit. Every change gives a new one."""

    parts: Mapping[str, Part] = field(repr=False)

    def __getitem__(self, ref: str) -> Part:
        return self.parts[ref]

    def of(self, *symbols: str) -> list[Part]:
        """Parts whose symbol starts with one of these names."""
        return [part for part in self.parts.values() if part.symbol.startswith(symbols)]

    @property
    def header(self) -> Part:
        """The Raspberry Pi's 40-pin header."""
        return self.of("PI_HEADER")[0]

    def without(self, *refs: str) -> "Netlist":
        """The circuit without some parts: each is an open circuit."""
        return Netlist({ref: part for ref, part in self.parts.items() if ref not in refs})

    def moved(self, ref: str, pin: str, net: str) -> "Netlist":
        """The circuit with one pin on another net."""
        return self.including(replace(self[ref], pins={**self[ref].pins, pin: net}))

    def valued(self, **values: str) -> "Netlist":
        """The circuit with other values."""
        return self.including(*(replace(self[ref], value=value) for ref, value in values.items()))

    def including(self, *parts: Part) -> "Netlist":
        """The circuit with parts added, or put in the place of those of the same name."""
        return Netlist({**self.parts, **{part.ref: part for part in parts}})

    def shorted(self, one: str, other: str) -> "Netlist":
        """The circuit with a solder bridge between two nets."""
        return self.including(Part("R_bridge", "R", "0.01", {"1": one, "2": other}))

    def islands(self, cut: Iterable[str]) -> list[frozenset[str]]:
        """Nets that hang together through any part, once the nets of `cut` are taken away."""
        cut = set(cut)
        islands: list[frozenset[str]] = []
        for part in self.parts.values():
            if part.symbol.startswith("PI_HEADER"):
                continue
            for joined in part.joins:
                grown = joined - cut
                grown = grown.union(*(island for island in islands if island & grown))
                islands = [island for island in islands if not island & grown] + ([grown] if grown else [])
        return islands


def read(path: Path) -> Netlist:
    """Read a netlist that `kicad-cli sch export netlist --format kicadxml` wrote."""
    root = ET.parse(path).getroot()
    pins: dict[str, dict[str, str]] = {}
    for net in root.iterfind("nets/net"):
        for node in net.iterfind("node"):
            pins.setdefault(node.attrib["ref"], {})[node.attrib["pin"]] = net.attrib["name"].removeprefix("/")
    parts = {}
    for comp in root.iterfind("components/comp"):
        ref, source = comp.attrib["ref"], comp.find("libsource")
        symbol = source.attrib["part"] if source is not None else ""
        parts[ref] = Part(ref, symbol, comp.findtext("value", ""), pins[ref])
    return Netlist(parts)


def variant(name: str) -> Netlist:
    """Read the committed netlist of a variant."""
    return read(HARDWARE / name / f"sottovoce-{name}.net.xml")


def pins_of_board() -> dict[str, tuple[int, str]]:
    """Read board.toml: pin of the header, by number, to (GPIO or -1, net)."""
    board = tomllib.loads((HARDWARE / "board.toml").read_text(encoding="utf-8"))
    used = {str(pin["header"]): (int(pin["gpio"]), name.upper()) for name, pin in board["pins"].items()}
    return used | {str(pin["header"]): (-1, str(pin["net"])) for pin in board["power"].values()}


def quantity(value: str) -> float:
    """Turn `4R7`, `22R`, `2k2`, `100n` into ohms or farads."""
    match = re.fullmatch(r"(\d+\.?\d*)([RkMunp]?)(\d*)", value)
    if match is None:
        raise ValueError(f"{value!r} is no value of a resistor or capacitor; write 4R7, 22R, 2k2, 100n")
    whole, unit, rest = match.groups()
    return float(f"{whole}.{rest}" if rest else whole) * _UNITS[unit]
