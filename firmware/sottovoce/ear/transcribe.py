"""Transcribe: an utterance's sound to words."""

from typing import Protocol

from sottovoce.vocabulary import Transcript, Utterance


class Transcriber(Protocol):
    """A speech-to-text engine."""

    def follow(self, utterance: Utterance) -> None:
        """Take in a sentence that goes on, as far as it has come; one that wants it whole lets it pass.

        Raises EngineError.
        """

    def transcribe(self, utterance: Utterance) -> Transcript:
        """Write down what was said after the wake word. Raises EngineError."""

    def forget(self) -> None:
        """Drop what was taken in of a sentence that nobody will ask for."""


def without_wake_word(text: str, wake_word: str) -> str:
    """Take the wake word, and what an engine heard before it, off the front of a transcript.

    An empty one is none: the button was pressed.
    """
    if not wake_word:
        return text.strip()
    before, found, after = text.partition(wake_word)
    return (after if found else before).strip()
