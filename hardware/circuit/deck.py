"""A SPICE deck, made from the netlist and from what a bench does to the board."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from circuit.netlist import CONTACTS, Netlist, Part, pins_of_board, quantity

CLOCK_HZ: Final = 3.072e6
DRIVER_OHM: Final = 20.0
"""A header pin driven by the Pi: stronger than it is (published: 17 mA at 1 V below the supply, 59 ohm)."""
LED_VOLT: Final = {"amber": 2.0, "red": 1.8, "R": 1.8, "G": 2.7, "B": 2.7}
"""Forward voltage at 2 mA, by colour."""
LIBRARY: Final = Path(__file__).with_name("models.lib")
_RGB: Final = {"1": "R", "3": "G", "4": "B"}
_THERMAL_VOLT: Final = 0.02585


@dataclass(frozen=True)
class Bench:
    """What is done to the board, in volts, ohms, amperes and seconds."""

    switch: str = "mute"
    """Where the switch stands: live, mute, between, or bridged (every contact closed)."""
    contacts: Mapping[str, str] = field(default_factory=dict)
    """Contact to a PWL of its control (1: closed); in place of `switch`."""
    supply: float = 3.3
    vbus: float = 5.0
    pins: Mapping[str, str] = field(default_factory=dict)
    """Net of the header to high, low, clock, anticlock, up, down; float where it is not named."""
    pull_ohm: float = 50e3
    leak: float = 0.0
    """What each input of the Pi draws from its line."""
    cut: frozenset[str] = frozenset()
    """Pins of the header whose wire is broken; `all` for a board that is not plugged in."""
    scale: Mapping[str, float] = field(default_factory=dict)
    """Reference of a resistor or capacitor to a factor on its value."""
    led_shift: float = 0.0
    """Added to every LED's forward voltage."""
    microphone: float = 0.5e-3
    """What one I2S microphone draws (a USB one: 60 times that)."""
    data: str = "0"
    """What the left microphone says: a SPICE source from 0 to 1."""
    leaking: frozenset[str] = frozenset()
    """Buffers whose pins feed their supply."""


def node(net: str) -> str:
    """The SPICE node of a net. The board's ground is no node 0: that is the Pi's, across a wire."""
    return "n_" + re.sub(r"\W+", "_", net.replace("+", "p")).lower()


def deck(netlist: Netlist, bench: Bench) -> list[str]:
    """Lines of the circuit and the bench, without an analysis."""
    lines = [f".include {LIBRARY}", f"vsupply pi_supply_ 0 {bench.supply}", "rsupply pi_supply_ pi_supply 0.1"]
    for part in netlist.parts.values():
        lines += _part(part, bench)
    return lines


def _part(part: Part, bench: Bench) -> list[str]:
    n = {pin: node(net) for pin, net in part.pins.items()}
    ref = part.ref.lower()
    match part.symbol:
        case "R" | "C":
            value = quantity(part.value) * bench.scale.get(part.ref, 1.0)
            return [f"{ref} {n['1']} {n['2']} {value:g}"]
        case "LED":
            return _led(ref, part.value, n["2"], n["1"], bench)
        case "LED_RGB":
            return [line for pin, colour in _RGB.items() for line in _led(f"{ref}{colour}", colour, n[pin], n["2"], bench)]
        case "SW_PRIVACY":
            return _switch(n, bench)
        case "74LVC2G34" | "74LVC1G34":
            kind = "lvc_leaking" if part.ref in bench.leaking else "lvc"
            ways = ("16", "34") if part.symbol == "74LVC2G34" else ("24",)
            ground = n["2"] if part.symbol == "74LVC2G34" else n["3"]
            return [f"x{ref}_{i} {n[i]} {n[o]} {n['5']} {ground} {kind}" for i, o in ways]
        case "ICS-43434":
            drive = int(part.ref == "MK1")
            talk = [f"vdata data 0 {bench.data}"] if drive else []
            pins = " ".join(n[pin] for pin in "416253")
            return [*talk, f"x{ref} {pins} data microphone imic={bench.microphone:g} drive={drive}"]
        case "USB_A_SOCKET":
            return [f"x{ref} {n['1']} {n['2']} {n['3']} {n['4']} inner usb_microphone imic={60 * bench.microphone:g}"]
        case "USB_A_PLUG":
            return _plug(n, bench)
        case "SW_PUSH":
            return []
        case symbol if symbol.startswith("PI_HEADER"):
            return _header(part, bench)
        case _:
            raise ValueError(f"{part.ref}: no model for {part.symbol}; write one in circuit/deck.py")


def _led(ref: str, colour: str, anode: str, cathode: str, bench: Bench) -> list[str]:
    volt = LED_VOLT[colour] + bench.led_shift
    saturation = f"{{2e-3*exp(-({volt:g}-0.02)/(2*{_THERMAL_VOLT}))}}"
    return [f".model led_{ref} d(is={saturation} n=2 rs=10)", f"d{ref} {anode} {cathode} led_{ref}"]


def _switch(n: Mapping[str, str], bench: Bench) -> list[str]:
    lines = []
    for contact, (one, other) in CONTACTS.items():
        closed = bench.switch == "bridged" or contact.startswith(bench.switch)
        control = bench.contacts.get(contact, f"{int(closed)}")
        lines += [f"v{contact} c_{contact} 0 {control}", f"s{contact} {n[one]} {n[other]} c_{contact} 0 contact"]
    return lines


def _header(part: Part, bench: Bench) -> list[str]:
    lines = []
    gpio = {pin: number for pin, (number, _) in pins_of_board().items()}
    for pin, net in part.pins.items():
        wire = "1e12" if bench.cut & {pin, "all"} else "0.02"
        if gpio.get(pin, 0) < 0:
            lines.append(f"rwire{pin} {'0' if net == 'GND' else 'pi_supply'} {node(net)} {wire}")
        else:
            lines += [f"rwire{pin} pi_{pin} {node(net)} {wire}", f"cpad{pin} pi_{pin} 0 5p", f"rpad{pin} pi_{pin} 0 1e10"]
            lines += _driven(f"pi_{pin}", bench.pins.get(net, "float"), bench)
    return lines


def _driven(pin: str, how: str, bench: Bench) -> list[str]:
    """What the Pi does to one of its pins."""
    period = 1 / CLOCK_HZ
    match how:
        case "high" | "low":
            return [f"v{pin} {pin}_ 0 {bench.supply if how == 'high' else 0}", f"r{pin} {pin}_ {pin} {DRIVER_OHM}"]
        case "clock" | "anticlock":
            low, high = (0.0, bench.supply) if how == "anticlock" else (bench.supply, 0.0)
            pulse = f"pulse({low} {high} 0 5n 5n {period / 2 - 5e-9:.4g} {period:.6g})"
            return [f"v{pin} {pin}_ 0 {pulse}", f"r{pin} {pin}_ {pin} {DRIVER_OHM}"]
        case "up" | "down":
            rail = "pi_supply" if how == "up" else "0"
            return [f"r{pin} {rail} {pin} {bench.pull_ohm}", f"i{pin} {pin} 0 {bench.leak}"]
        case "float":
            return [f"i{pin} {pin} 0 {bench.leak}"]
        case _:
            raise ValueError(f"{how!r}: a pin is high, low, clock, anticlock, up, down or float")


def _plug(n: Mapping[str, str], bench: Bench) -> list[str]:
    """The Pi's USB port: supply, ground, and two data lines that an attacker may drive."""
    lines = [f"vvbus vbus_ 0 {bench.vbus}", f"rvbus vbus_ {n['1']} 0.1", f"rusbground 0 {n['4']} 0.02"]
    for pin, net in (("2", "USB_DM"), ("3", "USB_DP")):
        lines += _driven(f"usb_{pin}", bench.pins.get(net, "low"), bench)
        lines.append(f"rusb{pin} usb_{pin} {n[pin]} 25")
    return lines
