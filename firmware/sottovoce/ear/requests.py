"""Requests: what somebody at the broker may ask of the ear, mutes aside. Each is taken for an enemy's.

They come seldom, or are not obeyed. None makes it listen; none makes it wake more easily than the owner's
configuration lets it. What is said is never shared. What is set holds until the next start: then it is
again as configured.
"""

import sqlite3
from collections.abc import Callable
from typing import Final

import msgspec

from sottovoce.config import Config, Wake
from sottovoce.ear.forget import Kept
from sottovoce.errors import EngineError, StateError
from sottovoce.journal import Journal
from sottovoce.vocabulary import Earcon, Outcome
from sottovoce.wire import Chime, Purge, Say, Sensitivity, WakeWord, Wish

BURST: Final = 10
"""Requests obeyed at once."""
SECONDS_EACH: Final = 2.0
"""After a burst, one is obeyed every so often."""


class Requests:
    """Obeys requests, in the thread that brings them."""

    def __init__(
        self,
        config: Config,
        announce: Callable[[Outcome], bool],
        listen: Callable[[Wake], None],
        kept: Kept,
        clock: Callable[[], float],
        journal: Journal,
    ) -> None:
        """Begin as configured; `clock` gives seconds of any beginning.

        `announce` has something said (false: too much waits), `listen` takes an engine for other words or
        sensitivities (raises EngineError).
        """
        self._config = config
        self._announce = announce
        self._listen = listen
        self._kept = kept
        self._clock = clock
        self._journal = journal
        self._left, self._since = float(BURST), clock()
        self.sensitivity = config.wake.sensitivity
        """Of the words that have none of their own."""
        self.wake_word = ""
        """The only word it listens for; empty for all."""

    def obey(self, untrusted: Wish) -> None:
        """Do what is asked for, or write down that it was not done."""
        obeyed = self._is_time() and self._do(untrusted)
        self._journal.note("asked", what=type(untrusted).__name__, obeyed=obeyed)

    def _do(self, untrusted: Wish) -> bool:
        """Do it; false where the configuration does not allow it, or it cannot be done."""
        match untrusted:
            case Say():
                allowed = self._config.reply.remote_say
                return allowed and self._announce(Outcome(Earcon.CHIME, untrusted.text))
            case Chime():
                return self._announce(Outcome(Earcon.CHIME))
            case Sensitivity():
                return self._change(min(untrusted.value, self._config.wake.highest), self.wake_word)
            case WakeWord():
                known = untrusted.word in {"", *self._config.wake.words}
                return known and self._change(self.sensitivity, untrusted.word)
            case Purge():
                return self._purge()

    def _change(self, sensitivity: float, word: str) -> bool:
        """Listen with other settings from the next frame on."""
        wake = self._config.wake
        words = (word,) if word else wake.words
        own = {name: value for name, value in wake.sensitivities.items() if name in words}
        try:
            self._listen(
                msgspec.structs.replace(wake, words=words, sensitivity=sensitivity, sensitivities=own)
            )
        except EngineError as error:
            self._journal.warn("wake_engine_fault", error=str(error))
            return False
        self.sensitivity, self.wake_word = sensitivity, word
        return True

    def _purge(self) -> bool:
        try:
            deleted = self._kept.forget([name for name, _ in self._kept.ids()])
        except (sqlite3.Error, StateError) as error:
            self._journal.warn("state_folder_fault", error=type(error).__name__)
            return False
        self._journal.note("purged", deleted=deleted)
        return True

    def _is_time(self) -> bool:
        """Whether one more may be obeyed now; it counts if so."""
        now = self._clock()
        self._left = min(float(BURST), self._left + (now - self._since) / SECONDS_EACH)
        self._since = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
