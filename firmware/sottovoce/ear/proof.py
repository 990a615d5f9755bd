"""Proof of mute: what the kernel says of the microphones, against what the ear believes. Deciding only."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

PATIENCE_SECONDS: Final = 0.1
"""A stream may outlive the mute for so long: it is closed by the thread that reads it."""


@dataclass(frozen=True, slots=True)
class Capture:
    """A capture stream that the kernel holds open."""

    name: str
    """Such as card1/pcm0c/sub0."""
    ours: bool
    """Whether a thread of this process opened it."""


class Kernel(Protocol):
    """The kernel's own word."""

    def captures(self) -> Collection[Capture] | None:
        """List the capture streams that are open, by whomever; None where the kernel tells nothing."""


class Finding(StrEnum):
    """What is known of the microphones."""

    OPEN = "open"
    """The device is not muted, and the kernel holds a capture stream open."""
    CLOSED = "closed"
    """No capture stream is open: proven by the kernel."""
    UNPROVEN = "unproven"
    """The kernel tells nothing, or a sound server holds the microphone and only it knows for whom."""
    BROKEN = "broken"
    """The device is muted, and a capture stream is open: its own, or another program's."""


class Proof:
    """Compares the kernel's word with the mute state, as both change."""

    def __init__(self, *, direct: bool = False) -> None:
        """Know nothing yet, but that the microphone is the kernel's own if it is `direct`."""
        self.finding = Finding.UNPROVEN
        self._direct = direct  # our own sound comes from the kernel, not by a server
        self._blind = False  # our own stream was open, and the kernel showed none
        self._differs_since: float | None = None

    def feed(
        self,
        now: float,
        captures: Collection[Capture] | None,
        *,
        asked: bool,
        shut: bool,
        stream_open: bool,
        opening: bool = False,
    ) -> Finding:
        """Take the kernel's word at `now` (seconds that only go forward).

        `asked`: the owner wants it deaf. `shut`: the gate is shut, for whatever reason. `stream_open`: the
        ear has a stream open, as it believes. `opening`: it is in the middle of opening one.
        """
        if captures is None:
            self._differs_since = None
            self.finding = Finding.UNPROVEN
            return self.finding
        if stream_open and not shut:
            self._blind = not captures
            self._direct = any(one.ours for one in captures) or (self._direct and self._blind)
        self.finding = self._compare(now, captures, asked=asked, shut=shut and not opening)
        return self.finding

    @property
    def settling(self) -> bool:
        """Whether a difference is being given its time."""
        return self._differs_since is not None and self.finding is not Finding.BROKEN

    def _compare(self, now: float, captures: Collection[Capture], *, asked: bool, shut: bool) -> Finding:
        ours = any(one.ours for one in captures)
        others = any(not one.ours for one in captures)
        if not captures or not shut:
            self._differs_since = None
            if captures:
                return Finding.OPEN
            return Finding.UNPROVEN if self._blind else Finding.CLOSED
        if not (ours or (asked and others)):  # shut for a moment of its own: others may listen
            self._differs_since = None
            return Finding.OPEN
        if not ours and not self._direct:
            self._differs_since = None
            return Finding.UNPROVEN
        self._differs_since = now if self._differs_since is None else self._differs_since
        if now - self._differs_since > PATIENCE_SECONDS:
            return Finding.BROKEN
        return self.finding if self.finding is Finding.BROKEN else Finding.OPEN
