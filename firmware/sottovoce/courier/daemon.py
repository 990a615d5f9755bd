"""The courier as a process: the seam on one side, the broker on the other. It keeps nothing."""

import signal
import threading
import time
from pathlib import Path

from sottovoce import __version__
from sottovoce.config import Config
from sottovoce.courier import homeassistant
from sottovoce.courier.deliver import Publication, availability, firmware, publications
from sottovoce.courier.link import Link
from sottovoce.courier.mqtt import Mqtt
from sottovoce.errors import ConfigError
from sottovoce.journal import Journal
from sottovoce.wire import Acknowledged, Deliver, Happened, Ready, Status


def main(config: Config, seam: Path, journal: Journal, *, orders: int | None = None) -> None:
    """Run until told to stop. Raises ConfigError when no broker is named."""
    if config.broker is None:
        raise ConfigError("no broker is named", 'add [broker] host = "..." to the configuration')

    greetings, births = _greetings(config)
    status: list[Publication] = []  # as the ear last told it

    def take(message: Status | Happened | Deliver) -> None:
        told = publications(message, config.base_topic, time.time())
        if isinstance(message, Status):
            status[:] = told
        for publication in told:
            mqtt.publish(publication)

    def tell_again() -> None:
        for publication in (*greetings, availability(config.base_topic, online=True), *status):
            mqtt.publish(publication)

    link = Link(seam, take, journal)
    mqtt = Mqtt(
        config.broker,
        config.base_topic,
        lambda connected: link.send(Ready(connected=connected), greeting=True),
        lambda envelope: link.send(Acknowledged(id=envelope)),
        journal,
        link.send,
        greetings=greetings,
        births=births,
        born=tell_again,
    )
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=link.stop).start())
    if orders is not None:
        threading.Thread(target=_stop_at_end, args=(orders, link), name="orders", daemon=True).start()
    mqtt.start()
    link.serve()
    mqtt.stop()
    journal.note("stopped")


def _greetings(config: Config) -> tuple[list[Publication], str]:
    """Give what is told at each connection, and where Home Assistant says that it came up."""
    greetings = [firmware(config.base_topic, __version__)]
    if not config.home_assistant.discovery:
        return greetings, ""
    return [homeassistant.announcement(config), *greetings], homeassistant.births(config)


def _stop_at_end(orders: int, link: Link) -> None:
    """Stop when whoever started the courier is gone: the other end of its pipe closes."""
    with open(orders, "rb") as lifeline:
        lifeline.read()
    link.stop()
