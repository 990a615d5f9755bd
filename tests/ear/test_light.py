"""The light: what it says is so."""

import itertools

import pytest

from sottovoce.ear.light import Colour, Look, Situation, colour, look
from sottovoce.ear.states import State
from sottovoce.vocabulary import MuteReason

ASKED = {MuteReason.HARDWARE, MuteReason.SOFT, MuteReason.SCHEDULE}
REASONS = [
    frozenset(some)
    for count in range(len(MuteReason) + 1)
    for some in itertools.combinations(MuteReason, count)
]
YES_OR_NO = (False, True)
ALL = [Situation(*case) for case in itertools.product(State, REASONS, *[YES_OR_NO] * 5)]
"""Every state, reason, microphone, alarm, fault, trouble and sending there is."""


def test_red_says_deaf_and_nothing_else():
    """Red exactly when the owner muted it, no microphone is open and nothing is wrong."""
    for case in ALL:
        deaf = bool(case.reasons & ASKED) and not case.microphone_open and not case.fault and not case.alarm
        assert (colour(case) is Colour.RED) == deaf, case


def test_an_open_microphone_never_hides():
    """While one is open in spite of a mute, the light is amber or violet, never red and never off."""
    for case in ALL:
        if case.reasons & ASKED and case.microphone_open:
            assert colour(case) in {Colour.AMBER, Colour.VIOLET}, case


def test_an_alarm_is_violet_and_nothing_else_is():
    """Violet exactly at an alarm, whatever else is so."""
    for case in ALL:
        assert (colour(case) is Colour.VIOLET) == case.alarm, case


def test_a_fault_shows():
    """A fault is amber whatever the ear is doing, unless there is an alarm."""
    for case in ALL:
        if case.fault and not case.alarm:
            assert colour(case) is Colour.AMBER, case


def test_trouble_with_the_disk_shows_when_it_does_nothing_else():
    """Amber while it idles; but a mute is red all the same, and what it does is seen."""
    for case in ALL:
        idles = case.state in {State.IDLE, State.MUTED} and not case.reasons & ASKED
        if case.trouble and not (case.alarm or case.fault or case.sending):
            assert (colour(case) is Colour.AMBER) == (
                idles or (bool(case.reasons & ASKED) and case.microphone_open)
            )


def test_listening_shows_blue():
    """Blue exactly while it listens to a sentence: nobody is listened to behind another colour."""
    for case in ALL:
        wrong = case.fault or case.alarm or case.reasons & ASKED
        assert (colour(case) is Colour.BLUE) == (case.state is State.LISTENING and not wrong), case


def test_sending_shows_when_nothing_else_does():
    """Cyan exactly while something is on its way out and the ear does nothing else that shows."""
    for case in ALL:
        quiet = case.state in {State.IDLE, State.MUTED}
        wrong = case.fault or case.alarm or case.reasons & ASKED
        assert (colour(case) is Colour.CYAN) == bool(case.sending and quiet and not wrong), case


def test_every_state_has_its_colour():
    """Without faults and mutes each state shows its own colour."""
    assert {state: colour(Situation(state, frozenset(), microphone_open=True)) for state in State} == {
        State.MUTED: Colour.OFF,
        State.IDLE: Colour.OFF,
        State.LISTENING: Colour.BLUE,
        State.THINKING: Colour.WHITE,
        State.SPEAKING: Colour.GREEN,
    }


@pytest.mark.parametrize("idle_glow", YES_OR_NO)
@pytest.mark.parametrize("night", YES_OR_NO)
def test_by_night_all_but_an_alarm_is_faint(night, idle_glow):
    """The colour is the same by day and by night; an alarm is never faint; idle glows only if asked to."""
    for case in ALL:
        shown, chosen = look(case, night=night, idle_glow=idle_glow), colour(case)
        if idle_glow and chosen is Colour.OFF and case.state is State.IDLE:
            assert shown == Look(Colour.WHITE, dim=True), case
            continue
        assert shown.colour is chosen, case
        assert shown.dim == (night and chosen not in {Colour.VIOLET, Colour.OFF}), case
