"""What the status light shows: a pure choice, and the port it is shown on."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from sottovoce.ear.states import State
from sottovoce.vocabulary import ASKED, MuteReason


class Colour(StrEnum):
    """What the light can show."""

    OFF = "off"
    BLUE = "blue"
    """Listening."""
    WHITE = "white"
    """Thinking."""
    GREEN = "green"
    """Speaking."""
    CYAN = "cyan"
    """Something you granted is on its way out."""
    RED = "red"
    """Deaf: muted, and no microphone is open."""
    AMBER = "amber"
    """Something is wrong: no microphone, a broken switch, a mute that is not proven yet."""
    VIOLET = "violet"
    """Alarm: the mute is not what it says. Pull the plug of the microphone."""


@dataclass(frozen=True, slots=True)
class Look:
    """A colour, and whether it is shown faintly."""

    colour: Colour
    dim: bool = False


class Light(Protocol):
    """The RGB status light."""

    def show(self, look: Look) -> None:
        """Show this until the next."""


_COLOURS = {
    State.MUTED: Colour.OFF,  # shut for a moment only, such as while starting
    State.IDLE: Colour.OFF,
    State.LISTENING: Colour.BLUE,
    State.THINKING: Colour.WHITE,
    State.SPEAKING: Colour.GREEN,
}
_QUIET = frozenset({State.MUTED, State.IDLE})
NEVER_DIM = frozenset({Colour.VIOLET})


@dataclass(frozen=True, slots=True)
class Situation:
    """All that the light goes by."""

    state: State
    reasons: AbstractSet[MuteReason]
    microphone_open: bool
    """As the kernel says, where it does; as the ear believes elsewhere."""
    alarm: bool = False
    """The microphones have power, or a stream, that the mute should have taken away."""
    fault: bool = False
    """There is no microphone, or the switch is broken."""
    trouble: bool = False
    """The disk cannot be used: nothing is shared or kept."""
    sending: bool = False


def colour(now: Situation) -> Colour:
    """Choose the colour. Red is shown only when no microphone is open."""
    if now.alarm:
        return Colour.VIOLET
    if now.fault:
        return Colour.AMBER
    if now.reasons & ASKED:
        return Colour.AMBER if now.microphone_open else Colour.RED
    if now.sending and now.state in _QUIET:
        return Colour.CYAN
    if now.trouble and now.state in _QUIET:
        return Colour.AMBER
    return _COLOURS[now.state]


def look(now: Situation, *, night: bool, idle_glow: bool) -> Look:
    """Choose what is shown: by night all but an alarm is faint; with `idle_glow`, idle is a faint white."""
    chosen = colour(now)
    if chosen is Colour.OFF and idle_glow and now.state is State.IDLE:
        return Look(Colour.WHITE, dim=True)
    return Look(chosen, dim=night and chosen not in {Colour.OFF, *NEVER_DIM})
