"""The cut-open USB lead of variant B, as SVG: only the red wire goes through the switch."""

from typing import Final

WIDTH: Final = 330
HEIGHT: Final = 184
_STRANDS: Final = (("red, +5 V", "#c00000"), ("black, GND", "#000000"), ("white, D-", "#ffffff"), ("green, D+", "#008060"))
_NOTES: Final = (
    "Red goes through the switch, black is joined to the board's GND.",
    "White and green pass whole: a weaker claim than variant A's.",
)


def usb_lead(x: float, top: float) -> list[str]:
    """The lead's box, its upper left corner at (`x`, `top`)."""
    left, right = x + 92, x + WIDTH - 14
    parts = [
        f'<rect x="{x}" y="{top}" width="{WIDTH}" height="{HEIGHT}" rx="6" fill="#fff" stroke="#000" '
        'stroke-width="1.5"/>',
        _text(x + 12, top + 17, "USB lead: plug J2, socket J3", 'font-weight="bold"', 13),
        _text(left, top + 34, "plug, to the Pi", "", 9.5),
        _text(right, top + 34, "socket, to the microphone", 'text-anchor="end"', 9.5),
    ]
    for at, (name, colour) in enumerate(_STRANDS):
        y = top + 48 + 18 * at + (32 if at else 0)
        parts.append(_text(x + 14, y + 4, name, "", 11))
        parts += _strand(left, right, y, colour, cut=at == 0)
    parts += _switch((left + right) / 2, top + 48)
    parts += [_text(x + 12, top + HEIGHT - 19 + 11 * at, note, "", 9) for at, note in enumerate(_NOTES)]
    return parts


def _switch(middle: float, y: float) -> list[str]:
    """The two pads that the ends of the cut wire go to."""
    parts = []
    for side, pad, anchor in ((-1, "VBUS", "end"), (1, "VMIC", "start")):
        at = middle + side * 22
        parts.append(f'<path d="M{at} {y - 1.5} V{y + 16}" stroke="#c00000" stroke-width="3"/>')
        parts.append(f'<circle cx="{at}" cy="{y + 22}" r="6" fill="#fff" stroke="#000" stroke-width="2"/>')
        parts.append(_text(at + side * 11, y + 26, pad, f'font-weight="bold" text-anchor="{anchor}"', 12))
    return parts


def _strand(left: float, right: float, y: float, colour: str, *, cut: bool) -> list[str]:
    """One wire of the lead, with an outline so that the white one shows."""
    middle = (left + right) / 2
    spans = [(left, middle - 22), (middle + 22, right)] if cut else [(left, right)]
    return [
        f'<path d="M{begin} {y} H{end}" stroke="{stroke}" stroke-width="{width}"/>'
        for begin, end in spans
        for stroke, width in (("#000", 4.5), (colour, 3))
    ]


def _text(x: float, y: float, words: str, style: str, size: float) -> str:
    return f'<text x="{x}" y="{y}" font-size="{size}" {style}>{words}</text>'
