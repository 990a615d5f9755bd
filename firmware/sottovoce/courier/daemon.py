"""The courier as a process: the seam on one side, the broker on the other. It keeps nothing."""

import signal
import threading
import time
from pathlib import Path

from sottovoce.config import Config
from sottovoce.courier import rooms
from sottovoce.courier.deliver import publications
from sottovoce.courier.link import Link
from sottovoce.courier.mqtt import Mqtt
from sottovoce.errors import ConfigError
from sottovoce.journal import Journal
from sottovoce.wire import Acknowledged, Bid, Deliver, Erase, Happened, Ready, Status


def main(config: Config, seam: Path, journal: Journal, *, orders: int | None = None) -> None:
    """Run until told to stop. Raises ConfigError when no broker is named."""
    if config.broker is None:
        raise ConfigError("no broker is named", 'add [broker] host = "..." to the configuration')

    def take(message: Status | Happened | Deliver | Erase | Bid) -> None:
        if isinstance(message, Bid):
            if config.rooms.share:
                mqtt.publish(rooms.publication(message, config.rooms.group))
            return
        for publication in publications(message, config.base_topic, time.time()):
            mqtt.publish(publication)

    def hear(untrusted_payload: bytes) -> None:
        if throttle.lets_through(time.monotonic()) and (bid := rooms.read(untrusted_payload)):
            link.send(bid)

    throttle = rooms.Throttle()
    link = Link(seam, take, journal)
    mqtt = Mqtt(
        config.broker,
        config.base_topic,
        lambda connected: link.send(Ready(connected=connected), greeting=True),
        lambda envelope: link.send(Acknowledged(id=envelope)),
        journal,
        link.send,
        [recipient.topic for recipient in config.recipients],
        {rooms.topic(config.rooms.group): hear} if config.rooms.share else {},
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
