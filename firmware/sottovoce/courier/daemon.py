"""The courier as a process: the seam on one side, the broker on the other. It keeps nothing."""

import signal
import threading
import time
from pathlib import Path

from sottovoce import __version__
from sottovoce.config import Config
from sottovoce.courier import homeassistant, rooms
from sottovoce.courier.deliver import Publication, availability, firmware, publications
from sottovoce.courier.house import AllowList, States
from sottovoce.courier.link import Link
from sottovoce.courier.mqtt import Mqtt
from sottovoce.errors import ConfigError
from sottovoce.house.file import House
from sottovoce.journal import Journal
from sottovoce.wire import Acknowledged, Bid, Deliver, Erase, Happened, Ready, Status


class Courier:
    """One running courier."""

    def __init__(self, config: Config, seam: Path, journal: Journal, house: House) -> None:
        """Stand between the seam and the broker; `house` is what home.toml says.

        Raises ConfigError when no broker is named.
        """
        if config.broker is None:
            raise ConfigError("no broker is named", 'add [broker] host = "..." to the configuration')
        self._config, self._journal = config, journal
        self._states, self._allowed = States(house), AllowList(config.recipients, house)
        self._greetings, births = _greetings(config)
        self._status: list[Publication] = []  # as the ear last told it
        self._throttle = rooms.Throttle()
        self.link = Link(seam, self.take, journal, known=self._states.all)
        self._mqtt = Mqtt(
            config.broker,
            config.base_topic,
            lambda connected: self.link.send(Ready(connected=connected), greeting=True),
            lambda envelope: self.link.send(Acknowledged(id=envelope)),
            journal,
            self.link.send,
            recipients=[recipient.topic for recipient in config.recipients],
            others={rooms.topic(config.rooms.group): self.hear} if config.rooms.share else {},
            states=self._states.topics,
            told=self.told,
            greetings=self._greetings,
            births=births,
            born=self.tell_again,
        )

    def run(self) -> None:
        """Serve until the link is stopped."""
        self._mqtt.start()
        self.link.serve()
        self._mqtt.stop()

    def take(self, message: Status | Happened | Deliver | Erase | Bid) -> None:
        """Publish what the ear says."""
        if isinstance(message, Bid):
            if self._config.rooms.share:
                self._mqtt.publish(rooms.publication(message, self._config.rooms.group))
            return
        if isinstance(message, Deliver) and not self._allowed.knows(message.topic):
            self._journal.warn("topic_refused", kind=message.kind)  # it stays in the ear until it expires
            return
        told = publications(message, self._config.base_topic, time.time())
        if isinstance(message, Status):
            self._status = told
        for publication in told:
            self._mqtt.publish(publication)

    def told(self, topic: str, untrusted: bytes, old: bool) -> None:  # noqa: FBT001  as mqtt.py tells it
        """Pass on what a device of the house tells of itself."""
        for news in self._states.read(topic, untrusted, round(time.time(), 3), old=old):
            self.link.send(news)

    def tell_again(self) -> None:
        """Tell a Home Assistant that came up all there is."""
        online = availability(self._config.base_topic, online=True)
        for publication in (*self._greetings, online, *self._status):
            self._mqtt.publish(publication)

    def hear(self, untrusted_payload: bytes) -> None:
        """Pass another device's bid on to the ear, if there are not too many."""
        if self._throttle.lets_through(time.monotonic()) and (bid := rooms.read(untrusted_payload)):
            self.link.send(bid)


def main(
    config: Config, seam: Path, journal: Journal, *, orders: int | None = None, house: House | None = None
) -> None:
    """Run until told to stop; `house` is what home.toml says. Raises ConfigError when no broker is named."""
    courier = Courier(config, seam, journal, house or House())
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=courier.link.stop).start())
    if orders is not None:
        waits = threading.Thread(target=_stop_at_end, args=(orders, courier.link), name="orders", daemon=True)
        waits.start()
    courier.run()
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
