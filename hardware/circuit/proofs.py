"""What can be proved of the circuit by looking at its netlist alone, without a simulation."""

from dataclasses import dataclass

from circuit.netlist import BUFFERS, Netlist, pins_of_board

RAILS = frozenset({"+3V3", "GND", "VMIC", "VBUS"})
"""Nets that a supply holds: what hangs on one is not driven by what else hangs on it."""


@dataclass(frozen=True)
class Proof:
    """A claim, and what speaks against it: nothing, when it holds."""

    claim: str
    against: str

    @property
    def holds(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.against


def prove(netlist: Netlist) -> list[Proof]:
    """Try every claim on a circuit."""
    usb = bool(netlist.of("USB_A_SOCKET"))
    return [
        _pins(netlist),
        _shares(netlist),
        _lights(netlist),
        _switch(netlist, "VBUS" if usb else None),
        *([_data_lines(netlist)] if usb else [_buffers(netlist)]),
    ]


def _proof(claim: str, against: list[str]) -> Proof:
    return Proof(claim, "; ".join(against))


def _pins(netlist: Netlist) -> Proof:
    board = {pin: net for pin, (_, net) in pins_of_board().items()}
    against = [
        f"header pin {pin} is on {net}, board.toml says {board.get(pin, 'unused')}"
        for pin, net in netlist.header.pins.items()
        if board.get(pin) != net
    ]
    missing = sorted(set(board.values()) - netlist.header.nets)
    if netlist.of("ICS") and missing:
        against.append(f"not on the header: {', '.join(missing)}")
    return _proof("every pin of the header is on the net that board.toml names", against)


def _microphones(netlist: Netlist) -> frozenset[str]:
    return frozenset().union(*(part.nets for part in netlist.of("ICS-43434", "USB_A_SOCKET")))


def _shares(netlist: Netlist) -> Proof:
    shared = netlist.header.nets & _microphones(netlist)
    return _proof(
        "header and microphone share no net but GND",
        [f"both on {net}" for net in sorted(shared - {"GND"})] or ([] if shared else ["not even GND"]),
    )


def _lights(netlist: Netlist) -> Proof:
    """Cut at the supplies, nothing joins the hard-wired LEDs to a GPIO."""
    gpio = {
        netlist.header.pins[pin]
        for pin, (number, _) in pins_of_board().items()
        if number >= 0 and pin in netlist.header.pins
    }
    against = []
    for part in netlist.of("LED"):
        if part.symbol == "LED_RGB":
            continue
        joined = {net for island in netlist.islands(RAILS) if island & part.nets for net in island & gpio}
        against += [f"{part.ref} ({part.value}) hangs on {net}" for net in sorted(joined)]
    return _proof("no GPIO in the path of the lights 'hears' and 'deaf'", against)


def _switch(netlist: Netlist, feed: str | None) -> Proof:
    """Pole A joins the microphones' supply to its feed or to ground, each through at most one resistor."""
    live, common, mute = (netlist["SW1"].pins[pin] for pin in "123")
    behind = _behind(netlist, live) if feed is None else {live}
    against = []
    if common != "VMIC":
        against.append(f"its common contact is on {common}, not on VMIC")
    if (feed or "+3V3") not in behind:
        against.append(f"its live contact does not lead to {feed or '+3V3'}")
    if "GND" not in _behind(netlist, mute):
        against.append("its mute contact does not lead to GND: nothing holds the rail down")
    return _proof("the switch feeds the microphones' rail, or shorts it to ground", against)


def _behind(netlist: Netlist, net: str) -> set[str]:
    ends = [part.nets for part in netlist.of("R") if part.symbol == "R" and net in part.nets]
    return {other for nets in ends for other in nets - {net}}


def _buffers(netlist: Netlist) -> Proof:
    against = [
        f"{part.ref} is fed from {part.pins['5']}, not from VMIC"
        for part in netlist.of("74LVC")
        if part.pins["5"] != "VMIC"
    ]
    driven = {part.pins[pin] for part in netlist.of("74LVC") for pin in BUFFERS[part.symbol].ways.values()}
    for part in netlist.of("ICS-43434"):
        against += [
            f"{part.ref}: no buffer drives {part.pins[pin]}" for pin in "41" if part.pins[pin] not in driven
        ]
    return _proof(
        "clocks reach the microphones only through buffers that have their supply from the same rail", against
    )


def _data_lines(netlist: Netlist) -> Proof:
    plug, socket = netlist.of("USB_A_PLUG")[0], netlist.of("USB_A_SOCKET")[0]
    shared = plug.nets & socket.nets
    wanted = {"GND", "USB_DM", "USB_DP"}
    return _proof(
        "plug and microphone share GND, D+ and D-, and not VBUS (this is the weaker claim)",
        [] if shared == wanted else [f"they share {', '.join(sorted(shared))}"],
    )
