"""The sentinel: one thread that minds the mutes while the others hear.

It keeps the mutes that stand over a restart (ear/mute.py), holds the kernel's word on the
microphones against the mute state (ear/proof.py), and writes both into the ledger.
"""

import queue
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Final

from sottovoce.ear.gate import Gate
from sottovoce.ear.ledger import Ledger
from sottovoce.ear.mute import Mutes
from sottovoce.ear.proof import Finding, Kernel, Proof
from sottovoce.errors import StateError
from sottovoce.journal import Journal
from sottovoce.vocabulary import ASKED, Happening, MuteReason, Position

ROUND_SECONDS: Final = 0.25
"""How often it looks when nothing happens."""
CLOSE_SECONDS: Final = 0.02
"""How often it looks while a stream is being closed."""
_STANDING: Final = (MuteReason.SOFT, MuteReason.SCHEDULE)
_TOLD: Final = {Position.TAMPER: Happening.TAMPER, Position.FAULT: Happening.SWITCH_FAULT,
                Position.UNREADABLE: Happening.SWITCH_FAULT}  # fmt: skip


class Sentinel:
    """`run` is its thread; everything else may be called from any."""

    def __init__(
        self,
        gate: Gate,
        mutes: Mutes,
        kernel: Kernel,
        ledger: Ledger,
        tell: Callable[[Happening], None],
        refresh: Callable[[], None],
        journal: Journal,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Mind `gate`; `tell` passes word-free events on, `refresh` has the light look again.

        `now` gives seconds that only go forward.
        """
        self._gate, self._mutes, self._kernel, self._ledger = gate, mutes, kernel, ledger
        self._tell, self._refresh, self._journal, self._now = tell, refresh, journal, now
        self._proof = Proof()
        self._turn = threading.Lock()
        self._wake = threading.Event()
        self._stopping = False
        self._unwritten: frozenset[MuteReason] = frozenset()  # what the disk would not take
        self._entries: queue.SimpleQueue[tuple[str, dict[str, str]]] = queue.SimpleQueue()
        self._disk_told = False
        self._kernel_open = False
        self._found: Finding | None = None
        self.position = Position.MUTED
        """What the privacy switch says."""

    @property
    def finding(self) -> Finding:
        """What is known of the microphones."""
        return self._proof.finding

    @property
    def microphone_open(self) -> bool:
        """Whether a microphone is open: by the kernel's word, or by what the gate believes."""
        return self._kernel_open or self._gate.stream_open

    @property
    def alarm(self) -> bool:
        """Whether the mute is not what it says."""
        return self.position is Position.TAMPER or self.finding is Finding.BROKEN

    def flip(self, position: Position) -> None:
        """Take what the switch says: the gate first, the rest when there is time."""
        self._gate.follow(position)
        self.position = position
        self._journal.note("switch", position=str(position))
        self._entries.put(("switch", {"position": str(position)}))
        if position in _TOLD:
            self._tell(_TOLD[position])
        self.poke()

    def soft(self, *, on: bool) -> None:
        """Mute softly, in force even if the disk will not take it; or end that, once the disk knows."""
        with self._turn:
            self._unwritten = frozenset()
            if on:
                self._apply(MuteReason.SOFT, on=True)
            try:
                (self._mutes.set_soft if on else self._mutes.clear_soft)()
            except sqlite3.Error as error:
                self._unwritten = frozenset({MuteReason.SOFT} if on else ())
                self._tell_of_the_disk(type(error).__name__)
            self._keep()
        self.poke()

    def poke(self) -> None:
        """Look soon: something has changed."""
        self._wake.set()

    def stop(self) -> None:
        """Let `run` come to an end."""
        self._stopping = True
        self.poke()

    def run(self) -> None:
        """Look again and again until stopped: the sentinel thread's whole work."""
        while not self._stopping:
            self.look()
            self._wake.wait(CLOSE_SECONDS if self._proof.settling else ROUND_SECONDS)
            self._wake.clear()
        self._write_down()

    def look(self) -> None:
        """Do one round."""
        self.keep()
        self._prove()
        self._write_down()
        self._refresh()

    def keep(self) -> None:
        """Have soft mute and schedule stand in the gate exactly while they stand on disk and by the clock."""
        with self._turn:
            self._keep()

    def _keep(self) -> None:
        try:
            standing = self._mutes.look() | self._unwritten
        except sqlite3.Error as error:  # what stands, stands; the hours of the schedule need no disk
            self._tell_of_the_disk(type(error).__name__)
            standing = self._gate.reasons | self._mutes.by_the_clock() | self._unwritten
        for reason in _STANDING:
            self._apply(reason, on=reason in standing)

    def _apply(self, reason: MuteReason, *, on: bool) -> None:
        if on != (reason in self._gate.reasons):
            (self._gate.mute if on else self._gate.unmute)(reason)
            self._journal.note("mute", reason=str(reason), on=on)
            self._entries.put(("mute", {"reason": str(reason), "on": "yes" if on else "no"}))

    def _prove(self) -> None:
        before, gate = self._found, self._gate
        captures = self._kernel.captures()
        self._kernel_open = bool(captures)
        reasons = gate.reasons
        self._found = found = self._proof.feed(
            self._now(),
            captures,
            asked=bool(reasons & ASKED),
            shut=bool(reasons),
            stream_open=gate.stream_open,
        )
        if found is before:
            return
        self._journal.note("microphones", finding=str(found))
        if Finding.BROKEN in {found, before}:
            names = ",".join(one.name for one in captures or ())
            self._entries.put(("mute_broken" if found is Finding.BROKEN else "mute_mended", {"open": names}))
        if found is Finding.BROKEN:
            self._journal.warn("mute_broken", open=names)
            self._tell(Happening.MUTE_BROKEN)

    def _write_down(self) -> None:
        while not self._entries.empty():
            event, facts = self._entries.get()
            try:
                self._ledger.append(event, **facts)
            except StateError as error:
                self._tell_of_the_disk(str(error))

    def _tell_of_the_disk(self, error: str) -> None:
        if not self._disk_told:
            self._disk_told = True
            self._journal.warn("state_folder_fault", error=error)
