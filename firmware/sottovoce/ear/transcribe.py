"""Transcribe: an utterance's sound to words."""

from typing import Protocol

from sottovoce.vocabulary import Transcript, Utterance


class Transcriber(Protocol):
    """A speech-to-text engine that takes a whole utterance."""

    def transcribe(self, utterance: Utterance) -> Transcript:
        """Write down what was said after the wake word. Raises EngineError."""


def without_wake_word(text: str, wake_word: str) -> str:
    """Take the wake word, and what an engine heard before it, off the front of a transcript."""
    before, found, after = text.partition(wake_word)
    return (after if found else before).strip()
