"""The light: what it says is so."""

import itertools

import pytest

from sottovoce.ear.light import Colour, colour
from sottovoce.ear.states import State
from sottovoce.vocabulary import MuteReason

DEAF = {MuteReason.HARDWARE, MuteReason.SOFT}
REASONS = [
    frozenset(some)
    for count in range(len(MuteReason) + 1)
    for some in itertools.combinations(MuteReason, count)
]
ALL = list(itertools.product(State, REASONS, (False, True), (False, True)))


def shown(case):
    """Choose the colour for one combination."""
    state, reasons, fault, stream_open = case
    return colour(state, reasons, fault=fault, stream_open=stream_open)


@pytest.mark.parametrize("state", State)
def test_red_says_deaf_and_nothing_else(state):
    """Red exactly when the owner muted it and the stream is closed; every combination there is."""
    for case in (case for case in ALL if case[0] is state):
        _, reasons, _, stream_open = case
        assert (shown(case) is Colour.RED) == (bool(reasons & DEAF) and not stream_open), case


def test_an_open_stream_never_hides():
    """While the stream is open in spite of a mute, the light is amber, never red and never off."""
    for case in ALL:
        _, reasons, _, stream_open = case
        if reasons & DEAF and stream_open:
            assert shown(case) is Colour.AMBER, case


def test_a_fault_shows():
    """A fault is amber whatever the ear is doing, unless it is deaf anyway."""
    for case in ALL:
        _, reasons, fault, _ = case
        if fault and not reasons & DEAF:
            assert shown(case) is Colour.AMBER, case


def test_listening_shows_blue():
    """Blue exactly while it listens to a sentence: nobody is listened to behind another colour."""
    for case in ALL:
        state, reasons, fault, _ = case
        expected = state is State.LISTENING and not fault and not reasons & DEAF
        assert (shown(case) is Colour.BLUE) == expected, case


def test_every_state_has_its_colour():
    """Without faults and mutes each state shows its own colour."""
    assert {state: shown((state, frozenset(), False, True)) for state in State} == {
        State.MUTED: Colour.OFF,
        State.IDLE: Colour.OFF,
        State.LISTENING: Colour.BLUE,
        State.THINKING: Colour.WHITE,
        State.SPEAKING: Colour.GREEN,
    }
