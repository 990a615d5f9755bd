"""Circuits that are wrong on purpose. The check is worth something only if each of them fails it."""

from collections.abc import Callable, Mapping
from typing import Final

from circuit.netlist import BUFFERS, Netlist, Part

Spoil = Callable[[Netlist], Netlist]


def supply_cut_alone(netlist: Netlist) -> Netlist:
    """What a plain switch in the supply gives: no clamp, no bleed, no buffers, 33 ohm in the clocks."""
    wires = [
        Part(f"R_{part.ref}_{come}", "R", "0.01", {"1": part.pins[come], "2": part.pins[go]})
        for part in netlist.of("74LVC")
        for come, go in BUFFERS[part.symbol].ways.items()
    ]
    series = {ref: "33R" for ref in ("R9", "R10") if ref in netlist.parts}
    return (
        netlist.without("R2", "R3", *(part.ref for part in netlist.of("74LVC")))
        .including(*wires)
        .valued(**series)
    )


def sense_before_the_switch(netlist: Netlist) -> Netlist:
    """SENSE_RAIL looks at what goes into the switch, and not at what comes out."""
    return netlist.moved("R8", _end(netlist, "R8"), _feed(netlist))


def light_from_a_gpio(netlist: Netlist) -> Netlist:
    """The light 'hears' is what the software says."""
    return netlist.moved("R4", _end(netlist, "R4"), "LIGHT_GREEN")


def no_clamp(netlist: Netlist) -> Netlist:
    """The switch's other throw leads nowhere."""
    return netlist.without("R2")


def buffers_always_fed(netlist: Netlist) -> Netlist:
    """The buffers have their supply from before the switch, and go on driving the clocks."""
    return netlist.moved("U1", "5", "+3V3").moved("U2", "5", "+3V3")


def no_series_resistors(netlist: Netlist) -> Netlist:
    """SENSE_RAIL straight on the rail: a GPIO that is driven high then feeds the microphones."""
    return netlist.valued(R8="0.01")


def ladder(netlist: Netlist) -> dict[str, Netlist]:
    """From a plain switch to this circuit, one measure after the other (I2S microphones)."""
    cut = supply_cut_alone(netlist)
    bleed = cut.including(netlist["R3"]).valued(R3="10k")
    clamp = bleed.including(netlist["R2"]).valued(R2="22R")
    series = clamp.valued(R9="470R", R10="470R")
    buffers = netlist.valued(R1="0.01", R2="22R", R3="10k", R8="10k")
    return {
        "supply cut, 33R in the clocks": cut,
        "+ 10k bleed": bleed,
        "+ rail shorted to ground through 22R": clamp,
        "+ 470R in the clocks": series,
        "+ buffers fed from the rail": buffers,
        "this circuit: short by 4R7, bleed 1k5, 6k8 in SENSE_RAIL": netlist,
    }


def _end(netlist: Netlist, ref: str) -> str:
    return next(pin for pin, net in netlist[ref].pins.items() if net == "VMIC")


def _feed(netlist: Netlist) -> str:
    return "VBUS" if netlist.of("USB_A_PLUG") else "+3V3"


_BOTH: Final[Mapping[str, Spoil]] = {
    "supply cut alone": supply_cut_alone,
    "no clamp": no_clamp,
    "sense before the switch": sense_before_the_switch,
    "light 'hears' from a GPIO": light_from_a_gpio,
}
WRONG: Final[Mapping[str, Mapping[str, Spoil]]] = {
    "i2s": {
        **_BOTH,
        "buffers always fed": buffers_always_fed,
        "no resistor in SENSE_RAIL": no_series_resistors,
    },
    "usb": _BOTH,
}
