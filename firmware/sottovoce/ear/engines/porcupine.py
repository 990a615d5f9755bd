"""Porcupine 1.9: wake words, keyless and offline."""

import pvporcupine

from sottovoce.errors import EngineError
from sottovoce.vocabulary import Samples


class Porcupine:
    """Picovoice's engine of the 1.9 line: no account, no licence contact."""

    def __init__(self, words: tuple[str, ...], sensitivity: float) -> None:
        """Listen for `words`, each at `sensitivity` (0 to 1). Raises EngineError."""
        unknown = sorted(set(words) - set(pvporcupine.KEYWORDS))
        if unknown:
            known = ", ".join(sorted(pvporcupine.KEYWORDS))
            raise EngineError(f"porcupine: no wake word {unknown[0]!r}", f"it has {known}")
        self._words = words
        self._sensitivity = sensitivity
        self._engine = self._make()

    def detect(self, samples: Samples) -> str | None:
        """Take one frame and name the word that was completed in it, if any."""
        found = self._engine.process(samples.tolist())
        return self._words[found] if found >= 0 else None

    def reset(self) -> None:
        """Forget all sound heard so far: the engine has no reset, so it is made anew."""
        self._engine.delete()
        self._engine = self._make()

    def _make(self) -> pvporcupine.Porcupine:
        try:
            return pvporcupine.create(
                keywords=list(self._words), sensitivities=[self._sensitivity] * len(self._words)
            )
        except (OSError, MemoryError, NotImplementedError, RuntimeError, ValueError) as error:
            raise EngineError(f"porcupine: {error}", "is this CPU one it knows?") from error
