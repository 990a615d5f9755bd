"""A figure that the check finds, its bound, and the spread of parts it is found over."""

import random
from dataclasses import dataclass
from typing import Final

from circuit.bench import Bench
from circuit.netlist import Netlist

SEED: Final = 1
VIL: Final = 0.8
VIH: Final = 2.0
"""Levels a Pi is sure to read as low and as high: Raspberry Pi documentation, GPIO, table for the BCM2711
(Pi 4), the stricter of the two tables there (BCM2837: 0.9 V and 1.6 V). Volts."""
ALIVE: Final = 1.65
"""The lowest supply an ICS-43434 is specified for, volts."""


@dataclass(frozen=True)
class Figure:
    """One line of the table."""

    key: str
    what: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None
    note: str = ""

    @property
    def holds(self) -> bool:
        """Whether the value keeps its bound. One that has none is told, not judged."""
        low, high = self.at_least, self.at_most
        return (low is None or self.value >= low) and (high is None or self.value <= high)

    @property
    def bound(self) -> str:
        """The bound in words."""
        if self.at_most is not None:
            return f"at most {self.at_most:g}"
        return "" if self.at_least is None else f"at least {self.at_least:g}"


@dataclass(frozen=True)
class Spread:
    """How many boards, each of parts at one end of their tolerance, are tried beside the nominal one."""

    boards: int = 48
    thorough: bool = True
    """Whether every pattern of the header's pins is tried, and each fault with clocks too. It takes long."""

    def benches(self, netlist: Netlist, **settings: object) -> list[Bench]:
        """The nominal board and `boards` others, drawn with a fixed seed; `settings` hold for all."""
        draw = random.Random(SEED)
        benches = [Bench(**settings)]  # type: ignore[arg-type]  # settings are Bench's own fields
        for _ in range(self.boards):
            ends = {
                "scale": {
                    part.ref: 1 + draw.choice((-1, 1)) * (0.2 if part.symbol == "C" else 0.01)
                    for part in netlist.of("R", "C")
                },
                "led_shift": draw.choice((-0.2, 0.2)),
                "microphone": draw.choice((0.2e-3, 1e-3)),
                "supply": draw.choice((3.0, 3.6)),
                "vbus": draw.choice((4.4, 5.25)),
                "pull_ohm": draw.choice((33e3, 73e3)),
                "leak": draw.choice((-10e-6, 10e-6)),
            }
            benches.append(Bench(**(ends | settings)))  # type: ignore[arg-type]
        return benches
