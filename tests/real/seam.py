"""One end of a real seam, in the hands of a test: it may speak as it should, or as it likes."""

import select
import socket

from sottovoce.wire import VERSION, Decoder, Hello, encode

PATIENCE_SECONDS = 10.0


class End:
    """A socket that speaks the seam's grammar, or anything else."""

    def __init__(self, connection, *, hears_ear):
        """Take over a connected socket; `hears_ear` when the other end is the ear's."""
        self.socket = connection
        self.socket.settimeout(PATIENCE_SECONDS)
        self._decoder = Decoder(from_ear=hears_ear)
        self._heard = []

    @classmethod
    def courier(cls, path):
        """Connect to an ear's socket, and say nothing yet."""
        connection = socket.socket(socket.AF_UNIX)
        connection.connect(str(path))
        return cls(connection, hears_ear=True)

    def greet(self):
        """Say hello, and take the other side's."""
        self.say(Hello(version=VERSION))
        assert self.hear() == Hello(version=VERSION)
        return self

    def say(self, *messages):
        """Send messages."""
        self.raw(b"".join(encode(message) for message in messages))

    def raw(self, data):
        """Send any bytes."""
        self.socket.sendall(data)

    def hear(self):
        """Wait for the next message. Raises SeamError, TimeoutError, ConnectionError."""
        while not self._heard:
            self._heard += self._decoder.feed(self.socket.recv(65_536))
        return self._heard.pop(0)

    def hear_all(self, kind, count):
        """Wait for `count` messages of a kind, whatever comes between."""
        found = []
        while len(found) < count:
            message = self.hear()
            if isinstance(message, kind):
                found.append(message)
        return found

    def pending(self):
        """Give the messages that are here already, without waiting."""
        while select.select([self.socket], [], [], 0)[0]:
            self._heard += self._decoder.feed(self.socket.recv(65_536))
        pending, self._heard = self._heard, []
        return pending

    def wait_closed(self):
        """Wait until the other side has closed it, whatever it says before that."""
        try:
            while self.socket.recv(65_536):
                pass
        except ConnectionError:
            pass  # closed with our bytes unread
        self.socket.close()

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
