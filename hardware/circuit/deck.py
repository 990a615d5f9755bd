"""A SPICE deck, made from the netlist and from what a bench does to the board."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from circuit.bench import Bench, node
from circuit.netlist import BUFFERS, CONTACTS, Netlist, Part, quantity
from circuit.pi import header, usb_port

LED_VOLT: Final = {"amber": 2.0, "red": 1.8, "R": 1.8, "G": 2.7, "B": 2.7}
"""Forward voltage at 2 mA, by colour."""
LIBRARY: Final = Path(__file__).with_name("models.lib")
_RGB: Final = {"1": "R", "3": "G", "4": "B"}
_THERMAL_VOLT: Final = 0.02585
Nodes = Mapping[str, str]
"""Pin number to SPICE node."""


def deck(netlist: Netlist, bench: Bench) -> list[str]:
    """Lines of the circuit and the bench, without an analysis."""
    lines = [
        f".include {LIBRARY}",
        f"vsupply pi_supply_ 0 {bench.supply}",
        "rsupply pi_supply_ pi_supply 0.1",
    ]
    for part in netlist.parts.values():
        lines += _part(part, bench)
    return lines


def _part(part: Part, bench: Bench) -> list[str]:
    model = header if part.symbol.startswith("PI_HEADER") else _MODELS.get(part.symbol)
    if model is None:
        raise ValueError(f"{part.ref}: no model for {part.symbol}; write one in circuit/deck.py")
    return model(part, {pin: node(net) for pin, net in part.pins.items()}, bench)


def _passive(part: Part, n: Nodes, bench: Bench) -> list[str]:
    value = quantity(part.value) * bench.scale.get(part.ref, 1.0)
    return [f"{part.ref.lower()} {n['1']} {n['2']} {value:g}"]


def _led(part: Part, n: Nodes, bench: Bench) -> list[str]:
    return _diode(part.ref.lower(), part.value, n["2"], n["1"], bench)


def _rgb(part: Part, n: Nodes, bench: Bench) -> list[str]:
    ref = part.ref.lower()
    colours = _RGB.items()
    return [line for pin, c in colours for line in _diode(f"{ref}{c}", c, n[pin], n["2"], bench)]


def _diode(ref: str, colour: str, anode: str, cathode: str, bench: Bench) -> list[str]:
    volt = LED_VOLT[colour] + bench.led_shift
    saturation = f"{{2e-3*exp(-({volt:g}-0.02)/(2*{_THERMAL_VOLT}))}}"
    return [f".model led_{ref} d(is={saturation} n=2 rs=10)", f"d{ref} {anode} {cathode} led_{ref}"]


def _switch(_: Part, n: Nodes, bench: Bench) -> list[str]:
    lines = []
    for contact, pins in CONTACTS.items():
        one, other = (n[pin] for pin in pins)
        closed = bench.switch == "bridged" or contact.startswith(bench.switch)
        control = bench.contacts.get(contact, f"{int(closed)}")
        lines += [f"v{contact} c_{contact} 0 {control}", f"s{contact} {one} {other} c_{contact} 0 contact"]
    return lines


def _buffer(part: Part, n: Nodes, bench: Bench) -> list[str]:
    kind = "lvc_leaking" if part.ref in bench.leaking else "lvc"
    shape = BUFFERS[part.symbol]
    feed = f"{n[shape.supply]} {n[shape.ground]} {kind}"
    return [f"x{part.ref.lower()}_{a} {n[a]} {n[y]} {feed}" for a, y in shape.ways.items()]


def _microphone(part: Part, n: Nodes, bench: Bench) -> list[str]:
    talks = part.ref == "MK1"
    source = [f"vdata data 0 {bench.data}"] if talks else []
    pins = " ".join(n[pin] for pin in "416253")
    draws = f"imic={bench.microphone:g} drive={int(talks)}"
    return [*source, f"x{part.ref.lower()} {pins} data microphone {draws}"]


def _usb_microphone(part: Part, n: Nodes, bench: Bench) -> list[str]:
    pins = " ".join(n[pin] for pin in "1234")
    return [f"x{part.ref.lower()} {pins} inner usb_microphone imic={60 * bench.microphone:g}"]


def _open(_: Part, __: Nodes, ___: Bench) -> list[str]:
    return []


_MODELS: Final[Mapping[str, Callable[[Part, Nodes, Bench], list[str]]]] = {
    "R": _passive,
    "C": _passive,
    "LED": _led,
    "LED_RGB": _rgb,
    "SW_PRIVACY": _switch,
    "SW_PUSH": _open,
    "74LVC2G34": _buffer,
    "74LVC1G34": _buffer,
    "ICS-43434": _microphone,
    "USB_A_PLUG": usb_port,
    "USB_A_SOCKET": _usb_microphone,
}
