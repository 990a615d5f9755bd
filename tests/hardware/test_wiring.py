"""The wiring picture says what board.toml says."""

import tomllib
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from drawings.pins import COLOURS, VARIANTS
from drawings.wiring import GREY, draw

HARDWARE = Path(__file__).parent.parent.parent / "hardware"
BOARD = tomllib.loads((HARDWARE / "board.toml").read_text())
SVG = "{http://www.w3.org/2000/svg}"
PICTURE = ET.parse(HARDWARE / "wiring.svg").getroot()
PANELS = {panel.get("id"): panel for panel in PICTURE.iter(f"{SVG}g")}
ONLY_A = {
    name
    for name, pin in {**BOARD["pins"], **BOARD["power"]}.items()
    if name.endswith("_i2s") or "i2s" in name
}


def wires(variant):
    """Name in board.toml -> the wire's attributes."""
    return {
        wire.get("data-name"): wire.attrib for wire in PANELS[variant].iter(f"{SVG}path") if wire.get("class")
    }


@pytest.mark.parametrize("variant", ["A", "B"])
def test_every_pin_has_its_wire(variant):
    """Each pin of board.toml has one wire, with its number and name on the Pi; B has no I2S."""
    drawn = wires(variant)
    wanted = {**BOARD["pins"], **BOARD["power"]}
    assert set(drawn) == set(wanted) - (ONLY_A if variant == "B" else set())
    for name, wire in drawn.items():
        assert int(wire["data-header"]) == wanted[name]["header"], name
        on_the_pi = f"GPIO {wanted[name]['gpio']}" if "gpio" in wanted[name] else wanted[name]["net"]
        assert wire["data-label"] == on_the_pi, name
        assert wire["data-pad"] == wanted[name].get("net", name.upper())


@pytest.mark.parametrize("variant", ["A", "B"])
def test_forty_pins_are_drawn_and_the_used_ones_stand_out(variant):
    """Odd pins left, even ones right, from the top; used ones in their colour, others grey."""
    used = {int(wire["data-header"]): COLOURS[name] for name, wire in wires(variant).items()}
    pins = {
        int(shape.get("id").rpartition("-")[2]): shape
        for shape in PANELS[variant].iter()
        if shape.get("data-used")
    }
    assert sorted(pins) == list(range(1, 41))
    for number, shape in pins.items():
        assert shape.get("fill") == used.get(number, GREY), number
        assert shape.get("data-used") == ("yes" if number in used else "no")

    def place(number):
        shape = pins[number]
        half = float(shape.get("width", 0)) / 2
        return [float(shape.get(f"c{axis}", 0)) or float(shape.get(axis)) + half for axis in "xy"]

    for number in range(1, 40, 2):
        (left, row), (right, same) = place(number), place(number + 1)
        assert (left < right, row) == (True, same), number
        assert number == 39 or place(number + 2)[1] > row


def test_it_is_as_fresh_as_its_sources():
    """Whoever changes board.toml or the drawing draws it anew: make -C hardware wiring."""
    assert draw(HARDWARE / "board.toml") == (HARDWARE / "wiring.svg").read_text()


def test_a_changed_pin_map_changes_it(tmp_path):
    """The picture has no number of its own: another pin in board.toml is another picture."""
    other = tmp_path / "board.toml"
    other.write_text((HARDWARE / "board.toml").read_text().replace("header = 29", "header = 31"))
    assert 'data-name="button" data-header="31"' in draw(other)


def test_both_variants_are_there():
    """A and B, and nothing else."""
    assert set(PANELS) == {title[0] for title in VARIANTS} == {"A", "B"}
