"""Bouncing contacts: the switch mutes at the first sign and un-mutes late; the button is pressed once."""

import random

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sottovoce.ear.devices.debounce import (
    DEBOUNCE_SECONDS,
    LONG_SECONDS,
    POSITIONS,
    VERY_LONG_SECONDS,
    Button,
    Senses,
)
from sottovoce.vocabulary import Position, Press

LEVELS = {position: levels for levels, position in POSITIONS.items()}
"""Position -> (switch high, rail high)."""
LATER = DEBOUNCE_SECONDS + 0.001
A_TICK = 1 / 2**20
"""About a microsecond, exact in binary."""
BOUNCE_TICKS = round(0.006 / A_TICK)


def at(position):
    """Senses that have said `position` for long, since before 10 s."""
    senses = Senses()
    say(senses, 9.0, position)
    say(senses, 9.9, position)
    assert senses.position is position
    return senses


def say(senses, now, position, *, edge=False):
    """Have both senses say `position`."""
    switch, rail = LEVELS[position]
    return senses.feed(now, switch_high=switch, rail_high=rail, edge=edge)


@pytest.mark.parametrize(
    ("switch_high", "rail_high", "position"),
    [
        (False, True, Position.LIVE),
        (True, False, Position.MUTED),
        (False, False, Position.FAULT),
        (True, True, Position.TAMPER),
    ],
)
def test_two_senses_say_four_things(switch_high, rail_high, position):
    """Live needs both; both low is a broken wire; power behind a switch that is off is tampering."""
    senses = Senses()
    for now in (1.0, 1.0 + LATER):
        senses.feed(now, switch_high=switch_high, rail_high=rail_high)
    assert senses.position is position
    assert not senses.settling


def test_it_begins_muted():
    """Before anything was read, and at the first look, it is muted, whatever the senses say."""
    for position in Position:
        senses = Senses()
        assert senses.position is Position.MUTED
        if position in LEVELS:
            assert say(senses, 1000.0, position) is Position.MUTED


@pytest.mark.parametrize("position", [Position.MUTED, Position.FAULT, Position.TAMPER])
def test_the_first_sign_of_either_sense_mutes(position):
    """Whichever sense moves first, a live device is muted at once; what is wrong is told in good time."""
    senses = at(Position.LIVE)
    assert say(senses, 10.0, position, edge=True) is Position.MUTED
    assert say(senses, 10.0 + LATER, position) is position


def test_a_glitch_that_is_over_mutes_too():
    """An edge mutes even if the level says live again by the time it is read; live comes back 50 ms later."""
    senses = at(Position.LIVE)
    assert say(senses, 10.0, Position.LIVE, edge=True) is Position.MUTED
    assert senses.settling
    assert say(senses, 10.049, Position.LIVE) is Position.MUTED
    assert say(senses, 10.051, Position.LIVE) is Position.LIVE


@pytest.mark.parametrize(("start", "end"), [(Position.LIVE, Position.MUTED), (Position.MUTED, Position.LIVE)])
@pytest.mark.parametrize("between", [Position.FAULT, Position.TAMPER])
def test_one_contact_before_the_other_is_no_alarm(start, end, between):
    """The senses follow each other by a millisecond or two: muted meanwhile, and no alarm."""
    senses = at(start)
    assert say(senses, 10.0, between, edge=True) is Position.MUTED
    assert say(senses, 10.002, end, edge=True) is Position.MUTED
    assert say(senses, 10.002 + LATER, end) is end


@pytest.mark.parametrize("position", [Position.FAULT, Position.TAMPER])
def test_from_an_alarm_it_goes_live_as_late_as_ever(position):
    """What was broken or tampered with is not live before 50 ms of agreement."""
    senses = at(position)
    assert say(senses, 10.0, Position.LIVE) is position
    assert say(senses, 10.049, Position.LIVE) is position
    assert say(senses, 10.051, Position.LIVE) is Position.LIVE


def test_what_cannot_be_read_must_settle_anew():
    """Unreadable at once; read again, muted counts at once and live after 50 ms."""
    senses = at(Position.LIVE)
    assert senses.lost() is Position.UNREADABLE
    assert not senses.settling
    assert say(senses, 10.0, Position.LIVE) is Position.UNREADABLE
    assert say(senses, 10.0 + LATER, Position.LIVE) is Position.LIVE
    senses.lost()
    assert say(senses, 11.0, Position.MUTED) is Position.MUTED


LOOKS = st.lists(st.tuples(st.integers(0, 80), st.sampled_from([*Position]), st.booleans()), max_size=60)


@given(LOOKS)
@example([(1, Position.LIVE, False), (60, Position.LIVE, False), (60, Position.LIVE, True)])
def test_live_means_fifty_quiet_milliseconds(looks):
    """Whatever comes: live exactly if every look of the last 50 ms found it so, without an edge.

    And what else it says is what the senses say, or muted, or what it said before they changed.
    """
    senses, now, same_since, before = Senses(), 0.0, 0.0, Position.MUTED
    for ticks, position, edge in looks:
        now += ticks / 1024  # exact in binary, and never just at the edge of 50 ms
        if position is Position.UNREADABLE:
            said = senses.lost()
            assert said is Position.UNREADABLE
        else:
            same_since = now if edge or position is not before else same_since
            settled = now - same_since >= DEBOUNCE_SECONDS
            was, said = senses.position, say(senses, now, position, edge=edge)
            assert (said is Position.LIVE) == (position is Position.LIVE and settled)
            expected = position if settled or position is Position.MUTED else was
            assert said is (Position.MUTED if expected is Position.LIVE and not settled else expected)
        before = position


def bounces(chance, start, level):
    """Edges of one contact that comes to rest at `level`: (tick, level), for up to 6 ms."""
    ticks = sorted(start + chance.randrange(BOUNCE_TICKS) for _ in range(chance.randrange(12)))
    return [(start, level), *((tick, chance.random() < 0.5) for tick in ticks), (start + BOUNCE_TICKS, level)]


def test_ten_thousand_bouncing_flips():
    """Never a moment of live between two edges less than the debounce apart, never live sooner than that.

    Both contacts bounce for 6 ms at each flip, the second sets in 0 to 2 ms later, flips come as quickly as
    fingers can and quicker, and now and then an interrupt is so late that the level has moved on.
    """
    chance, now, flips = random.Random(6), 2**20, 10_000
    levels, events = {"switch": True, "rail": False}, []
    for flip in range(flips):
        live = flip % 2 == 0
        rail = now + chance.randrange(round(0.002 / A_TICK))
        events += [(tick, "switch", level) for tick, level in bounces(chance, now, not live)]
        events += [(tick, "rail", level) for tick, level in bounces(chance, rail, live)]
        now += chance.choice([round(0.008 / A_TICK), chance.randrange(round(0.2 / A_TICK))])
    events += [(tick, None, None) for tick in range(0, now, 2**20 // 100)]  # and it is looked at every 10 ms
    events.sort(key=lambda event: event[0])
    senses, last_edge, went_live, opened = Senses(), 0.0, None, 0
    for tick, sense, level in events:
        moved = sense is not None and levels[sense] != level
        if sense is not None:
            levels[sense] = level
        at_ = tick * A_TICK
        read = dict(levels)
        if moved and chance.random() < 0.05:  # read late: it has bounced back
            read[sense] = not level
        before = senses.position
        said = senses.feed(at_, switch_high=read["switch"], rail_high=read["rail"], edge=moved)
        last_edge = at_ if moved else last_edge
        if said is Position.LIVE:
            assert at_ - last_edge >= DEBOUNCE_SECONDS
            assert not moved
            assert (levels["switch"], levels["rail"]) == (False, True)
        if said is Position.LIVE and before is not Position.LIVE:
            went_live, opened = at_, opened + 1
        if before is Position.LIVE and said is not Position.LIVE:
            assert moved, "muted by a look and not by the edge"
            assert went_live < at_
    assert opened > flips / 10, "it was hardly ever live: nothing was tried"


def hold(button, start, seconds, every=0.25):
    """Press, hold while it is looked at, let go; what was told, and when."""
    told = [(start, button.feed(start, down=True))]
    now = start
    while (now := now + every) < start + seconds:
        told.append((now, button.feed(now, down=True)))
    told.append((start + seconds, button.feed(start + seconds, down=False)))
    return [(when, press) for when, press in told if press is not None]


@pytest.mark.parametrize(
    ("seconds", "press"),
    [
        (0.03125, Press.SHORT),
        (0.5, Press.SHORT),
        (LONG_SECONDS, Press.LONG),
        (VERY_LONG_SECONDS - 0.125, Press.LONG),
    ],
)
def test_a_press_is_told_when_it_is_let_go(seconds, press):
    """Short below a second, long from there on; told once."""
    button = Button()
    assert hold(button, 16.0, seconds) == [(16.0 + seconds, press)]
    assert button.feed(99.0, down=False) is None


def test_a_very_long_press_is_told_at_its_time():
    """Held for 8 s it is told while it is still held, once, and nothing when it is let go."""
    button = Button()
    assert hold(button, 16.0, 20.0) == [(16.0 + VERY_LONG_SECONDS, Press.VERY_LONG)]
    assert hold(button, 64.0, 0.5) == [(64.5, Press.SHORT)]


def test_a_very_long_press_that_nobody_looked_at():
    """Even if it was never looked at meanwhile, it is what it was."""
    assert hold(Button(), 16.0, 9.0, every=99.0) == [(25.0, Press.VERY_LONG)]


def test_a_button_that_cannot_be_read_is_not_pressed():
    """What was begun before is forgotten: it is neither told then, nor later."""
    button = Button()
    button.feed(1.0, down=True)
    button.lost()
    assert button.feed(3.0, down=False) is None
    assert hold(button, 4.0, 0.5) == [(4.5, Press.SHORT)]


@given(
    st.floats(0.03, 7.9),
    st.lists(st.integers(1, 6000), max_size=10),
    st.lists(st.integers(1, 6000), max_size=10),
)
def test_a_bouncing_button_is_pressed_once(seconds, pressing, releasing):
    """Edges for 6 ms when it goes down and when it comes up: one press, of its kind."""
    button, told = Button(), []
    for start, down, edges in ((10.0, True, pressing), (10.0 + seconds, False, releasing)):
        told.append(button.feed(start, down=down))
        level = down
        for microseconds in sorted(set(edges)):
            level = not level
            told.append(button.feed(start + microseconds / 1e6, down=level))
        told.append(button.feed(start + 0.0061, down=down))
    (press,) = [one for one in told if one is not None]
    held = {Press.SHORT: (0.0, LONG_SECONDS + 0.01), Press.LONG: (LONG_SECONDS - 0.01, 8.01)}
    assert held[press][0] <= seconds <= held[press][1]
