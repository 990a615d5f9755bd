"""Soft mute and schedule: they outlive restarts, other processes, and a clock that is set back."""

import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.ear.mute import UNTIL_TOLD, Kept, Mutes, minute_of_day, standing
from sottovoce.ear.store import open_store
from sottovoce.vocabulary import MuteReason

NOW = 1_800_000_000.0
SOFT, SCHEDULE = MuteReason.SOFT, MuteReason.SCHEDULE
NIGHT = ("22:00-07:00",)
HOUR = 3600.0


class Device:
    """A device that can be switched off, whose clock is what the test says."""

    def __init__(self, folder, spans=()):
        self.folder, self.spans = folder, spans
        self.now, self.minute = NOW, 12 * 60
        self.start()

    def start(self):
        """Switch it on, or off and on again."""
        self.store = open_store(self.folder)
        self.mutes = Mutes(self.store, lambda: self.now, self.spans, lambda _: self.minute)

    def wait(self, seconds):
        """Let time go by; the minutes of the day with it."""
        self.now += seconds
        self.minute = int(self.minute + seconds / 60) % (24 * 60)


@pytest.fixture
def device(tmp_path):
    """A device without a schedule."""
    return Device(tmp_path)


def test_nothing_stands_at_first(device):
    """A new device is not muted."""
    assert device.mutes.look() == frozenset()


def test_a_soft_mute_without_an_end_stands_until_told(device):
    """Over a restart and over a year."""
    device.mutes.set_soft()
    device.start()
    device.wait(365 * 24 * HOUR)
    assert device.mutes.look() == {SOFT}
    device.mutes.clear_soft()
    device.start()
    assert device.mutes.look() == frozenset()


@pytest.mark.parametrize("restarts", [False, True])
def test_a_soft_mute_ends_at_its_end(device, restarts):
    """To the second, with a restart in between or without."""
    device.mutes.set_soft(until=NOW + HOUR)
    if restarts:
        device.start()
    device.wait(HOUR - 1)
    assert device.mutes.look() == {SOFT}
    device.wait(1)
    assert device.mutes.look() == frozenset()


def test_another_process_is_obeyed(device):
    """What a second process writes is seen at the next look, and the other way round."""
    other = Device(device.folder)
    other.mutes.set_soft()
    assert device.mutes.look() == {SOFT}
    device.mutes.clear_soft()
    assert other.mutes.look() == frozenset()


def test_the_schedule_follows_the_clock(tmp_path):
    """Muted from the first minute of its hours to the last, each day, over a restart."""
    device = Device(tmp_path, NIGHT)
    seen = []
    for _ in range(48):
        seen.append(device.mutes.look() == {SCHEDULE})
        device.wait(HOUR)
        device.start()
    day = [12 + hour for hour in range(48)]
    assert seen == [hour % 24 >= 22 or hour % 24 < 7 for hour in day]


@pytest.mark.parametrize("until", [UNTIL_TOLD, NOW + HOUR])
def test_a_clock_set_back_ends_no_soft_mute(device, until):
    """A Pi without a clock starts in the past: what stood, stands, until the clock is right again."""
    device.mutes.set_soft(until=until)
    device.now = 0.0
    device.start()
    assert device.mutes.look() == {SOFT}
    device.now = NOW + 2 * HOUR
    assert device.mutes.look() == ({SOFT} if math.isinf(until) else frozenset())


def test_a_clock_set_back_ends_no_schedule(tmp_path):
    """Off at night and on again with a clock that says noon: still muted, until the clock is right again."""
    device = Device(tmp_path, NIGHT)
    device.minute = 23 * 60
    assert device.mutes.look() == {SCHEDULE}
    device.now, device.minute = NOW - HOUR, 12 * 60
    device.start()
    assert device.mutes.look() == {SCHEDULE}
    assert device.mutes.look() == {SCHEDULE}
    device.now = NOW + HOUR
    assert device.mutes.look() == frozenset()


def test_a_soft_mute_that_has_ended_does_not_come_back(device):
    """Ended is ended, even when the clock is set back to a time at which it still stood."""
    device.mutes.set_soft(until=NOW + HOUR)
    device.wait(HOUR)
    assert device.mutes.look() == frozenset()
    for now in (NOW + HOUR / 2, NOW - HOUR, 0.0):
        device.now = now
        device.start()
        assert device.mutes.look() == frozenset(), now


def test_a_small_step_of_the_clock_is_believed(device):
    """Less than a minute back is what time servers do, and ends what is over."""
    device.mutes.set_soft(until=NOW + 10)
    device.wait(700)
    device.mutes.look()
    device.mutes.set_soft(until=NOW + 680)
    device.wait(-10)
    assert device.mutes.look() == frozenset()


def test_a_schedule_that_was_taken_away_no_longer_mutes(tmp_path):
    """Hours that the owner took out of the configuration are over, whatever the clock says."""
    device = Device(tmp_path, NIGHT)
    device.minute = 23 * 60
    assert device.mutes.look() == {SCHEDULE}
    device.now, device.spans = 0.0, ()
    device.start()
    assert device.mutes.look() == frozenset()


def test_a_disk_that_takes_nothing_begins_the_hours_all_the_same(tmp_path):
    """Full or read-only: what the clock says holds, though it cannot be written down."""
    device = Device(tmp_path, NIGHT)
    device.store.execute("PRAGMA query_only = ON")
    device.minute = 23 * 60
    assert device.mutes.look() == {SCHEDULE}
    assert device.mutes.by_the_clock() == {SCHEDULE}


@given(
    kept=st.builds(Kept, st.floats(0, 2e9) | st.just(math.inf), st.booleans(), st.floats(0, 2e9)),
    back=st.floats(61, 1e9),
    minute=st.integers(0, 1439),
)
def test_nothing_ends_while_the_clock_is_one_that_has_been(kept, back, minute):
    """Whatever is kept: at a time before the latest that was seen, all of it stands."""
    found = standing(kept, kept.seen - back, minute, NIGHT)
    assert (SOFT in found) == (kept.soft_until > 0 or kept.seen - back < kept.soft_until)
    assert not kept.schedule or SCHEDULE in found


STEPS = st.lists(
    st.tuples(st.just("wait"), st.integers(0, 30_000))
    | st.tuples(st.just("soft"), st.just(UNTIL_TOLD) | st.integers(1, 20_000))
    | st.tuples(st.sampled_from(["unmute", "restart"]), st.just(0)),
    max_size=25,
)


@given(STEPS)
def test_it_is_muted_exactly_when_the_last_word_says_so(steps):
    """Any course of mutes, ends, waits and restarts: on disk as in the mind of who gave the orders."""
    with tempfile.TemporaryDirectory(prefix="mute-") as name:
        device, until = Device(Path(name), NIGHT), 0.0
        for step, value in steps:
            if step == "wait":
                device.wait(value)
            elif step == "soft":
                until = device.now + value
                device.mutes.set_soft(until=until)
            elif step == "unmute":
                until = 0.0
                device.mutes.clear_soft()
            else:
                device.start()
            night = device.minute >= 22 * 60 or device.minute < 7 * 60
            expected = ({SOFT} if device.now < until else set()) | ({SCHEDULE} if night else set())
            assert device.mutes.look() == expected


@pytest.mark.parametrize("zone", ["UTC", "Europe/Vienna", "Asia/Kathmandu"])
def test_the_minute_is_that_of_the_owners_clock(zone):
    """Hours are meant as the clock on the wall shows them."""
    script = "import datetime, sottovoce.ear.mute as m; print(m.minute_of_day(1_800_000_000))"
    told = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "TZ": zone},
        capture_output=True,
        text=True,
        check=True,
    )
    wall = {"UTC": 8 * 60, "Europe/Vienna": 9 * 60, "Asia/Kathmandu": 13 * 60 + 45}
    assert int(told.stdout) == wall[zone]
    assert 0 <= minute_of_day(NOW) < 24 * 60
