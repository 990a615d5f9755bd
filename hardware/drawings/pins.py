"""What the wiring picture shows: the pins of board.toml, in groups, for each variant."""

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

Groups = dict[str, tuple[str, ...]]
"""Title of a group of pads -> names in board.toml, in the order of the header as far as it goes."""

_COMMON: Final[Groups] = {
    "Privacy switch": ("supply_3v3", "ground", "sense_switch", "sense_rail"),
    "Status light": ("light_red", "light_green", "light_blue"),
    "Button": ("button",),
}
VARIANTS: Final[dict[str, Groups]] = {
    "A: two I2S microphones": {
        **_COMMON,
        "Microphones' buffers": ("i2s_bclk", "i2s_lrclk", "i2s_din", "ground_i2s"),
    },
    "B: USB microphone": _COMMON,
}
MEANINGS: Final = {("B", "supply_3v3"): "feeds the deaf light and the pull-up of sense_switch; no microphone"}
"""What a pin is for where variant B differs from board.toml, which tells of variant A."""

COLOURS: Final = {
    "supply_3v3": "#d55e00",
    "ground": "#000000",
    "sense_switch": "#0072b2",
    "sense_rail": "#56b4e9",
    "light_red": "#c00000",
    "light_green": "#008060",
    "light_blue": "#2030c0",
    "button": "#b04a90",
    "i2s_bclk": "#e69f00",
    "i2s_lrclk": "#8c6d00",
    "i2s_din": "#5c3310",
    "ground_i2s": "#000000",
}
"""Far apart for most colour-blind eyes; on grey paper the pin's number at both ends of a wire tells it."""
BRIGHT: Final = frozenset({"sense_rail", "i2s_bclk"})
"""On these colours black reads better than white."""


@dataclass(frozen=True)
class Pin:
    """One used pin of the header."""

    name: str
    """As in board.toml."""
    header: int
    """Number on the 40-pin header."""
    label: str
    """What it is on the Pi: "GPIO 17", "GND", "+3V3"."""
    pad: str
    """Where its wire ends: the net's name in the circuit."""
    meaning: str
    """What it is for, in a few words."""


def read_pins(board: Path) -> dict[str, Pin]:
    """Every used pin of board.toml, by name."""
    tables = tomllib.loads(board.read_text(encoding="utf-8"))
    found = {}
    for name, entry in {**tables["pins"], **tables["power"]}.items():
        label = f"GPIO {entry['gpio']}" if "gpio" in entry else str(entry["net"])
        pad = str(entry.get("net", name.upper()))
        meaning = re.split("[;:]", entry["meaning"])[0]
        found[name] = Pin(name, int(entry["header"]), label, pad, meaning)
    return found
