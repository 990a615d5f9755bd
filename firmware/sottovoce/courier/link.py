"""The courier's end of the seam: connects to the ear, and again when it is lost."""

import contextlib
import random
import socket
import struct
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from sottovoce.courier.backoff import delay
from sottovoce.journal import Journal
from sottovoce.wire import VERSION, Bid, Decoder, Deliver, Erase, Happened, Hello, Message, Status, encode

SEND_SECONDS: Final = 2.0
"""An ear that takes nothing for this long is not waited for: the courier connects anew."""


class Link:
    """`serve` runs in the main thread; `send` may be called from any."""

    def __init__(
        self,
        path: Path,
        take: Callable[[Status | Happened | Deliver | Erase | Bid], None],
        journal: Journal,
        *,
        known: Callable[[], Iterable[Message]] = tuple,
        send_seconds: float = SEND_SECONDS,
    ) -> None:
        """Connect to the ear's socket at `path`; `take` gets each of its messages.

        `known` gives what an ear that comes is told first, after the greeting.
        `send_seconds` is how long the ear may take nothing.
        """
        self._path = path
        self._take = take
        self._journal = journal
        self._known = known
        self._send_seconds = send_seconds
        self._tries = 0
        self._turn = threading.Lock()
        self._ear: socket.socket | None = None
        self._greeting: Message | None = None
        self._stopping = threading.Event()

    def serve(self) -> None:
        """Connect, listen, and begin anew when the seam is lost, until stopped."""
        while not self._stopping.is_set():
            try:
                self._listen_once()
            except OSError as error:  # a SeamError is one, too
                if not self._stopping.is_set():
                    self._journal.warn("seam_closed", why=type(error).__name__)
            self._stopping.wait(delay(self._tries, random.random()))  # noqa: S311  jitter, no secret
            self._tries += 1

    def send(self, message: Message, *, greeting: bool = False) -> None:
        """Send to the ear, if it is there; a `greeting` is also sent at each new connection."""
        with self._turn:
            if greeting:
                self._greeting = message
            if self._ear is not None:
                try:
                    self._ear.sendall(encode(message))
                except OSError:
                    self._hang_up()  # `serve` notices, and connects anew

    def stop(self) -> None:
        """Let `serve` come to an end."""
        self._stopping.set()
        with self._turn:
            self._hang_up()

    def _hang_up(self) -> None:
        if self._ear is not None:
            with contextlib.suppress(OSError):  # already gone
                self._ear.shutdown(socket.SHUT_RDWR)
            self._ear = None

    def _listen_once(self) -> None:
        with socket.socket(socket.AF_UNIX) as ear:
            seconds, part = divmod(self._send_seconds, 1)
            patience = struct.pack("@ll", int(seconds), int(part * 1_000_000))
            ear.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, patience)  # it may listen for ever
            ear.connect(str(self._path))
            decoder = Decoder(from_ear=True)
            ear.sendall(encode(Hello(version=VERSION)))
            try:
                self._join(ear)
                while not self._stopping.is_set():
                    for message in decoder.feed(ear.recv(65_536)):
                        self._tries = 0
                        if isinstance(message, Status | Happened | Deliver | Erase | Bid):
                            self._take(message)
            finally:
                with self._turn:
                    self._ear = None

    def _join(self, ear: socket.socket) -> None:
        with self._turn:
            self._ear = ear
            if self._greeting is not None:
                ear.sendall(encode(self._greeting))
            for message in self._known():
                ear.sendall(encode(message))
