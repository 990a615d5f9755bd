"""Listen at the broker for a few seconds, for `sottovoce home discover`: nothing is published."""

import threading
from collections.abc import Sequence
from typing import Any, Final

import paho.mqtt.client as paho
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from sottovoce.config import Broker
from sottovoce.courier.client import Clients
from sottovoce.errors import UnreachableError

CAP_BYTES: Final = 4 * 1024 * 1024
"""One message larger than this is not looked at; the broker is asked not to send it."""
CAP_ALL: Final = 16 * 1024 * 1024
"""Bytes that are kept in all."""
CAP_MESSAGES: Final = 5000


def browse(broker: Broker, topics: Sequence[str], seconds: float) -> list[tuple[str, bytes]]:
    """Give what is there on `topics` within so long: topic and payload, all of it untrusted.

    Raises UnreachableError when the broker cannot be reached or refuses us.
    """
    client = Clients(broker).make("")
    found, over, refused = _Basket(), threading.Event(), []

    def on_connect(client: paho.Client, _: Any, __: Any, reason: Any, ___: Any) -> None:
        if reason.is_failure:
            refused.append(str(reason))
            over.set()
        else:
            client.subscribe([(topic, 0) for topic in topics])

    def on_message(_: paho.Client, __: Any, message: paho.MQTTMessage) -> None:
        if not found.put(message.topic, bytes(message.payload)):
            over.set()

    client.on_connect, client.on_message = on_connect, on_message
    limits = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho left it untyped
    limits.MaximumPacketSize = CAP_BYTES
    try:
        client.connect(broker.host, broker.port, keepalive=30, properties=limits)
    except (OSError, ValueError) as error:
        raise UnreachableError(
            f"{broker.host}:{broker.port}: no broker to be reached", "see [broker]"
        ) from error
    client.loop_start()
    over.wait(seconds)
    client.disconnect()
    client.loop_stop()
    if refused:
        raise UnreachableError(f"{broker.host}:{broker.port}: refused: {refused[0]}", "see [broker] username")
    return found.messages


class _Basket:
    """Keeps messages until it is full."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, bytes]] = []
        self._bytes = 0

    def put(self, topic: str, payload: bytes) -> bool:
        """Keep one message; whether there is room for more."""
        self._bytes += len(topic) + len(payload)
        if self._bytes <= CAP_ALL and len(self.messages) < CAP_MESSAGES:
            self.messages.append((topic, payload))
            return True
        return False
