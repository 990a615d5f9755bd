"""The owner's wiring is a grant like any other: made explicitly, and lapsing when home.toml changes."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.house import CHANGED, HOUSE
from fakes.sharing import NOW, a_grant, a_snippet, a_wiring
from sottovoce.ear.consent import is_live, text_of, weigh
from sottovoce.ear.grants import Grants
from sottovoce.ear.mask import Masker
from sottovoce.ear.outbox import Outbox
from sottovoce.ear.redact import WIRED_SECONDS, Redactor
from sottovoce.ear.reported import Reported
from sottovoce.ear.share import Share
from sottovoce.ear.skills.house import FRESH_SECONDS, Questions
from sottovoce.ear.state_folder import StateFolder
from sottovoce.ear.store import open_store
from sottovoce.ear.wired import ACTIONS, Wired
from sottovoce.house import file
from sottovoce.house.wiring import fingerprint, topics
from sottovoce.journal import Journal
from sottovoce.vocabulary import Form, Intent
from sottovoce.wire import StateOf

TURN_ON = Intent("HomeTurnOn", {"name": "light", "area": "kitchen"})


class Sharing:
    """The sharing side, in a house."""

    def __init__(self, folder, house):
        self.store, self.now = open_store(folder), NOW
        self.grants, self.outbox = Grants(self.store), Outbox(self.store, lambda: self.now)
        wired = Wired(house)
        redactor = Redactor(Masker([]), b"secret" * 3, wired)
        self.share = Share(
            self.grants,
            self.outbox,
            redactor,
            None,
            None,
            StateFolder(folder, Journal("ear")),
            lambda: self.now,
            Journal("ear"),
            wired.fingerprint,
        )

    def say(self, intent):
        """Share a command; how many may have it."""
        return self.share.share(a_snippet(intent))

    @property
    def left(self):
        return [(one.topic, one.body) for one in self.outbox.waiting()]


def test_what_is_wired_leaves_bare_and_soon_or_never(tmp_path):
    """Its one topic and payload, nothing of ours in it; after half a minute it is worth nothing."""
    sharing = Sharing(tmp_path, HOUSE)
    sharing.grants.add(a_wiring(HOUSE))
    assert sharing.say(TURN_ON) == 1
    assert sharing.left == [("zigbee2mqtt/kitchen_light/set", b'{"state":"ON"}')]
    sharing.now += WIRED_SECONDS
    assert sharing.left == []


def test_without_the_grant_the_wiring_is_only_a_file(tmp_path):
    """A home.toml that nobody agreed to lets nothing out."""
    sharing = Sharing(tmp_path, HOUSE)
    assert sharing.say(TURN_ON) == 0
    assert sharing.left == []


def test_a_changed_home_toml_lapses_the_grant(tmp_path):
    """Another topic, and the owner has agreed to nothing; with what was agreed to back, it holds again."""
    grant = a_wiring(HOUSE)
    for house, commands in ((CHANGED, 0), (file.House(), 0), (HOUSE, 1)):
        sharing = Sharing(tmp_path / fingerprint(house)[:8], house)
        sharing.grants.add(grant)
        assert sharing.say(TURN_ON) == commands


def test_a_fingerprint_that_is_put_to_the_grant_lapses_it():
    """Somebody who edits the grants to fit a home.toml of theirs has the owner's word for nothing."""
    forged = replace(a_wiring(HOUSE), topic=fingerprint(CHANGED))
    assert weigh(a_snippet(TURN_ON), [forged], NOW, fingerprint(CHANGED)) == ()
    assert not is_live(forged, NOW)


def test_a_grant_for_somebody_else_moves_no_device():
    """Only the form `wired` does; and that form reaches nobody's topic."""
    fields = replace(a_grant(), topic=fingerprint(HOUSE))
    wired = Redactor(Masker([]), b"secret" * 3, Wired(HOUSE))
    for consented in weigh(a_snippet(TURN_ON), [fields], NOW, fingerprint(HOUSE)):
        assert wired.redact(consented, NOW) is None or wired.redact(consented, NOW).payload is None
    text = text_of(a_wiring(HOUSE))
    assert fingerprint(HOUSE) in text
    assert "MQTT topics under" not in text


names = st.sampled_from([name for device in HOUSE.device for name in device.names]) | st.text(max_size=10)
areas = st.sampled_from([*HOUSE.all_areas, ""]) | st.text(max_size=10)


@given(
    name=names,
    area=areas,
    intent=st.sampled_from([*ACTIONS, "HouseState", "Stop", "ClockTime"]),
    brightness=st.integers(-(10**6), 10**6),
)
def test_whatever_is_said_goes_to_one_topic_that_home_toml_knows(name, area, intent, brightness):
    """Or nowhere: two that fit are none."""
    wired = Wired(HOUSE)
    said = Intent(intent, {"name": name, "area": area, "brightness": brightness})
    found = wired.message(said)
    if found is not None:
        assert found[0] in topics(HOUSE)
        assert len(wired.acting(said)) == 1


def test_what_is_called_alike_is_not_guessed(tmp_path):
    """Two lights and no room said: neither."""
    assert Wired(HOUSE).message(Intent("HomeTurnOn", {"name": "light"})) is None


class Asked:
    """Questions about the house of everything."""

    def __init__(self):
        self.now = NOW
        self.reported = Reported(HOUSE, lambda: self.now)
        self._questions = Questions(Wired(HOUSE), self.reported)

    def told(self, device, value, *, old=False):
        self.reported.take(StateOf(device=device, value=value, at=self.now, old=old))

    def __call__(self, name, state="", area=""):
        slots = {key: value for key, value in (("name", name), ("state", state), ("area", area)) if value}
        return self._questions.handle(Intent("HouseState" if state else "HouseMeasure", slots)).speech


def test_a_question_is_answered_from_what_was_told_last():
    """Yes, no, or a number with its unit; and when nobody knows, that."""
    asked = Asked()
    assert asked("garage door", "open") == "I do not know: the garage door has told me nothing yet."
    asked.told("garage door", "closed")
    asked.told("bedroom temperature", 21.4612)
    asked.told("power use", 1250.0)
    assert asked("garage door", "open") == "No, the garage door is closed."
    assert asked("garage door", "closed") == "Yes, the garage door is closed."
    assert asked("temperature", area="bedroom") == "The bedroom temperature is 21.5 degrees."
    assert asked("power use") == "The power use is 1250 watts."
    assert asked("light", "on") == "There is more than one of that name. Say the room, too."
    assert asked("light", "on", "hall") == "I do not know: there is nothing there that tells me."


def test_old_news_are_told_as_old():
    """What was told long ago, and what the broker had kept for nobody knows how long."""
    asked = Asked()
    asked.told("garage door", "open")
    asked.now += FRESH_SECONDS
    assert asked("garage door", "open") == "Yes, the garage door is open."
    asked.now += 3 * 3600
    assert asked("garage door", "open") == "The garage door was open when it last told me, 3 hours ago."
    asked.told("garage door", "closed", old=True)
    assert asked("garage door", "open") == (
        "The garage door was closed when it last told me, and I cannot say how long ago that was."
    )
    asked.told("garage door", "closed")
    asked.told("garage door", "closed", old=True)  # the same, kept at the broker: no news
    assert asked("garage door", "closed") == "Yes, the garage door is closed."


@pytest.mark.parametrize(
    ("device", "value"),
    [
        ("garage door", 3.0),
        ("garage door", "locked"),
        ("bedroom temperature", "on"),
        ("nobody", "on"),
        ("alarm", "armed"),
    ],
)
def test_a_state_that_cannot_be_is_not_kept(device, value):
    """A courier in an enemy's hands can lie in the words that a device has, and in no others."""
    asked = Asked()
    asked.told(device, value)
    assert asked.reported._last == {}


def test_the_forms_are_told_apart():
    """A grant for the wiring is of the kind `command`, so that revoking, receipts and the ledger know it."""
    grant = a_wiring(HOUSE)
    assert (grant.kind, grant.form) == ("command", Form.WIRED)


def test_another_channel_of_the_same_box_is_another_wiring():
    """Which of its relays or covers moves is shown and agreed to, though the topic is the same."""
    keys = {"name": "blinds", "area": "bedroom", "kind": "shelly-gen2", "type": "cover", "id": "x"}
    text = "[[device]]\n" + "".join(f'{key} = "{value}"\n' for key, value in keys.items()) + "channel = {}\n"
    one, other = (file.parse(text.format(channel), "home.toml") for channel in (0, 1))
    assert fingerprint(one) != fingerprint(other)
