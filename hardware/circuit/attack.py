"""The rail while the switch says mute, and somebody else has the Pi."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Final

from circuit.bench import Bench
from circuit.figure import Figure, Spread
from circuit.netlist import Netlist
from circuit.spice import each, operating_point, transient

RAIL: Final = "v(n_vmic,n_gnd)"
_SUPPLY: Final = 3.6
_SETTLED: Final = 10e-6
"""Seconds: several times what the rail needs to settle while it is shorted."""


def figures(netlist: Netlist, spread: Spread) -> list[Figure]:
    """The rail under attack, with a sound board, and with one broken part."""
    steady = max(_rails(netlist, spread))
    clocked = max(_clocked(netlist, pattern) for pattern in _clocks(netlist, spread))
    worst, name = worst_fault(netlist, spread)
    found = [
        Figure(
            "rail_driven",
            "rail at mute, header pins driven: every pattern of high, low, floating",
            1e3 * steady,
            "mV",
            at_most=50,
        ),
        Figure(
            "rail_clocked", "rail at mute, header pins clocked at 3.072 MHz", 1e3 * clocked, "mV", at_most=50
        ),
        Figure(
            "rail_fault",
            "rail at mute, driven and clocked, under any single fault",
            worst,
            "V",
            at_most=1.0,
            note=f"worst: {name}",
        ),
    ]
    return found + ([_inner(netlist)] if netlist.of("USB_A_SOCKET") else [])


def _inner(netlist: Netlist) -> Figure:
    """The weaker claim in a figure: uncut data lines feed what lies behind the microphone's regulator."""
    inner = "v(inner,n_gnd)"
    pins = driven(netlist, "high") | {"USB_DM": "high", "USB_DP": "high"}
    volts = operating_point(netlist, Bench(pins=pins, supply=_SUPPLY), inner)[inner]
    return Figure(
        "inner", "not bounded: the microphone's inner 3.3 V rail at mute, D+ and D- driven high", volts, "V"
    )


def reaching(netlist: Netlist) -> list[str]:
    """Pins of the header from which some part leads towards the rail; the others are always driven high."""
    names = ("I2S_BCLK", "I2S_LRCLK", "I2S_DIN", "SENSE_RAIL")
    return [name for name in names if name in netlist.header.nets]


def driven(netlist: Netlist, how: str) -> dict[str, str]:
    """Every GPIO of the header at one level."""
    return {net: how for net in netlist.header.nets if net not in {"GND", "+3V3"}}


def _patterns(netlist: Netlist, spread: Spread) -> list[dict[str, str]]:
    """Every way to hold the pins that reach the rail."""
    names, ways = reaching(netlist), ("high", "low", "float")
    held = product(ways, repeat=len(names)) if spread.thorough else ((way,) * len(names) for way in ways)
    return [driven(netlist, "high") | dict(zip(names, way, strict=True)) for way in held]


def _clocks(netlist: Netlist, spread: Spread) -> list[dict[str, str]]:
    """All clocked, each alone clocked beside pins held high, and each against the others."""
    base = driven(netlist, "clock")
    names = reaching(netlist) if spread.thorough else []
    alone = [driven(netlist, "high") | {name: "clock"} for name in names]
    against = [base | {name: "anticlock"} for name in names]
    return [base, *alone, *against]


def _rails(netlist: Netlist, spread: Spread) -> list[float]:
    """The settled rail in volts: each pattern nominally, the all-high one over the spread of parts."""
    benches = [Bench(pins=pattern, supply=_SUPPLY) for pattern in _patterns(netlist, spread)]
    benches += spread.benches(netlist, pins=driven(netlist, "high"), supply=_SUPPLY)
    return each(lambda bench: operating_point(netlist, bench, RAIL)[RAIL], benches)


def _clocked(netlist: Netlist, pattern: dict[str, str], bench: Bench | None = None) -> float:
    bench = replace(bench or Bench(), pins=pattern, supply=_SUPPLY)
    return max(transient(netlist, bench, _SETTLED, 40e-9, RAIL).volts[RAIL])


@dataclass(frozen=True)
class Fault:
    """One thing that is broken."""

    name: str
    netlist: Netlist
    bench: Bench


def worst_fault(netlist: Netlist, spread: Spread) -> tuple[float, str]:
    """The highest rail in volts under any single fault, and that fault's name."""
    few = Spread(min(spread.boards, 4))

    def rail(fault: Fault) -> float:
        benches = few.benches(fault.netlist, supply=_SUPPLY, pins=driven(netlist, "high"))
        benches = [replace(b, switch=fault.bench.switch, leaking=fault.bench.leaking) for b in benches]
        steady = max(operating_point(fault.netlist, bench, RAIL)[RAIL] for bench in benches)
        clock = driven(netlist, "clock")
        return max(steady, _clocked(fault.netlist, clock, fault.bench)) if spread.thorough else steady

    found = list(faults(netlist))
    return max(zip(each(rail, found), (fault.name for fault in found), strict=True))


def faults(netlist: Netlist) -> Iterator[Fault]:
    """Every single fault that the circuit must bear."""
    mute = Bench()
    for part in netlist.of("R", "C", "LED"):
        yield Fault(f"{part.ref} open", netlist.without(part.ref), mute)
        yield Fault(f"{part.ref} short", netlist.shorted(part.pins["1"], part.pins["2"]), mute)
    for pin in "123456":
        yield Fault(f"SW1 contact {pin} open", netlist.moved("SW1", pin, f"open{pin}"), mute)
    for part in netlist.of("74LVC"):
        yield Fault(f"{part.ref} leaking", netlist, replace(mute, leaking=frozenset({part.ref})))
    for part in netlist.of("74LVC", "ICS"):
        for pin, net in part.pins.items():
            yield Fault(f"{part.ref} pin {pin} open", netlist.moved(part.ref, pin, f"open{pin}"), mute)
            if net not in {"VMIC", "GND"}:
                yield Fault(f"{part.ref} pin {pin} shorted to the rail", netlist.shorted(net, "VMIC"), mute)
    for net in driven(netlist, "high"):
        yield Fault(f"VMIC bridged to {net}", netlist.shorted("VMIC", net), mute)
    if netlist["SW1"].pins["1"] != "VBUS":
        yield Fault("SW1 bridges: both contacts of pole A closed", netlist, replace(mute, switch="bridged"))
