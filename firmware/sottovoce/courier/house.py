"""The courier's part of the house: on which topics it may speak to devices, and what they tell of themselves.

It keeps the last state of each in memory, for an ear that comes later.
"""

from collections.abc import Iterable

from sottovoce.config import Recipient
from sottovoce.house.file import House
from sottovoce.house.reading import read
from sottovoce.house.wiring import topics
from sottovoce.wire import StateOf

AGAIN_SECONDS = 60.0
"""The same state is passed on again after so long, so that the ear knows it for fresh."""


class AllowList:
    """The topics that the configuration knows: whatever the ear says, nothing is published elsewhere."""

    def __init__(self, recipients: Iterable[Recipient], house: House) -> None:
        """Allow what is under the recipients' prefixes, and the devices' own command topics."""
        self._prefixes = tuple(f"{recipient.topic}/" for recipient in recipients)
        self._topics = topics(house)

    def knows(self, topic: str) -> bool:
        """Whether something may be published there."""
        return topic in self._topics or topic.startswith(self._prefixes)


class States:
    """Reads what devices tell, into what the ear may be told."""

    def __init__(self, house: House) -> None:
        """Know the devices that tell something."""
        self._devices = [(device.state_topic, device) for device in house.device if device.state_topic]
        self._last: dict[str, StateOf] = {}

    @property
    def topics(self) -> frozenset[str]:
        """Where to listen."""
        return frozenset(topic for topic, _ in self._devices)

    def read(self, topic: str, untrusted: bytes, at: float, *, old: bool) -> list[StateOf]:
        """Give the news in a message that came `at` (seconds since the epoch): one a device it tells of.

        `old` says that the broker had kept it from before.
        """
        news = []
        for known, device in self._devices:
            value = read(device, untrusted) if known == topic else None
            if value is None:
                continue
            state, last = (
                StateOf(device=device.label, value=value, at=at, old=old),
                self._last.get(device.label),
            )
            if last and last.value == value and (old or (not last.old and 0 <= at - last.at < AGAIN_SECONDS)):
                continue
            self._last[device.label] = state
            news.append(state)
        return news

    def all(self) -> list[StateOf]:
        """Give the last state of every device that told one."""
        return list(self._last.values())
