"""How soon a broker that came up knows all that Home Assistant is told of the device.

The real pair runs; the broker is stopped for a while, by chance, and comes up knowing nothing.
"""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from sottovoce.config import Config, load
from sottovoce.courier.homeassistant import announcement, message
from sottovoce.demo.observers import Subscriber
from sottovoce.demo.scene import Scene

AWAY_SECONDS: Final = 8.0
"""The broker is away for so long at most."""
_LATER: Final = frozenset({"last_sent"})
"""Has no state before something was sent."""


@dataclass(frozen=True, slots=True)
class DiscoveryReport:
    """From the moment at which the broker took connections until all was there, milliseconds."""

    rounds: int
    median: float
    p95: float
    max: float


def measure(rounds: int, done: Callable[[], None]) -> DiscoveryReport:
    """Stop and start the broker so many times; `done` is called after each.

    Raises SottovoceError: a program is missing, a process did not start, something never came.
    """
    with (
        TemporaryDirectory(prefix="sottovoce-bench-") as folder,
        Scene(Path(folder), lambda _: None) as scene,
    ):
        topics = _topics(load(scene.config))
        times = [_once(scene, topics, done) for _ in range(rounds)]
    return DiscoveryReport(
        rounds, float(np.median(times)), float(np.percentile(times, 95)), float(np.max(times))
    )


def _once(scene: Scene, topics: frozenset[str], done: Callable[[], None]) -> float:
    scene.broker.stop()
    threading.Event().wait(random.uniform(0.0, AWAY_SECONDS))  # noqa: S311  no secret
    scene.broker.start()
    at = time.monotonic()
    subscriber = Subscriber(scene.broker.port)
    try:
        arrived = max(_arrival(subscriber, topic) for topic in topics)
    finally:
        subscriber.close()
    done()
    return (arrived - at) * 1000


def _arrival(subscriber: Subscriber, topic: str) -> float:
    return subscriber.seen.wait(topic, lambda got: got.topic == topic).at


def _topics(config: Config) -> frozenset[str]:
    """Name what Home Assistant needs: the message, whether the device is there, and each state."""
    told = message(config)
    entities = [one for key, one in told["components"].items() if key not in _LATER]
    states = {one["state_topic"] for one in entities if "state_topic" in one and one["platform"] != "event"}
    return frozenset({announcement(config).topic, told["availability_topic"], *states})
