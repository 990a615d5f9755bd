"""What the ear is doing, as a table. Deciding only: no I/O, no time."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class State(StrEnum):
    """What the ear is doing."""

    MUTED = "muted"
    IDLE = "idle"
    LISTENING = "listening"
    THINKING = "thinking"
    SPEAKING = "speaking"


class Event(StrEnum):
    """What can happen to it."""

    SHUT = "shut"
    """The gate shut."""
    OPENED = "opened"
    """The gate opened."""
    WOKEN = "woken"
    """A wake word was heard."""
    HEARD = "heard"
    """A sentence has ended."""
    YIELDED = "yielded"
    """Another device heard the wake word better, and answers."""
    TIMED_OUT = "timed out"
    """No sentence began."""
    ANSWERING = "answering"
    """There is something to say."""
    ANSWERED = "answered"
    """All is said."""


TABLE: Final[Mapping[tuple[State, Event], State]] = MappingProxyType({
    (State.MUTED, Event.OPENED): State.IDLE,
    (State.IDLE, Event.WOKEN): State.LISTENING,
    (State.SPEAKING, Event.WOKEN): State.LISTENING,
    (State.LISTENING, Event.TIMED_OUT): State.IDLE,
    (State.LISTENING, Event.YIELDED): State.IDLE,
    (State.LISTENING, Event.HEARD): State.THINKING,
    (State.THINKING, Event.ANSWERING): State.SPEAKING,
    (State.IDLE, Event.ANSWERING): State.SPEAKING,
    (State.SPEAKING, Event.ANSWERED): State.IDLE,
    (State.MUTED, Event.ANSWERING): State.SPEAKING,
    **{(state, Event.SHUT): State.MUTED for state in State},
})  # fmt: skip


class Forbidden(ValueError):
    """No such move: a bug, never the world's doing."""


def after(state: State, event: Event) -> State:
    """Say where `event` leads from `state`. Raises Forbidden."""
    try:
        return TABLE[state, event]
    except KeyError:
        raise Forbidden(f"{event} while {state}") from None
