"""What the status light shows: a pure choice, and the port it is shown on."""

from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import Protocol

from sottovoce.ear.states import State
from sottovoce.vocabulary import MuteReason


class Colour(StrEnum):
    """What the light can show."""

    OFF = "off"
    BLUE = "blue"
    """Listening."""
    WHITE = "white"
    """Thinking."""
    GREEN = "green"
    """Speaking."""
    RED = "red"
    """Deaf: muted."""
    AMBER = "amber"
    """Something is wrong: no microphone."""


class Light(Protocol):
    """The RGB status light."""

    def show(self, colour: Colour) -> None:
        """Show a colour until the next."""


_COLOURS = {
    State.MUTED: Colour.OFF,  # shut for a moment only, such as while starting
    State.IDLE: Colour.OFF,
    State.LISTENING: Colour.BLUE,
    State.THINKING: Colour.WHITE,
    State.SPEAKING: Colour.GREEN,
}


def colour(state: State, reasons: AbstractSet[MuteReason], *, fault: bool, stream_open: bool) -> Colour:
    """Choose the colour. Red is shown only when the stream is closed too, and over all else."""
    if reasons & {MuteReason.HARDWARE, MuteReason.SOFT}:
        return Colour.AMBER if stream_open else Colour.RED
    if fault:
        return Colour.AMBER
    return _COLOURS[state]
