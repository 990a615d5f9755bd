"""Wake words the owner has taught it. See ear/learn/ for how they come to be."""

from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Final

import numpy as np

from sottovoce.ear.engines.embedding import DIMENSIONS, HOP_SAMPLES, Embedding
from sottovoce.ear.engines.known import check_words
from sottovoce.ear.engines.scores import REST_SECONDS, Edges
from sottovoce.ear.learn import store
from sottovoce.ear.learn.model import SPAN, LearnedWord, likeness, vectors
from sottovoce.vocabulary import SAMPLE_RATE, Samples

NAME: Final = "learned"


def load(state: Path, sensitivities: Mapping[str, float]) -> "Learned":
    """Listen for words that are kept in the state folder. Raises EngineError."""
    check_words(NAME, sensitivities, store.names(state))
    return Learned({name: store.load(state, name) for name in sensitivities}, sensitivities)


class Learned:
    """Compares the newest embeddings with each word; they come every 80 ms, whatever the frame's length."""

    def __init__(self, words: Mapping[str, LearnedWord], sensitivities: Mapping[str, float]) -> None:
        """Listen for each word at its sensitivity (0 to 1). Raises EngineError.

        Sensitivity 1 is just above what other speech comes to, 0.5 the mean of the examples.
        """
        self._words = dict(words)
        limits = {name: word.threshold(sensitivities[name]) for name, word in words.items()}
        self._edges = Edges(limits, round(REST_SECONDS * SAMPLE_RATE / HOP_SAMPLES))
        self._embedding = Embedding()
        self._heard = np.zeros((SPAN + 1, DIMENSIONS), dtype=np.float32)
        self.facts: Mapping[str, str | bool] = {"engine": NAME, "version": version("pyopen-wakeword")}
        self.reset()

    def detect(self, samples: Samples) -> str | None:
        """Take one frame and name the word that was completed in it, if any."""
        return next(iter(self.detect_all(samples)), None)

    def detect_all(self, samples: Samples) -> list[str]:
        """Take one frame and name all the words that were completed in it."""
        found = []
        for embedding in self._embedding.take(samples):
            self._heard[:-1] = self._heard[1:]
            self._heard[-1] = embedding
            newest = vectors(self._heard)
            for name, word in self._words.items():
                if self._edges.over(name, float(likeness(word, word.direction, newest)[0])):
                    found.append(name)
        return found

    def reset(self) -> None:
        """Forget all sound heard so far: as after a long silence."""
        self._edges.clear()
        self._heard[:] = self._embedding.reset()

    def close(self) -> None:
        """Forget all sound and give the memory back."""
        self._heard.fill(0)
        self._embedding.close()
