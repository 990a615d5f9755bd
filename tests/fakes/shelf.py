"""A quarantine with a clock that the test sets, on a real disk."""

import numpy as np

from fakes.diary import Diary
from fakes.sharing import NOW
from sottovoce.config import Review
from sottovoce.ear.day_keys import find_keys
from sottovoce.ear.ledger import Ledger
from sottovoce.ear.quarantine import Quarantine
from sottovoce.vocabulary import Intent, Snippet, Transcript

HOUR = 3600.0
WORDS = "tell zanzibar about the quixotic marmalade"
OTHERS = ("sell zanzibar about the quixotic marmalade",)


def a_clip(seconds=0.2, seed=0):
    """Make a sound that no compression makes small: each sample its own."""
    return np.random.default_rng(seed).integers(-20_000, 20_000, round(seconds * 16_000), dtype=np.int16)


def a_sentence(identity="a1", at=NOW, clip=None, text=WORDS):
    """Make a sentence to keep, with everything a snippet can hold."""
    heard = Transcript(text, 0.31, "fake", OTHERS, 1)
    return Snippet(identity, at, heard, Intent("HomeTurnOn", {"name": "marmalade"}), clip)


class Shelf:
    """A state folder and a key folder, and whoever works on them; both clocks stand until they are set."""

    def __init__(self, folder, hours=24, megabytes=50, environment=None):
        self.state = folder / "state"
        self.state.mkdir(exist_ok=True)
        self.run = folder / "run"
        self.run.mkdir(exist_ok=True)
        self.environment = environment or {"RUNTIME_DIRECTORY": str(self.run)}
        self.review = Review(keep=True, hours=hours, megabytes=megabytes)
        self.now, self.ticks = NOW, 1000.0
        self.diary = Diary()
        self.ledger = Ledger(self.state, lambda: self.now)
        self.start()

    def start(self):
        """Start anew, as after a restart of the service."""
        keys = find_keys(self.state, self.environment)
        self.quarantine = Quarantine(
            self.state,
            self.review,
            keys,
            self.ledger,
            self.diary,
            lambda: self.now,
            lambda: self.ticks,
        )
        return self.quarantine

    def pass_by(self, seconds):
        """Let time go by, by both clocks."""
        self.now += seconds
        self.ticks += seconds

    @property
    def names(self):
        return [kept.name for kept in self.quarantine.kept()]

    def bytes_on_disk(self):
        """Everything that lies in the state folder, in one."""
        return b"".join(path.read_bytes() for path in self.state.rglob("*") if path.is_file())

    def key_files(self):
        """The names of all keys."""
        return {path.name for path in self.run.rglob("*") if path.is_file()}

    def told(self, event):
        """What the ledger says of an event."""
        return [entry for entry in self.ledger.entries() if entry["event"] == event]
