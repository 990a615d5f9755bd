"""Simulated devices at a real broker: they obey, and tell how they are, as their makers' firmware does."""

import json
import threading

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion


class Device:
    """One device; a context. `got` holds each command it took."""

    topics: tuple[str, ...] = ()

    def __init__(self, port):
        self.got = []
        ready = threading.Event()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=paho.MQTTv311)
        self._client.on_connect = lambda client, *_: client.subscribe([(topic, 0) for topic in self.topics])
        self._client.on_subscribe = lambda *_: ready.set()
        self._client.on_message = lambda _, __, message: self._take(message.topic, message.payload.decode())
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        assert ready.wait(10)
        self.begin()

    def begin(self):
        """Tell what it tells when it comes up."""

    def obey(self, topic, payload):
        """Do what is asked."""

    def tell(self, topic, payload, *, retain=False):
        """Publish, and wait until the broker has it."""
        self._client.publish(topic, payload, qos=1, retain=retain).wait_for_publish(10)

    def _take(self, topic, payload):
        self.got.append((topic, payload))
        self.obey(topic, payload)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._client.disconnect()
        self._client.loop_stop()


class Zigbee2mqtt(Device):
    """A bridge with a light and a contact, which keeps its list and its states at the broker."""

    topics = ("zigbee2mqtt/+/set",)
    light = "OFF"

    def begin(self):
        devices = [
            {"friendly_name": "Coordinator", "type": "Coordinator", "definition": None},
            {
                "friendly_name": "kitchen_light",
                "definition": {"exposes": [{"type": "light", "features": [{"property": "state"}]}]},
            },
            {
                "friendly_name": "garage contact",
                "definition": {"exposes": [{"type": "binary", "property": "contact"}]},
            },
        ]
        self.tell("zigbee2mqtt/bridge/devices", json.dumps(devices), retain=True)
        self.tell(
            "zigbee2mqtt/kitchen_light", json.dumps({"state": self.light, "linkquality": 80}), retain=True
        )

    def obey(self, topic, payload):
        if topic == "zigbee2mqtt/kitchen_light/set":
            self.light = json.loads(payload).get("state", "ON")
            # no waiting: this is paho's own thread
            self._client.publish("zigbee2mqtt/kitchen_light", json.dumps({"state": self.light}), retain=True)


class Tasmota(Device):
    """A plug of Tasmota's, with its discovery for Home Assistant."""

    topics = ("cmnd/bed/+",)

    def begin(self):
        self.tell(
            "homeassistant/switch/bed/config",
            json.dumps({"name": "Bed plug", "cmd_t": "cmnd/bed/POWER", "stat_t": "stat/bed/POWER"}),
            retain=True,
        )

    def obey(self, topic, payload):
        if topic == "cmnd/bed/POWER":
            self._client.publish("stat/bed/RESULT", json.dumps({"POWER": payload}))
            self._client.publish("stat/bed/POWER", payload)


class Shelly(Device):
    """A relay of Shelly's second generation, spoken to by RPC."""

    topics = ("shellyplus1-b2/rpc",)

    def obey(self, topic, payload):
        asked = json.loads(payload)
        on = asked["params"]["on"]
        self._client.publish(
            f"{asked['src']}/rpc", json.dumps({"id": asked["id"], "result": {"was_on": not on}})
        )
        self._client.publish("shellyplus1-b2/status/switch:0", json.dumps({"id": 0, "output": on}))
