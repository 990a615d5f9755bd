"""SVG elements as strings; lengths in user units (pixels)."""

from html import escape


def element(name: str, words: str = "", /, **attributes: object) -> str:
    """One element: `stroke_width=2` becomes stroke-width="2", `class_` becomes class."""
    pairs = ((key.rstrip("_").replace("_", "-"), value) for key, value in attributes.items())
    inside = " ".join(f'{key}="{escape(str(value))}"' for key, value in pairs)
    return f"<{name} {inside}>{escape(words)}</{name}>" if words else f"<{name} {inside}/>"


def text(x: float, y: float, words: str, size: float = 12, **attributes: object) -> str:
    """One line of text, `y` being its base line."""
    return element("text", words, x=x, y=y, font_size=size, **attributes)


def bold(x: float, y: float, words: str, size: float = 12, **attributes: object) -> str:
    """One line of bold text."""
    return text(x, y, words, size, font_weight="bold", **attributes)


def frame(x: float, y: float, width: float, height: float) -> str:
    """The outline of a part."""
    look = {"rx": 6, "fill": "#fff", "stroke": "#000", "stroke_width": 1.5}
    return element("rect", x=x, y=y, width=width, height=height, **look)


def pad(x: float, y: float) -> str:
    """A pad that a wire is soldered to."""
    return element("circle", cx=x, cy=y, r=6, fill="#fff", stroke="#000", stroke_width=2)


def stroke(path: str, colour: str, width: float, **attributes: object) -> str:
    """A line along `path`."""
    return element("path", d=path, fill="none", stroke=colour, stroke_width=width, **attributes)
