"""Ledger entries on their way to the disk: who tells of something does not wait, and none is lost."""

from collections import deque

from sottovoce.ear.ledger import Ledger
from sottovoce.ear.state_folder import StateFolder
from sottovoce.errors import StateError


class Entries:
    """Entries in the order they were told in. `put` may be called from any thread, `write` from one."""

    def __init__(self, ledger: Ledger, folder: StateFolder) -> None:
        """Write into `ledger`; `folder` learns of a disk that takes nothing."""
        self._ledger = ledger
        self._folder = folder
        self._waiting: deque[tuple[str, dict[str, str]]] = deque()

    def put(self, event: str, **facts: str) -> None:
        """Have something written down soon."""
        self._waiting.append((event, facts))

    def write(self) -> None:
        """Write down what waits; what the disk will not take goes on waiting."""
        while self._waiting:
            event, facts = self._waiting[0]
            try:
                self._ledger.append(event, **facts)
            except StateError as error:
                self._folder.failed("ledger", error)
                return
            self._waiting.popleft()
            self._folder.works("ledger")
