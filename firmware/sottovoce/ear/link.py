"""The ear's end of the seam: hands envelopes to the courier and learns what was delivered.

It serves a listening Unix socket that somebody else made (systemd, or `sottovoce run`); one
courier at a time. Whatever comes in is treated as an enemy's: a courier that breaks the grammar
loses its connection, and the ear lives on.
"""

import contextlib
import os
import selectors
import socket
import sqlite3
from collections import deque
from collections.abc import Callable
from typing import Final

import msgspec

from sottovoce.ear.erasures import Erasures
from sottovoce.ear.ledger import Ledger
from sottovoce.ear.outbox import Outbox
from sottovoce.ear.state_folder import StateFolder
from sottovoce.errors import SeamError, StateError
from sottovoce.journal import Journal
from sottovoce.vocabulary import Envelope, Erasure, Form, Happening
from sottovoce.wire import (
    VERSION,
    Acknowledged,
    Bid,
    Decoder,
    Deliver,
    Erase,
    Erased,
    FromCourier,
    FromEar,
    Happened,
    Hello,
    Message,
    Ready,
    Request,
    StateOf,
    Status,
    encode,
)

WINDOW: Final = 16
"""Envelopes handed over and not yet acknowledged; the rest waits in the outbox, where revoking reaches it."""
SEND_SECONDS: Final = 2.0
"""A courier that takes nothing for this long is cut off."""
EVENTS: Final = 32
"""Word-free events kept for a courier that is not there yet; the oldest go first."""
IDLE_SECONDS: Final = 5.0
"""How often it looks at what has expired, when nothing happens."""
LATE_SECONDS: Final = 60.0
"""What was handed over may still be acknowledged this long after it has expired."""

SENDING_SECONDS: Final = 1.0
"""What is sent in no time is shown for so long."""

BIDS: Final = 8
"""Bids that wait for the link's thread; the oldest go first."""


class Link:
    """Runs in a thread of its own; `poke` and `tell` may be called from any."""

    def __init__(
        self,
        listening: socket.socket,
        outbox: Outbox,
        ledger: Ledger,
        folder: StateFolder,
        status: Callable[[], Status],
        now: Callable[[], float],
        journal: Journal,
        asked: Callable[[Request], None] = lambda _: None,
        *,
        erasures: Erasures,
        reported: Callable[[StateOf], None] = lambda _: None,
        pending: Callable[[], int] = lambda: 0,
        heard: Callable[[Bid], None] = lambda _: None,
        send_seconds: float = SEND_SECONDS,
    ) -> None:
        """Serve `listening`; `status` says how the ear is; `now` gives seconds since the epoch.

        `asked` is told what somebody at the broker asks for, `heard` the bids of other devices, `reported`
        what the devices of the house tell of themselves; `erasures` is what recipients are to delete, on a
        store of its own like `outbox`; `pending` counts the snippets kept for review.
        `send_seconds` is how long a courier may take nothing.
        """
        self._listening = listening
        self._outbox = outbox
        self._ledger = ledger
        self._folder = folder
        self._status = status
        self._now = now
        self._journal = journal
        self._asked = asked
        self._erasures = erasures
        self._pending = pending
        self._heard = heard
        self._reported = reported
        self._send_seconds = send_seconds
        self._events: deque[Happened] = deque(maxlen=EVENTS)
        self._bids: deque[Bid] = deque(maxlen=BIDS)
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_write, False)
        os.set_blocking(self._wake_read, False)
        self._courier: socket.socket | None = None
        self._decoder = Decoder(from_ear=False)
        self._ready = False
        self._handed: dict[str, Envelope] = {}
        self._handed_at = 0.0
        self._asking: dict[str, Erasure] = {}
        self._told: Status | None = None
        self._stopping = False

    @property
    def sending(self) -> bool:
        """Whether something granted is on its way out, or was just now."""
        return bool(self._handed) or 0.0 <= self._now() - self._handed_at < SENDING_SECONDS

    def tell(self, happening: Happening) -> None:
        """Pass on a word-free event."""
        self._events.append(Happened(event=str(happening), at=round(self._now(), 3)))
        self.poke()

    def bid(self, bid: Bid) -> None:
        """Tell the other devices how well a wake word was heard: now, or not at all."""
        if self._ready:
            self._bids.append(bid)
            self.poke()

    def poke(self) -> None:
        """Have the link look again at status, events and outbox."""
        with contextlib.suppress(BlockingIOError):  # it has been poked enough
            os.write(self._wake_write, b".")

    def stop(self) -> None:
        """Let `serve` come to an end."""
        self._stopping = True
        self.poke()

    def serve(self) -> None:
        """Serve until stopped: the link thread's whole work."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._listening, selectors.EVENT_READ, self._accept)
            selector.register(self._wake_read, selectors.EVENT_READ, self._drain_pokes)
            while not self._stopping:
                for key, _ in selector.select(IDLE_SECONDS):
                    key.data(selector)
                self._push(selector)
            self._push(selector)
            self._drop(selector)

    def _accept(self, selector: selectors.BaseSelector) -> None:
        courier, _ = self._listening.accept()
        self._drop(selector)
        courier.settimeout(self._send_seconds)
        self._courier = courier
        self._decoder = Decoder(from_ear=False)
        selector.register(courier, selectors.EVENT_READ, self._read)
        self._journal.note("courier_came")
        self._guard(selector, "hello", lambda: self._send(Hello(version=VERSION)))

    def _read(self, selector: selectors.BaseSelector) -> None:
        if self._courier is not None:
            courier = self._courier
            self._guard(selector, "receipts", lambda: self._take(courier.recv(65_536)))

    def _take(self, untrusted_bytes: bytes) -> None:
        for message in self._decoder.feed(untrusted_bytes):
            self._obey(message)

    def _obey(self, message: FromEar | FromCourier) -> None:
        match message:
            case Ready():
                self._ready = message.connected
                self._take_back()
                self._bids.clear()
                self._told = None
                self._journal.note("broker", connected=message.connected)
            case Acknowledged():
                self._delivered(message.id)
                self._erasure_asked(message.id)
            case Erased():
                self._answered(message.id, deleted=message.deleted)
            case _ if isinstance(message, Request):
                self._asked(message)
            case Bid():
                self._heard(message)
            case StateOf():
                self._reported(message)

    def _delivered(self, untrusted_id: str) -> None:
        """Write down that an envelope left, then delete it; one that was never handed over is none.

        It left even if its grant was revoked meanwhile. Where it cannot be written down it stays, and
        is not handed over again to this courier.
        """
        envelope = self._handed.get(untrusted_id)
        if envelope is not None:
            self._ledger.sent(envelope)
            gone = not self._outbox.delivered(envelope.id)  # deleted here while it was on its way
            if gone and envelope.form is not Form.WIRED:
                prefix = envelope.topic.rpartition("/")[0]
                self._erasures.ask([Erasure(envelope.id, envelope.recipient, prefix)])
            del self._handed[envelope.id]
            self._events.append(Happened(event=str(Happening.SENT), at=round(self._now(), 3)))
            self._journal.note("sent", kind=str(envelope.kind), bytes=len(envelope.body) + len(envelope.clip))

    def _erasure_asked(self, untrusted_id: str) -> None:
        """Write down that the broker has a request to delete; one that was never handed over is none."""
        erasure = self._asking.get(untrusted_id)
        if erasure is not None:
            self._ledger.append("deletion_asked", recipient=erasure.recipient, envelope=erasure.id)
            self._erasures.asked(erasure.id)
            del self._asking[erasure.id]
            self._journal.note("deletion_asked")

    def _answered(self, untrusted_id: str, *, deleted: bool) -> None:
        """Write down a recipient's answer; to what nobody asked there is none."""
        self._erasure_asked(untrusted_id)  # who answers has it, whatever else the broker is late with
        erasure = self._erasures.unanswered(untrusted_id)
        if erasure is not None:
            answer = "yes" if deleted else "no"
            self._ledger.append("receipt", recipient=erasure.recipient, envelope=erasure.id, deleted=answer)
            self._erasures.answered(erasure.id)
            self._journal.note("receipt", deleted=deleted)

    def _take_back(self) -> None:
        """What was handed over and not acknowledged is handed over again, to whoever comes."""
        self._handed.clear()
        self._asking.clear()

    def _push(self, selector: selectors.BaseSelector) -> None:
        ready = self._courier is not None and self._ready
        self._guard(selector, "outbox", self._push_all if ready else self._sweep)

    def _push_all(self) -> None:
        while self._bids:
            self._send(self._bids.popleft())
        sent = self._outbox.sent()
        status = msgspec.structs.replace(
            self._status(), pending=self._pending(), sent_today=sent.today, sent_last=round(sent.last, 3)
        )
        if status != self._told:
            self._send(status)
            self._told = status
        while self._events:
            self._send(self._events.popleft())
        waiting = self._outbox.waiting()
        unanswered = sum(envelope.id in self._handed for envelope in waiting)
        new = [envelope for envelope in waiting if envelope.id not in self._handed]
        for envelope in new[: WINDOW - unanswered]:
            self._handed[envelope.id], self._handed_at = envelope, self._now()
            self._send(_deliver(envelope))
        for erasure in self._erasures.waiting()[: WINDOW - len(self._asking)]:
            if erasure.id not in self._asking:
                self._asking[erasure.id] = erasure
                self._send(Erase(id=erasure.id, topic=erasure.topic))
        late = self._now() - LATE_SECONDS
        self._handed = {key: envelope for key, envelope in self._handed.items() if envelope.expires_at > late}

    def _sweep(self) -> None:
        self._outbox.sweep()  # with nobody to hand it to, what waits grows old all the same

    def _send(self, message: Message) -> None:
        if self._courier is not None:
            self._courier.sendall(encode(message))

    def _guard(self, selector: selectors.BaseSelector, what: str, work: Callable[[], None]) -> None:
        """Do some work with the courier; if the seam breaks, that connection ends and nothing else."""
        try:
            work()
            self._folder.works(what)
        except SeamError as error:
            self._journal.warn("seam_closed", why=type(error).__name__)
            self._drop(selector)
        except OSError as error:
            if isinstance(error, StateError):
                self._folder.failed(what, error)
                return
            self._journal.warn("seam_closed", why=type(error).__name__)
            self._drop(selector)
        except sqlite3.Error as error:
            self._folder.failed(what, error)

    def _drop(self, selector: selectors.BaseSelector) -> None:
        if self._courier is not None:
            selector.unregister(self._courier)
            self._courier.close()
        self._courier, self._ready, self._told = None, False, None
        self._take_back()

    def _drain_pokes(self, _: selectors.BaseSelector) -> None:
        os.read(self._wake_read, 4096)


def inherited_socket(descriptor: int) -> socket.socket:
    """Take over the listening Unix socket that was handed down as a file descriptor."""
    return socket.socket(fileno=descriptor)


def _deliver(envelope: Envelope) -> Deliver:
    return Deliver(
        id=envelope.id,
        kind=str(envelope.kind),
        grant_id=envelope.grant_id,
        topic=envelope.topic,
        body=envelope.body,
        expires_at=envelope.expires_at,
        clip=envelope.clip,
    )
