"""The discovery message: its schema is closed, so one key too many and Home Assistant drops it all."""

import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sottovoce import config
from sottovoce.config import Config, HomeAssistant, Wake
from sottovoce.courier.deliver import availability, firmware, publications
from sottovoce.courier.homeassistant import INTENTS, STATES, announcement, births, farewell, message
from sottovoce.courier.requests import PRESS, request, request_topics
from sottovoce.ear.redact import ALLOWED_SLOTS
from sottovoce.ear.states import State
from sottovoce.vocabulary import Happening
from sottovoce.wire import Deliver, Happened, Status

SCHEMA = jsonschema.Draft202012Validator(
    json.loads((Path(__file__).parent / "discovery.schema.json").read_text())
)
BASE = "sottovoce/home"
names = st.from_regex(config._NAME_OR_NONE, fullmatch=True)
settings = st.builds(
    HomeAssistant,
    prefix=st.from_regex(config._TOPIC, fullmatch=True),
    name=names,
    suggested_area=names,
)
wakes = st.builds(
    Wake,
    words=st.lists(st.text("abcdefgh ", min_size=1, max_size=20), min_size=1, max_size=3, unique=True).map(
        tuple
    ),
    sensitivity=st.floats(0, 1),
    remote_sensitivity=st.floats(0, 1),
)


@given(
    st.builds(
        Config, site=st.from_regex(config._TOPIC_PART, fullmatch=True), home_assistant=settings, wake=wakes
    )
)
@example(Config())
def test_every_configuration_makes_a_message_that_is_taken(made):
    """Whatever the owner configured: no key too many, none missing, each id fit to be one and its own."""
    told = message(made)
    SCHEMA.validate(told)
    assert json.loads(announcement(made).payload) == told
    components = told["components"].values()
    assert len({one["unique_id"] for one in components}) == len(components)
    assert len({one["default_entity_id"] for one in components}) == len(components)
    assert all(one["default_entity_id"].startswith(f"{one['platform']}.") for one in components)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda told: told.update({"~": BASE}),
        lambda told: told.pop("origin"),
        lambda told: told["device"].pop("identifiers"),
        lambda told: told["components"]["state"].pop("options"),
        lambda told: told["components"]["state"].update(object_id="state"),
        lambda told: told["components"]["command"].pop("event_types"),
        lambda told: told["components"]["soft_mute"].pop("state_topic"),
        lambda told: told["components"]["muted_by_switch"].update(command_topic=f"{BASE}/mute/hardware/set"),
    ],
)
def test_the_schema_bites(spoil):
    """What Home Assistant would drop is found; so is a hardware mute that could be commanded."""
    told = message(Config())
    spoil(told)
    with pytest.raises(jsonschema.ValidationError):
        SCHEMA.validate(told)


def test_it_stands_where_home_assistant_looks_and_can_be_taken_back():
    """Retained, under the prefix that was configured; an empty one in the same place removes the device."""
    made = Config(site="attic", home_assistant=HomeAssistant(prefix="ha/discovery"))
    said, taken_back = announcement(made), farewell(made)
    assert said.topic == taken_back.topic == "ha/discovery/device/sottovoce_attic/config"
    assert (said.retain, taken_back.retain, taken_back.payload) == (True, True, b"")
    assert births(made) == "ha/discovery/status"


def test_every_topic_it_names_is_one_of_ours():
    """What it reads is published, and retained unless it is an event; what it writes is listened to."""
    told = message(Config())
    status = Status(state="idle", reasons=(), microphone_open=True, switch="live")
    deliver = Deliver(
        id="e", kind="command", grant_id="g", topic=f"{BASE}/command", body=b"{}", expires_at=9.0
    )
    kept = [*publications(status, BASE, 0), firmware(BASE, "1"), availability(BASE, online=True)]
    passing = publications(Happened(event="wake", at=0), BASE, 0) + publications(deliver, BASE, 0)
    retained = {one.topic: one.retain for one in kept + passing}
    assert retained[told["availability_topic"]]
    for one in told["components"].values():
        if "state_topic" in one:
            assert retained[one["state_topic"]] is (one["platform"] != "event"), one
        if "command_topic" in one:
            assert one["command_topic"] in request_topics(BASE), one
    asked = {one["command_topic"] for one in told["components"].values() if "command_topic" in one}
    assert asked == set(request_topics(BASE))


def test_what_it_sends_is_what_we_take():
    """Each option, the ends of the range, and each press mean something here."""
    components = message(Config()).get("components")
    for one in components.values():
        sent = {
            "button": [PRESS],
            "select": one.get("options"),
            "number": [str(one.get("min")), str(one.get("max"))],
            "switch": ["ON", "OFF"],
            "notify": ["hello"],
        }.get(one["platform"], [])
        for payload in sent:
            assert request(BASE, one["command_topic"], payload.encode(), retained=False), one


def test_its_lists_are_the_ears():
    """States, happenings and commands: whatever the ear can tell is on Home Assistant's list, and no more."""
    components = message(Config())["components"]
    assert set(STATES) == {*map(str, State), "error"}
    assert set(INTENTS) == set(ALLOWED_SLOTS)
    assert components["activity"]["event_types"] == [str(one) for one in Happening]


def test_the_sensitivity_goes_as_high_as_it_may_there():
    """By default not over the configured one: a broker can make it wake less easily, never more."""
    assert message(Config())["components"]["sensitivity"]["max"] == 0.8
    wake = Wake(sensitivity=0.5, remote_sensitivity=0.9)
    assert message(Config(wake=wake))["components"]["sensitivity"]["max"] == 0.9
