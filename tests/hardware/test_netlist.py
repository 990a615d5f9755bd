"""The circuit's files agree: pin map, schematic, netlist, pictures, parts list, pages."""

import csv
import json
import shutil
from dataclasses import replace

import pytest

from circuit import render, report
from circuit.bench import Bench
from circuit.deck import deck
from circuit.netlist import HARDWARE, VARIANTS, pins_of_board, quantity, variant
from circuit.proofs import prove
from circuit.wrong import WRONG

kicad = pytest.mark.skipif(shutil.which("kicad-cli") is None, reason="needs KiCad 9")
HINT = "the schematic is newer: run make -C hardware render"


@pytest.mark.parametrize("name", VARIANTS)
def test_what_can_be_proved_holds(name):
    """Header and microphones share no net but GND, no GPIO drives a fixed light, pins are board.toml's."""
    assert [proof for proof in prove(variant(name)) if not proof.holds] == []


@pytest.mark.parametrize(
    ("name", "spoil", "claim"),
    [
        ("i2s", lambda n: n.moved("J1", "12", "I2S_LRCLK"), "board.toml"),
        ("i2s", lambda n: n.moved("J1", "7", "VMIC"), "share no net"),
        ("i2s", lambda n: n.moved("MK1", "4", "I2S_BCLK"), "share no net"),
        ("i2s", lambda n: n.without("MK2").moved("MK1", "3", "x").moved("MK1", "2", "x"), "share no net"),
        ("i2s", lambda n: n.moved("D2", "1", "SENSE_SWITCH"), "no GPIO"),
        ("i2s", WRONG["i2s"]["light 'hears' from a GPIO"], "no GPIO"),
        ("i2s", WRONG["i2s"]["no clamp"], "or shorts it"),
        ("i2s", lambda n: n.moved("SW1", "2", "elsewhere"), "or shorts it"),
        ("i2s", WRONG["i2s"]["buffers always fed"], "only through buffers"),
        ("i2s", WRONG["i2s"]["supply cut alone"], "only through buffers"),
        ("usb", lambda n: n.moved("J3", "1", "VBUS"), "not VBUS"),
        ("usb", lambda n: n.moved("J1", "13", "VMIC"), "share no net"),
        ("usb", WRONG["usb"]["light 'hears' from a GPIO"], "no GPIO"),
    ],
)
def test_each_proof_can_fail(name, spoil, claim):
    """A circuit spoilt in the way a claim forbids breaks that claim."""
    broken = [proof.claim for proof in prove(spoil(variant(name))) if not proof.holds]
    assert any(claim in text for text in broken)


def test_the_pin_map_is_used_up():
    """Every pin of board.toml is on the header of the I2S variant, and no pin besides."""
    assert set(variant("i2s").header.pins) == set(pins_of_board())


@pytest.mark.parametrize("name", VARIANTS)
def test_the_parts_list_is_the_netlist(name):
    """Each part of the circuit stands in parts.csv once, with the value it has in the circuit."""
    listed = {}
    with (HARDWARE / "parts.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            assert row["part_number"], row
            assert row["substitutes"], row
            assert row["price_class"] in {"A", "B"}, row
            for ref in row[name].split():
                assert ref not in listed
                listed[ref] = row["value"]
    assert listed == {ref: part.value for ref, part in variant(name).parts.items()}


def test_no_rendering_is_older_than_its_source():
    """Netlists, pictures and plots were made from the schematics and models as they are now."""
    kept = json.loads(render.STAMP.read_text())
    stale = [path for path, stamp in render.stamps().items() if kept.get(path) != stamp]
    assert stale == [], HINT
    assert set(kept) == set(render.stamps())


@pytest.mark.parametrize("name", VARIANTS)
def test_the_figures_are_of_this_netlist(name):
    """The figures were found on the netlist as it is now."""
    kept = json.loads(report.JSON.read_text())[name]["netlist"]
    assert kept == report.digest(report.netlist_path(name)), "run make -C hardware check"


@pytest.mark.parametrize("page", report.PAGES, ids=lambda page: str(page.relative_to(HARDWARE.parent)))
def test_the_pages_show_the_figures(page):
    """Each table in a page is the one that the check wrote."""
    text = page.read_text()
    made = report.sections(json.loads(report.JSON.read_text()))
    assert "<!-- figures: " in text
    assert report.fill(text, made) == text


@kicad
@pytest.mark.parametrize("name", VARIANTS)
def test_the_netlist_is_what_the_schematic_exports(name):
    """What is proved and simulated is what is drawn."""
    assert render.export(render.schematic(name)) == report.netlist_path(name).read_text(), HINT


@kicad
@pytest.mark.parametrize("name", VARIANTS)
def test_the_electrical_rules_hold(name):
    """KiCad's rule check finds nothing, warnings counted."""
    render.erc(render.schematic(name))


@pytest.mark.parametrize(
    ("text", "value"),
    [("4R7", 4.7), ("22R", 22), ("2k2", 2200), ("10k", 1e4), ("1M", 1e6), ("100n", 1e-7), ("1u", 1e-6)],
)
def test_values_are_read_as_they_are_written(text, value):
    """4R7 is 4.7 ohm."""
    assert quantity(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "R", "4,7k", "10 k", "fast"])
def test_what_is_no_value_is_an_error(text):
    """A value that cannot be read is told, and not guessed."""
    with pytest.raises(ValueError, match="is no value"):
        quantity(text)


def test_a_part_without_a_model_is_an_error():
    """A part that the simulation does not know is told, and not left out."""
    board = variant("i2s")
    with pytest.raises(ValueError, match="U2: no model for 74HC1G34"):
        deck(board.including(replace(board["U2"], symbol="74HC1G34")), Bench())
