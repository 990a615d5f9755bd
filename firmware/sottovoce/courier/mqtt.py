"""The broker, by paho-mqtt 2: MQTT 5, QoS 1, reconnecting by itself with growing delays."""

import contextlib
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from sottovoce.config import Broker
from sottovoce.courier.deliver import Publication, availability
from sottovoce.errors import ConfigError
from sottovoce.journal import Journal

_FIRST_DELAY: Final = 1
_LONGEST_DELAY: Final = 30
_GOODBYE_SECONDS: Final = 2.0


class Mqtt:
    """One connection to the one broker the owner named."""

    def __init__(
        self,
        broker: Broker,
        base: str,
        connected: Callable[[bool], None],
        acknowledged: Callable[[str], None],
        journal: Journal,
    ) -> None:
        """Tell `connected` when the broker comes or goes, `acknowledged` when it has an envelope.

        Both are called from paho's thread. Raises ConfigError for a password or CA file that cannot be read.
        """
        self._broker = broker
        self._base = base
        self._connected = connected
        self._acknowledged = acknowledged
        self._journal = journal
        self._turn = threading.Lock()
        self._waiting: dict[int, str] = {}
        self._client = self._make()

    def start(self) -> None:
        """Connect, now or as soon as the broker is there, in a thread of paho's own."""
        self._client.connect_async(self._broker.host, self._broker.port, keepalive=30)
        self._client.loop_start()

    def publish(self, publication: Publication) -> None:
        """Publish at QoS 1; an envelope is acknowledged once the broker has it."""
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho left it untyped
        if publication.expires_in is not None:
            properties.MessageExpiryInterval = publication.expires_in
        if publication.grant:
            properties.UserProperty = [("grant", publication.grant)]
            properties.ContentType = "application/json"
        with self._turn:
            info = self._client.publish(
                publication.topic,
                publication.payload,
                qos=1,
                retain=publication.retain,
                properties=properties,
            )
            if publication.envelope and info.rc == MQTTErrorCode.MQTT_ERR_SUCCESS:
                self._waiting[info.mid] = publication.envelope

    def stop(self) -> None:
        """Say `offline`, wait until the broker has it, and disconnect."""
        if self._client.is_connected():
            goodbye = availability(self._base, online=False)
            info = self._client.publish(goodbye.topic, goodbye.payload, qos=1, retain=True)
            with contextlib.suppress(RuntimeError, ValueError):  # gone first: then our last will says it
                info.wait_for_publish(_GOODBYE_SECONDS)
        self._client.disconnect()
        self._client.loop_stop()

    def _make(self) -> paho.Client:
        client = paho.Client(
            CallbackAPIVersion.VERSION2,
            client_id=self._base.replace("/", "-"),
            protocol=paho.MQTTv5,
        )
        client.reconnect_delay_set(_FIRST_DELAY, _LONGEST_DELAY)
        will = availability(self._base, online=False)
        client.will_set(will.topic, will.payload, qos=1, retain=True)
        if self._broker.username:
            client.username_pw_set(self._broker.username, _password(self._broker))
        if self._broker.tls:
            client.tls_set_context(_tls(self._broker))
        client.on_connect = self._on_connect
        client.on_connect_fail = self._on_connect_fail
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        return client

    def _on_connect(self, client: paho.Client, _: Any, __: Any, reason: Any, ___: Any) -> None:
        if reason.is_failure:
            self._journal.warn("broker_refused", reason=str(reason))
            return
        hello = availability(self._base, online=True)
        client.publish(hello.topic, hello.payload, qos=1, retain=True)
        self._journal.note("broker_connected")
        self._connected(True)  # noqa: FBT003  the callback's only argument

    def _on_connect_fail(self, *_: Any) -> None:
        self._journal.warn("broker_unreachable", host=self._broker.host, port=self._broker.port)

    def _on_disconnect(self, *_: Any) -> None:
        with self._turn:
            self._waiting.clear()  # the ear keeps them, and hands them over again
        self._journal.note("broker_disconnected")
        self._connected(False)  # noqa: FBT003

    def _on_publish(self, _: Any, __: Any, mid: int, reason: Any, ___: Any) -> None:
        with self._turn:
            envelope = self._waiting.pop(mid, None)
        if envelope is None:
            return
        if reason is not None and reason.is_failure:
            self._journal.warn("publish_refused", reason=str(reason))
            return
        self._acknowledged(envelope)


def _password(broker: Broker) -> str | None:
    if not broker.password_file:
        return None
    try:
        return Path(broker.password_file).read_text(encoding="utf-8").partition("\n")[0]
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{broker.password_file}: the broker's password cannot be read", "see [broker] password_file"
        ) from error


def _tls(broker: Broker) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=broker.ca_file or None)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"{broker.ca_file}: not a CA certificate", "see [broker] ca_file") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
