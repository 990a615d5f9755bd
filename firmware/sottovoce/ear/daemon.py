"""The ear as a process: caged first, then built, then three threads until it is told to stop."""

import signal
import sys
import threading
import time

from sottovoce.config import Config
from sottovoce.ear import build
from sottovoce.ear.gate import Gate
from sottovoce.ear.ledger import Ledger
from sottovoce.ear.light import Colour, colour
from sottovoce.ear.link import Link, inherited_socket
from sottovoce.ear.outbox import Outbox
from sottovoce.ear.pipeline import Pipeline, Witness
from sottovoce.ear.sandbox import cage
from sottovoce.ear.store import open_store
from sottovoce.errors import SandboxError
from sottovoce.journal import Journal
from sottovoce.vocabulary import Happening, MuteReason
from sottovoce.wire import Status

DRAIN_SECONDS = 10.0
"""After a recording, how long to wait for what was granted to be delivered."""


LOSS_SECONDS = 10.0
"""Lost sound is told at most this often; the sum of it at the end."""


class Ear:
    """One running ear."""

    def __init__(
        self, config: Config, options: build.Options, journal: Journal, witness: Witness | None
    ) -> None:
        """Claim the switch before the sound; shut while starting. Raises the builders' errors."""
        self._journal = journal
        self._told_to_stop = False
        self._shown: Colour | None = None
        self._showing = threading.Lock()
        self._broken: Exception | None = None
        self._link: Link | None = None
        self._pipeline: Pipeline | None = None
        self._told_fault, self._told_dropped, self._tell_again_at = False, 0, 0.0
        self._board = build.make_board(
            config, options, lambda shown: journal.note("light", colour=shown), self._lost
        )
        self.gate = Gate(self._board.microphone, build.make_ring(config), self._changed)
        self._board.switch.watch(self._flipped)
        stages = build.make_stages(config, options, self.gate, journal)
        journal.note("wake_engine", **stages.wake.facts)
        self._outbox = stages.outbox
        self._pipeline = Pipeline(self.gate, stages, self._tell, self._changed, time.time, journal, witness)
        self._state_folder = options.state

    def serve(self, seam: int) -> None:
        """Join the seam on an inherited listening socket."""
        store = open_store(self._state_folder)
        outbox = Outbox(store, time.time)
        ledger = Ledger(self._state_folder, time.time)
        self._link = Link(inherited_socket(seam), outbox, ledger, self._status, time.time, self._journal)

    def obey(self, orders: int) -> None:
        """Take orders, a line each, from whoever started the ear; when they end, so does the ear."""
        with open(orders, encoding="ascii", errors="replace") as lines:
            for line in lines:
                self._board.orders(line.strip())
        self.stop()

    def run(self) -> None:
        """Hear until stopped, or until a recording has ended and what it led to is delivered.

        Raises MicrophoneError when there is no microphone to begin with (one that goes away later is
        waited for), EngineError when an engine gave up, and whatever else ended a thread.
        """
        reader = threading.Thread(target=self._listen, name="reader", daemon=True)
        link = threading.Thread(target=self._link.serve, name="link") if self._link else None
        self.gate.begin()
        reader.start()
        if link:
            link.start()
        self._journal.note("ready")
        try:
            if self._pipeline is not None:
                self._pipeline.run()
            self._drain()
        finally:
            self.gate.stop()
            if link and self._link:
                self._link.stop()
                link.join()
            reader.join(timeout=1.0)
            self._show(Colour.OFF)
            self._journal.note("stopped", dropped_frames=self.gate.dropped)
        if self._broken is not None:
            raise self._broken

    def stop(self) -> None:
        """Let `run` come to an end."""
        self._told_to_stop = True
        self.gate.stop()

    def _listen(self) -> None:
        try:
            self.gate.listen()
        except Exception as error:  # noqa: BLE001  whatever it is: `run` ends of it, and tells it
            self._broken = error

    def _drain(self) -> None:
        until = time.monotonic() + DRAIN_SECONDS
        while self._link and not self._told_to_stop and self._outbox.waiting() and time.monotonic() < until:
            time.sleep(0.02)

    def _flipped(self, muted: bool) -> None:  # noqa: FBT001  the switch's one word
        if muted:
            self.gate.mute(MuteReason.HARDWARE)
        else:
            self.gate.unmute(MuteReason.HARDWARE)
        self._journal.note("switch", muted=muted)

    def _tell(self, happening: Happening) -> None:
        if self._link:
            self._link.tell(happening)

    def _changed(self) -> None:
        """The gate or the state changed: light and status follow."""
        if self._pipeline is None:
            return
        gate = self.gate
        with self._showing:  # the last to look is the last to show, or the light would tell of the past
            self._tell_troubles()
            fault, stream_open = gate.fault is not None, gate.stream_open
            self._show(colour(self._pipeline.state, gate.reasons, fault=fault, stream_open=stream_open))
        if self._link:
            self._link.poke()

    def _lost(self) -> None:
        self.gate.lose()

    def _tell_troubles(self) -> None:
        """Write down that the microphone went or is back, once; and lost sound, at most every so often."""
        gate, now = self.gate, time.monotonic()
        fault = gate.fault
        if (fault is not None) != self._told_fault:
            self._told_fault = fault is not None
            if fault is not None:
                self._journal.warn("microphone_lost", error=str(fault))
            else:
                self._journal.note("microphone_back")
        if gate.dropped > self._told_dropped and now >= self._tell_again_at:
            self._journal.warn("sound_lost", frames=gate.dropped - self._told_dropped)
            self._told_dropped, self._tell_again_at = gate.dropped, now + LOSS_SECONDS

    def _show(self, wanted: Colour) -> None:
        if wanted is not self._shown:
            self._shown = wanted
            self._board.light.show(wanted)

    def _status(self) -> Status:
        reasons = tuple(sorted(str(reason) for reason in self.gate.reasons))
        state = str(self._pipeline.state) if self._pipeline else "muted"
        return Status(
            state="error" if self.gate.fault else state,
            reasons=reasons,
            microphone_open=self.gate.stream_open,
        )


def main(
    config: Config,
    options: build.Options,
    journal: Journal,
    *,
    seam: int | None = None,
    orders: int | None = None,
    uncaged: bool = False,
    witness: Witness | None = None,
) -> None:
    """Run the ear to its end. Raises SottovoceError."""
    try:
        cage()
    except SandboxError as error:
        if not uncaged:
            raise
        journal.warn("uncaged", error=str(error))
    ear = Ear(config, options, journal, witness)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=ear.stop).start())
    if seam is not None:
        ear.serve(seam)
    if orders is not None:
        threading.Thread(target=ear.obey, args=(orders,), name="orders", daemon=True).start()
    ear.run()
    sys.stdout.flush()
