"""What the devices of the house last told of themselves, kept in memory alone."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from sottovoce.house.device import Device
from sottovoce.house.file import House
from sottovoce.wire import StateOf


@dataclass(frozen=True, slots=True)
class News:
    """What one device last told."""

    value: str | float
    seconds: float
    """How long ago; infinite when nobody knows."""


class Reported:
    """Takes states from the seam's thread, and gives them to the pipeline's."""

    def __init__(self, house: House, now: Callable[[], float]) -> None:
        """Heed the devices of this house; `now` gives seconds since the epoch."""
        self._telling = {device.label: device.is_a for device in house.device if device.state_topic}
        self._now = now
        self._last: dict[str, StateOf] = {}

    def take(self, untrusted: StateOf) -> None:
        """Keep what a device tells, if it is one that can tell that.

        What the broker had kept from before says nothing new about a state that we have from the device.
        """
        device, value = self._telling.get(untrusted.device), untrusted.value
        if device is None:
            return
        if isinstance(value, str) if device.number else value not in device.states:
            return
        known = self._last.get(untrusted.device)
        if not (untrusted.old and known and known.value == value):
            self._last[untrusted.device] = untrusted

    def of(self, device: Device) -> News | None:
        """Give what a device last told; None when it told nothing."""
        last = self._last.get(device.label)
        if last is None:
            return None
        return News(last.value, math.inf if last.old else max(0.0, self._now() - last.at))
