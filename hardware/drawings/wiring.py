"""Draws wiring.svg from board.toml: which pin of the 40-pin header goes to which pad.

usage: python3 -m drawings.wiring BOARD_TOML WIRING_SVG        lengths in SVG user units (pixels)
"""

import sys
import textwrap
from pathlib import Path
from typing import Final

from drawings.lead import usb_lead
from drawings.pins import BRIGHT, COLOURS, MEANINGS, VARIANTS, Groups, Pin, read_pins
from drawings.svg import bold, element, frame, pad, stroke, text

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
PAD_ROW: Final = 37
PANEL: Final = (800, 650)
GREY: Final = "#d8d8d8"


def place(number: int) -> tuple[int, int]:
    """Where a pin of the header is drawn."""
    row, even = divmod(number - 1, 2)
    return ODD_X + even * PITCH, HEADER_TOP + row * PITCH


def ground() -> list[str]:
    """The edge of the Pi's board, and the header's outline on it."""
    top, height = HEADER_TOP - PITCH * 0.75, PITCH * (ROWS + 0.5)
    edge = f"M20 {top - 30} H{ODD_X + 66} a10 10 0 0 1 10 10 V{top + height + 12} H20"
    green = {"stroke": "#789078", "stroke_width": 1.5}
    outline = {"fill": "#f6f6f6", "stroke": "#444", "stroke_width": 1.5}
    body = {"x": ODD_X - PITCH * 0.75, "y": top, "width": PITCH * 2.5, "height": height, "rx": 3}
    return [
        element("path", d=edge, fill="#eef4ee", **green),
        element("circle", cx=ODD_X + PITCH / 2, cy=top - 14, r=8, fill="#fff", **green),
        element("rect", **body, **outline),
        bold(56, HEADER_TOP + 4, "pin 1", 11, text_anchor="middle"),
        text(46, 330, "the Pi, from above", text_anchor="middle", transform="rotate(-90 46 330)"),
        text(20, top + height + 28, "↓ USB sockets at this end"),
    ]


def header(variant: str, used: dict[int, Pin]) -> list[str]:
    """The 40 pins: used ones in colour, the others grey; pin 1 is square."""
    parts = []
    for number in range(1, 2 * ROWS + 1):
        (x, y), pin = place(number), used.get(number)
        fill = COLOURS[pin.name] if pin else GREY
        look = {"fill": fill, "stroke": "#fff", "stroke_width": 1.2, "data_used": "yes" if pin else "no"}
        name = f"{variant}-pin-{number}"
        square = element("rect", id=name, x=x - 9, y=y - 9, width=18, height=18, **look)
        parts.append(square if number == 1 else element("circle", id=name, cx=x, cy=y, r=9, **look))
        ink = "#888" if pin is None else "#000" if pin.name in BRIGHT else "#fff"
        parts.append(bold(x, y + 3.6, str(number), 10, fill=ink, text_anchor="middle"))
    return parts


def wire(pin: Pin, y: float) -> list[str]:
    """The wire from `pin` to its pad at height `y`; an odd pin's passes between two even ones."""
    pin_x, pin_y = place(pin.header)
    lane = pin_y if pin.header % 2 == 0 else pin_y + PITCH / 2
    edge = ODD_X + PITCH * 2
    curve = f"{edge} {lane} C{edge + 110} {lane} {TAG_X - 110} {y} {TAG_X} {y}"
    path = f"M{pin_x + 9} {pin_y} L{pin_x + PITCH / 2 + 3} {lane} L{curve} H{PAD_X}"
    marks = {"data_name": pin.name, "data_header": pin.header, "data_label": pin.label, "data_pad": pin.pad}
    return [stroke(f"M{curve}", "#fff", 7), stroke(path, COLOURS[pin.name], 3, class_="wire", **marks)]


def end(pin: Pin, y: float) -> list[str]:
    """The pad, and the label on the wire before it: number and name of the pin."""
    look = {"rx": 9, "fill": "#fff", "stroke": COLOURS[pin.name], "stroke_width": 1.5}
    return [
        pad(PAD_X, y),
        element("rect", x=TAG_X - 20, y=y - 9, width=90, height=18, **look),
        bold(TAG_X - 9, y + 4, str(pin.header)),
        text(TAG_X + 62, y + 4, pin.label, 11, text_anchor="end"),
    ]


def box(variant: str, title: str, top: float, pins: list[Pin]) -> list[str]:
    """A group of pads, each with what it is for."""
    parts = [
        frame(BOX_X, top, BOX_WIDTH, BOX_HEAD + PAD_ROW * len(pins)),
        bold(PAD_X - 10, top + 17, title, 13),
    ]
    for row, pin in enumerate(pins):
        y = pad_height(top, row)
        parts.append(bold(PAD_X + 14, y - 1, pin.pad))
        lines = textwrap.wrap(MEANINGS.get((variant, pin.name), pin.meaning), 54)
        parts += [text(PAD_X + 14, y + 10 + 10 * at, line, 9.5) for at, line in enumerate(lines)]
    return parts


def pad_height(top: float, row: int) -> float:
    """Where the pad of that row stands in a box that begins at `top`."""
    return top + BOX_HEAD + PAD_ROW * row + 10


def panel(title: str, groups: Groups, pins: dict[str, Pin]) -> list[str]:
    """One variant: header, wires, parts."""
    variant, used = title[0], {pins[name].header: pins[name] for names in groups.values() for name in names}
    boxes, wires, ends, top = [], [], [], 44
    for group, names in groups.items():
        members = [pins[name] for name in names]
        boxes += box(variant, group, top, members)
        for row, pin in enumerate(members):
            wires += wire(pin, pad_height(top, row))
            ends += end(pin, pad_height(top, row))
        top += BOX_HEAD + PAD_ROW * len(members) + 12
    if variant == "B":
        boxes += usb_lead(BOX_X, top)
    return [bold(20, 26, f"Variant {title}", 17), *ground(), *boxes, *wires, *header(variant, used), *ends]


def draw(board: Path) -> str:
    """The whole picture: both variants, one above the other, for one sheet of A4."""
    pins, (width, height) = read_pins(board), PANEL
    fonts = 'font-family="DejaVu Sans, Verdana, sans-serif"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height * len(VARIANTS)}" {fonts}>',
        "<title>Sottovoce: which pin of the header goes to which pad</title>",
        "<!-- Drawn by `make -C hardware wiring` from board.toml: change that, not this. -->",
        element("rect", width="100%", height="100%", fill="#fff"),
    ]
    for row, (title, groups) in enumerate(VARIANTS.items()):
        lines.append(f'<g id="{title[0]}" transform="translate(0 {row * height})">')
        lines += [*panel(title, groups, pins), "</g>"]
    return "\n".join([*lines, "</svg>", ""])


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(draw(Path(sys.argv[1])), encoding="utf-8")
