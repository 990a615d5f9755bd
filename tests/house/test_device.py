"""home.toml: what it wires, and that nothing put into it gets out of its place."""

import json
import re

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.house import HOUSE, TEXT
from sottovoce.config import Config
from sottovoce.config import Home as HomeConfig
from sottovoce.errors import ConfigError, MissingInputError
from sottovoce.house import file
from sottovoce.house.device import PRESETS, Device
from sottovoce.house.types import TYPES
from sottovoce.house.wiring import fingerprint, listing, topics


def device(**keys):
    """Make a device as home.toml would."""
    return msgspec.convert(keys, Device)


@pytest.mark.parametrize(
    ("kind", "kind_of", "action", "topic", "payload"),
    [
        ("zigbee2mqtt", "light", "on", "zigbee2mqtt/x/set", '{"state":"ON"}'),
        ("zigbee2mqtt", "light", "dim", "zigbee2mqtt/x/set", '{"brightness":127}'),
        ("zigbee2mqtt", "garage", "open", "zigbee2mqtt/x/set", '{"state":"OPEN"}'),
        ("zigbee2mqtt", "lock", "unlock", "zigbee2mqtt/x/set", '{"state":"UNLOCK"}'),
        ("tasmota", "switch", "off", "cmnd/x/POWER", "OFF"),
        ("tasmota", "light", "dim", "cmnd/x/Dimmer", "50"),
        ("tasmota", "cover", "close", "cmnd/x/ShutterClose", ""),
        ("shelly", "oven", "on", "shellies/x/relay/2/command", "on"),
        ("shelly", "light", "dim", "shellies/x/light/2/set", '{"turn":"on","brightness":50}'),
        ("shelly", "cover", "open", "shellies/x/roller/2/command", "open"),
        (
            "shelly-gen2", "switch", "on", "x/rpc",
            '{"id":1,"src":"sottovoce","method":"Switch.Set","params":{"id":2,"on":true}}',
        ),
        (
            "shelly-gen2", "cover", "close", "x/rpc",
            '{"id":1,"src":"sottovoce","method":"Cover.Close","params":{"id":2}}',
        ),
        ("esphome", "light", "dim", "x/light/y/command", '{"state":"ON","brightness":128}'),
        ("esphome", "lock", "lock", "x/lock/y/command", "LOCK"),
        ("esphome", "alarm", "disarm", "x/alarm_control_panel/y/command", "DISARM"),
    ],
)  # fmt: skip
def test_each_kind_is_spoken_to_as_its_makers_say(kind, kind_of, action, topic, payload):
    """The topic and the payload that zigbee2mqtt, Tasmota, Shelly and ESPHome document."""
    made = device(type=kind_of, kind=kind, id="x", object="y", channel=2)
    assert made.topic_for(action) == topic
    assert made.payload_for(action, 50).decode() == payload


WIRED = [(kind, name) for kind, types in PRESETS.items() for name in types]


@given(
    wired=st.sampled_from(WIRED),
    identity=st.text(max_size=40),
    thing=st.text(max_size=40),
    channel=st.integers(0, 255),
    percent=st.integers(-(10**9), 10**9),
)
def test_nothing_that_is_put_in_breaks_out(wired, identity, thing, channel, percent):
    """Whatever a device is called, whatever number is said: one topic, no wildcard, JSON that stays JSON."""
    kind, name = wired
    try:
        made = device(type=name, kind=kind, id=identity, object=thing, channel=channel)
    except msgspec.ValidationError:
        return
    plain = device(type=name, kind=kind, id="x", object="y", channel=channel)
    for action in TYPES[name].actions:
        topic = made.topic_for(action)
        if topic is None:
            continue
        assert not re.search(r"[+#\x00-\x1f\x7f-\x9f]", topic)
        assert not topic.startswith(("$", "sottovoce/"))
        assert 0 < len(topic) <= 240
        payload = made.payload_for(action, percent)
        assert payload == plain.payload_for(action, max(0, min(100, percent)))  # no name gets into it
        if payload.startswith(b"{"):
            assert isinstance(json.loads(payload), dict)
    for topic in filter(None, [made.state_topic]):
        assert not re.search(r"[+#]", topic)


@given(topic=st.text(st.sampled_from('ab/+#$ü{}\x00\n" id'), min_size=1, max_size=20), named=st.booleans())
def test_a_command_topic_of_the_owners_own_has_no_wildcard(topic, named):
    """Neither + nor #, nor $SYS and its like, whether written plainly or by way of `id`."""
    keys = {"id": topic, "topic": "$id"} if named else {"topic": topic}
    try:
        made = device(type="switch", kind="generic", payload={"on": "1"}, **keys)
    except msgspec.ValidationError:
        return
    found = made.topic_for("on")
    assert not set(found) & set("+#\x00\n")
    assert not found.startswith(("$", "sottovoce/"))


@pytest.mark.parametrize("topic", ["sottovoce/home/mute/soft/set", "$$SYS/x", "a/+/b", "a/#", "$nobody/x"])
def test_some_topics_are_no_devices(topic):
    """Not this device's own, not the broker's, none with a wildcard, none with a key that is none."""
    with pytest.raises(msgspec.ValidationError):
        device(type="switch", kind="generic", payload={"on": "1"}, topic=topic)


FAULTS = {
    'type = "light"\nknd = "tasmota"': (3, "there is no key `knd`"),
    'type = "lamp"': (2, "Invalid enum value 'lamp'"),
    'type = "light"\nkind = "zigbee2mqtt"': (1, "the key id is needed here"),
    'type = "alarm"\nkind = "zigbee2mqtt"\nid = "x"': (1, "knows no alarm"),
    'type = "lock"\ndangerous = false': (1, "a lock always asks"),
    'type = "measure"\nunit = "9"': (3, "words of letters"),
    'type = "measure"': (1, "needs a `unit`"),
    'type = "light"\ntopic = "a"': (1, "wiring without a `kind`"),
    'type = "light"\nkind = "generic"\ntopic = "a"\npayload = { open = "1" }': (1, "a light does not open"),
    'type = "light"\nkind = "generic"\npayload = { on = "1" }': (1, "no `topic` for on"),
    'type = "light"\nkind = "generic"\ntopic = "a"\npayload = { on = "$name" }': (1, "no $name in a payload"),
    'type = "light"\nkind = "generic"\ntopic = "a"\npayload = { on = "5$" }': (1, "a $ alone"),
    'type = "light"\nkind = "generic"\nstate = { topic = "a" }': (1, "`state` needs `words`"),
    'type = "light"\nkind = "generic"\nstate = { topic = "a", words = { open = "1" } }': (1, "is never open"),
    'type = "contact"\nkind = "generic"\nstate = { topic = "a/#", words = { open = "1" } }': (1, "no #"),
}  # fmt: skip


@pytest.mark.parametrize("text", FAULTS)
def test_a_fault_is_told_with_its_line(text):
    """What is wrong, in which file and at which line: of the second of two devices, too."""
    line, words = FAULTS[text]
    with pytest.raises(ConfigError) as caught:
        file.parse('[[device]]\ntype = "fan"\n\n[[device]]\n' + text + "\n", "home.toml")
    assert str(caught.value).startswith(f"home.toml:{line + 3}: ")
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ('type = "switch"\nname = "big light"\narea = "Kitchen"', "act alike"),
        ('type = "contact"\nname = "garage door"\nkind = "zigbee2mqtt"\nid = "x"', "tell a state"),
    ],
)
def test_two_devices_of_one_name_are_refused(more, words):
    """No sentence could tell them apart; aliases count, and capitals do not."""
    with pytest.raises(ConfigError, match=words):
        file.parse(f"{TEXT}\n[[device]]\n{more}\n", "home.toml")


def test_where_it_is_looked_for(tmp_path):
    """Beside the configuration, or where that says; a file that is named must be there."""
    where = tmp_path / "sottovoce.toml"
    assert file.load(Config(), where).device == ()
    (tmp_path / "home.toml").write_text('[[device]]\ntype = "light"\n')
    (tmp_path / "other.toml").write_text('[[device]]\ntype = "fan"\n')
    assert [one.type for one in file.load(Config(), where).device] == ["light"]
    assert [one.type for one in file.load(Config(home=HomeConfig(file="other.toml")), where).device] == [
        "fan"
    ]
    with pytest.raises(MissingInputError):
        file.load(Config(home=HomeConfig(file="none.toml")), where)


def test_whatever_changes_what_would_be_sent_changes_the_fingerprint():
    """A name, a topic, a payload, who must say yes: the owner agreed to none of the new ones."""
    seen = {fingerprint(HOUSE)}
    for old, new in (
        ('id = "kitchen_light"', 'id = "kitchen_lamp"'),
        ('aliases = ["big light"]', 'aliases = ["small light"]'),
        ('area = "bedroom"\ntype = "light"', 'area = "hall"\ntype = "light"'),
        ('open = "OPEN"', 'open = "CLOSE"'),
        ("allow_by_voice = true", "allow_by_voice = false"),
        ("dangerous = true", ""),
    ):
        assert TEXT.count(old) == 1
        seen.add(fingerprint(file.parse(TEXT.replace(old, new), "home.toml")))
    assert len(seen) == 7
    assert fingerprint(file.parse(f"# a remark\n{TEXT}", "home.toml")) == fingerprint(HOUSE)
    assert fingerprint(file.House()) == ""


def test_the_listing_shows_every_topic_and_hides_nothing():
    """What the owner agrees to names each topic; a payload that could pass for another line is escaped."""
    assert all(topic in listing(HOUSE) for topic in topics(HOUSE))
    sly = device(
        type="switch", kind="generic", topic="a", payload={"on": "1\n  off     a  0", "off": "\u202e1"}
    )
    assert (
        listing(file.House(device=(sly,)))
        == "switch\n  on      a  '1\\n  off     a  0'\n  off     a  '\\u202e1'"
    )
