"""The sentinel: one thread that minds the mutes while the others hear.

It keeps the mutes that stand over a restart (ear/mute.py), holds the kernel's word on the
microphones against the mute state (ear/proof.py), and writes both into the ledger.
"""

import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Final

from sottovoce.ear.entries import Entries
from sottovoce.ear.gate import Gate
from sottovoce.ear.ledger import Ledger
from sottovoce.ear.mute import UNTIL_TOLD, Mutes
from sottovoce.ear.proof import Finding, Kernel, Proof
from sottovoce.ear.state_folder import StateFolder
from sottovoce.journal import Journal
from sottovoce.vocabulary import ASKED, Happening, MuteReason, Position

ROUND_SECONDS: Final = 0.25
"""How often it looks when nothing happens."""
CLOSE_SECONDS: Final = 0.02
"""How often it looks while a stream is being closed."""
_STANDING: Final = (MuteReason.SOFT, MuteReason.SCHEDULE)
_HAPPENINGS: Final = {Position.TAMPER: Happening.TAMPER, Position.FAULT: Happening.SWITCH_FAULT,
                      Position.UNREADABLE: Happening.SWITCH_FAULT}  # fmt: skip


class Sentinel:
    """`run` is its thread; everything else may be called from any."""

    def __init__(
        self,
        gate: Gate,
        mutes: Mutes,
        kernel: Kernel,
        ledger: Ledger,
        folder: StateFolder,
        tell: Callable[[Happening], None],
        refresh: Callable[[], None],
        journal: Journal,
        now: Callable[[], float] = time.monotonic,
        *,
        direct: bool = False,
    ) -> None:
        """Mind `gate`; `tell` passes word-free events on, `refresh` has the light look again.

        `folder` learns how the disk does; `now` gives seconds that only go forward; `direct`: the microphone
        is named as ALSA's own.
        """
        self._gate, self._mutes, self._kernel = gate, mutes, kernel
        self._tell, self._refresh, self._journal, self._now = tell, refresh, journal, now
        self._entries = Entries(ledger, folder)
        self._proof = Proof(direct=direct)
        self._wish: bool | None = None  # a soft mute, or its end, that nobody has seen to yet
        self._turn = threading.Lock()
        self._wake = threading.Event()
        self._stopping = False
        self._read_once = False  # until the disk has told whether it is muted, it is
        self._unwritten = 0.0  # until when there is a soft mute that the disk would not take
        self._folder = folder
        self._told: frozenset[MuteReason] = frozenset()
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
        self._entries.put("switch", position=str(position))
        if position in _HAPPENINGS:
            self._tell(_HAPPENINGS[position])
        self.poke()

    def soft(self, *, on: bool, until: float = UNTIL_TOLD) -> None:
        """Mute softly until a time (seconds since the epoch), or end that once the disk knows.

        A mute is in force even if the disk will not take it.
        """
        with self._turn:
            self._wish, self._unwritten = None, 0.0
            if on:
                self._gate.mute(MuteReason.SOFT)
            try:
                if on:
                    self._mutes.set_soft(until=until)
                else:
                    self._mutes.clear_soft()
            except sqlite3.Error as error:
                self._unwritten = until if on else 0.0
                self._folder.failed("mutes", error)
            self._keep()
        self.poke()

    def toggle(self) -> None:
        """Mute softly at once, or end that soon: whoever calls does not wait for the disk."""
        muted = MuteReason.SOFT in self._gate.reasons if self._wish is None else self._wish
        self._wish = on = not muted
        if on:
            self._gate.mute(MuteReason.SOFT)
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
        self._obey()
        self._entries.write()

    def look(self) -> None:
        """Do one round."""
        self._obey()
        self.keep()
        self._prove()
        self._entries.write()
        self._refresh()

    def _obey(self) -> None:
        if self._wish is not None:
            self.soft(on=self._wish)

    def keep(self) -> None:
        """Have soft mute and schedule stand in the gate exactly while they stand on disk and by the clock."""
        with self._turn:
            self._keep()

    def _keep(self) -> None:
        try:
            if self._unwritten:
                self._mutes.set_soft(until=self._unwritten)
                self._unwritten = 0.0
            standing = self._mutes.look()
            self._read_once = True
            self._folder.works("mutes")
        except sqlite3.Error as error:  # what stands, stands; the hours of the schedule need no disk
            self._folder.failed("mutes", error)
            standing = self._gate.reasons | self._mutes.by_the_clock()
        if self._unwritten or not self._read_once or self._wish:
            standing |= {MuteReason.SOFT}
        for reason in _STANDING:
            self._apply(reason, on=reason in standing)

    def _apply(self, reason: MuteReason, *, on: bool) -> None:
        if on != (reason in self._gate.reasons):
            (self._gate.mute if on else self._gate.unmute)(reason)
        seen_to = reason is not MuteReason.SOFT or self._wish is None
        if seen_to and on != (reason in self._told):  # told once it stands on disk
            self._told ^= {reason}
            self._journal.note("mute", reason=str(reason), on=on)
            self._entries.put("mute", reason=str(reason), on="yes" if on else "no")

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
            opening=gate.opening,
        )
        if found is before:
            return
        self._journal.note("microphones", finding=str(found))
        if before is Finding.BROKEN:
            self._entries.put("mute_mended", finding=str(found))
        if found is Finding.BROKEN:
            names = ",".join(one.name for one in captures or ())
            self._entries.put("mute_broken", open=names)
            self._journal.warn("mute_broken", open=names)
            self._tell(Happening.MUTE_BROKEN)
