"""The courier's end of the seam: connects to the ear, and again when it is lost."""

import contextlib
import random
import socket
import threading
from collections.abc import Callable
from pathlib import Path

from sottovoce.courier.backoff import delay
from sottovoce.errors import SeamError
from sottovoce.journal import Journal
from sottovoce.wire import VERSION, Decoder, Deliver, Happened, Hello, Message, Status, encode


class Link:
    """`serve` runs in the main thread; `send` may be called from any."""

    def __init__(
        self, path: Path, take: Callable[[Status | Happened | Deliver], None], journal: Journal
    ) -> None:
        """Connect to the ear's socket at `path`; `take` gets each of its messages."""
        self._path = path
        self._take = take
        self._journal = journal
        self._turn = threading.Lock()
        self._ear: socket.socket | None = None
        self._greeting: Message | None = None
        self._stopping = threading.Event()

    def serve(self) -> None:
        """Connect, listen, and begin anew when the seam is lost, until stopped."""
        tries = 0
        while not self._stopping.is_set():
            try:
                self._listen_once()
                tries = 0
            except SeamError as error:
                self._journal.warn("seam_closed", why=type(error).__name__)
            except OSError as error:
                self._journal.warn("seam_closed", why=type(error).__name__)
            self._stopping.wait(delay(tries, random.random()))  # noqa: S311  jitter, no secret
            tries += 1

    def send(self, message: Message, *, greeting: bool = False) -> None:
        """Send to the ear, if it is there; a `greeting` is also sent at each new connection."""
        with self._turn:
            if greeting:
                self._greeting = message
            if self._ear is not None:
                try:
                    self._ear.sendall(encode(message))
                except OSError:
                    self._ear = None  # `serve` notices too, and connects anew

    def stop(self) -> None:
        """Let `serve` come to an end."""
        self._stopping.set()
        with self._turn:
            if self._ear is not None:
                with contextlib.suppress(OSError):  # already gone
                    self._ear.shutdown(socket.SHUT_RDWR)

    def _listen_once(self) -> None:
        with socket.socket(socket.AF_UNIX) as ear:
            ear.connect(str(self._path))
            decoder = Decoder(from_ear=True)
            ear.sendall(encode(Hello(version=VERSION)))
            self._join(ear)
            try:
                while not self._stopping.is_set():
                    for message in decoder.feed(ear.recv(65_536)):
                        if isinstance(message, Status | Happened | Deliver):
                            self._take(message)
            finally:
                with self._turn:
                    self._ear = None

    def _join(self, ear: socket.socket) -> None:
        with self._turn:
            self._ear = ear
            if self._greeting is not None:
                ear.sendall(encode(self._greeting))
