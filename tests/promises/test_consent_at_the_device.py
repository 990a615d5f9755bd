"""Grants are made at the device only, lapse with their recipient, and are recalled before their end."""

import ast
import contextlib
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import sottovoce
from fakes.sharing import NOW, a_command, a_grant, a_snippet
from real.device import a_device
from real.seam import End
from sottovoce.config import Recipient
from sottovoce.ear.consent import LONGEST_SECONDS, REMINDED_SECONDS, ending, weigh
from sottovoce.ear.grants import Grants
from sottovoce.ear.outbox import Outbox
from sottovoce.ear.reminder import Reminder
from sottovoce.ear.store import open_store
from sottovoce.vocabulary import Intent
from sottovoce.wire import VERSION, Acknowledged, Erased, Hello, Ready, SoftMute, encode

ROOT = Path(sottovoce.__file__).parent
DAY = 86_400.0
WEEK = float(REMINDED_SECONDS)
identities = st.from_regex(r"[A-Za-z0-9-]{1,64}", fullmatch=True)
FROM_COURIER = st.one_of(
    st.builds(Hello, version=st.just(VERSION)),
    st.builds(Ready, connected=st.booleans()),
    st.builds(Acknowledged, id=identities),
    st.builds(Erased, id=identities, deleted=st.booleans()),
    st.builds(SoftMute, on=st.booleans()),
).map(encode)


@settings(max_examples=60)
@given(st.lists(FROM_COURIER | st.binary(max_size=60), max_size=8), st.booleans())
def test_nothing_a_courier_says_makes_or_widens_a_grant(said, greeted):
    """Every message there is, with ids of grants and envelopes too, and any bytes: not a row moves."""
    with a_device() as device:
        put = device.say("s1")
        tables = ("grants", "recipients")
        before = [device.store.execute(f"SELECT * FROM {table}").fetchall() for table in tables]
        known = [encode(kind(id=identity, **more)) for identity in (put, device.home.id)
                 for kind, more in ((Acknowledged, {}), (Erased, {"deleted": True}))]  # fmt: skip
        with End.courier(device.folder / "seam") as enemy, contextlib.suppress(ConnectionError):
            enemy.raw(encode(Hello(version=VERSION)) * greeted + b"".join([*known, *said]))
        with device.courier() as courier:
            device.settle(courier)
        assert [device.store.execute(f"SELECT * FROM {table}").fetchall() for table in tables] == before


def test_only_the_owners_commands_draw_up_and_add_grants():
    """Of all modules, those of the command line alone make a grant; a benchmark, in a folder of its own."""
    makers = {}
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = ast.unparse(node.func) if isinstance(node, ast.Call) else ""
            if name == "draw_up" or (name.endswith(".add") and "rant" in name):
                makers.setdefault(path.relative_to(ROOT).parts[0], set()).add(path.name)
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                writes = any(f"{verb} grants" in node.value for verb in ("INSERT INTO", "UPDATE"))
                assert not writes or path.name == "grants.py", path
    assert set(makers) == {"cli", "bench"}


OTHERS = {
    "no recipient any more": [],
    "another of that name": [Recipient(name="home automation", topic="somewhere/else")],
    "another of that topic": [Recipient(name="the neighbour", topic="sottovoce/home-automation")],
}


@pytest.mark.parametrize("recipients", OTHERS.values(), ids=OTHERS)
def test_a_grant_lapses_when_its_recipient_is_no_longer_the_one_that_was_configured(tmp_path, recipients):
    """Nothing leaves under it, what waits is deleted; it is still there to be seen and revoked."""
    store = open_store(tmp_path)
    grants, grant, outbox = Grants(store), a_grant(), Outbox(store, lambda: NOW)
    grants.add(grant)
    assert outbox.put(a_command(grant))
    grants.know((one.name, one.topic) for one in recipients)
    assert weigh(a_snippet(Intent("HomeTurnOn", {"name": "light"})), grants.all(), NOW) == ()
    assert outbox.waiting() == []
    assert outbox.things() == []
    assert grants.every() == [grant]
    assert grants.revoke(grant.id) == 0


def test_a_grant_whose_recipient_stays_stands(tmp_path):
    """What else is configured is nothing to it; so it stands after every start."""
    store = open_store(tmp_path)
    grants, grant = Grants(store), a_grant()
    grants.add(grant)
    grants.know([("the neighbour", "x"), (grant.recipient, grant.topic)])
    assert Grants(open_store(tmp_path)).all() == [grant]


def test_a_grant_is_recalled_in_its_last_week():
    """Live, ending within seven days, and made for longer than that."""
    grant = a_grant(NOW, 30 * DAY)
    for day in range(40):
        assert ending([grant], NOW + day * DAY) == ([grant] if 23 <= day < 30 else [])
    assert ending([a_grant(NOW, WEEK)], NOW + WEEK - DAY) == []
    assert ending([replace(grant, purpose="another")], NOW + 25 * DAY) == []
    assert ending([a_grant(NOW, 30 * DAY, snippet="s1")], NOW + 25 * DAY) == []


def test_a_renewed_grant_is_not_recalled():
    """With a later one for the same, that one counts; one for somebody else does not."""
    grant, later = a_grant(NOW, 30 * DAY), a_grant(NOW, LONGEST_SECONDS)
    assert ending([later, grant], NOW + 25 * DAY) == []
    elsewhere = a_grant(NOW, LONGEST_SECONDS, recipient="the neighbour")
    assert ending([grant, elsewhere], NOW + 25 * DAY) == [grant]


@settings(max_examples=30)
@given(st.lists(st.floats(0, 5 * DAY), max_size=12).map(sorted))
def test_it_is_said_once_a_day_over_restarts_too(moments):
    """However often one speaks to it, and whatever restarts in between: once on each local day."""
    with tempfile.TemporaryDirectory(prefix="remind-") as name:
        grants = Grants(open_store(Path(name)))
        grants.add(a_grant(NOW - 25 * DAY, 31 * DAY))
        said, days = 0, set()
        for at in moments:
            store = open_store(Path(name))
            said += bool(Reminder(store, lambda at=at: NOW + at).due())
            store.close()
            days.add(int((NOW + at) // DAY))  # the tests' clock is UTC
        assert said == len(days)
        grants._store.close()


def test_the_words_of_the_reminder(tmp_path):
    """One is named, with the days it has; more are counted; a disk that fails says nothing."""
    store = open_store(tmp_path)
    Grants(store).add(a_grant(NOW - 25 * DAY, 26 * DAY))
    assert Reminder(store, lambda: NOW).due() == (
        "By the way: your command grant for home automation ends within a day."
    )
    Grants(store).add(a_grant(NOW - 25 * DAY, 31 * DAY, recipient="the neighbour"))
    assert Reminder(store, lambda: NOW + DAY / 2).due() in {
        "", "By the way: 2 of your grants end within a week."
    }  # fmt: skip
    assert Reminder(store, lambda: NOW - DAY).due() == "By the way: 2 of your grants end within a week."
    store.execute("DROP TABLE reminded")
    assert not Reminder(store, lambda: NOW - 2 * DAY).due()
