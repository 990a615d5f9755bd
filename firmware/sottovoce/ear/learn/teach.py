"""Everything that learning a word takes, put together: voices to tell it from, embedding, detector."""

from collections.abc import Callable

from sottovoce.ear.endpoint import SpeechDetector
from sottovoce.ear.engines.embedding import Embedding
from sottovoce.ear.learn import cohort
from sottovoce.ear.learn.examples import Examples
from sottovoce.ear.learn.model import Background, background


class Teacher:
    """Makes examples, and the other speech they are told from."""

    def __init__(self, detector: SpeechDetector, voices: list[tuple[str, ...]] | None = None) -> None:
        """Have `voices` speak (all there are, for None). Raises EngineError."""
        self.voices = cohort.voices() if voices is None else voices
        self.examples = Examples(Embedding(), detector)

    def listen(self, heard: Callable[[], None]) -> Background:
        """Hear other speech; `heard` is called after each voice. Raises EngineError."""
        streams = []
        for samples in cohort.speech(self.voices):
            streams.append(self.examples.embeddings(samples))
            heard()
        return background(streams)
