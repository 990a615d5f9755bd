"""Porcupine: wake words of Picovoice, by whichever version of its package is installed."""

import ctypes
from collections.abc import Mapping
from typing import Final

from sottovoce.ear.engines.known import check_words
from sottovoce.ear.engines.porcupine_package import NAME, installed
from sottovoce.errors import EngineError
from sottovoce.vocabulary import FRAME_SAMPLES, Samples

_SUCCESS: Final = 0
_Frame: Final = ctypes.c_int16 * FRAME_SAMPLES


class Porcupine:
    """Any number of words in one engine."""

    def __init__(self, sensitivities: Mapping[str, float], key_file: str = "") -> None:
        """Listen for each word at its sensitivity (0 to 1), Picovoice's own measure.

        `key_file` holds the owner's access key, for a version that needs one. Raises EngineError.
        """
        self._package = installed(key_file)
        check_words(NAME, sensitivities, sorted(self._package.keywords))
        self._words = tuple(sensitivities)
        self._sensitivities = tuple(sensitivities.values())
        self.facts = self._package.facts
        self._make()

    def detect(self, samples: Samples) -> str | None:
        """Take one frame and name the word that was completed in it, if any."""
        # As the package's own process() does, but on the samples where they are: no copies of the
        # sound in Python's memory, and a third less CPU.
        found = ctypes.c_int()
        status = self._process(
            self._engine._handle,  # noqa: SLF001
            _Frame.from_buffer(samples.data),
            ctypes.byref(found),
        )
        if status.value != _SUCCESS:
            raise EngineError(f"porcupine: gave up: {status.name.lower()}")
        return self._words[found.value] if found.value >= 0 else None

    def reset(self) -> None:
        """Forget all sound heard so far: the engine has no reset, so it is made anew."""
        before = self._engine
        self._make()
        before.delete()

    def close(self) -> None:
        """Forget all sound and give the memory back."""
        self._engine.delete()

    def _make(self) -> None:
        self._engine = self._package.make(self._words, self._sensitivities)
        self._process = getattr(self._engine, "process_func", None) or self._engine._process_func  # noqa: SLF001
