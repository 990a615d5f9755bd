"""Clients of the owner's broker, by paho-mqtt 2: who we are there, and what keeps others from listening."""

import os
import ssl
import threading
from pathlib import Path
from typing import Any, Final

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from sottovoce.config import Broker
from sottovoce.courier.deliver import Publication
from sottovoce.errors import ConfigError, UnreachableError

_PATIENCE_SECONDS: Final = 10.0


class Clients:
    """Makes them, all alike."""

    def __init__(self, broker: Broker) -> None:
        """Read what is needed to get in. Raises ConfigError for a password or CA file that cannot be read."""
        self._username = broker.username
        self._password = _password(broker)
        self._tls = _tls(broker) if broker.tls else None

    def make(self, identity: str) -> paho.Client:
        """Make a client of MQTT 5 that connects once, as `identity`; two of one identity end each other."""
        client = paho.Client(
            CallbackAPIVersion.VERSION2, client_id=identity, protocol=paho.MQTTv5, reconnect_on_failure=False
        )
        if self._username:
            client.username_pw_set(self._username, self._password)
        if self._tls is not None:
            client.tls_set_context(self._tls)
        return client


def publish_once(broker: Broker, identity: str, publication: Publication) -> None:
    """Connect, publish one thing, wait until the broker has it. Raises ConfigError, UnreachableError."""
    where = f"{broker.host}:{broker.port}"
    client = Clients(broker).make(identity)
    answered = threading.Event()
    refusals: list[str] = []

    def on_connect(_: paho.Client, __: Any, ___: Any, reason: Any, ____: Any) -> None:
        if reason.is_failure:
            refusals.append(str(reason))
        answered.set()

    client.on_connect = on_connect
    try:
        client.connect(broker.host, broker.port)
    except (OSError, ValueError) as error:
        raise UnreachableError(f"{where}: the broker cannot be reached", "see [broker]") from error
    client.loop_start()
    try:
        if not answered.wait(_PATIENCE_SECONDS):
            raise UnreachableError(f"{where}: no answer from the broker", "see [broker]")
        if refusals:
            raise UnreachableError(f"{where}: the broker refuses: {refusals[0]}", "see [broker]")
        info = client.publish(publication.topic, publication.payload, qos=1, retain=publication.retain)
        info.wait_for_publish(_PATIENCE_SECONDS)
        if not info.is_published():
            raise UnreachableError(f"{where}: the broker did not take it", "try again")
    except (RuntimeError, ValueError) as error:
        raise UnreachableError(f"{where}: the broker hung up", "see its log") from error
    finally:
        client.disconnect()
        client.loop_stop()


def _password(broker: Broker) -> str | None:
    if not broker.password_file:
        return None
    path = Path(os.environ.get("CREDENTIALS_DIRECTORY", ""), broker.password_file)
    try:
        return path.read_text(encoding="utf-8").partition("\n")[0]
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{path}: the broker's password cannot be read", "see [broker] password_file"
        ) from error


def _tls(broker: Broker) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=broker.ca_file or None)
    except (OSError, ssl.SSLError) as error:
        raise ConfigError(f"{broker.ca_file}: not a CA certificate", "see [broker] ca_file") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
