"""Ledger entries on their way to the disk: who tells of something does not wait, and none is lost."""

from collections import deque

from sottovoce.ear.ledger import Ledger
from sottovoce.errors import StateError
from sottovoce.journal import Journal


class Entries:
    """Entries in the order they were told in. `put` may be called from any thread, `write` from one."""

    def __init__(self, ledger: Ledger, journal: Journal) -> None:
        """Write into `ledger`; `journal` learns of a disk that takes nothing, once each time."""
        self._ledger = ledger
        self._journal = journal
        self._waiting: deque[tuple[str, dict[str, str]]] = deque()
        self._told = False

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
                if not self._told:
                    self._told = True
                    self._journal.warn("state_folder_fault", error=str(error))
                return
            self._waiting.popleft()
        self._told = False
