"""No grant, nothing leaves; a changed, ended or revoked grant lets nothing out."""

import tempfile
from dataclasses import fields, replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from fakes.sharing import NOW, a_grant
from sottovoce.ear.consent import LONGEST_SECONDS, is_live, text_of, weigh
from sottovoce.ear.grants import Grants
from sottovoce.ear.outbox import Outbox
from sottovoce.ear.redact import ALLOWED_SLOTS, WAITS_SECONDS, redact
from sottovoce.ear.store import open_store
from sottovoce.errors import UsageError
from sottovoce.vocabulary import Consented, Grant, Intent

COMMANDS = ("HomeTurnOn", "HomeTurnOff", "HomeDim")


TURN_ON = Intent("HomeTurnOn", {"name": "light", "area": "kitchen"})


def test_the_default_is_no():
    """With no grant, no command may leave."""
    assert weigh(TURN_ON, [], NOW) == ()


CHANGES = {
    "id": "other",
    "kind": None,  # there is one kind so far
    "recipient": "somebody else",
    "topic": "their/topic",
    "purpose": "to build a profile",
    "humans_listen": True,
    "retention": "for ever",
    "intents": ("HomeTurnOn",),
    "granted_at": NOW - LONGEST_SECONDS,
    "ends_at": NOW + LONGEST_SECONDS + 1,
    "text_hash": "0" * 64,
}


@pytest.mark.parametrize("name", [name for name in CHANGES if name not in {"id", "kind"}])
def test_a_changed_grant_lapses(name):
    """Whatever is changed in a grant after the owner agreed, it lets nothing out any more."""
    agreed = a_grant()
    assert is_live(agreed, NOW + 1)
    changed = replace(agreed, **{name: CHANGES[name]})
    assert not is_live(changed, NOW + 1)
    assert weigh(TURN_ON, [changed], NOW + 1) == ()


def test_every_field_was_tried():
    """A field added to the grant is added to the test above, too."""
    assert {field.name for field in fields(Grant)} == set(CHANGES)


def test_the_text_says_all_that_matters():
    """What the owner agrees to names recipient, topics, scope, purpose, people, keeping and end."""
    text = text_of(replace(a_grant(intents=["HomeDim"]), humans_listen=True))
    for part in ("home automation", "sottovoce/home-automation", "HomeDim", "to carry out", "People may"):
        assert part in text
    assert "until it is carried out" in text
    assert "2027-01-15" in text


@given(st.floats(1.0, LONGEST_SECONDS), st.floats(-LONGEST_SECONDS, 2 * LONGEST_SECONDS))
def test_it_holds_from_its_beginning_to_its_end_and_not_a_moment_longer(seconds, at):
    """A grant lives in its own time only, whichever way the clock is set."""
    grant = a_grant(seconds=seconds)
    assert is_live(grant, NOW + at) == (grant.granted_at <= NOW + at < grant.ends_at)


@pytest.mark.parametrize("seconds", [0.0, -1.0, LONGEST_SECONDS + 1.0])
def test_no_grant_is_for_ever(seconds, tmp_path):
    """More than 90 days, or no time at all, is refused."""
    with pytest.raises(UsageError):
        Grants(open_store(tmp_path)).add(a_grant(seconds=seconds))


slots = st.dictionaries(st.text(max_size=12), st.text(max_size=12), max_size=5)


@given(st.sampled_from([*COMMANDS, "ClockTime", "TimerSet", "SomethingNew"]), slots, st.text(max_size=20))
def test_only_what_is_on_the_list_leaves(name, others, secret):
    """Whatever slots a command has, those that leave are on the allow-list; unlisted commands stay whole."""
    intent = Intent(name, {**others, "name": "light", "words": secret})
    kept = redact(Consented(intent, a_grant()), NOW)
    if name not in COMMANDS:
        assert kept is None
        return
    assert set(kept.fields) <= ALLOWED_SLOTS[name]
    assert kept.fields["name"] == "light"
    assert kept.expires_at <= NOW + WAITS_SECONDS


class Sharing(RuleBasedStateMachine):
    """Everything that can happen to grants and commands, against a model of what was agreed."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.now = NOW
        store = open_store(Path(self.folder.name))
        self.grants, self.outbox = Grants(store), Outbox(store, lambda: self.now)
        self.agreed = {}
        self.spoken = {}

    def teardown(self):
        self.grants._store.close()
        self.folder.cleanup()

    def may(self, grant_id, intent):
        """Say, by the model, whether a grant lets an intent out right now."""
        grant = self.agreed.get(grant_id)
        return (
            grant is not None
            and grant.granted_at <= self.now < grant.ends_at
            and (not grant.intents or intent in grant.intents)
        )

    @initialize()
    def begin(self):
        assert self.outbox.waiting() == []

    @rule(
        seconds=st.integers(1, int(LONGEST_SECONDS)),
        intents=st.sets(st.sampled_from(COMMANDS), max_size=2),
        recipient=st.sampled_from(["home automation", "the neighbour"]),
    )
    def agree(self, seconds, intents, recipient):
        grant = a_grant(self.now, float(seconds), sorted(intents), recipient)
        self.grants.add(grant)
        self.agreed[grant.id] = grant

    @rule(which=st.integers(0, 5))
    def revoke(self, which):
        if which < len(self.agreed):
            grant_id = list(self.agreed)[which]
            self.grants.revoke(grant_id)
            del self.agreed[grant_id]

    @rule(name=st.sampled_from([*COMMANDS, "ClockTime"]))
    def speak(self, name):
        intent = Intent(name, {"name": "light"})
        expected = {g for g in self.agreed if self.may(g, name)} if name in COMMANDS else set()
        consented = weigh(intent, self.grants.all(), self.now)
        redacted = [kept for one in consented if (kept := redact(one, self.now))]
        assert {one.grant_id for one in redacted} == expected
        for one in redacted:
            self.spoken[self.outbox.put(one)] = (one.grant_id, name, self.now)

    @rule(which=st.integers(0, 5))
    def deliver(self, which):
        waiting = self.outbox.waiting()
        if which < len(waiting):
            assert self.outbox.delivered(waiting[which].id)
            del self.spoken[waiting[which].id]

    @rule(seconds=st.integers(-100_000, 10_000_000))
    def the_clock_jumps(self, seconds):
        self.now += seconds

    @rule(which=st.integers(0, 5))
    def somebody_edits_the_database(self, which):
        if which < len(self.agreed):
            grant_id = list(self.agreed)[which]
            self.grants._store.execute("UPDATE grants SET purpose = purpose || '!' WHERE id = ?", (grant_id,))
            del self.agreed[grant_id]

    @rule()
    def restart(self):
        self.grants._store.close()
        store = open_store(Path(self.folder.name))
        self.grants, self.outbox = Grants(store), Outbox(store, lambda: self.now)

    @invariant()
    def nothing_waits_without_a_live_grant_for_it(self):
        for envelope in self.outbox.waiting():
            grant_id, name, _ = self.spoken[envelope.id]
            assert envelope.grant_id == grant_id
            assert self.may(grant_id, name)
            assert envelope.topic == f"{self.agreed[grant_id].topic}/command"
            assert envelope.expires_at > self.now


Sharing.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
test_nothing_leaves_without_a_live_grant = Sharing.TestCase
del Sharing
