"""What the ear is doing: the whole table, move by move."""

import itertools

import pytest

from sottovoce.ear.states import TABLE, Event, Forbidden, State, after

M, I, L, T, S = State.MUTED, State.IDLE, State.LISTENING, State.THINKING, State.SPEAKING  # noqa: E741

MOVES = {
    (M, Event.OPENED): I,
    (I, Event.WOKEN): L,
    (S, Event.WOKEN): L,  # it is interrupted
    (L, Event.HEARD): T,
    (L, Event.TIMED_OUT): I,
    (L, Event.YIELDED): I,  # another room answers
    (T, Event.ANSWERING): S,
    (I, Event.ANSWERING): S,  # a timer rings
    (M, Event.ANSWERING): S,  # a timer rings while it is deaf
    (S, Event.ANSWERED): I,
    (M, Event.SHUT): M,
    (I, Event.SHUT): M,
    (L, Event.SHUT): M,
    (T, Event.SHUT): M,
    (S, Event.SHUT): M,
}
ALL = list(itertools.product(State, Event))


@pytest.mark.parametrize(("state", "event"), MOVES, ids=lambda value: str(value).replace(" ", "-"))
def test_each_move_leads_where_it_should(state, event):
    """Each move that may happen, one by one."""
    assert after(state, event) is MOVES[state, event]


@pytest.mark.parametrize(
    ("state", "event"), [pair for pair in ALL if pair not in MOVES], ids=lambda v: str(v).replace(" ", "-")
)
def test_no_other_move_is_possible(state, event):
    """Everything else is a bug and says so, in words that name the move."""
    with pytest.raises(Forbidden, match=f"{event} while {state}"):
        after(state, event)


def test_the_table_is_no_longer_than_this():
    """No move was added that is not written down here."""
    assert dict(TABLE) == MOVES


def test_every_state_can_be_reached():
    """From the state it begins in, each state can be come to."""
    reached, front = set(), {M}
    while front:
        reached |= front
        front = {TABLE[pair] for pair in TABLE if pair[0] in front} - reached
    assert reached == set(State)


def test_shutting_deafens_in_every_state():
    """There is no state in which a shut gate does not end whatever is going on."""
    assert {after(state, Event.SHUT) for state in State} == {M}


def test_no_sentence_begins_inside_another():
    """A wake word starts a sentence when the device is idle, or interrupts it when it speaks."""
    assert [state for state in State if (state, Event.WOKEN) in TABLE] == [I, S]


def test_the_table_cannot_be_changed():
    """The table is read-only."""
    with pytest.raises(TypeError):
        TABLE[M, Event.WOKEN] = L
