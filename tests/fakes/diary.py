"""A journal that can be read back, and waited on, from any thread."""

import threading

from sottovoce.journal import Journal

PATIENCE_SECONDS = 10.0


class Diary(Journal):
    """Keeps every event with its facts."""

    def __init__(self):
        super().__init__("test")
        self.lines = []
        self._turn = threading.Condition()

    def note(self, event, **facts):
        with self._turn:
            self.lines.append((event, facts))
            self._turn.notify_all()

    def warn(self, event, **facts):
        self.note(event, **facts)

    def count(self, event, **facts):
        """How often an event with these facts was written down."""
        return sum(
            name == event and all(found.get(key) == value for key, value in facts.items())
            for name, found in self.lines
        )

    def wait(self, event, count=1, **facts):
        """Wait until an event with these facts was written down `count` times."""
        with self._turn:
            done = self._turn.wait_for(lambda: self.count(event, **facts) >= count, PATIENCE_SECONDS)
        assert done, f"{event} {facts} did not come {count} times; there was {self.lines}"
