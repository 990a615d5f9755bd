"""What the audience sees: the processes' own trace, the owner's terminal, the broker's traffic."""

import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final, Generic, TypeVar

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from sottovoce.errors import SottovoceError

PATIENCE_SECONDS: Final = 12.0

Item = TypeVar("Item")


class UnexpectedTurnError(SottovoceError):
    """The story did not go as it should."""


class Seen(Generic[Item]):
    """Things in the order in which they came, from any thread."""

    def __init__(self) -> None:
        """Begin empty."""
        self._items: list[Item] = []
        self._turn = threading.Condition()

    def add(self, item: Item) -> None:
        """See one more."""
        with self._turn:
            self._items.append(item)
            self._turn.notify_all()

    @property
    def count(self) -> int:
        """How many were seen so far: a mark to look from."""
        return len(self._items)

    def since(self, mark: int) -> list[Item]:
        """All seen after `mark`."""
        return self._items[mark:]

    def wait(self, what: str, fits: Callable[[Item], bool], mark: int = 0) -> Item:
        """Wait for one that fits, after `mark`. Raises UnexpectedTurnError when none comes in time."""
        with self._turn:
            self._turn.wait_for(lambda: any(map(fits, self._items[mark:])), PATIENCE_SECONDS)
            for item in self._items[mark:]:
                if fits(item):
                    return item
        raise UnexpectedTurnError(f"demo: waited {PATIENCE_SECONDS:.0f} s for {what}; it did not come")


class Lines:
    """Reads lines off a pipe whose writing end is handed to the processes."""

    def __init__(self, take: Callable[[str], None]) -> None:
        """Give each line to `take`."""
        self._read, self.write = os.pipe()
        self._take = take
        self._thread = threading.Thread(target=self._run, name="lines", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Let go of the writing end, and read what is left."""
        os.close(self.write)
        self._thread.join(timeout=2.0)

    def _run(self) -> None:
        with open(self._read, encoding="utf-8", errors="replace") as lines:  # noqa: PTH123  a descriptor has no path
            for line in lines:
                self._take(line.rstrip("\n"))


@dataclass(frozen=True, slots=True)
class Arrival:
    """One MQTT message as a subscriber got it."""

    topic: str
    payload: str = field(repr=False)
    at: float
    """Monotonic time, seconds."""


class Subscriber:
    """Somebody else on the broker, who sees everything that is published there."""

    def __init__(self, port: int) -> None:
        """Subscribe to every topic of the broker on a loopback port."""
        self.seen: Seen[Arrival] = Seen()
        ready = threading.Event()
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        self._client.on_connect = lambda client, *_: client.subscribe("#", qos=1)
        self._client.on_subscribe = lambda *_: ready.set()
        self._client.on_message = self._on_message
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        if not ready.wait(PATIENCE_SECONDS):
            raise UnexpectedTurnError("demo: the broker did not answer")

    def close(self) -> None:
        """Disconnect."""
        self._client.disconnect()
        self._client.loop_stop()

    def _on_message(self, _: Any, __: Any, message: paho.MQTTMessage) -> None:
        self.seen.add(Arrival(message.topic, message.payload.decode(errors="replace"), time.monotonic()))


def trace_line(seen: Seen[dict[str, Any]]) -> Callable[[str], None]:
    """Take the journal's trace: a JSON object a line."""

    def take(line: str) -> None:
        seen.add(json.loads(line))

    return take
