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
_HALVES: Final = 256


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
        self._halves: dict[int, tuple[str | None, bool | None]] = {}
        self._client = self._make()

    def start(self) -> None:
        """Connect, now or as soon as the broker is there, in a thread of paho's own."""
        self._client.connect_async(self._broker.host, self._broker.port, keepalive=30)
        self._client.loop_start()

    def publish(self, publication: Publication) -> paho.MQTTMessageInfo:
        """Publish at QoS 1; an envelope is acknowledged once the broker has it."""
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho left it untyped
        if publication.expires_in is not None:
            properties.MessageExpiryInterval = publication.expires_in
        if publication.grant:
            properties.UserProperty = [("grant", publication.grant)]
            properties.ContentType = "application/json"
        info = self._client.publish(
            publication.topic, publication.payload, qos=1, retain=publication.retain, properties=properties
        )
        if info.rc == MQTTErrorCode.MQTT_ERR_SUCCESS:
            self._settle(info.mid, envelope=publication.envelope)
        return info

    def stop(self) -> None:
        """Say `offline`, wait until the broker has it, and disconnect."""
        if self._client.is_connected():
            info = self.publish(availability(self._base, online=False))
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

    def _on_connect(self, _: Any, __: Any, ____: Any, reason: Any, ___: Any) -> None:
        if reason.is_failure:
            self._journal.warn("broker_refused", reason=str(reason))
            return
        self.publish(availability(self._base, online=True))
        self._journal.note("broker_connected")
        self._connected(True)  # noqa: FBT003  the callback's only argument

    def _on_connect_fail(self, *_: Any) -> None:
        self._journal.warn("broker_unreachable", host=self._broker.host, port=self._broker.port)

    def _on_disconnect(self, *_: Any) -> None:
        with self._turn:
            self._halves.clear()  # the ear keeps what was not acknowledged, and hands it over again
        self._journal.note("broker_disconnected")
        self._connected(False)  # noqa: FBT003

    def _on_publish(self, _: Any, __: Any, mid: int, reason: Any, ___: Any) -> None:
        refused = reason is not None and reason.is_failure
        if refused:
            self._journal.warn("publish_refused", reason=str(reason))
        self._settle(mid, taken=not refused)

    def _settle(self, mid: int, *, envelope: str | None = None, taken: bool | None = None) -> None:
        """Bring together what we published as `mid` and what the broker said of it, in either order.

        No lock is held while calling paho: it calls us with its own held.
        """
        with self._turn:
            if mid not in self._halves:
                self._halves[mid] = (envelope, taken)
                if len(self._halves) > _HALVES:  # one whose other half was lost with a connection
                    del self._halves[next(iter(self._halves))]
                return
            first_envelope, first_taken = self._halves.pop(mid)
        envelope = envelope if envelope is not None else first_envelope
        if envelope and (taken if taken is not None else first_taken):
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
