"""An ear's sharing side, live: grants, outbox, ledger, requests to erase, and the link on a real socket."""

import contextlib
import socket
import tempfile
import threading
from pathlib import Path

from fakes.diary import Diary
from fakes.kept import KeptInMemory
from fakes.sharing import NOW, a_command, a_grant
from real.seam import End
from sottovoce.ear.erasures import Erasures
from sottovoce.ear.forget import Forget
from sottovoce.ear.grants import Grants
from sottovoce.ear.ledger import Ledger
from sottovoce.ear.link import Link
from sottovoce.ear.outbox import Outbox
from sottovoce.ear.state_folder import StateFolder
from sottovoce.ear.store import open_store
from sottovoce.wire import Ready, Status

STUDIO = "the studio"


class Device:
    """An ear's sharing side with a real seam, two recipients, and snippets kept."""

    def __init__(self, folder):
        self.folder, self.now = folder, NOW
        self.store = open_store(folder)
        self.grants, self.outbox = Grants(self.store), Outbox(self.store, lambda: self.now)
        self.ledger, self.kept = Ledger(folder, lambda: self.now), KeptInMemory()
        self.erasures = Erasures(self.store)
        self.forget = Forget(self.store, self.ledger, self.kept, lambda: self.now)
        self.home = a_grant(NOW - 9e5, 2e6)
        self.studio = a_grant(NOW - 9e5, 2e6, recipient=STUDIO)
        for grant in (self.home, self.studio):
            self.grants.add(grant)
        self.diary = Diary()
        self._open = contextlib.ExitStack()
        self._listening = self._open.enter_context(socket.socket(socket.AF_UNIX))
        self._listening.bind(str(folder / "seam"))
        self._listening.listen(1)
        own = open_store(folder)
        self._open.callback(own.close)
        self._open.callback(self.store.close)
        self.turn = 0
        self.link = Link(
            self._listening,
            Outbox(own, lambda: self.now),
            Ledger(folder, lambda: self.now),
            StateFolder(folder, self.diary),
            lambda: Status(state=f"turn_{'x' * self.turn}", reasons=(), microphone_open=True, switch="live"),
            lambda: self.now,
            self.diary,
            erasures=Erasures(own),
        )
        thread = threading.Thread(target=self.link.serve, daemon=True)
        thread.start()
        self._open.callback(thread.join, 10)
        self._open.callback(self.link.stop)

    def close(self):
        self._open.close()

    def say(self, snippet, grant=None, at=NOW, name="light"):
        """Put a command of a sentence into the outbox; its envelope's id."""
        self.now = at
        return self.outbox.put(a_command(grant or self.home, name=name, snippet=snippet, expires_at=at + 9e5))

    def sent(self, snippet, grant=None, at=NOW):
        """Say something, and have it leave; its envelope's id."""
        identity = self.say(snippet, grant, at)
        (envelope,) = [one for one in self.outbox.waiting() if one.id == identity]
        self.ledger.sent(envelope)
        self.outbox.delivered(identity)
        return identity

    def courier(self):
        courier = End.courier(self.folder / "seam").greet()
        courier.say(Ready(connected=True))
        return courier

    def settle(self, courier):
        """Wait until the link has done all that it will do; what it said meanwhile, but for states."""
        said = []
        for _ in range(3):
            self.turn = self.turn % 20 + 1
            wanted = f"turn_{'x' * self.turn}"
            self.link.poke()
            while not (isinstance(message := courier.hear(), Status) and message.state == wanted):
                said += [message] if not isinstance(message, Status) else []
        return said

    def told(self, event):
        """Give what the ledger tells of an event: envelope, recipient and, of a receipt, its answer."""
        return [
            (entry["envelope"], entry["recipient"], *([entry["deleted"]] if "deleted" in entry else []))
            for entry in self.ledger.entries()
            if entry["event"] == event
        ]


@contextlib.contextmanager
def a_device():
    """Run one, in a folder whose name is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="forget-") as name:
        device = Device(Path(name))
        try:
            yield device
        finally:
            device.close()
