"""What a bench does to the board, and what it calls the board's nets."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field


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
