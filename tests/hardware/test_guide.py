"""The assembly guide, and whatever else names pins or parts, agrees with board.toml and the circuit."""

import re
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parent.parent.parent
HARDWARE = REPOSITORY / "hardware"
BOARD = tomllib.loads((HARDWARE / "board.toml").read_text())
PAGES = [REPOSITORY / "README.md", *sorted(HARDWARE.glob("*.md"))]
GUIDE = (HARDWARE / "ASSEMBLY.md").read_text()
PADS = {
    (entry.get("net", name.upper()), entry["header"])
    for name, entry in {**BOARD["pins"], **BOARD["power"]}.items()
}
CIRCUITS = {"A": HARDWARE / "i2s/sottovoce-i2s.kicad_sch", "B": HARDWARE / "usb/sottovoce-usb.kicad_sch"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_pins_it_names_are_those_of_the_pin_map(page):
    """Wherever a page says `NAME` (pin N), board.toml says so too."""
    named = {(name, int(pin)) for name, pin in re.findall(r"`([A-Z0-9_+]+)` \(pin (\d+)\)", page.read_text())}
    assert named <= PADS


def test_the_guide_measures_what_decides():
    """The check covers supply, ground, both senses and the three I2S lines."""
    named = {name for name, _ in re.findall(r"`([A-Z0-9_+]+)` \(pin (\d+)\)", GUIDE)}
    assert named >= {"+3V3", "GND", "SENSE_SWITCH", "SENSE_RAIL", "I2S_BCLK", "I2S_LRCLK", "I2S_DIN"}


def test_every_picture_and_file_it_names_is_there():
    """No link or file of the guide leads nowhere (README.md is the circuit's own page)."""
    links = set(re.findall(r"\]\(([\w./]+)\)", GUIDE)) | set(re.findall(r"`(enclosure/[\w.]+)`", GUIDE))
    links |= {f"../{path}" for path in re.findall(r"\b(systemd/[\w.-]+\.rules)", GUIDE)}
    assert len(links) > 7
    assert [link for link in links - {"README.md"} if not (HARDWARE / link).is_file()] == []


def ohms(value):
    """4R7 and 2k2 as the guide writes them: 4.7 Ω and 2.2 kΩ."""
    whole, unit, part = re.fullmatch(r"(\d+)([Rk])(\d*)", value).groups()
    return f"{whole}{'.' + part if part else ''} {'kΩ' if unit == 'k' else 'Ω'}"


@pytest.mark.parametrize(("variant", "circuit"), CIRCUITS.items())
def test_resistors_it_measures_have_the_circuits_values(variant, circuit):
    """Where the check expects a resistor, it is the one in that variant's circuit."""
    if not circuit.exists():
        pytest.skip("the circuit is not in this tree")
    part = GUIDE.partition("Variant A:")[2].partition("Variant B,")[0 if variant == "A" else 2]
    measured = re.findall(r"\b(R\d+) \(([\d.]+ k?Ω)\)", part.partition("### With power")[0])
    drawn = dict(re.findall(r'"Reference" "(R\d+)".*?"Value" "([^"]+)"', circuit.read_text(), re.DOTALL))
    assert measured
    assert [(name, value) for name, value in measured if ohms(drawn[name]) != value] == []
