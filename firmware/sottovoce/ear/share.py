"""Share: all of a snippet that may leave, into the outbox; what waits for review, to the shelf.

consent -> redact -> (the device's own voice) -> outbox
"""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from typing import Final, Protocol

from sottovoce.ear.consent import PRIVATE_FAMILY, is_live, weigh
from sottovoce.ear.grants import Grants
from sottovoce.ear.outbox import Outbox
from sottovoce.ear.redact import Redactor
from sottovoce.ear.reply import Voice
from sottovoce.ear.state_folder import StateFolder
from sottovoce.errors import EngineError, StateError
from sottovoce.journal import Journal
from sottovoce.vocabulary import Consented, Form, Kind, Redacted, Snippet

_WORDS: Final = frozenset({Kind.TRANSCRIPT, Kind.AUDIO})


class Shelf(Protocol):
    """Keeps snippets for their owner to review."""

    def keep(self, snippet: Snippet) -> None:
        """Keep one for a while. Raises StateError."""


class Share:
    """The stage: it is given every snippet, and gives on what was granted."""

    def __init__(
        self,
        grants: Grants,
        outbox: Outbox,
        redactor: Redactor,
        voice: Voice | None,
        shelf: Shelf | None,
        folder: StateFolder,
        now: Callable[[], float],
        journal: Journal,
        wiring: str = "",
    ) -> None:
        """Re-speak by `voice`; `shelf` is None while review is off; `folder` learns how the disk does.

        `now` gives seconds since the epoch; `wiring` is the fingerprint of home.toml's.
        """
        self._grants = grants
        self._outbox = outbox
        self._redactor = redactor
        self._voice = voice
        self._shelf = shelf
        self._folder = folder
        self._now = now
        self._journal = journal
        self.last: str | None = None
        """The sentence that was heard last; None for none since the start. Not what is said about privacy."""
        self._wiring = wiring

    def wants_clip(self) -> bool:
        """Whether anybody may have the sound of a snippet."""
        if self._shelf is not None:
            return True
        try:
            grants, now = self._grants.all(), self._now()
        except sqlite3.Error as error:
            self._folder.failed("sharing", error)
            return False
        return any(grant.form is Form.OWN_VOICE and is_live(grant, now) for grant in grants)

    def heard(self, snippet: Snippet) -> None:
        """Learn that this was said, though nothing of it may leave yet."""
        if not _is_private(snippet):
            self.last = snippet.id

    def share(self, snippet: Snippet) -> int:
        """Put what is granted into the outbox; how many may have the command that is in it."""
        commands = 0
        self.heard(snippet)
        try:
            consented = weigh(snippet, self._grants.all(), self._now(), self._wiring)
            for one in consented:
                left = self.put(one) is not None
                commands += left and one.grant.kind is Kind.COMMAND
            if not any(one.grant.kind in _WORDS for one in consented):
                self._set_aside(snippet)
            self._folder.works("sharing")
        except (sqlite3.Error, StateError) as error:  # hearing and acting here go on
            self._folder.failed("sharing", error)
        return commands

    def put(self, consented: Consented) -> str | None:
        """Redact one thing and put it into the outbox; its envelope's id, None when nothing may leave.

        Raises sqlite3.Error.
        """
        redacted = self._redactor.redact(consented, self._now())
        if redacted is not None and redacted.say:
            redacted = self._respoken(redacted)
        if redacted is None:
            return None
        identity = self._outbox.put(redacted)
        if dropped := self._outbox.shrink():
            self._journal.warn("outbox_full", dropped=dropped)
        if identity is not None:
            self._journal.note("waits", kind=str(redacted.kind))
        return identity

    def _respoken(self, redacted: Redacted) -> Redacted | None:
        if self._voice is None:
            self._journal.warn("voice_fault", error="[reply] voice is none: nothing can be re-spoken")
            return None
        try:
            return replace(redacted, clip=self._voice.say(redacted.say))
        except EngineError as error:
            self._journal.warn("voice_fault", error=str(error))
            return None

    def _set_aside(self, snippet: Snippet) -> None:
        if self._shelf is not None and not _is_private(snippet):
            self._shelf.keep(snippet)


def _is_private(snippet: Snippet) -> bool:
    return snippet.intent is not None and snippet.intent.name.startswith(PRIVATE_FAMILY)
