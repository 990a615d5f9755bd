"""How many devices answer one wake word, in simulated houses: the real bidding, on a network that is not."""

import functools
import heapq
import itertools
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from sottovoce.ear.bids import Standing
from sottovoce.ear.rooms import Rooms
from sottovoce.vocabulary import FRAME_SAMPLES, FRAME_SECONDS, Loudness, OpenFrame
from sottovoce.wire import Bid

_FRAME: Final = OpenFrame(np.zeros(FRAME_SAMPLES, dtype=np.int16), 0, 0)
_DRIFT: Final = 500e-6
"""How much faster or slower a device's clock goes, at most."""


@dataclass(frozen=True)
class Network:
    """What stands between the devices. Times in seconds."""

    delay: float = 0.08
    """From one device to another, at most, by chance; what is said later may come first."""
    loss: float = 0.01
    """Share of messages lost on the way to the broker, and again on the way from it to each device."""
    spread: float = 0.064
    """How far apart the devices recognise the same word, at most."""
    dies: bool = False
    """Whether the broker dies at any moment of the round."""


@dataclass
class Count:
    """How many devices answered."""

    devices: int
    wakes: int = 0
    one: int = 0
    more: int = 0
    none: int = 0
    messages: int = 0
    """Published, by all devices."""
    decided: float = 0.0
    """Seconds from a device's wake word to its decision, at most."""

    def add(self, winners: int, messages: int, decided: float) -> None:
        """Count one wake."""
        self.wakes += 1
        self.one += winners == 1
        self.more += winners > 1
        self.none += winners == 0
        self.messages += messages
        self.decided = max(self.decided, decided)


class _Device:
    """One device: its rooms, on a clock of its own that has nothing to do with the others'."""

    def __init__(self, house: "_House", name: str, chance: random.Random) -> None:
        self._house = house
        self._offset, self._rate = chance.uniform(0.0, 1e6), 1.0 + chance.uniform(-_DRIFT, _DRIFT)
        loudness = Loudness(round(chance.uniform(0.0, 30.0), 1), round(chance.uniform(-50.0, -20.0), 1))
        self.rooms = Rooms(
            name, lambda _: loudness, self._clock, self._say, lambda: f"{chance.getrandbits(64):016x}"
        )
        self.woken = chance.uniform(0.0, house.network.spread)
        self.standing = Standing.OPEN
        self.decided = 0.0

    def wake(self) -> None:
        self.rooms.call(_FRAME, engaged=False)
        self._house.at(self._house.now + self._house.chance.uniform(0.0, FRAME_SECONDS), self.look)

    def look(self) -> None:
        """See to the bids once a frame, as the pipeline does."""
        standing = self.rooms.look()
        if self.standing is Standing.OPEN and standing is not Standing.OPEN:
            self.standing, self.decided = standing, self._house.now - self.woken
            self._house.undecided -= 1
        if standing is not Standing.LOST:
            self._house.at(self._house.now + FRAME_SECONDS, self.look)

    def _clock(self) -> float:
        return self._offset + self._house.now * self._rate

    def _say(self, bid: Bid) -> None:
        self._house.publish(self, bid)


class _House:
    """One wake word in a house."""

    def __init__(self, devices: int, network: Network, chance: random.Random) -> None:
        self.network, self.chance = network, chance
        self.now, self.messages, self.undecided = 0.0, 0, devices
        self._order = itertools.count()
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self.devices = [_Device(self, f"device-{number}", chance) for number in range(devices)]
        self._death = chance.uniform(0.0, 0.25) if network.dies else float("inf")
        for device in self.devices:
            self.at(device.woken, device.wake)

    def at(self, when: float, action: Callable[[], None]) -> None:
        heapq.heappush(self._events, (when, next(self._order), action))

    def run(self) -> None:
        """Go on until each device has decided."""
        while self.undecided:
            self.now, _, action = heapq.heappop(self._events)
            action()

    def publish(self, sender: _Device, bid: Bid) -> None:
        self.messages += 1
        to_broker = self.now + self.chance.uniform(0.0, self.network.delay / 2)
        if self._is_lost() or to_broker > self._death:
            return
        for device in self.devices:
            if device is not sender and device.standing is not Standing.LOST and not self._is_lost():
                arrival = to_broker + self.chance.uniform(0.0, self.network.delay / 2)
                self.at(arrival, functools.partial(device.rooms.hear, bid))

    def _is_lost(self) -> bool:
        return self.chance.random() < self.network.loss


def simulate(
    wakes: int,
    devices: Sequence[int],
    network: Network,
    seed: int = 0,
    heard: Callable[[], None] = lambda: None,
) -> list[Count]:
    """Let `wakes` wake words be heard, in houses of each of these numbers of devices in turn.

    `heard` is told of each.
    """
    chance = random.Random(seed)  # noqa: S311  the same houses again for the same seed
    counts = [Count(number) for number in devices]
    for _, count in zip(range(wakes), itertools.cycle(counts), strict=False):
        house = _House(count.devices, network, chance)
        house.run()
        winners = sum(device.standing is Standing.WON for device in house.devices)
        count.add(winners, house.messages, max(device.decided for device in house.devices))
        heard()
    return counts
