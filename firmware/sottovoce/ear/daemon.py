"""The ear as a process: caged first, then built, then its threads until it is told to stop."""

import contextlib
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable

import msgspec

from sottovoce.config import Config
from sottovoce.ear import build
from sottovoce.ear.erasures import Erasures
from sottovoce.ear.face import Face
from sottovoce.ear.gate import Gate
from sottovoce.ear.ledger import Ledger
from sottovoce.ear.link import EVENTS, Link, inherited_socket
from sottovoce.ear.outbox import Outbox
from sottovoce.ear.pipeline import Pipeline
from sottovoce.ear.reported import Reported
from sottovoce.ear.requests import Requests
from sottovoce.ear.sandbox import cage
from sottovoce.ear.sentinel import Sentinel
from sottovoce.ear.stages import Witness
from sottovoce.ear.state_folder import StateFolder
from sottovoce.errors import SandboxError
from sottovoce.journal import Journal
from sottovoce.supervisor import Supervisor
from sottovoce.vocabulary import Happening, MuteReason, Position, Press
from sottovoce.wire import Bid, Request, SoftMute, Status

DRAIN_SECONDS = 10.0
"""After a recording, how long to wait for what was granted to be delivered."""


class Ear:
    """One running ear."""

    def __init__(
        self, config: Config, options: build.Options, journal: Journal, witness: Witness | None
    ) -> None:
        """Claim the switch before the sound; shut while starting. Raises the builders' errors."""
        self._config, self._journal = config, journal
        self._folder = StateFolder(options.state, journal)
        self._told_to_stop = False
        self._broken: Exception | None = None
        self._link: Link | None = None
        self._face: Face | None = None
        self._early: deque[Happening] = deque(maxlen=EVENTS)  # what happened before anybody could be told
        self._status: Status | None = None  # as the link was last told to look at it
        self._ledger = Ledger(options.state, time.time)
        board = build.make_board(
            config,
            options,
            lambda look: journal.note("light", colour=str(look.colour), dim=look.dim),
            self._lost,
            journal,
        )
        self._orders = board.orders
        self.gate = Gate(board.microphone, build.make_ring(config), self._changed)
        mutes = build.make_mutes(config, self._folder)
        self._sentinel = Sentinel(
            self.gate,
            mutes,
            build.make_kernel(),
            self._ledger,
            self._folder,
            self._tell,
            self._refresh,
            journal,
            direct=config.microphone.device.startswith("hw:"),
        )  # fmt: skip
        board.switch.watch(self._flipped)
        self._sentinel.keep()  # what stood before the restart stands before anything is opened
        self._quarantine = build.make_quarantine(config, options.state, journal)
        self._reported = Reported(options.house, time.time)
        stages = build.make_stages(
            config,
            options,
            self.gate,
            self._folder,
            journal,
            self._quarantine,
            self._bid,
            self._reported,
        )
        journal.note("wake_engine", **stages.wake.facts)
        self._outbox, self._rooms = stages.outbox, stages.rooms
        self._supervisor = Supervisor()
        self._pipeline = Pipeline(
            self.gate,
            stages,
            self._tell,
            self._changed,
            time.time,
            journal,
            witness,
            lambda until: self._sentinel.soft(on=True, until=until),
            self._supervisor.alive,
        )
        self._requests = Requests(
            config,
            self._pipeline.announce,
            lambda wake: stages.wake.change(build.make_wake_engine(wake, options.state)),
            self._quarantine,
            time.monotonic,
            journal,
        )
        self._face = Face(
            board.light, self.gate, self._pipeline, self._sentinel, self._folder, config.light, journal
        )
        board.button.watch_button(self._pressed)

    def serve(self, seam: int) -> None:
        """Join the seam on an inherited listening socket."""
        store = self._folder.store("link")
        self._link = Link(
            inherited_socket(seam),
            Outbox(store, time.time),
            self._ledger,
            self._folder,
            self._show_status,
            time.time,
            self._journal,
            self._asked,
            erasures=Erasures(store),
            heard=self._rooms.hear,
            reported=self._reported.take,
            pending=self._quarantine.count,
        )
        for happening in self._early:
            self._link.tell(happening)

    def obey(self, orders: int) -> None:
        """Take orders, a line each, from whoever started the ear; when they end, so does the ear."""
        with open(orders, encoding="ascii", errors="replace") as lines:
            self._guarded(lambda: [self._orders(line.strip()) for line in lines])
        self.stop()

    def run(self) -> None:
        """Hear until stopped, or until a recording has ended and what it led to is delivered.

        Raises MicrophoneError when there is no microphone to begin with (one that goes away later is
        waited for), EngineError when an engine gave up, and whatever else ended a thread.
        """
        reader = threading.Thread(target=self._guarded, args=(self.gate.listen,), name="reader", daemon=True)
        sentinel = threading.Thread(target=self._guarded, args=(self._sentinel.run,), name="sentinel")
        serve = self._link.serve if self._link else None
        link = threading.Thread(target=self._guarded, args=(serve,), name="link") if serve else None
        self.gate.begin()
        reader.start()
        sentinel.start()
        if link:
            link.start()
        self._journal.note("ready")
        self._supervisor.ready()
        try:
            self._pipeline.run()
            self._drain()
        finally:
            self.gate.stop()
            self._sentinel.stop()
            sentinel.join()
            if link and self._link:
                self._link.stop()
                link.join()
            reader.join(timeout=1.0)
            if self._face is not None:
                self._face.off()
            self._journal.note("stopped", dropped_frames=self.gate.dropped)
        if self._broken is not None:
            raise self._broken

    def stop(self) -> None:
        """Let `run` come to an end."""
        self._told_to_stop = True
        self.gate.stop()

    def _lost(self) -> None:
        self.gate.lose()

    def _flipped(self, position: Position) -> None:
        """Follow the switch; an ear that cannot is deaf from then on, and ends."""
        self._guarded(lambda: self._sentinel.flip(position))

    def _guarded(self, work: Callable[[], object]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001  whatever it is: `run` ends of it, and tells it
            self._broken = error
            self.gate.stop()
            with contextlib.suppress(Exception):  # what is told of it may be what is broken
                self.gate.mute(MuteReason.HARDWARE)

    def _drain(self) -> None:
        until = time.monotonic() + DRAIN_SECONDS
        while self._link and not self._told_to_stop and self._outbox.waiting() and time.monotonic() < until:
            time.sleep(0.02)

    def _pressed(self, press: Press) -> None:
        """Obey the button: a long press mutes softly or ends that; the others are the pipeline's."""
        self._journal.note("button", press=str(press))
        if press is Press.LONG:
            self._sentinel.toggle()
        else:
            self._pipeline.press(press)

    def _asked(self, untrusted_request: Request) -> None:
        """Obey the broker: a soft mute always, its end only as the owner allowed. No other reason."""
        if not isinstance(untrusted_request, SoftMute):
            self._requests.obey(untrusted_request)
            return
        allowed = untrusted_request.on or self._config.mute.remote_unmute
        self._journal.note("asked", soft_mute=untrusted_request.on, obeyed=allowed)
        if allowed:
            self._sentinel.soft(on=untrusted_request.on)

    def _bid(self, bid: Bid) -> None:
        if self._link:
            self._link.bid(bid)

    def _show_status(self) -> Status:
        """Say how the ear is, and with what it listens."""
        assert self._face is not None  # noqa: S101  made with the ear
        return msgspec.structs.replace(
            self._face.status(), sensitivity=self._requests.sensitivity, wake_word=self._requests.wake_word
        )

    def _tell(self, happening: Happening) -> None:
        if self._link:
            self._link.tell(happening)
        else:
            self._early.append(happening)

    def _changed(self) -> None:
        """The gate or the state changed: the light, the status and the sentinel follow."""
        if self._face is not None:
            self._show(self._face)
            self._sentinel.poke()
        if self._link:
            self._link.poke()

    def _refresh(self) -> None:
        """The sentinel has looked, which it does all the time: the link need not, but at news."""
        if self._face is None:
            return
        self._quarantine.tend()
        self._show(self._face)
        if self._link and (status := self._face.status()) != self._status:
            self._status = status
            self._link.poke()

    def _show(self, face: Face) -> None:
        face.show(sending=self._link is not None and self._link.sending)


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
