"""The overlay: compiled by dtc, applied by fdtoverlay to stand-ins of a Pi's tree, read by fdtget."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

HERE = Path(__file__).parent
HARDWARE = HERE.parent.parent / "hardware"
SOURCE = HARDWARE / "overlay/sottovoce.dts"
PINS = tomllib.loads((HARDWARE / "board.toml").read_text())["pins"]
PRODUCER = {"stand_in_4": "/soc/i2s", "stand_in_5": "/axi/rp1/i2s0"}
GPIO = {"stand_in_4": "/soc/gpio", "stand_in_5": "/axi/rp1/gpio"}
CARD = "/sottovoce-sound"


def dtc(source, target):
    """Compile; warnings count as errors."""
    done = subprocess.run(
        ["dtc", "-@", "-I", "dts", "-O", "dtb", "-o", target, source],
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
    return target


@pytest.fixture(params=["stand_in_4", "stand_in_5"])
def tree(request, tmp_path):
    """A base tree with the overlay in it: (name of the base, a way to ask for properties)."""
    overlay = dtc(SOURCE, tmp_path / "sottovoce.dtbo")
    base = dtc(HERE / f"{request.param}.dts", tmp_path / "base.dtb")
    whole = tmp_path / "whole.dtb"
    subprocess.run(["fdtoverlay", "-i", base, "-o", whole, overlay], check=True, capture_output=True)

    def ask(node, name, kind="s"):
        command = ["fdtget", "-t", kind, whole, node, name]
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()

    return request.param, ask


def test_its_pins_are_those_of_the_pin_map(tree):
    """BCLK, LRCLK and DIN have the numbers of board.toml, in that order, and no other pin is taken."""
    model, ask = tree
    taken = [int(pin) for pin in ask(f"{GPIO[model]}/sottovoce-i2s-pins", "brcm,pins", "u").split()]
    assert taken == [PINS[name]["gpio"] for name in ("i2s_bclk", "i2s_lrclk", "i2s_din")]
    assert len(re.findall(r"brcm,pins|gpios\b|gpio-keys\"", SOURCE.read_text())) == 1


def test_din_is_pulled_down_and_the_clocks_are_not(tree):
    """Without a board on the header the card gives zeros, not noise."""
    model, ask = tree
    assert ask(f"{GPIO[model]}/sottovoce-i2s-pins", "brcm,pull", "u") == "0 0 1"


def test_the_pi_makes_the_clocks(tree):
    """The card uses the I2S block that makes clocks, and that block is switched on with our pins."""
    model, ask = tree
    block = PRODUCER[model]
    assert ask(f"{CARD}/simple-audio-card,cpu", "sound-dai", "u") == ask(block, "phandle", "u")
    assert ask(block, "status") == "okay"
    assert ask(block, "pinctrl-0", "u") == ask(f"{GPIO[model]}/sottovoce-i2s-pins", "phandle", "u")
    cpu = ask(f"{CARD}/simple-audio-card,cpu", "phandle", "u")
    assert [ask(CARD, f"simple-audio-card,{clock}-master", "u") for clock in ("bitclock", "frame")] == [
        cpu,
        cpu,
    ]


def test_the_card_is_found_by_name(tree):
    """The card is called sottovoce, has the microphones' driver, and the guide opens it by that name."""
    _, ask = tree
    assert ask(CARD, "simple-audio-card,name") == "sottovoce"
    assert ask(f"{CARD}/simple-audio-card,codec", "sound-dai", "u") == ask(
        "/sottovoce-microphones", "phandle", "u"
    )
    assert ask("/sottovoce-microphones", "compatible") == "invensense,ics43432"
    assert "hw:sottovoce" in (HARDWARE / "ASSEMBLY.md").read_text()
