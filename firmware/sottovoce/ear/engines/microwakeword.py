"""microWakeWord: tiny networks made for microcontrollers; they come in their wheel. No account."""

from collections.abc import Mapping
from importlib.metadata import version
from typing import Final

from pymicro_wakeword import MicroWakeWord as Network
from pymicro_wakeword import MicroWakeWordFeatures, Model

from sottovoce.ear.engines.known import check_words
from sottovoce.ear.engines.scores import REST_SECONDS, Edges, threshold
from sottovoce.vocabulary import FRAME_SECONDS, Samples

NAME: Final = "microwakeword"
_MODELS: Final = {model.value.replace("_", " "): model for model in Model}


def words() -> tuple[str, ...]:
    """List the words it has."""
    return tuple(sorted(_MODELS))


class MicroWakeWord:
    """One network a word over the same features, which come every 10 ms, whatever the frame's length."""

    def __init__(self, sensitivities: Mapping[str, float]) -> None:
        """Listen for each word at its sensitivity (0 to 1). Raises EngineError."""
        check_words(NAME, sensitivities, words())
        self._features = MicroWakeWordFeatures()
        self._networks = {word: Network.from_builtin(_MODELS[word]) for word in sensitivities}
        cutoffs = {word: network.probability_cutoff for word, network in self._networks.items()}
        limits = {word: threshold(value, cutoffs[word]) for word, value in sensitivities.items()}
        self._edges = Edges(limits, round(REST_SECONDS / FRAME_SECONDS))
        self.facts: Mapping[str, str | bool] = {"engine": NAME, "version": version("pymicro-wakeword")}

    def detect(self, samples: Samples) -> str | None:
        """Take one frame and name the word that was completed in it, if any."""
        heard = list(self._features.process_streaming(samples.tobytes()))
        found = None
        for word, network in self._networks.items():
            # A network answers every third time, and with 0 in between.
            score = max((network.process_streaming_prob(features) or 0.0 for features in heard), default=0.0)
            if self._edges.over(word, score):
                found = found or word
        return found

    def reset(self) -> None:
        """Forget all sound heard so far; a network holds some, so each is made anew."""
        self._features.reset()
        self._edges.clear()
        for network in self._networks.values():
            network.reset()

    def close(self) -> None:
        """Forget all sound and give the memory back."""
        self._features.reset()
        for network in self._networks.values():
            network.close()
