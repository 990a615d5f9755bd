"""Somebody else at the broker, who speaks MQTT 5 and sees everything that is published there."""

import json
import threading
from dataclasses import dataclass, field

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

PATIENCE_SECONDS = 15.0


@dataclass(frozen=True)
class Arrival:
    """One message as it arrived."""

    topic: str
    payload: str
    retained: bool
    """Kept by the broker from before we subscribed."""
    qos: int
    expires_in: int | None = None
    content_type: str | None = None
    properties: tuple = field(default=())

    @property
    def body(self):
        """What the payload says, as JSON."""
        return json.loads(self.payload)


class Subscriber:
    """Subscribed to all topics when made; a context."""

    def __init__(self, port, *, pattern="#"):
        self._turn = threading.Condition()
        self._arrivals = []
        self._gone = False
        ready = threading.Event()
        self._client = paho.Client(
            CallbackAPIVersion.VERSION2, protocol=paho.MQTTv5, reconnect_on_failure=False
        )
        self._client.on_connect = lambda client, *_: client.subscribe(pattern, qos=1)
        self._client.on_subscribe = lambda *_: ready.set()
        self._client.on_message = self._on_message
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        assert ready.wait(PATIENCE_SECONDS), "the broker did not answer"

    @property
    def arrivals(self):
        """All that arrived so far."""
        with self._turn:
            return list(self._arrivals)

    def on(self, topic):
        """Give the payloads that arrived on one topic so far."""
        return [arrival.payload for arrival in self.arrivals if arrival.topic == topic]

    def wait(self, topic, payload=None, count=1):
        """Wait until `count` messages arrived on a topic (with this payload); the last of them."""

        def fitting():
            return [a for a in self._arrivals if a.topic == topic and payload in {None, a.payload}]

        with self._turn:
            done = self._turn.wait_for(lambda: len(fitting()) >= count, PATIENCE_SECONDS)
            assert done, f"{topic} {payload or ''} did not come {count} times: {self._arrivals}"
            return fitting()[count - 1]

    def publish(self, topic, payload, *, retain=False):
        """Publish something oneself, and wait until the broker has it."""
        self._client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(PATIENCE_SECONDS)

    def flush(self):
        """Wait until all that the broker took before now has arrived."""
        mark = f"flushed/{len(self.arrivals)}"
        self.publish(mark, "")
        self.wait(mark)

    def close(self):
        self._client.disconnect()
        self._client.loop_stop()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _on_message(self, _, __, message):
        properties = message.properties
        arrival = Arrival(
            message.topic,
            message.payload.decode(),
            retained=message.retain,
            qos=message.qos,
            expires_in=getattr(properties, "MessageExpiryInterval", None),
            content_type=getattr(properties, "ContentType", None),
            properties=tuple(getattr(properties, "UserProperty", ())),
        )
        with self._turn:
            self._arrivals.append(arrival)
            self._turn.notify_all()
