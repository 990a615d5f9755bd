"""Timers and stopping them."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.hearing import Clock
from sottovoce.ear.skills.stop import Stop
from sottovoce.ear.skills.timers import RING_EVERY, RINGS, Timers
from sottovoce.errors import StateError
from sottovoce.vocabulary import Earcon, Intent

NOON = 1_800_000_000


@pytest.fixture
def clock():
    """A clock that stands."""
    return Clock(NOON * 1000)


@pytest.fixture
def timers(tmp_path, clock):
    """No timers yet."""
    return Timers(tmp_path, clock)


def start(timers, **slots):
    """Set a timer; what is said."""
    return timers.handle(Intent("TimerSet", slots)).speech


def left(timers):
    """Ask how long the next timer has."""
    return timers.handle(Intent("TimerLeft", {})).speech


@pytest.mark.parametrize(
    ("slots", "spoken", "seconds"),
    [
        ({"seconds": 1}, "1 second", 1),
        ({"minutes": 5}, "5 minutes", 300),
        ({"minutes": 1, "seconds": 30}, "1 minute and 30 seconds", 90),
        ({"hours": 1, "minutes": 1}, "1 hour and 1 minute", 3660),
        ({"minutes": 90}, "1 hour and 30 minutes", 5400),
        ({"hours": 24}, "24 hours", 86_400),
    ],
)
def test_a_timer_rings_when_its_time_has_come(timers, clock, slots, spoken, seconds):
    """It says what it was set to, keeps still until then, and rings then."""
    assert start(timers, **slots) == f"Timer set for {spoken}."
    assert left(timers) == f"{spoken} left."
    clock.advance(seconds * 1000 - 1)
    assert timers.due() is None
    clock.advance(1)
    ring = timers.due()
    assert (ring.earcon, ring.speech) == (Earcon.ALARM, "Your timer is done.")


def test_it_rings_until_it_is_stopped(timers, clock):
    """It rings again and again, with a pause between to hear "stop" in, and says only once what it is."""
    start(timers, seconds=10)
    clock.advance(10_000)
    assert timers.due().speech
    assert timers.due() is None
    clock.advance(RING_EVERY * 1000)
    again = timers.due()
    assert (again.earcon, again.speech) == (Earcon.ALARM, "")
    outcome = Stop(timers).handle(Intent("Stop", {}))
    assert outcome.earcon is Earcon.DONE
    clock.advance(3_600_000)
    assert timers.due() is None


def test_nobody_at_home(timers, clock):
    """A timer that nobody stops gives up."""
    start(timers, seconds=1)
    rings = 0
    for _ in range(RINGS * 3):
        clock.advance(RING_EVERY * 1000)
        rings += timers.due() is not None
    assert rings == RINGS


def test_stop_leaves_the_timers_that_do_not_ring(timers, clock):
    """Hushing one timer cancels no other, and nothing when none rings."""
    start(timers, seconds=10)
    start(timers, minutes=5)
    assert not timers.hush()
    clock.advance(10_000)
    timers.due()
    assert timers.hush()
    assert left(timers) == "4 minutes and 50 seconds left."


def test_a_ringing_timer_is_not_counted_as_running(timers, clock):
    """Asked while one rings, it tells of the next one, and not of the next ring."""
    start(timers, seconds=10)
    clock.advance(10_000)
    timers.due()
    assert left(timers) == "There is no timer."


def test_cancelling_drops_all(timers, clock):
    """Cancelled timers never ring; cancelling nothing says so."""
    cancel = Intent("TimerCancel", {})
    assert timers.handle(cancel).speech == "There is no timer."
    start(timers, seconds=10)
    start(timers, seconds=20)
    assert timers.handle(cancel).speech == "Timers cancelled."
    clock.advance(60_000)
    assert timers.due() is None
    assert left(timers) == "There is no timer."


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 5000), max_size=6), st.integers(0, 6000))
def test_timers_live_over_a_restart(tmp_path_factory, lengths, off_for):
    """A device that was off meanwhile rings for every timer whose time has come, and keeps the others."""
    folder, clock = tmp_path_factory.mktemp("state"), Clock(NOON * 1000)
    before = Timers(folder, clock)
    for seconds in lengths:
        before.handle(Intent("TimerSet", {"seconds": seconds}))
    clock.advance(off_for * 1000)
    after = Timers(folder, clock)
    assert (after.due() is not None) == any(seconds <= off_for for seconds in lengths)
    running = [seconds - off_for for seconds in lengths if seconds > off_for]
    assert (left(after) == "There is no timer.") == (not running)


@pytest.mark.parametrize(
    "text",
    [
        "", "{", "5", "null", '{"at": 1}', "[[1]]", "[[1, 2, 3]]", "[[null, 0]]", "[[NaN, 0]]",
        "[[Infinity, 0]]", "[[1, 1e400]]", "[[1, -1]]", "[" * 100_000,
    ],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_a_broken_file_is_moved_aside(tmp_path, clock, text):
    """A file that makes no sense stops nothing: it is kept aside, and timers can be set anew."""
    (tmp_path / "timers.json").write_text(text)
    timers = Timers(tmp_path, clock)
    assert (tmp_path / "timers.broken").read_text() == text
    assert not (tmp_path / "timers.json").exists()
    start(timers, seconds=5)
    assert json.loads((tmp_path / "timers.json").read_text()) == [[NOON + 5, 0]]


def test_bytes_that_are_no_text_are_moved_aside_too(tmp_path, clock):
    """A file that is not even text is a broken one."""
    (tmp_path / "timers.json").write_bytes(b"\xff\xfe\x00")
    Timers(tmp_path, clock)
    assert (tmp_path / "timers.broken").exists()


def test_a_file_that_cannot_be_read_is_one_clear_error(tmp_path, clock):
    """What stands in the way of the file is named, with its path."""
    (tmp_path / "timers.json").mkdir()
    with pytest.raises(StateError, match=r"timers\.json: Is a directory"):
        Timers(tmp_path, clock)


def test_a_full_disk_is_told_and_the_timer_rings(tmp_path, clock):
    """A timer that cannot be written down rings all the same, and its owner is told what that means."""
    folder = tmp_path / "state"
    folder.mkdir()
    timers = Timers(folder, clock)
    folder.rmdir()
    assert start(timers, seconds=5) == (
        "Timer set for 5 seconds. I cannot write it down: it ends when I am switched off."
    )
    clock.advance(5000)
    assert timers.due() is not None
    folder.mkdir()
    assert start(timers, seconds=5) == "Timer set for 5 seconds."
