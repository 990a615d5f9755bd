"""A simulated board that obeys the law of the real one: with its switch off, the microphone is dead.

It is moved by words: "mute", "live", "fault", "tamper" and "unreadable" for the switch, "press short",
"press long" and "press very long" for the button. `sottovoce run --simulate` sends them for its keys,
and so do the demo and the tests.
"""

import os
from collections.abc import Callable, Mapping
from typing import Final

from sottovoce.ear.gate import Microphone
from sottovoce.ear.light import Look
from sottovoce.errors import ConfigError, MicrophoneCut
from sottovoce.vocabulary import Position, Press, Samples

ORDERS: Final[Mapping[str, Position]] = {
    "mute": Position.MUTED,
    **{str(position): position for position in Position if position is not Position.MUTED},
}
"""What a line may say of the switch."""
PRESSES: Final[Mapping[str, Press]] = {f"press {press}": press for press in Press}
"""What it may say of the button."""


class SimulatedBoard:
    """The privacy switch, the button and the light, without a Pi."""

    def __init__(
        self,
        told: Callable[[Look], None],
        *,
        position: Position = Position.LIVE,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        """Begin with the switch at `position`; `told` is called with what the light shows.

        Raises ConfigError under systemd: a box with a simulated switch must not pass for a real one.
        """
        if _is_service(environment):
            raise ConfigError(
                "--simulate: a simulated switch cannot run as a service", "take --simulate away"
            )
        self.position = position
        self._told = told
        self._changed: Callable[[Position], None] = lambda _: None
        self._pressed: Callable[[Press], None] = lambda _: None

    @property
    def muted(self) -> bool:
        """Whether the microphone is cut off."""
        return self.position is not Position.LIVE

    def watch(self, changed: Callable[[Position], None]) -> None:
        """Call `changed` now and at every flip, in the flipping thread."""
        self._changed = changed
        changed(self.position)

    def watch_button(self, pressed: Callable[[Press], None]) -> None:
        """Call `pressed` at every press, in the pressing thread."""
        self._pressed = pressed

    def flip(self, position: Position) -> None:
        """Move the switch: the supply first, then whoever watches it."""
        self.position = position
        self._changed(position)

    def show(self, look: Look) -> None:
        """Light up."""
        self._told(look)

    def order(self, line: str) -> None:
        """Flip the switch or press the button as a line says; anything else is not for this board."""
        if line in ORDERS:
            self.flip(ORDERS[line])
        elif line in PRESSES:
            self._pressed(PRESSES[line])


class SimulatedMicrophone:
    """A microphone behind the simulated switch: to open or read it while that is off raises."""

    def __init__(self, source: Microphone, board: SimulatedBoard) -> None:
        """Give the sound of `source` while `board` lets it."""
        self._source = source
        self._board = board
        self.live = source.live

    @property
    def brought(self) -> int:
        """What its source brought; of one that keeps no count, nothing."""
        return int(getattr(self._source, "brought", 0))

    def open(self) -> None:
        """Start the stream. Raises MicrophoneCut."""
        self._check()
        self._source.open()

    def read(self) -> Samples | None:
        """Wait for one frame; None when late. Raises MicrophoneCut, also if the switch went off meanwhile."""
        self._check()
        samples = self._source.read()
        self._check()
        return samples

    def close(self) -> None:
        """Stop the stream."""
        self._source.close()

    def _check(self) -> None:
        if self._board.muted:
            raise MicrophoneCut("simulated microphone: read while its switch is off")


def _is_service(environment: Mapping[str, str]) -> bool:
    """Whether systemd started this process or its parent.

    INVOCATION_ID alone does not tell: a desktop's terminal is a service too, and all in it inherits the
    variable. SYSTEMD_EXEC_PID (since systemd 248) says which process it was meant for.
    """
    meant = environment.get("SYSTEMD_EXEC_PID")
    return "INVOCATION_ID" in environment and meant in {None, str(os.getpid()), str(os.getppid())}
