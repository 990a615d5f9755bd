"""`sottovoce forget`, and what `consent` says of a grant, as their owner meets them."""

import time
from pathlib import Path

import pytest

from fakes.sharing import a_command
from real.owner import grant, sottovoce
from sottovoce.cli.forget import told
from sottovoce.ear.erasures import Erasures
from sottovoce.ear.forget import Forgotten
from sottovoce.ear.grants import Grants, draw_up
from sottovoce.ear.ledger import Ledger
from sottovoce.ear.outbox import Outbox
from sottovoce.ear.store import open_store

STUDIO = '[[recipient]]\nname = "the studio"\ntopic = "studio"\n'


@pytest.fixture
def house(tmp_path):
    """A state folder with a grant, of which one command was sent and one waits; and the configuration."""
    config, state = tmp_path / "c.toml", tmp_path / "state"
    config.write_text(f'[broker]\nhost = "10.0.0.5"\n{STUDIO}')
    identity = grant(state, config, to="the studio")
    store = open_store(state)
    (granted,) = Grants(store).all()
    assert granted.id == identity
    outbox = Outbox(store, time.time)
    for snippet in ("sent", "waits"):
        outbox.put(a_command(granted, snippet=snippet, expires_at=time.time() + 900))
    sent, _ = outbox.waiting()
    Ledger(state, time.time).sent(sent)
    outbox.delivered(sent.id)
    store.close()
    return ["--state", state, "--config", config]


def test_forget_all(house):
    """What is deleted here, who is asked, and what that does not reach."""
    done = sottovoce("forget", "--all", "--yes", *house)
    assert done.returncode == 0, done.stderr
    assert done.stdout == (
        "Deleted here: 0 kept sentences and 1 waiting.\n"
        "Being asked to delete what they got: the studio (1 thing). Their answers: sottovoce ledger show\n"
        "What no device can reach: copies that a recipient passed on or keeps all the same. What was deleted "
        "here is overwritten in its file; an SD card may keep old blocks until it needs them.\n"
    )
    again = sottovoce("forget", "--all", "--yes", *house).stdout
    assert "Earlier requests are still without an answer from the studio." in again


def test_forget_last_is_what_was_said_last(house):
    """The one that waits, which was said after the one that was sent; without a broker, that is said."""
    house[3].write_text(STUDIO)
    assert sottovoce("forget", "--last", "--yes", *house).stdout == (
        "Deleted here: 0 kept sentences and 1 waiting.\n"
    )
    assert "the requests wait until there is one" in sottovoce("forget", "--today", "--yes", *house).stdout


def test_what_devices_did_is_told_and_asked_of_nobody():
    """With nothing else to delete, too."""
    assert told(Forgotten(wired=2), {}, broker=True) == [
        "There was nothing to delete.",
        (
            "2 messages to devices of home.toml: done, and nobody is asked to delete that: "
            "they keep no words. Your broker may keep what went over it."
        ),
    ]


@pytest.mark.parametrize(("words", "status"), [(["forget"], 64), (["forget", "--all"], 130)])
def test_nothing_is_forgotten_by_mistake(house, words, status):
    """Without saying what, or without agreeing, nothing is deleted."""
    assert sottovoce(*words, *house).returncode == status
    store = open_store(house[1])
    assert len(Outbox(store, time.time).things()) == 1
    assert Erasures(store).ids() == set()


def test_revoking_says_whom_it_asks(house):
    """And asks."""
    store = open_store(house[1])
    (granted,) = Grants(store).all()
    done = sottovoce("consent", "revoke", granted.id, *house)
    assert done.stdout.startswith("Revoked. 1 waiting deleted.")
    assert "Being asked to delete what they got: the studio (1 thing)." in done.stdout
    assert Erasures(store).open() == {"the studio": 1}


def test_list_shows_what_ends_soon_and_what_has_lapsed(house):
    """Each with what to do, or why."""
    state, now = house[1], time.time()
    grants = Grants(open_store(state))
    (first,) = grants.all()
    day = 86_400.0
    grants.add(draw_up(type(first)(**{
        **{name: getattr(first, name) for name in first.__slots__},
        "granted_at": now - 20 * day, "ends_at": now + 3 * day - 60, "topic": "studio/2",
    })))  # fmt: skip
    listed = sottovoce("consent", "list", "--state", state).stdout
    assert ": ends in 3 days; to renew it, grant it again" in listed
    grants.know([("the studio", "studio")])
    listed = sottovoce("consent", "list", "--state", state).stdout
    assert "to the studio, lapsed: the configuration names no such recipient and topic any more" in listed
    assert "to the studio, until" in listed


@pytest.mark.parametrize("kind", ["command", "transcript", "audio"])
def test_a_grant_is_explained_before_it_is_made(house, kind):
    """What it holds, in each form; where it goes; that humans may listen; what cannot be undone."""
    text = " ".join(sottovoce("consent", "explain", kind, "--config", house[3]).stdout.split())
    topic = {"command": "studio/command", "transcript": "studio/transcript", "audio": "studio/snippet"}[kind]
    assert f"the studio (topic {topic})" in text
    assert "broker 10.0.0.5, NOT encrypted on the way" in text
    assert "with --humans-listen, humans at the recipient may" in text
    assert "What cannot be undone:" in text
    forms = {"command": (), "transcript": ("masked", "verbatim"), "audio": ("re-spoken", "own-voice")}[kind]
    assert all(f"--form {form}" in text for form in forms)
    assert text.count("--form ") == len(forms) + ("voice (--form" in text)
    assert ("sottovoce home wire" in text) == (kind == "command")


def test_without_a_broker_it_goes_nowhere():
    """Said as such."""
    text = sottovoce("consent", "explain", "audio", "--config", Path(__file__).parent / "no.toml")
    assert text.returncode == 66
