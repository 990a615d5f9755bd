"""Are you sure? One dangerous command waits here for its owner's word, and for nothing else.

    asked ── a yes in time, where a spoken one is enough ──► released
      ├───── a short press of the button in time ─────────► released
      └───── anything else that is said, any other answer of the device, a mute, time ──► forgotten

Nothing of it leaves before. A press while the device still speaks, or a timer rings, is no yes: it hushes
that, as ever, and the command is forgotten.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from sottovoce.vocabulary import Earcon, Intent, Outcome, Snippet

WINDOW_SECONDS: Final = 10.0
"""How long after the question an answer counts."""
YES: Final = "AnswerYes"


@dataclass(frozen=True, slots=True)
class Held:
    """A command that waits for a yes."""

    snippet: Snippet
    outcome: Outcome
    """What it comes to, once it may."""


class Confirm:
    """Holds one command at most. For the pipeline's thread alone."""

    def __init__(self, now: Callable[[], float]) -> None:
        """`now` gives seconds since the epoch, or any other clock that only goes forward."""
        self._now = now
        self._held: Held | None = None
        self._question: Outcome | None = None
        self._until = 0.0
        self._listens = False

    def ask(self, snippet: Snippet, outcome: Outcome) -> Outcome:
        """Hold a command; what to say first."""
        self._question = Outcome(Earcon.UNSURE, outcome.question)
        self._held, self._until = Held(snippet, replace(outcome, question="")), 0.0
        return self._question

    def saying(self, outcome: Outcome, seconds: float) -> None:
        """Learn that the device says something, which takes so long: its question, or the end of that."""
        if self._held is None or outcome is not self._question:
            self.forget()
            return
        self._until = self._now() + seconds + WINDOW_SECONDS
        self._listens = self._held.outcome.by_voice

    @property
    def waits(self) -> bool:
        """Whether a question waits for its answer."""
        return self._in_time()

    def opens(self) -> bool:
        """Whether to listen now without a wake word: once after each question that may be answered aloud."""
        listens, self._listens = self._listens and self._in_time(), False
        return listens

    def hear(self, intent: Intent | None) -> Held | None:
        """Take what was said; the command, if that was the yes it waits for. It waits no longer."""
        held = self.press()
        yes = intent is not None and intent.name == YES
        return held if held and yes and held.outcome.by_voice else None

    def press(self) -> Held | None:
        """Take a press of the button; the command, if one waits. It waits no longer."""
        held = self._held if self._in_time() else None
        self.forget()
        return held

    def forget(self) -> None:
        """Hold nothing any more."""
        self._held, self._question, self._listens = None, None, False

    def _in_time(self) -> bool:
        return self._held is not None and self._now() < self._until
