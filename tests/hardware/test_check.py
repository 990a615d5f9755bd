"""The simulation: this circuit keeps every bound, and each bound can be broken."""

import json

import pytest

from circuit import attack, lines, moving, report, senses
from circuit.figure import Spread
from circuit.netlist import VARIANTS, variant
from circuit.verdict import Verdict, judge
from circuit.wrong import WRONG

QUICK = Spread(0, thorough=False)
"""The nominal board and few patterns; `make -C hardware check` tries many of each."""


@pytest.mark.parametrize("name", VARIANTS)
def test_the_nominal_board_keeps_every_bound(name):
    """Dead at mute whatever the pins do, dead under any single fault, told when it is not; quick; lit."""
    verdict = judge(variant(name), QUICK)
    assert verdict.reasons == []
    assert {figure.key for figure in verdict.figures} == {
        kept["key"] for kept in json.loads(report.JSON.read_text())[name]["figures"]
    }


@pytest.mark.parametrize(
    ("name", "circuit", "part", "keys"),
    [
        ("i2s", "supply cut alone", attack, {"rail_driven", "rail_clocked", "rail_fault"}),
        ("i2s", "no clamp", attack, {"rail_driven", "rail_clocked"}),
        ("i2s", "sense before the switch", senses, {"rail_low", "told", "wires"}),
        ("i2s", "light 'hears' from a GPIO", lines, {"hears_least", "dark"}),
        ("i2s", "buffers always fed", attack, {"rail_driven", "rail_fault"}),
        ("i2s", "no resistor in SENSE_RAIL", attack, {"rail_driven", "rail_fault"}),
        ("usb", "supply cut alone", attack, {"rail_driven", "rail_fault"}),
        ("usb", "no clamp", attack, {"rail_driven"}),
        ("usb", "sense before the switch", senses, {"rail_low", "told", "wires"}),
        ("usb", "light 'hears' from a GPIO", lines, {"hears_least", "dark"}),
    ],
)
def test_each_wrong_circuit_fails_for_its_reason(name, circuit, part, keys):
    """A circuit that is wrong on purpose breaks the bounds that it should."""
    figures = part.figures(WRONG[name][circuit](variant(name)), QUICK)
    assert keys <= Verdict([], figures).keys


@pytest.mark.parametrize(
    ("name", "part", "spoil", "keys"),
    [
        ("i2s", senses, lambda n: n.moved("R6", "1", "GND"), {"switch_high", "told"}),
        ("i2s", senses, lambda n: n.valued(R7="100k", R8="220k"), {"switch_low", "rail_high"}),
        ("usb", senses, lambda n: n.valued(R20="150k"), {"rail_top"}),
        (
            "i2s",
            lines,
            lambda n: n.valued(R4="180R", R5="180R", R16="100R"),
            {"hears_most", "deaf_most", "status_most"},
        ),
        ("i2s", lines, lambda n: n.valued(R5="2k2", R17="2k2"), {"deaf_least", "status_least"}),
        ("i2s", lines, lambda n: n.valued(R9="100k", R14="22k"), {"clock_high", "sound"}),
        ("i2s", lines, lambda n: n.shorted("SCK", "VMIC"), {"clock_low"}),
        ("i2s", lines, lambda n: n.shorted("I2S_DIN", "+3V3"), {"silence"}),
        (
            "i2s",
            moving,
            lambda n: n.valued(R1="4R7", C1="5600u", C6="100u"),
            {"fall", "fall_open", "restart", "inrush", "bounce_fall", "bounce_told", "bounce_steady"},
        ),
    ],
)
def test_each_bound_can_be_broken(name, part, spoil, keys):
    """A wrong part breaks the bound that it should: none of them holds by itself."""
    figures = part.figures(spoil(variant(name)), QUICK)
    assert keys <= Verdict([], figures).keys


def test_the_committed_figures_are_found_again():
    """What the pages show is what the simulation gives here, to a hundredth."""
    kept = {
        figure["key"]: figure["value"] for figure in json.loads(report.JSON.read_text())["i2s"]["figures"]
    }
    for figure in senses.figures(variant("i2s"), Spread()):
        assert figure.value == pytest.approx(kept[figure.key], rel=0.01, abs=0.002), figure.key
