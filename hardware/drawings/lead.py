"""The USB lead of variant B, as SVG: only the red wire goes through the switch."""

from typing import Final

from drawings.svg import bold, frame, pad, stroke, text

WIDTH: Final = 330
HEIGHT: Final = 184
_RED: Final = "#c00000"
_STRANDS: Final = (
    ("red, +5 V", _RED),
    ("black, GND", "#000000"),
    ("white, D-", "#ffffff"),
    ("green, D+", "#008060"),
)
_NOTES: Final = (
    "Red goes through the switch, black is joined to the board's GND.",
    "White and green pass whole: a weaker claim than variant A's.",
)
_GAP: Final = 22
"""From the middle of the cut to either end of the red wire."""


def usb_lead(x: float, top: float) -> list[str]:
    """The lead's box, its upper left corner at (`x`, `top`)."""
    left, right = x + 92, x + WIDTH - 14
    parts = [
        frame(x, top, WIDTH, HEIGHT),
        bold(x + 12, top + 17, "USB lead: plug J2, socket J3", 13),
        text(left, top + 34, "plug, to the Pi", 9.5),
        text(right, top + 34, "socket, to the microphone", 9.5, text_anchor="end"),
    ]
    for at, (name, colour) in enumerate(_STRANDS):
        y = top + 48 + 18 * at + (32 if at else 0)
        parts.append(text(x + 14, y + 4, name, 11))
        parts += _strand(left, right, y, colour)
    parts += _ends((left + right) / 2, top + 48)
    return parts + [text(x + 12, top + HEIGHT - 19 + 11 * at, note, 9) for at, note in enumerate(_NOTES)]


def _strand(left: float, right: float, y: float, colour: str) -> list[str]:
    """One wire of the lead, outlined so that the white one shows; the red one is cut."""
    middle = (left + right) / 2
    whole = [(left, right)]
    spans = [(left, middle - _GAP), (middle + _GAP, right)] if colour == _RED else whole
    looks = (("#000", 4.5), (colour, 3))
    return [stroke(f"M{begin} {y} H{end}", *look) for begin, end in spans for look in looks]


def _ends(middle: float, y: float) -> list[str]:
    """The two pads that the ends of the red wire go to."""
    parts = []
    for side, name, anchor in ((-1, "VBUS", "end"), (1, "VMIC", "start")):
        at = middle + side * _GAP
        parts += [stroke(f"M{at} {y - 1.5} V{y + 16}", _RED, 3), pad(at, y + 22)]
        parts.append(bold(at + side * 11, y + 26, name, text_anchor=anchor))
    return parts
