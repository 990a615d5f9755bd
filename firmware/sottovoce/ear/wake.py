"""Wake: is one of the words that wake the device in this frame?"""

from typing import Protocol

from sottovoce.vocabulary import OpenFrame, Samples


class WakeEngine(Protocol):
    """A wake-word engine that takes one frame at a time."""

    def detect(self, samples: Samples) -> str | None:
        """Take one frame, shape (FRAME_SAMPLES,), and name the word that was completed in it, if any."""

    def reset(self) -> None:
        """Forget all sound heard so far."""


class Wake:
    """The stage: the engine, fed open frames alone."""

    def __init__(self, engine: WakeEngine) -> None:
        """Listen with `engine`."""
        self._engine = engine

    def hear(self, frame: OpenFrame) -> str | None:
        """Name the wake word that this frame completes, if any."""
        return self._engine.detect(frame.samples)

    def forget(self) -> None:
        """Drop what was half heard."""
        self._engine.reset()
