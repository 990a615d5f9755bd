"""The courier as a process: the seam on one side, the broker on the other. It keeps nothing."""

import signal
import threading
import time
from pathlib import Path

from sottovoce.config import Config
from sottovoce.courier.deliver import publications
from sottovoce.courier.house import AllowList, States
from sottovoce.courier.link import Link
from sottovoce.courier.mqtt import Mqtt
from sottovoce.errors import ConfigError
from sottovoce.house.file import House
from sottovoce.journal import Journal
from sottovoce.wire import Acknowledged, Deliver, Happened, Ready, Status


def main(
    config: Config, seam: Path, journal: Journal, *, orders: int | None = None, house: House | None = None
) -> None:
    """Run until told to stop; `house` is what home.toml says. Raises ConfigError when no broker is named."""
    if config.broker is None:
        raise ConfigError("no broker is named", 'add [broker] host = "..." to the configuration')

    states = States(house or House())
    allowed = AllowList(config.recipients, house or House())

    def take(message: Status | Happened | Deliver) -> None:
        if isinstance(message, Deliver) and not allowed.knows(message.topic):
            journal.warn("topic_refused", kind=message.kind)  # it stays in the ear until it expires
            return
        for publication in publications(message, config.base_topic, time.time()):
            mqtt.publish(publication)

    def told(topic: str, untrusted: bytes, old: bool) -> None:  # noqa: FBT001  as mqtt.py tells it
        for news in states.read(topic, untrusted, round(time.time(), 3), old=old):
            link.send(news)

    link = Link(seam, take, journal, known=states.all)
    mqtt = Mqtt(
        config.broker,
        config.base_topic,
        lambda connected: link.send(Ready(connected=connected), greeting=True),
        lambda envelope: link.send(Acknowledged(id=envelope)),
        journal,
        link.send,
        states.topics,
        told,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=link.stop).start())
    if orders is not None:
        threading.Thread(target=_stop_at_end, args=(orders, link), name="orders", daemon=True).start()
    mqtt.start()
    link.serve()
    mqtt.stop()
    journal.note("stopped")


def _stop_at_end(orders: int, link: Link) -> None:
    """Stop when whoever started the courier is gone: the other end of its pipe closes."""
    with open(orders, "rb") as lifeline:
        lifeline.read()
    link.stop()
