"""What devices say of themselves: read as their makers say, and never more than our own few words."""

import json
import math

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.house import HOUSE
from sottovoce.house.device import PRESETS, Device
from sottovoce.house.reading import CAP, LARGEST, read
from sottovoce.house.types import TYPES


def made(kind, name, **more):
    """Make a device of a kind."""
    return msgspec.convert({"type": name, "kind": kind, "id": "x", "object": "y", **more}, Device)


@pytest.mark.parametrize(
    ("device", "payload", "value"),
    [
        (made("zigbee2mqtt", "light"), '{"brightness":254,"state":"ON"}', "on"),
        (made("zigbee2mqtt", "contact"), '{"battery":91,"contact":false}', "open"),
        (made("zigbee2mqtt", "contact"), '{"contact":true}', "closed"),
        (made("zigbee2mqtt", "lock"), '{"state":"LOCK"}', "locked"),
        (made("zigbee2mqtt", "temperature"), '{"temperature":21.46}', 21.46),
        (made("zigbee2mqtt", "contact"), '{"battery":91}', None),
        (made("tasmota", "switch"), "OFF", "off"),
        (made("tasmota", "cover"), '{"Shutter1":{"Position":40,"Direction":0}}', "open"),
        (made("tasmota", "cover"), '{"Shutter1":{"Position":0}}', "closed"),
        (made("tasmota", "cover"), '{"POWER":"ON"}', None),
        (
            made("tasmota", "humidity", state={"path": "SI7021.Humidity"}),
            '{"SI7021":{"Humidity":55.1}}',
            55.1,
        ),
        (made("shelly", "switch"), "on", "on"),
        (made("shelly", "switch"), "overpower", None),
        (made("shelly", "cover"), "100", "open"),
        (made("shelly", "cover"), "-1", None),
        (made("shelly", "temperature"), "19.50", 19.5),
        (made("shelly-gen2", "switch"), '{"id":0,"output":true}', "on"),
        (made("shelly-gen2", "cover"), '{"state":"closed"}', "closed"),
        (made("shelly-gen2", "cover"), '{"state":"opening"}', None),
        (made("esphome", "light"), '{"state":"OFF"}', "off"),
        (made("esphome", "alarm"), "armed_away", "armed"),
    ],
)
def test_each_kind_is_read_as_its_makers_say(device, payload, value):
    """And what tells no state is none."""
    assert read(device, payload.encode()) == value


KINDS = [(kind, name) for kind, types in PRESETS.items() for name in types]
WORDS = {word for one in TYPES.values() for word in one.states}
hostile = st.one_of(
    st.binary(max_size=200),
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=20),
        lambda more: (
            st.lists(more, max_size=3)
            | st.dictionaries(st.sampled_from(["state", "contact", "temperature", "output", "tC"]), more)
        ),
    ).map(lambda tree: json.dumps(tree).encode()),
)


@given(kind=st.sampled_from(KINDS), untrusted=hostile)
def test_nothing_but_our_words_and_numbers_comes_out(kind, untrusted):
    """Whatever an enemy at the broker says, the device could say that of itself in a word of ours."""
    device = made(*kind)
    value = read(device, untrusted)
    if device.is_a.number:
        assert value is None or (isinstance(value, float) and math.isfinite(value) and abs(value) <= LARGEST)
    else:
        assert value is None or value in device.is_a.states


@pytest.mark.parametrize(
    "untrusted", [b"[" * 100_000, b"9" * 60_000, b"\xff\xfe", b" " * CAP + b"ON", b"1e999", b"NaN"]
)
def test_monsters_are_nothing(untrusted):
    """Nesting, length, numbers that are none: no state, and no error."""
    for device in HOUSE.device:
        assert read(device, untrusted) is None
