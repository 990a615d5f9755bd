"""The broker, by paho-mqtt 2: MQTT 5, QoS 1, connected again and again with growing delays.

Each connection has a client of its own. What was published on one and not acknowledged is dropped
with it: paho would publish it on the next, however late, its grant revoked or not. The ear still
has it, and hands it over again.
"""

import contextlib
import logging
import random
import ssl
import threading
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, Final

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from sottovoce.config import Broker
from sottovoce.courier.backoff import delay
from sottovoce.courier.deliver import Publication, availability, request, soft_mute_topic
from sottovoce.errors import ConfigError
from sottovoce.journal import Journal
from sottovoce.wire import SoftMute

_GOODBYE_SECONDS: Final = 2.0
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
        asked: Callable[[SoftMute], None] = lambda _: None,
        states: Collection[str] = (),
        told: Callable[[str, bytes, bool], None] = lambda *_: None,
    ) -> None:
        """Tell `connected` when the broker comes or goes, `acknowledged` when it has an envelope.

        `asked` is told what somebody there asks for; `told` what comes on the topics `states`, and whether
        the broker had kept it. All are called from paho's thread. Raises ConfigError
        for a password or CA file that cannot be read.
        """
        self._broker = broker
        self._base = base
        self._connected = connected
        self._acknowledged = acknowledged
        self._journal = journal
        self._asked = asked
        self._states, self._told = frozenset(states), told
        self._password = password_of(broker)
        self._tls = tls_of(broker) if broker.tls else None
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
        """Publish at QoS 1, if the broker is there; an envelope is acknowledged once the broker has it."""
        client = self._client
        if client.is_connected():
            self._publish(client, publication)

    def stop(self) -> None:
        """Say `offline`, wait until the broker has it, and disconnect."""
        self._stopping.set()
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._connect_once()
            self._stopping.wait(delay(self._tries, random.random()))  # noqa: S311  jitter, no secret
            self._tries += 1
            self._client = self._make()

    def _connect_once(self) -> None:
        """Connect, and stay until the connection is lost or we are told to stop."""
        client = self._client
        self._over.clear()
        if self._stopping.is_set():
            return
        try:
            client.connect(self._broker.host, self._broker.port, keepalive=30)
        except (OSError, ValueError):  # ValueError: a host that is no name
            self._journal.warn("broker_unreachable", host=self._broker.host, port=self._broker.port)
            return
        client.loop_start()
        self._over.wait()
        if client.is_connected():
            goodbye = self._publish(client, availability(self._base, online=False))
            with contextlib.suppress(RuntimeError, ValueError):  # gone first: then our last will says it
                goodbye.wait_for_publish(_GOODBYE_SECONDS)
        client.disconnect()
        client.loop_stop()

    def _publish(self, client: paho.Client, publication: Publication) -> paho.MQTTMessageInfo:
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho left it untyped
        if publication.expires_in is not None:
            properties.MessageExpiryInterval = publication.expires_in
        if publication.grant:
            properties.UserProperty = [("grant", publication.grant)]
            properties.ContentType = publication.content_type
        info = client.publish(
            publication.topic, publication.payload, qos=1, retain=publication.retain, properties=properties
        )
        if publication.envelope and info.rc == MQTTErrorCode.MQTT_ERR_SUCCESS:
            self._await(client, info.mid, publication.envelope)
        return info

    def _make(self) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._base.replace("/", "-"),
            protocol=paho.MQTTv5,
            reconnect_on_failure=False,
        )
        will = availability(self._base, online=False)
        client.will_set(will.topic, will.payload, qos=1, retain=True)
        if self._broker.username:
            client.username_pw_set(self._broker.username, self._password)
        if self._tls is not None:
            client.tls_set_context(self._tls)
        client.enable_logger(logging.getLogger("sottovoce.paho"))  # at DEBUG: topics and sizes
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
        client.subscribe(soft_mute_topic(self._base), options=asked_now)
        if self._states:
            client.subscribe([(topic, SubscribeOptions(qos=1)) for topic in sorted(self._states)])
        self._publish(client, availability(self._base, online=True))
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
        if untrusted.topic in self._states:
            self._told(untrusted.topic, bytes(untrusted.payload), untrusted.retain)
            return
        wish = request(self._base, untrusted.topic, untrusted.payload, retained=untrusted.retain)
        if wish is None:
            self._journal.warn("request_refused", bytes=len(untrusted.payload), retained=untrusted.retain)
        else:
            self._asked(wish)

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


def password_of(broker: Broker) -> str | None:
    """Read the broker's password, if one is configured. Raises ConfigError."""
    if not broker.password_file:
        return None
    try:
        return Path(broker.password_file).read_text(encoding="utf-8").partition("\n")[0]
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{broker.password_file}: the broker's password cannot be read", "see [broker] password_file"
        ) from error


def tls_of(broker: Broker) -> ssl.SSLContext:
    """Make what checks the broker's certificate. Raises ConfigError."""
    try:
        context = ssl.create_default_context(cafile=broker.ca_file or None)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"{broker.ca_file}: not a CA certificate", "see [broker] ca_file") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
