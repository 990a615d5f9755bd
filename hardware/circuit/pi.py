"""The Raspberry Pi's side of every wire: its supply, its pins, its USB port."""

from collections.abc import Mapping
from typing import Final

from circuit.bench import Bench, node
from circuit.netlist import Part, pins_of_board

CLOCK_HZ: Final = 3.072e6
DRIVER_OHM: Final = 20.0
"""A header pin driven by the Pi: stronger than it is (published: 17 mA at 1 V below the supply, 59 ohm)."""


def header(part: Part, _: Mapping[str, str], bench: Bench) -> list[str]:
    """The 40-pin header: a wire from each pin in use to the Pi, which does to it what the bench says."""
    lines = []
    gpio = {pin: number for pin, (number, _) in pins_of_board().items()}
    for pin, net in part.pins.items():
        wire = "1e12" if bench.cut & {pin, "all"} else "0.02"
        if gpio.get(pin, 0) < 0:
            lines.append(f"rwire{pin} {'0' if net == 'GND' else 'pi_supply'} {node(net)} {wire}")
        else:
            lines += [
                f"rwire{pin} pi_{pin} {node(net)} {wire}",
                f"cpad{pin} pi_{pin} 0 5p",
                f"rpad{pin} pi_{pin} 0 1e10",
            ]
            lines += _driven(f"pi_{pin}", bench.pins.get(net, "float"), bench)
    return lines


def _driven(pin: str, how: str, bench: Bench) -> list[str]:
    """What the Pi does to one of its pins."""
    period = 1 / CLOCK_HZ
    match how:
        case "high" | "low":
            return [
                f"v{pin} {pin}_ 0 {bench.supply if how == 'high' else 0}",
                f"r{pin} {pin}_ {pin} {DRIVER_OHM}",
            ]
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


def usb_port(_: Part, n: Mapping[str, str], bench: Bench) -> list[str]:
    """The Pi's USB port: supply, ground, and two data lines that an attacker may drive."""
    lines = [f"vvbus vbus_ 0 {bench.vbus}", f"rvbus vbus_ {n['1']} 0.1", f"rusbground 0 {n['4']} 0.02"]
    for pin, net in {"2": "USB_DM", "3": "USB_DP"}.items():
        lines += _driven(f"usb_{pin}", bench.pins.get(net, "low"), bench)
        lines.append(f"rusb{pin} usb_{pin} {n[pin]} 25")
    return lines
