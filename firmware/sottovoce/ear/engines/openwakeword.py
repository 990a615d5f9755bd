"""openWakeWord: small networks over Google's speech embedding; they come in their wheel. No account."""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Final

import numpy as np

from sottovoce.ear.engines.embedding import DIMENSIONS, HOP_SAMPLES, Embedding, library, package
from sottovoce.ear.engines.known import check_words
from sottovoce.ear.engines.scores import REST_SECONDS, Edges, threshold
from sottovoce.ear.engines.tflite import Network
from sottovoce.vocabulary import SAMPLE_RATE, Samples

NAME: Final = "openwakeword"
MAKERS_THRESHOLD: Final = 0.5
_FEATURES: Final = frozenset({"melspectrogram", "embedding_model"})


def words() -> tuple[str, ...]:
    """List the words it has. Raises EngineError when it is not installed."""
    models = {path.stem for path in (package() / "models").glob("*.tflite")}
    return tuple(sorted(name.replace("_", " ") for name in models - _FEATURES))


class OpenWakeWord:
    """One network a word over the same embeddings, which come every 80 ms, whatever the frame's length."""

    def __init__(self, sensitivities: Mapping[str, float]) -> None:
        """Listen for each word at its sensitivity (0 to 1). Raises EngineError."""
        check_words(NAME, sensitivities, words())
        self._embedding = Embedding()
        self._networks = {
            word: Network(library(), package() / "models" / f"{word.replace(' ', '_')}.tflite")
            for word in sensitivities
        }
        longest = max(network.shape[1] for network in self._networks.values())
        self._heard = np.zeros((longest, DIMENSIONS), dtype=np.float32)
        limits = {word: threshold(value, MAKERS_THRESHOLD) for word, value in sensitivities.items()}
        self._edges = Edges(limits, round(REST_SECONDS * SAMPLE_RATE / HOP_SAMPLES))
        self.facts: Mapping[str, str | bool] = {"engine": NAME, "version": version("pyopen-wakeword")}
        self.reset()

    def detect(self, samples: Samples) -> str | None:
        """Take one frame and name the word that was completed in it, if any."""
        found = None
        for vector in self._embedding.take(samples):
            self._heard = np.roll(self._heard, -1, axis=0)
            self._heard[-1] = vector
            for word, score in self._scores():
                if self._edges.over(word, score):
                    found = found or word
        return found

    def reset(self) -> None:
        """Forget all sound heard so far: as after a long silence, in the networks too."""
        self._edges.clear()
        self._heard[:] = self._embedding.reset()
        self._scores()

    def close(self) -> None:
        """Forget all sound and give the memory back."""
        self._embedding.close()
        for network in self._networks.values():
            network.close()
        self._heard.fill(0)

    def _scores(self) -> list[tuple[str, float]]:
        return [
            (word, float(network(self._heard[np.newaxis, -network.shape[1] :])[0]))
            for word, network in self._networks.items()
        ]
