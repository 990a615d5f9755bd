"""What the two senses tell, with sound wires and with broken ones."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from circuit.bench import Bench
from circuit.figure import VIH, VIL, Figure, Spread
from circuit.netlist import Netlist
from circuit.spice import each, operating_point

PULLS: Final = {"SENSE_SWITCH": "up", "SENSE_RAIL": "down"}
"""What software must set on the two sense pins."""
SENSES: Final = ("v(pi_11)", "v(pi_13)")
_STATE: Final = {
    (False, True): "live",
    (True, False): "muted",
    (False, False): "FAULT",
    (True, True): "TAMPER",
}


def figures(netlist: Netlist, spread: Spread) -> list[Figure]:
    """Levels, states, and broken wires."""
    return [*_senses(netlist, spread), *_told(netlist), _wires(netlist)]


def _senses(netlist: Netlist, spread: Spread) -> Iterator[Figure]:
    volts = {}
    for switch in ("live", "mute"):
        benches = spread.benches(netlist, switch=switch, pins=PULLS)
        rows = each(lambda bench: operating_point(netlist, bench, *SENSES), benches)
        for line in SENSES:
            volts[switch, line] = [row[line] for row in rows]
    switch, rail = SENSES
    yield Figure(
        "switch_low", "SENSE_SWITCH low (live), 3.0 to 3.6 V", max(volts["live", switch]), "V", at_most=VIL
    )
    yield Figure("switch_high", "SENSE_SWITCH high (muted)", min(volts["mute", switch]), "V", at_least=VIH)
    yield Figure("rail_low", "SENSE_RAIL low (muted)", max(volts["mute", rail]), "V", at_most=VIL)
    yield Figure("rail_high", "SENSE_RAIL high (live)", min(volts["live", rail]), "V", at_least=VIH)
    over = f"{rail}-v(pi_supply)"
    rows = each(lambda bench: operating_point(netlist, bench, over), spread.benches(netlist, switch="live"))
    what = "SENSE_RAIL above the Pi's own 3.3 V, no pull set"
    yield Figure("rail_top", what, max(row[over] for row in rows), "V", at_most=0.3)


def readings(netlist: Netlist, benches: Iterable[Bench]) -> set[str]:
    """Every state the software may read: a level between the sure ones may be read either way."""
    found = set()
    for bench in benches:
        row = operating_point(netlist, bench, *SENSES)
        switch, rail = (_levels(row[line]) for line in SENSES)
        found |= {_STATE[high, alive] for high in switch for alive in rail}
    return found


def _levels(volt: float) -> set[bool]:
    return {high for high, sure in ((False, volt <= VIL), (True, volt >= VIH)) if sure} or {False, True}


def _told(netlist: Netlist) -> Iterator[Figure]:
    """The states as they should be read, and the two faults no switch can prevent: they must be told."""
    live, mute = Bench("live", pins=PULLS), Bench("mute", pins=PULLS)
    stuck = replace(mute, contacts={"live_a": "1", "mute_a": "0"})
    feed = "VBUS" if netlist["SW1"].pins["1"] == "VBUS" else "+3V3"
    wanted = [
        (netlist, live, "live"),
        (netlist, mute, "muted"),
        (netlist, replace(mute, cut=frozenset({"all"})), "muted"),
        (netlist, stuck, "TAMPER"),
        (netlist.shorted("VMIC", feed), mute, "TAMPER"),
    ]
    names = ("live", "muted", "not plugged in", "pole A stays behind", f"rail bridged to {feed}")
    wrong = [
        f"{name}: {', '.join(sorted(read))}"
        for name, (board, bench, state) in zip(names, wanted, strict=True)
        if (read := readings(board, [bench])) != {state}
    ]
    what = "states read wrongly: live, muted, not plugged in (muted), pole A stuck and rail bridged (TAMPER)"
    yield Figure("told", what, len(wrong), "", at_most=0, note="; ".join(wrong))


def broken(netlist: Netlist) -> list[tuple[str, Netlist, Bench]]:
    """Every wire that can break: each of the header's, its grounds, all of it, each of the switch's."""
    mute = Bench("mute", pins=PULLS)
    pins = netlist.header.pins
    cuts = {f"header {pin}": {pin} for pin in pins} | {
        "every ground of the header": {pin for pin, net in pins.items() if net == "GND"},
        "not plugged in": {"all"},
    }
    at_header = [(name, netlist, replace(mute, cut=frozenset(cut))) for name, cut in cuts.items()]
    at_switch = [(f"switch {pin}", netlist.moved("SW1", pin, f"open{pin}"), mute) for pin in "123456"]
    return at_header + at_switch


def _wires(netlist: Netlist) -> Figure:
    def ever_live(wire: tuple[str, Netlist, Bench]) -> bool:
        _, board, bench = wire
        ends = [
            replace(bench, supply=supply, pull_ohm=pull) for supply in (3.0, 3.6) for pull in (33e3, 73e3)
        ]
        return "live" in readings(board, ends)

    wires = broken(netlist)
    bad = [name for (name, _, _), live in zip(wires, each(ever_live, wires), strict=True) if live]
    what = f"broken wires ({len(wires)} tried) with which a muted board may read live"
    return Figure("wires", what, len(bad), "", at_most=0, note=", ".join(bad))
