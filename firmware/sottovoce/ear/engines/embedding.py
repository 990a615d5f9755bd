"""Google's speech embedding, as it comes with openWakeWord: 96 numbers every 80 ms, on the device.

Its mel bands span 60 to 3800 Hz; each embedding looks back 775 ms.
"""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np

from sottovoce.ear.engines.tflite import Network, Numbers
from sottovoce.errors import EngineError
from sottovoce.vocabulary import Samples

DIMENSIONS: Final = 96
HOP_SAMPLES: Final = 1280
"""Samples from one embedding to the next."""
_HEARD_SAMPLES: Final = 1760
"""Samples the mel spectrogram takes at once: a hop, and what its windows reach over."""
_WINDOWS: Final = 76
"""Mel windows an embedding looks at; 8 are new in each."""
_BANDS: Final = 32


def package() -> Path:
    """Find the package that brings networks and library. Raises EngineError."""
    found = find_spec("pyopen_wakeword")
    if found is None or found.origin is None:
        raise EngineError("openwakeword: pyopen-wakeword is not installed", "pip install 'sottovoce[wake]'")
    return Path(found.origin).parent


def library() -> Path:
    """Find TensorFlow Lite's library. Raises EngineError."""
    folder = package() / "lib"
    for path in folder.glob("*tensorflowlite_c.*"):
        return path
    raise EngineError(f"{folder}: no TensorFlow Lite there", "install pyopen-wakeword again")


class Embedding:
    """Takes sound in pieces of any length. As after a reset, all was silence before."""

    def __init__(self) -> None:
        """Load both networks. Raises EngineError."""
        models = package() / "models"
        self._mel = Network(library(), models / "melspectrogram.tflite", (1, _HEARD_SAMPLES))
        self._embed = Network(library(), models / "embedding_model.tflite", (1, _WINDOWS, _BANDS, 1))
        self._sound = np.zeros(_HEARD_SAMPLES, dtype=np.float32)
        self._mels = np.zeros((_WINDOWS, _BANDS), dtype=np.float32)
        self._new = 0  # samples heard since the last embedding
        self.reset()

    def take(self, samples: Samples) -> Iterator[Numbers]:
        """Take sound and give the embeddings that are ready with it, shape (DIMENSIONS,) each."""
        while len(samples):
            piece, samples = np.split(samples, [HOP_SAMPLES - self._new])
            _push(self._sound, piece)
            self._new += len(piece)
            if self._new == HOP_SAMPLES:
                self._new = 0
                yield self._next()

    def reset(self) -> Numbers:
        """Forget all sound heard so far, in the networks too; give the embedding of silence."""
        self._sound.fill(0)
        self._new = 0
        for _ in range(-(-_WINDOWS // 8)):
            self._hear()
        return self._next()

    def close(self) -> None:
        """Give the memory back."""
        self._mel.close()
        self._embed.close()

    def _next(self) -> Numbers:
        self._hear()
        return self._embed(self._mels[np.newaxis, :, :, np.newaxis]).copy()

    def _hear(self) -> None:
        mels = self._mel(self._sound[np.newaxis]).reshape(-1, _BANDS)
        _push(self._mels, mels / np.float32(10) + np.float32(2))  # as the embedding was trained


def _push(kept: Numbers, new: Samples | Numbers) -> None:
    """Put `new` at the end of what is kept, and let as much go at its beginning."""
    kept[: len(kept) - len(new)] = kept[len(new) :]
    kept[len(kept) - len(new) :] = new
