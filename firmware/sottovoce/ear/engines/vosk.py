"""Vosk: better ears where a model is installed. Grammar mode, gated by word confidence."""

import json
from pathlib import Path
from typing import Final

import vosk

from sottovoce.ear.grammar import WordGraph
from sottovoce.ear.transcribe import without_wake_word
from sottovoce.errors import ModelError
from sottovoce.vocabulary import SAMPLE_RATE, Transcript, Utterance

NAME: Final = "vosk"
_UNKNOWN: Final = "[unk]"


class Vosk:
    """A Vosk model, held to the words of the grammar and `[unk]` for all others."""

    def __init__(self, folder: Path, grammar: WordGraph, wake_words: tuple[str, ...]) -> None:
        """Load the model in `folder`. Raises ModelError."""
        check_model(folder)
        vosk.SetLogLevel(-1)
        try:
            self._model = vosk.Model(str(folder))
        except Exception as error:  # vosk raises a bare Exception
            raise ModelError(
                f"{folder}: not a Vosk model: {error}", "take it away or copy it again"
            ) from error
        words = sorted(grammar.words | {word for name in wake_words for word in name.split()})
        self._words = json.dumps([*words, _UNKNOWN])

    def transcribe(self, utterance: Utterance) -> Transcript:
        """Write down the words; the confidence is the mean of the words' own, 0 if one is unknown."""
        recognizer = vosk.KaldiRecognizer(self._model, SAMPLE_RATE, self._words)
        recognizer.SetWords(True)  # noqa: FBT003  as libvosk has it
        recognizer.AcceptWaveform(utterance.samples.tobytes())
        result = json.loads(recognizer.FinalResult())
        text = without_wake_word(result.get("text", ""), utterance.wake_word)
        said = result.get("result", [])[-len(text.split()) :] if text else []
        if not said or _UNKNOWN in text:
            return Transcript("", 0.0, NAME)
        return Transcript(text, sum(word["conf"] for word in said) / len(said), NAME)


def check_model(folder: Path) -> None:
    """See that the files libvosk opens are there: it may end the process when not. Raises ModelError."""
    missing = [
        alternatives[0]
        for alternatives in (
            ("am/final.mdl", "final.mdl"),
            ("conf/mfcc.conf", "mfcc.conf"),
            ("graph/HCLr.fst", "HCLr.fst", "graph/HCLG.fst", "HCLG.fst"),
        )
        if not any((folder / name).is_file() for name in alternatives)
    ]
    if missing:
        raise ModelError(
            f"{folder}: not a whole Vosk model: no {missing[0]}", "take it away or copy it again"
        )
