"""What somebody at the broker may have of the ear: little, seldom, and nothing that makes it hear more."""

import sqlite3

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fakes.diary import Diary
from fakes.hearing import Clock
from sottovoce.config import Config, Reply, Wake
from sottovoce.ear.forget import NothingKept
from sottovoce.ear.requests import BURST, SECONDS_EACH, Requests
from sottovoce.errors import EngineError, StateError
from sottovoce.vocabulary import Earcon, Outcome
from sottovoce.wire import Chime, Purge, Say, Sensitivity, WakeWord

WAKE = Wake(words=("computer", "jarvis"), sensitivity=0.6, sensitivities={"jarvis": 0.7})


class Ear:
    """What requests are made to."""

    def __init__(self, config=None, *, kept=None, room=True, broken=False):
        self.clock, self.diary = Clock(), Diary()
        self.said, self.wakes = [], []
        self.room, self.broken = room, broken
        self.requests = Requests(
            config or Config(wake=WAKE),
            self.announce,
            self.listen,
            kept or NothingKept(),
            self.clock,
            self.diary,
        )

    def announce(self, outcome):
        self.said.append(outcome)
        return self.room

    def listen(self, wake):
        if self.broken:
            raise EngineError("engine: gave up")
        self.wakes.append(wake)

    def ask(self, wish):
        """Ask for something; whether it was done."""
        self.requests.obey(wish)
        event, facts = self.diary.lines[-1]
        assert (event, facts["what"]) == ("asked", type(wish).__name__)
        return facts["obeyed"]


def test_a_text_is_said_after_the_chime_that_nothing_else_has():
    """So nobody at the broker can pass for the device itself; the words stand in no log."""
    ear = Ear()
    assert ear.ask(Say(text="Nothing is shared any more."))
    assert ear.ask(Chime())
    assert ear.said == [Outcome(Earcon.CHIME, "Nothing is shared any more."), Outcome(Earcon.CHIME)]
    assert "shared" not in str(ear.diary.lines)


def test_the_owner_may_have_nothing_said():
    """With [reply] remote_say = false no text is said; the chime still is."""
    ear = Ear(Config(reply=Reply(remote_say=False)))
    assert not ear.ask(Say(text="Hello."))
    assert ear.said == []
    assert ear.ask(Chime())


def test_what_has_no_room_is_told():
    """When too much waits to be said, that is written down."""
    assert not Ear(room=False).ask(Chime())


def test_a_word_and_a_sensitivity_are_taken_together():
    """Each stands until it is changed; a word's own sensitivity stays its own."""
    ear = Ear()
    assert ear.ask(Sensitivity(value=0.4))
    assert ear.ask(WakeWord(word="jarvis"))
    assert ear.ask(WakeWord(word=""))
    assert [wake.by_word for wake in ear.wakes] == [
        {"computer": 0.4, "jarvis": 0.7},
        {"jarvis": 0.7},
        {"computer": 0.4, "jarvis": 0.7},
    ]
    assert (ear.requests.sensitivity, ear.requests.wake_word) == (0.4, "")


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_it_never_wakes_more_easily_than_the_owner_allows(sensitivity, remote, asked):
    """Else a broker could have it hear sentences that were not meant for it."""
    ear = Ear(Config(wake=Wake(sensitivity=sensitivity, remote_sensitivity=remote)))
    assert ear.ask(Sensitivity(value=asked))
    assert ear.wakes[-1].sensitivity == ear.requests.sensitivity <= max(sensitivity, remote)


def test_only_a_word_of_the_owners_is_taken():
    """A broker cannot teach it another."""
    ear = Ear()
    assert not ear.ask(WakeWord(word="alexa"))
    assert (ear.wakes, ear.requests.wake_word) == ([], "")


def test_an_engine_that_cannot_be_made_changes_nothing():
    """It goes on listening as before, and says so."""
    ear = Ear(broken=True)
    assert not ear.ask(Sensitivity(value=0.1))
    assert not ear.ask(WakeWord(word="jarvis"))
    assert (ear.requests.sensitivity, ear.requests.wake_word) == (0.6, "")
    assert ear.diary.count("wake_engine_fault") == 2


class Kept:
    """Snippets that wait."""

    def __init__(self, error=None):
        self.error = error
        self.left = 3

    def ids(self):
        if self.error is not None:
            raise self.error
        return [(f"s{number}", 0.0) for number in range(self.left)]

    def forget(self, ids):
        self.left -= len(ids)
        return len(ids)


def test_what_is_kept_is_deleted():
    """All of it, and how many it was is written down."""
    kept = Kept()
    ear = Ear(kept=kept)
    assert ear.ask(Purge())
    assert kept.left == 0
    assert ear.diary.count("purged", deleted=3) == 1


@pytest.mark.parametrize("error", [sqlite3.OperationalError("disk"), StateError("disk")])
def test_a_disk_that_fails_ends_nothing(error):
    """It is told, and the ear lives on."""
    ear = Ear(kept=Kept(error))
    assert not ear.ask(Purge())
    assert ear.diary.count("state_folder_fault") == 1


@given(st.lists(st.integers(0, 20_000), min_size=1, max_size=60))
@example([0] * 60)
def test_a_flood_is_not_obeyed(pauses):
    """However they come: a burst, then one every so often."""
    ear = Ear()
    for pause in pauses:
        ear.clock.advance(pause)
        ear.ask(Chime())
    assert len(ear.said) <= BURST + sum(pauses) / 1000 / SECONDS_EACH
    ear.clock.advance(SECONDS_EACH * 1000)
    assert ear.ask(Chime())
