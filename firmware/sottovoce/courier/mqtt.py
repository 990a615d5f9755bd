"""The broker, by paho-mqtt 2: MQTT 5, QoS 1, connected again and again with growing delays.

Each connection has a client of its own. What was published on one and not acknowledged is dropped
with it: paho would publish it on the next, however late, its grant revoked or not. The ear still
has it, and hands it over again.
"""

import contextlib
import logging
import random
import socket
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

import paho.mqtt.client as paho
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from sottovoce.config import Broker
from sottovoce.courier import receipts
from sottovoce.courier.backoff import LONGEST_SECONDS, delay
from sottovoce.courier.client import Clients
from sottovoce.courier.deliver import Publication, availability
from sottovoce.courier.requests import request, request_topics
from sottovoce.journal import Journal
from sottovoce.wire import Erased, Request

_GOODBYE_SECONDS: Final = 2.0
_PACKET_CAP: Final = 64 * 1024
"""Bytes of the largest message that the broker may pass on to us."""
_UNREACHABLE_SECONDS: Final = 1.0
"""The longest wait for a broker that takes no connection: it is a home's own, and may be back at once."""
_AFTER_BIRTH_SECONDS: Final = 1.0
"""The longest wait before a Home Assistant that came up is told of us: by chance, as others tell it too."""
_EARLY: Final = 256
"""Answers of the broker kept for a publication that is still on its way to be noted."""


class Mqtt:
    """One connection at a time to the one broker the owner named."""

    def __init__(
        self,
        broker: Broker,
        base: str,
        connected: Callable[[bool], None],
        acknowledged: Callable[[str], None],
        journal: Journal,
        asked: Callable[[Request | Erased], None] = lambda _: None,
        *,
        recipients: Collection[str] = (),
        others: Mapping[str, Callable[[bytes], None]] = MappingProxyType({}),
        states: Collection[str] = (),
        told: Callable[[str, bytes, bool], None] = lambda *_: None,
        greetings: Sequence[Publication] = (),
        births: str = "",
        born: Callable[[], None] = lambda: None,
    ) -> None:
        """Tell `connected` when the broker comes or goes, `acknowledged` when it has an envelope.

        `asked` is told what somebody there asks for, and what `recipients` (topic prefixes) answer; `others`
        takes what comes on other topics, at QoS 0; `told` what comes on the topics `states`, and whether the
        broker had kept it. `greetings` are published at each connection, before
        `online`. After an "online" on the topic `births`, `born` is called from a thread of its own; the
        others are called from paho's. Raises ConfigError for a password or CA file that cannot be read.
        """
        self._broker = broker
        self._clients = Clients(broker)
        self._base = base
        self._connected = connected
        self._acknowledged = acknowledged
        self._journal = journal
        self._asked = asked
        self._recipients = frozenset(recipients)
        self._others = others
        self._states, self._told = frozenset(states), told
        self._greetings = greetings
        self._births = births
        self._born = born
        self._birth: threading.Timer | None = None
        self._turn = threading.Lock()
        self._unanswered: dict[tuple[paho.Client, int], str] = {}
        self._early: dict[tuple[paho.Client, int], bool] = {}
        self._client = self._make()
        self._tries = 0
        self._stopping = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="broker")

    def start(self) -> None:
        """Connect, now or as soon as the broker is there, in a thread of its own."""
        self._thread.start()

    def publish(self, publication: Publication) -> None:
        """Publish, if the broker is there; an envelope is acknowledged once the broker has it."""
        client = self._client
        if client.is_connected():
            self._publish(client, publication)

    def stop(self) -> None:
        """Say `offline`, wait until the broker has it, and disconnect."""
        self._stopping.set()
        self._over.set()
        self._thread.join()
        if self._birth is not None:
            self._birth.cancel()

    def _run(self) -> None:
        while not self._stopping.is_set():
            longest = LONGEST_SECONDS if self._connect_once() else _UNREACHABLE_SECONDS
            self._stopping.wait(delay(self._tries, random.random(), longest))  # noqa: S311  jitter, no secret
            self._tries += 1
            self._client = self._make()

    def _connect_once(self) -> bool:
        """Connect, and stay until the connection is lost or we are told to stop; whether one was made."""
        client = self._client
        self._over.clear()
        if self._stopping.is_set():
            return False
        try:
            client.connect(self._broker.host, self._broker.port, keepalive=30, properties=_small_packets())
        except (OSError, ValueError):  # ValueError: a host that is no name
            if not self._tries & (self._tries - 1):  # 0, 1, 2, 4, 8: the journal need not know of each
                self._journal.warn("broker_unreachable", host=self._broker.host, port=self._broker.port)
            return False
        client.loop_start()
        self._over.wait()
        if client.is_connected():
            goodbye = self._publish(client, availability(self._base, online=False))
            with contextlib.suppress(RuntimeError, ValueError):  # gone first: then our last will says it
                goodbye.wait_for_publish(_GOODBYE_SECONDS)
        client.disconnect()
        client.loop_stop()
        return True

    def _publish(self, client: paho.Client, publication: Publication) -> paho.MQTTMessageInfo:
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho left it untyped
        if publication.expires_in is not None:
            properties.MessageExpiryInterval = publication.expires_in
        if publication.grant:
            properties.UserProperty = [("grant", publication.grant)]
            properties.ContentType = publication.content_type
        info = client.publish(
            publication.topic,
            publication.payload,
            qos=publication.qos,
            retain=publication.retain,
            properties=properties,
        )
        if publication.envelope and info.rc == MQTTErrorCode.MQTT_ERR_SUCCESS:
            self._await(client, info.mid, publication.envelope)
        return info

    def _make(self) -> paho.Client:
        client = self._clients.make(self._base.replace("/", "-"))
        will = availability(self._base, online=False)
        client.will_set(will.topic, will.payload, qos=1, retain=True)
        client.enable_logger(logging.getLogger("sottovoce.paho"))  # at DEBUG: topics and sizes
        client.on_socket_open = _in_no_time
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        return client

    def _on_connect(self, client: paho.Client, _: Any, __: Any, reason: Any, ___: Any) -> None:
        if reason.is_failure:
            self._journal.warn("broker_refused", reason=str(reason))
            return
        self._tries = 0
        asked_now = SubscribeOptions(qos=1, retainAsPublished=True)  # so that a retained wish shows as one
        topics = request_topics(self._base) + [self._births] * bool(self._births)
        topics += receipts.topics(sorted(self._recipients))
        client.subscribe([(topic, asked_now) for topic in topics])
        for topic in self._others:
            client.subscribe(topic, options=SubscribeOptions(qos=0, noLocal=True, retainAsPublished=True))
        if self._states:
            client.subscribe([(topic, SubscribeOptions(qos=1)) for topic in sorted(self._states)])
        for greeting in (*self._greetings, availability(self._base, online=True)):
            self._publish(client, greeting)
        self._journal.note("broker_connected")
        self._connected(True)  # noqa: FBT003  the callback's only argument

    def _on_disconnect(self, *_: Any) -> None:
        with self._turn:
            self._unanswered.clear()  # the ear keeps what was not acknowledged, and hands it over again
            self._early.clear()
        self._journal.note("broker_disconnected")
        self._connected(False)  # noqa: FBT003
        self._over.set()

    def _on_message(self, _: paho.Client, __: Any, untrusted: paho.MQTTMessage) -> None:
        if untrusted.topic == self._births:
            self._come_up(bytes(untrusted.payload))
        elif untrusted.topic in self._states:
            self._told(untrusted.topic, bytes(untrusted.payload), untrusted.retain)
        elif untrusted.topic in self._others and not untrusted.retain:
            self._others[untrusted.topic](bytes(untrusted.payload))
        else:
            self._ask(untrusted)

    def _ask(self, untrusted: paho.MQTTMessage) -> None:
        """Pass on a request, or a recipient's receipt."""
        wish: Request | Erased | None
        if untrusted.topic.endswith("/receipt"):
            wish = receipts.read(untrusted.topic, bytes(untrusted.payload), self._recipients)
        else:
            wish = request(self._base, untrusted.topic, untrusted.payload, retained=untrusted.retain)
        if wish is None:
            self._journal.warn("request_refused", bytes=len(untrusted.payload), retained=untrusted.retain)
        else:
            self._asked(wish)

    def _come_up(self, untrusted_payload: bytes) -> None:
        """Tell a Home Assistant that came up of us, a moment later, and once."""
        waiting = self._birth is not None and self._birth.is_alive()
        if untrusted_payload != b"online" or waiting or self._stopping.is_set():
            return
        chance = random.uniform(0.0, _AFTER_BIRTH_SECONDS)  # noqa: S311  no secret
        self._birth = threading.Timer(chance, self._born)
        self._birth.daemon = True
        self._birth.start()

    def _on_publish(self, client: paho.Client, _: Any, mid: int, reason: Any, __: Any) -> None:
        refused = reason is not None and reason.is_failure
        if refused:
            self._journal.warn("publish_refused", reason=str(reason))
        with self._turn:
            envelope = self._unanswered.pop((client, mid), None)
            if envelope is None:  # of a state, or quicker than the thread that published
                self._early[client, mid] = not refused
                if len(self._early) > _EARLY:
                    del self._early[next(iter(self._early))]
        if envelope is not None and not refused:
            self._acknowledged(envelope)

    def _await(self, client: paho.Client, mid: int, envelope: str) -> None:
        """Wait for what the broker says of an envelope published as `mid`; it may have said it already.

        No lock is held while calling paho: it calls us with its own held.
        """
        with self._turn:
            taken = self._early.pop((client, mid), None)
            if taken is None:
                self._unanswered[client, mid] = envelope
        if taken:
            self._acknowledged(envelope)


def _small_packets() -> Properties:
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho left it untyped
    properties.MaximumPacketSize = _PACKET_CAP
    return properties


def _in_no_time(_: paho.Client, __: Any, connection: Any) -> None:
    """Have nothing small wait for the acknowledgement of what went before (Nagle)."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
