"""Draws wiring.svg from board.toml: which pin of the 40-pin header goes to which pad.

usage: python3 -m drawings.wiring BOARD_TOML WIRING_SVG        lengths in SVG user units (pixels)
"""

import re
import sys
import textwrap
import tomllib
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final

from drawings.lead import usb_lead

ROWS: Final = 20
PITCH: Final = 24
HEADER_TOP: Final = 84
ODD_X: Final = 92
"""Pins 1, 3, ... 39; the even ones stand one pitch to the right, at the edge of the Pi's board."""
TAG_X: Final = 372
PAD_X: Final = 474
BOX_X: Final = 452
BOX_WIDTH: Final = 330
BOX_HEAD: Final = 26
PAD_ROW: Final = 35
PANEL_WIDTH: Final = 800
PANEL_HEIGHT: Final = 640

Boxes = dict[str, tuple[str, ...]]
"""Title of a group of pads -> names in board.toml. A pad bears the net's name in the circuit."""

_COMMON: Final[Boxes] = {
    "Privacy switch": ("supply_3v3", "ground", "sense_switch", "sense_rail"),
    "Status light": ("light_red", "light_green", "light_blue"),
    "Button": ("button",),
}
VARIANTS: Final[dict[str, Boxes]] = {
    "A: two I2S microphones": {
        **_COMMON,
        "Microphones' buffers": ("i2s_bclk", "i2s_lrclk", "i2s_din", "ground_i2s"),
    },
    "B: USB microphone": _COMMON,
}
MEANINGS: Final = {"B": {"supply_3v3": "feeds the deaf light and the pull-up of sense_switch; no microphone"}}
"""What a pin is for where a variant differs from board.toml, which tells of variant A."""
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
"""Far apart for most colour-blind eyes; on grey paper the pin number at both ends of a wire tells it."""


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

    @property
    def x(self) -> int:
        """Where it is drawn, from the left."""
        return ODD_X + (PITCH if self.header % 2 == 0 else 0)

    @property
    def y(self) -> int:
        """Where it is drawn, from the top of the panel."""
        return HEADER_TOP + (self.header - 1) // 2 * PITCH


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


def text(x: float, y: float, words: str, style: str = "", *, size: float = 12, fill: str = "#000") -> str:
    """One line of text; `style` holds further attributes."""
    return f'<text x="{x}" y="{y}" font-size="{size}" fill="{fill}" {style}>{escape(words)}</text>'


def header(used: dict[int, Pin]) -> list[str]:
    """The 40 pins as seen from above: used ones in colour, the others grey."""
    left, top = ODD_X - PITCH * 0.75, HEADER_TOP - PITCH * 0.75
    height = PITCH * (ROWS + 0.5)
    parts = [
        f'<path d="M20 {top - 30} H{ODD_X + 66} a10 10 0 0 1 10 10 V{top + height + 12} H20" '
        'fill="#eef4ee" stroke="#789078" stroke-width="1.5"/>',
        f'<circle cx="{ODD_X + 12}" cy="{top - 14}" r="8" fill="#fff" stroke="#789078" stroke-width="1.5"/>',
        f'<rect x="{left}" y="{top}" width="{PITCH * 2.5}" height="{height}" rx="3" fill="#f6f6f6" stroke="#444" stroke-width="1.5"/>',
        text(56, HEADER_TOP + 4, "pin 1", 'text-anchor="middle" font-weight="bold"', size=11),
        text(46, 330, "the Pi, from above", 'text-anchor="middle" transform="rotate(-90 46 330)"'),
    ]
    for number in range(1, 2 * ROWS + 1):
        pin = used.get(number)
        at = Pin("", number, "", "", "")
        fill = COLOURS[pin.name] if pin else "#d8d8d8"
        mark = f'id="{{variant}}-pin-{number}" data-used="{"yes" if pin else "no"}"'
        shape = (
            f'<rect x="{at.x - 9}" y="{at.y - 9}" width="18" height="18"'
            if number == 1
            else f'<circle cx="{at.x}" cy="{at.y}" r="9"'
        )
        parts.append(f'{shape} {mark} fill="{fill}" stroke="#fff" stroke-width="1.2"/>')
        bright = pin is None or pin.name in {"sense_rail", "i2s_bclk"}
        colour = ("#888" if pin is None else "#000") if bright else "#fff"
        parts.append(
            text(at.x, at.y + 3.6, str(number), 'text-anchor="middle" font-weight="bold"', size=10, fill=colour)
        )
    return parts


def wire(pin: Pin, y: float) -> list[str]:
    """The wire from `pin` to its pad at height `y`, told at both ends by the pin's number."""
    start = pin.y if pin.header % 2 == 0 else pin.y + PITCH / 2
    edge = ODD_X + PITCH * 2
    path = (
        f"M{pin.x + 9} {pin.y} L{pin.x + PITCH / 2 + 3} {start} H{edge} "
        f"C{edge + 110} {start} {TAG_X - 110} {y} {TAG_X} {y} H{PAD_X}"
    )
    marks = f'data-name="{pin.name}" data-header="{pin.header}" data-label="{pin.label}" data-pad="{pin.pad}"'
    crossing = path.partition("H")[2].partition(" ")
    return [
        f'<path d="M{crossing[0]} {start} {crossing[2].partition("H")[0]}" fill="none" stroke="#fff" stroke-width="7"/>',
        f'<path class="wire" {marks} d="{path}" fill="none" stroke="{COLOURS[pin.name]}" stroke-width="3"/>',
    ]


def tag(pin: Pin, y: float) -> list[str]:
    """The pad, and the label on the wire before it: number and name of the pin."""
    return [
        f'<rect x="{TAG_X - 20}" y="{y - 9}" width="90" height="18" rx="9" fill="#fff" '
        f'stroke="{COLOURS[pin.name]}" stroke-width="1.5"/>',
        f'<circle cx="{PAD_X}" cy="{y}" r="6" fill="#fff" stroke="#000" stroke-width="2"/>',
        text(TAG_X - 9, y + 4, str(pin.header), 'font-weight="bold"'),
        text(TAG_X + 62, y + 4, pin.label, 'text-anchor="end"', size=11),
    ]


def box(variant: str, title: str, top: float, pads: tuple[str, ...], pins: dict[str, Pin]) -> list[str]:
    """A part with its pads, each with what it is for."""
    height = BOX_HEAD + PAD_ROW * len(pads)
    parts = [
        f'<rect x="{BOX_X}" y="{top}" width="{BOX_WIDTH}" height="{height}" rx="6" fill="#fff" '
        'stroke="#000" stroke-width="1.5"/>',
        text(PAD_X - 10, top + 17, title, 'font-weight="bold"', size=13),
    ]
    for row, name in enumerate(pads):
        y = pad_height(top, row)
        parts.append(text(PAD_X + 14, y - 1, pins[name].pad, 'font-weight="bold"'))
        lines = textwrap.wrap(MEANINGS.get(variant, {}).get(name, pins[name].meaning), 54)
        parts += [text(PAD_X + 14, y + 10 + 10 * at, line, size=9.5) for at, line in enumerate(lines)]
    return parts


def pad_height(top: float, row: int) -> float:
    """Where the pad of that row stands in a box that begins at `top`."""
    return top + BOX_HEAD + PAD_ROW * row + 10


def panel(title: str, boxes: Boxes, pins: dict[str, Pin]) -> list[str]:
    """One variant: header, wires, parts."""
    used = {pins[name].header: pins[name] for pads in boxes.values() for name in pads}
    wires: list[str] = []
    tags: list[str] = []
    parts: list[str] = []
    top: float = 44
    for part, pads in boxes.items():
        parts += box(title[0], part, top, pads, pins)
        for row, name in enumerate(pads):
            y = pad_height(top, row)
            wires += wire(pins[name], y)
            tags += tag(pins[name], y)
        top += BOX_HEAD + PAD_ROW * len(pads) + 12
    drawn = [text(20, 26, f"Variant {title}", 'font-weight="bold"', size=17)]
    ends = HEADER_TOP + PITCH * ROWS + 22
    drawn += [text(20, ends, "↓ USB sockets at this end", size=12)]
    if "i2s_din" not in (name for pads in boxes.values() for name in pads):
        drawn += usb_lead(BOX_X, top)
    head = [part.replace("{variant}", title[0]) for part in header(used)]
    return [*drawn, *head[:3], *parts, *wires, *head[3:], *tags]


def draw(board: Path) -> str:
    """The whole picture: both variants, one above the other, for one sheet of A4."""
    pins = read_pins(board)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {PANEL_WIDTH} {PANEL_HEIGHT * len(VARIANTS)}" '
        'font-family="DejaVu Sans, Verdana, sans-serif">',
        "<title>Sottovoce: which pin of the header goes to which pad</title>",
        "<!-- Drawn by `make -C hardware wiring` from board.toml: change that, not this. -->",
        '<rect width="100%" height="100%" fill="#fff"/>',
    ]
    for row, (title, boxes) in enumerate(VARIANTS.items()):
        parts += [f'<g id="{title[0]}" transform="translate(0 {row * PANEL_HEIGHT})">', *panel(title, boxes, pins)]
        parts.append("</g>")
    return "\n".join([*parts, "</svg>", ""])


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(draw(Path(sys.argv[1])), encoding="utf-8")
