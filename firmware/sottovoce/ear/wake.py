"""Wake: is one of the words that wake the device in this frame?"""

import threading
from collections.abc import Mapping
from typing import Final, Protocol

import numpy as np

from sottovoce.vocabulary import FRAME_SAMPLES, OpenFrame, Samples

_TAIL_SAMPLES: Final = 16 * FRAME_SAMPLES
"""Silence after a sound, in which an engine comes to its conclusion."""


class WakeEngine(Protocol):
    """A wake-word engine that takes one frame at a time. Its words stand; new words are a new engine."""

    facts: Mapping[str, str | bool]
    """What the journal tells of it: its name, its version, the library it took."""

    def detect(self, samples: Samples) -> str | None:
        """Take one frame, shape (FRAME_SAMPLES,), and name the word that was completed in it, if any.

        One saying is named once.
        """

    def reset(self) -> None:
        """Forget all sound heard so far: nothing of it is left to be found or to be completed."""

    def close(self) -> None:
        """Forget all sound and give the memory back; it hears no more after this."""


class Wake:
    """The stage: the engine, fed open frames alone. It may be given another engine at any time."""

    def __init__(self, engine: WakeEngine) -> None:
        """Listen with `engine`."""
        self._engine = engine
        self._turn = threading.Lock()

    @property
    def facts(self) -> Mapping[str, str | bool]:
        """What the journal tells of the engine."""
        return self._engine.facts

    def hear(self, frame: OpenFrame) -> str | None:
        """Name the wake word that this frame completes, if any."""
        with self._turn:
            return self._engine.detect(frame.samples)

    def would_hear(self, sound: Samples) -> bool:
        """Whether a wake word is in a sound that the device is about to make; drops what was half heard."""
        whole = np.append(sound, np.zeros(_TAIL_SAMPLES - len(sound) % FRAME_SAMPLES, dtype=np.int16))
        with self._turn:
            self._engine.reset()
            heard = [self._engine.detect(frame) for frame in whole.reshape(-1, FRAME_SAMPLES)]
            self._engine.reset()
        return any(heard)

    def forget(self) -> None:
        """Drop what was half heard."""
        with self._turn:
            self._engine.reset()

    def change(self, engine: WakeEngine) -> None:
        """Listen with `engine` from the next frame on; from any thread.

        This is how words and sensitivities change while it runs. No frame waits for an engine that is
        still being made, none is heard twice or by nobody; what the engine before had half heard is gone.
        """
        with self._turn:
            before, self._engine = self._engine, engine
        before.close()
