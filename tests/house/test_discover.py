"""What the broker tells becomes a home.toml that loads, whatever it tells."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.house import file
from sottovoce.house.discover import CAP_DEVICES, HASS, ZIGBEE, propose, spoken


def zigbee(*devices):
    """Make zigbee2mqtt's list of (name, what it exposes)."""
    return ZIGBEE, json.dumps(
        [{"friendly_name": name, "definition": {"exposes": exposes}} for name, exposes in devices]
    ).encode()


def has_state(kind):
    """Make what zigbee2mqtt exposes of a thing with a state."""
    return {"type": kind, "features": [{"property": "state"}, {"property": "brightness"}]}


def proposed(*messages):
    """Propose, and load what is proposed."""
    text, count = propose(messages)
    house = file.parse(text, "proposed")
    assert len(house.device) == count
    return house.device


def test_zigbee2mqtts_devices_are_proposed():
    """Lights, locks, contacts and sensors by names one can say, wired as home.toml wires them."""
    light, lock, warmth, contact = proposed(
        zigbee(
            ("kitchen_light_2", [has_state("light"), {"type": "numeric", "property": "linkquality"}]),
            ("Haustür", [has_state("lock"), {"type": "numeric", "property": "temperature"}]),
            ("garage contact", [{"type": "binary", "property": "contact"}]),
            ("two gangs", [{"type": "switch", "features": [{"property": "state_left"}]}]),
        )
    )
    assert (light.said, light.topic_for("on")) == ("kitchen light two", "zigbee2mqtt/kitchen_light_2/set")
    assert (lock.said, lock.topic_for("unlock")) == ("haustür", "zigbee2mqtt/Haustür/set")
    assert (warmth.said, warmth.state_topic) == ("haustür temperature", "zigbee2mqtt/Haustür")
    assert contact.said == "garage contact"


def hass(component, told, node=""):
    """Make a discovery message of Home Assistant's."""
    return f"homeassistant/{component}/{node}thing/config", json.dumps(told).encode()


def test_home_assistants_discovery_is_proposed():
    """Single components and whole devices, short keys and long; own topics and zigbee2mqtt's are left out."""
    found = proposed(
        hass(
            "switch",
            {"name": None, "~": "tele/plug", "cmd_t": "~/set", "stat_t": "~/state"}
            | {"dev": {"name": "Plug", "sa": "Kitchen"}},
        ),
        hass(
            "light",
            {"name": "Kitchen lamp", "schema": "json", "command_topic": "l/set", "brightness": True},
            "node/",
        ),
        hass(
            "cover",
            {"name": "Gate", "device_class": "gate", "cmd_t": "g/set", "pl_open": "up", "pl_cls": "down"}
            | {"stat_t": "g", "val_tpl": "{{ value_json.pos.state }}"},
        ),
        hass(
            "sensor",
            {"name": "Warmth", "dev_cla": "temperature", "stat_t": "s", "val_tpl": "{{ value_json['t'] }}"},
        ),
        hass(
            "binary_sensor",
            {"name": "Window", "dev_cla": "window", "stat_t": "w", "val_tpl": "{{ value | lower }}"},
        ),
        hass(
            "device",
            {"dev": {"name": "Fan"}, "cmps": {"a": {"p": "fan", "cmd_t": "f/$x", "pl_on": "$1"}, "b": 3}},
        ),
        hass("switch", {"name": "Twice", "cmd_t": "zigbee2mqtt/a/set"}),
        hass("switch", {"name": "Own", "cmd_t": "sottovoce/home/mute/soft/set"}),
        hass("button", {"name": "Press", "cmd_t": "b/set"}),
    )
    plug, lamp, gate, warmth, fan = found
    assert (plug.label, plug.topic_for("on"), plug.state_topic) == (
        "kitchen plug",
        "tele/plug/set",
        "tele/plug/state",
    )
    assert lamp.payload_for("dim", 100) == b'{"state":"ON","brightness":255}'
    assert (gate.type, gate.payload_for("close"), gate.wires.state.path) == ("gate", b"down", "pos.state")
    assert gate.asks
    assert warmth.wires.state.path == "t"
    assert (fan.topic_for("on"), fan.payload_for("on")) == ("f/$x", b"$1")


KEYS = """friendly_name definition exposes type features property name ~ cmd_t command_topic stat_t dev cmps p
platform dev_cla schema brightness bri_cmd_t bri_scl pl_on payload_on val_tpl device sa"""
SLY = [
    "a/set", "a/+/b", "#", "$SYS/x", 'x"\n[[device]]\ntype = "lock"', "light", "temperature", "~/x",
    "{{ value_json.a }}",
]  # fmt: skip
leaves = st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=12) | st.sampled_from(SLY)
keys = st.sampled_from(KEYS.split()) | st.text(max_size=6)
trees = st.recursive(
    leaves, lambda more: st.lists(more, max_size=3) | st.dictionaries(keys, more, max_size=6), max_leaves=25
)
topics = st.sampled_from(
    [
        ZIGBEE,
        *(f"homeassistant/{one}/x/config" for one in ("light", "switch", "cover", "sensor", "fan", "device")),
    ]
)


@given(st.lists(st.tuples(topics, trees), max_size=4))
def test_whatever_is_told_the_proposal_loads(told):
    """No bytes at the broker make it fail, or put a key, a table or a line into the file."""
    proposed(*((topic, json.dumps(tree).encode()) for topic, tree in told))


_others = ("name", "stat_t", "pl_on", "pl_off", "val_tpl", "dev_cla", "bri_cmd_t", "bri_scl", "schema", "dev")
_fields = {"cmd_t": st.sampled_from(["a", "b/c"]) | trees, **dict.fromkeys(_others, trees)}


@given(
    st.sampled_from(["light", "switch", "lock", "cover", "fan"]), st.fixed_dictionaries({}, optional=_fields)
)
def test_whatever_a_device_says_of_itself_the_proposal_loads(component, told):
    """The same, of messages that look like devices."""
    proposed(hass(component, told))


@given(st.text(max_size=60))
def test_a_name_can_be_said(name):
    """Letters and single spaces, or nothing."""
    said = spoken(name)
    assert said == " ".join(said.split())
    assert all(word.isalpha() for word in said.split())
    assert len(said) <= 40


def test_it_is_capped():
    """A million devices are three hundred, each with a name of its own or none."""
    many = zigbee(*((f"light {number}", [has_state("light")]) for number in range(5000)))
    assert len(proposed(many)) == CAP_DEVICES
    same = zigbee(*(("light", [has_state("light")]) for _ in range(5000)))
    assert len(proposed(same)) == 9


@pytest.mark.parametrize(
    "topic", ["homeassistant/light/a/b/c/config", "homeassistant/light/config", "x/light/a/config"]
)
def test_other_topics_are_none(topic):
    """Only what Home Assistant itself would read."""
    assert HASS.fullmatch(topic) is None
