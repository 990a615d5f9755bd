"""A simulated board that obeys the law of the real one: with its switch off, the microphone is dead.

It is moved by the words "mute" and "live", sent by `sottovoce run --simulate` for the key m, by the
demo and by tests.
"""

import os
from collections.abc import Callable, Mapping
from typing import Final

from sottovoce.ear.gate import Microphone
from sottovoce.ear.light import Colour
from sottovoce.errors import ConfigError, MicrophoneCut
from sottovoce.vocabulary import Samples

_POSITIONS: Final = {"mute": True, "live": False}


class SimulatedBoard:
    """The privacy switch and the light, without a Pi."""

    def __init__(
        self,
        told: Callable[[Colour], None],
        *,
        muted: bool = False,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        """Begin with the switch at `muted`; `told` is called with what the light shows.

        Raises ConfigError under systemd: a box with a simulated switch must not pass for a real one.
        """
        if _is_service(environment):
            raise ConfigError(
                "--simulate: a simulated switch cannot run as a service", "take --simulate away"
            )
        self.muted = muted
        self._told = told
        self._changed: Callable[[bool], None] = lambda _: None

    def watch(self, changed: Callable[[bool], None]) -> None:
        """Call `changed(muted)` now and at every flip, in the flipping thread."""
        self._changed = changed
        changed(self.muted)

    def flip(self, *, muted: bool) -> None:
        """Move the switch: the supply first, then whoever watches it."""
        self.muted = muted
        self._changed(muted)

    def show(self, colour: Colour) -> None:
        """Light up."""
        self._told(colour)

    def order(self, line: str) -> None:
        """Flip as a line says: "mute" or "live"; anything else is not for this board."""
        if line in _POSITIONS:
            self.flip(muted=_POSITIONS[line])


class SimulatedMicrophone:
    """A microphone behind the simulated switch: to open or read it while that is off raises."""

    def __init__(self, source: Microphone, board: SimulatedBoard) -> None:
        """Give the sound of `source` while `board` lets it."""
        self._source = source
        self._board = board
        self.live = source.live

    def open(self) -> None:
        """Start the stream. Raises MicrophoneCut."""
        self._check()
        self._source.open()

    def read(self) -> Samples:
        """Wait for one frame. Raises MicrophoneCut, also when the switch went off meanwhile."""
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
