"""Corrections: what the owner said that sentences were, kept in the state folder for the device's own use.

They leave by no way: nothing that shares may import this (a contract in pyproject.toml).
"""

from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from sottovoce.ear.disk import replace, shred
from sottovoce.ear.hints import Correction, choose, learn
from sottovoce.ear.transcribe import Transcriber
from sottovoce.errors import StateError
from sottovoce.journal import Journal
from sottovoce.vocabulary import Transcript, Utterance

_FILE: Final = "corrections.json"
_HINT: Final = "sottovoce review corrections --forget removes it"


class Corrections:
    """The file of them; the owner's command writes it, the ear reads it."""

    def __init__(self, state: Path) -> None:
        """Keep them in the state folder."""
        self._path = state / _FILE
        self._read: tuple[tuple[int, int], list[Correction]] = ((0, 0), [])

    def all(self) -> list[Correction]:
        """Give all of them; the file is read when it has changed. Raises StateError."""
        try:
            found = self._path.stat()
            version = (found.st_mtime_ns, found.st_ino)
            if version != self._read[0]:
                known = msgspec.json.decode(self._path.read_bytes(), type=list[Correction])
                self._read = (version, known)
        except FileNotFoundError:
            return []
        except (OSError, msgspec.MsgspecError, ValueError) as error:
            raise StateError(f"{self._path}: cannot be read: {type(error).__name__}", _HINT) from error
        return self._read[1]

    @property
    def there(self) -> bool:
        """Whether there are any."""
        return self._path.exists()

    def add(self, transcript: Transcript, meant: str, *, typed: bool) -> None:
        """Keep what the owner says a transcript was. Raises StateError."""
        corrections = learn(self.all(), transcript, meant, typed=typed)
        try:
            replace(self._path, msgspec.json.encode(corrections))
        except OSError as error:
            raise StateError(f"{self._path}: {error.strerror}", "see that the disk has room") from error

    def forget(self) -> None:
        """Overwrite and remove all of them. Raises StateError."""
        try:
            with suppress(FileNotFoundError):
                shred(self._path)
        except OSError as error:
            raise StateError(f"{self._path}: {error.strerror}", "see that the file is yours") from error


class Corrected:
    """A transcriber that knows the owner's corrections."""

    def __init__(self, engine: Transcriber, corrections: Corrections, journal: Journal) -> None:
        """Hear by `engine`."""
        self._engine, self._corrections, self._journal = engine, corrections, journal
        self._told = False

    def follow(self, utterance: Utterance) -> None:
        """Take in a sentence that goes on. Raises EngineError."""
        self._engine.follow(utterance)

    def transcribe(self, utterance: Utterance) -> Transcript:
        """Write down what was said, as the corrections have it; as heard, if they cannot be read."""
        transcript = self._engine.transcribe(utterance)
        try:
            return choose(transcript, self._corrections.all())
        except StateError as error:
            if not self._told:
                self._told = True
                self._journal.warn("corrections_unread", error=str(error))
        return transcript

    def forget(self) -> None:
        """Drop what was taken in."""
        self._engine.forget()
