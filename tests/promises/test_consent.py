"""No grant, nothing leaves; a changed, ended or revoked grant lets nothing out."""

import math
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.sharing import NOW, a_command, a_grant, a_snippet
from sottovoce.ear.consent import LONGEST_SECONDS, is_live, text_of, weigh
from sottovoce.ear.grants import Grants
from sottovoce.ear.mask import Masker
from sottovoce.ear.outbox import Outbox
from sottovoce.ear.redact import ALLOWED_SLOTS, WAITS_SECONDS, Redactor
from sottovoce.ear.store import open_store
from sottovoce.errors import UsageError
from sottovoce.vocabulary import Consented, Form, Grant, Intent, Kind

COMMANDS = ("HomeTurnOn", "HomeTurnOff", "HomeDim")


REDACTOR = Redactor(Masker(["light", "kitchen"]), b"secret" * 3)
TURN_ON = Intent("HomeTurnOn", {"name": "light", "area": "kitchen"})


def test_the_default_is_no():
    """With no grant, no command may leave."""
    assert weigh(a_snippet(TURN_ON), [], NOW) == ()


_lines = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=30)
_moments = st.floats(NOW - 2 * LONGEST_SECONDS, NOW + 2 * LONGEST_SECONDS)
FIELDS = {
    "id": _lines,
    "recipient": _lines,
    "topic": _lines,
    "purpose": _lines,
    "humans_listen": st.booleans(),
    "retention": _lines,
    "intents": st.lists(st.sampled_from(COMMANDS), unique=True).map(tuple),
    "granted_at": _moments,
    "ends_at": _moments,
    "text_hash": _lines,
    "form": st.sampled_from(Form),
    "snippet": _lines,
}


def test_every_field_is_tried():
    """A field added to the grant is added to the tests below, too; a kind's own test is below."""
    assert {field.name for field in fields(Grant)} - {"kind"} == set(FIELDS)


@pytest.mark.parametrize("name", FIELDS)
@settings(max_examples=50)
@given(data=st.data())
def test_a_changed_grant_lapses(name, data):
    """Whatever is changed in a grant after the owner agreed, and by however little, it lapses."""
    agreed = a_grant(seconds=LONGEST_SECONDS, intents=data.draw(FIELDS["intents"]))
    assert is_live(agreed, NOW + 1)
    old = getattr(agreed, name)
    new = data.draw(FIELDS[name].filter(lambda value: value != old))
    changed = replace(agreed, **{name: new})
    assert not is_live(changed, NOW + 1)
    assert weigh(a_snippet(TURN_ON), [changed], NOW + 1) == ()


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("other", Kind)
@pytest.mark.parametrize("form", Form)
def test_a_grant_of_another_kind_or_form_lapses(kind, other, form):
    """A grant for one kind lets no other out, nor another form of its own, however it was changed."""
    agreed = a_grant(kind=kind)
    changed = replace(agreed, kind=other, form=form)
    assert is_live(changed, NOW) == (changed == agreed)


@pytest.mark.parametrize("name", ["granted_at", "ends_at"])
def test_not_even_a_moment_is_put_to_a_grant(name):
    """The smallest step of the clock, put to the beginning or the end of a grant, lapses it."""
    agreed = a_grant()
    for towards in (0.0, 2 * NOW):
        changed = replace(agreed, **{name: math.nextafter(getattr(agreed, name), towards)})
        assert not is_live(changed, NOW + 1)


@pytest.mark.parametrize("name", FIELDS)
@settings(max_examples=20)
@given(data=st.data())
def test_the_text_says_every_field(name, data):
    """The text the owner agrees to tells every field of the grant: another value, another text."""
    one = a_grant(intents=data.draw(FIELDS["intents"]))
    new = data.draw(FIELDS[name].filter(lambda value: value != getattr(one, name)))
    if name in {"granted_at", "ends_at"}:
        new = float(int(new)) if int(new) != getattr(one, name) else new + 1
    other = replace(one, **{name: new})
    assert (text_of(one) != text_of(other)) == (name != "text_hash")
    if isinstance(new, str) and name not in {"text_hash", "form"}:
        assert new in text_of(other)


def test_the_text_reads_well():
    """It is plain words: who, what and what not, which, what for, who looks, how long, until when."""
    assert text_of(replace(a_grant(intents=["HomeDim", "HomeTurnOn"]), id="1a2b3c4d")) == (
        "Grant 1a2b3c4d of 2027-01-15 08:00:00 UTC: I let home automation (MQTT topics under "
        "sottovoce/home-automation) have my commands: what you asked for (such as: turn on, kitchen light), "
        "not your words, not your voice. Which: HomeDim, HomeTurnOn. What for: to carry out what I ask for. "
        "No person looks at it. They keep it: until it is carried out. "
        "This ends on 2027-01-15 09:00:00 UTC, or when I revoke it."
    )
    assert "People may look at it." in text_of(replace(a_grant(), humans_listen=True))
    assert "Which: every command." in text_of(a_grant())


@pytest.mark.parametrize("column", sorted({field.name for field in fields(Grant)} - {"id", "intents"}))
def test_a_grant_edited_in_the_database_lapses(column, tmp_path):
    """Whoever changes a grant in the file ends it: nothing leaves, and what waited under it is deleted."""
    store = open_store(tmp_path)
    grants, grant = Grants(store), a_grant()
    outbox = Outbox(store, lambda: NOW + 1)
    grants.add(grant)
    assert outbox.put(a_command(grant))
    new = "x" if isinstance(getattr(grant, column), str) else getattr(grant, column) + 1
    new = {"kind": "audio", "form": "verbatim"}.get(column, new)
    store.execute(f"UPDATE grants SET {column} = ?", (new,))
    assert weigh(a_snippet(TURN_ON), grants.all(), NOW + 1) == ()
    assert outbox.waiting() == []
    assert store.execute("SELECT count(*) FROM outbox").fetchone() == (0,)


def test_a_grant_renewed_before_its_end_sends_nothing_twice():
    """With two grants for one recipient a command leaves once, under the one that ends last."""
    first, second = a_grant(), a_grant(seconds=7200.0)
    elsewhere = a_grant(recipient="the neighbour")
    kept = weigh(a_snippet(TURN_ON), [second, elsewhere, first], NOW)
    assert {one.grant for one in kept} == {second, elsewhere}


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
    kept = REDACTOR.redact(Consented(a_snippet(intent), a_grant()), NOW)
    if name not in COMMANDS:
        assert kept is None
        return
    assert set(kept.fields) == {"device", "intent", "slots"}
    assert set(kept.fields["slots"]) <= ALLOWED_SLOTS[name]
    assert kept.fields["slots"]["name"] == "light"
    assert kept.expires_at <= NOW + WAITS_SECONDS[Kind.COMMAND]
    assert (kept.clip, kept.say) == (None, "")
