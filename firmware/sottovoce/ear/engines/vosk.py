"""Vosk: better ears where a model is installed. It hears while one speaks, and waits for nobody's end.

In grammar mode the model is held to the sentences of the templates, and to `[unk]` for everything
else. libvosk makes a model of word pairs (a bigram) of the phrases it is given; so a handful of
phrases that hold every pair of neighbouring words tells it as much as all the sentences would.
"""

import copy
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, Self

import vosk
from cffi import FFI

from sottovoce.ear.engines.vosk_model import has_run_time_graph, try_out
from sottovoce.ear.grammar import WordGraph
from sottovoce.ear.transcribe import without_wake_word
from sottovoce.errors import EngineError, ModelError
from sottovoce.vocabulary import SAMPLE_RATE, Samples, Transcript, Utterance

NAME: Final = "vosk"
UNKNOWN: Final = "[unk]"
NEAREST: Final = 40
"""How many likeliest paths are looked through for a sentence."""
GUESSES: Final = 5
"""How many other sentences are given at most, ..."""
_PATHS: Final = 10
"""... out of so many likeliest paths: forty would make one wait."""
NEAR: Final = 0.7
"""A sentence at least this much as likely as the likeliest fits about as well."""
_BUFFERS: Final = FFI()


class Vosk:
    """A Vosk model, held to the sentences of a grammar where it can be."""

    def __init__(
        self,
        folder: Path,
        grammar: WordGraph,
        wake_words: Sequence[str],
        warn: Callable[..., None],
        *,
        guesses: bool = False,
    ) -> None:
        """Load the model in `folder`, once a child process has lived through it. Raises ModelError.

        `warn` learns of words the model cannot hear, and of a model that no grammar can hold. With
        `guesses` it also tells what else a sentence may have been: a second recognizer follows it, as
        libvosk gives either the words' confidences or other sentences.
        """
        self._guesses = guesses
        try_out(folder)
        vosk.SetLogLevel(-1)
        try:
            self._model = vosk.Model(str(folder))
        except Exception as error:  # vosk raises a bare Exception
            raise ModelError(
                f"{folder}: not a Vosk model: {error}", "take it away or install it again"
            ) from error
        self._recognizers: list[vosk.KaldiRecognizer] = []
        self._sentence: tuple[int, int] | None = None
        self._heard = 0
        self._sentences = grammar
        words = grammar.words | {word for name in wake_words for word in name.split()}
        self.unheard = sorted(word for word in words if self._model.vosk_model_find_word(word) < 0)
        """Words of the grammar that the model does not know."""
        if len(self.unheard) == len(words):
            raise ModelError(
                f"{folder}: the model knows not one word of the sentences", "is it for another language?"
            )
        self._grammar: str | None = None
        if has_run_time_graph(folder):
            starts = ("", *(f"{name} " for name in wake_words))
            phrases = [start + phrase for phrase in grammar.phrases() for start in starts]
            self._grammar = json.dumps([*phrases, UNKNOWN])
        else:
            warn("vosk_without_grammar", why="the model has no run-time graph")
        if self.unheard:
            warn("vosk_cannot_hear", words=",".join(self.unheard))

    def follow(self, utterance: Utterance) -> None:
        """Take in what is new of a sentence that goes on. Raises EngineError."""
        self._take_in(utterance)

    def transcribe(self, utterance: Utterance) -> Transcript:
        """Write down the sentence; an empty text when no sentence of the grammar was heard.

        The confidence is that of its least sure word; in dictation it is the words' mean.
        """
        self._take_in(utterance)
        heard, *more = self._final()
        words = heard.get("result", [])
        guesses = _ranked(more[0], utterance.wake_word) if more else []
        text = _said([word["word"] for word in words], utterance.wake_word)
        sure = [min(word["conf"], 1.0) for word in words[len(words) - len(text.split()) :]]
        if not sure or UNKNOWN in text:
            text = ""
        elif self._grammar is None:
            return self._with(guesses, Transcript(text, sum(sure) / len(sure), NAME))
        elif not self._sentences.accepts(text):
            text = self._nearest_sentence(guesses) or self._nearest_sentence(
                self.alternatives(utterance, NEAREST)
            )
        return self._with(guesses, Transcript(text, min(sure) if text else 0.0, NAME))

    def _with(self, guesses: Sequence[Transcript], heard: Transcript) -> Transcript:
        """Put to a transcript what else it may have been: sentences only, where there is a grammar."""
        odds = {guess.text: guess.confidence for guess in reversed(guesses)}
        others = [text for text in dict.fromkeys(guess.text for guess in guesses) if text != heard.text]
        if self._grammar is not None:
            others = [text for text in others if self._sentences.accepts(text)]
        others = list(filter(None, others))[:GUESSES]
        near = sum(odds[text] >= NEAR * guesses[0].confidence for text in others)
        return replace(heard, others=tuple(others), near=near)

    def _nearest_sentence(self, guesses: Iterable[Transcript]) -> str:
        """Give the likeliest path that is a sentence, where the likeliest of all is none.

        Pairs of words that may follow each other can still make no sentence.
        """
        return next((guess.text for guess in guesses if self._sentences.accepts(guess.text)), "")

    def free(self) -> Self:
        """Give the same model for dictation: any words it knows, in any order."""
        other = copy.copy(self)
        other._grammar = None  # noqa: SLF001  it is one of us
        other.forget()
        return other

    def alternatives(self, utterance: Utterance, count: int) -> list[Transcript]:
        """Write down the `count` likeliest sentences, the likeliest first.

        libvosk gives no words' confidences with these, only each sentence's log likelihood; the
        confidence here is the sentence's share of the likelihood of them all.
        """
        self.forget()
        self._take_in(utterance, count)
        return _ranked(self._final()[0], utterance.wake_word)

    def partial(self) -> str:
        """Give the words made out so far of the sentence that is followed; for the owner's own eyes."""
        if not self._recognizers:
            return ""
        return str(json.loads(self._recognizers[0].PartialResult()).get("partial", ""))

    def forget(self) -> None:
        """Drop what was taken in."""
        self._recognizers, self._sentence, self._heard = [], None, 0

    def _final(self) -> list[dict[str, Any]]:
        """Come to the end of what was taken in; what each recognizer makes of it."""
        try:
            return [json.loads(recognizer.FinalResult()) for recognizer in self._recognizers] or [{}]
        except ValueError as error:
            raise EngineError(f"vosk: {error}", "is the model a whole one?") from error
        finally:
            self.forget()

    def _take_in(self, utterance: Utterance, alternatives: int = 0) -> None:
        if self._sentence != (utterance.epoch, utterance.first) or len(utterance.samples) < self._heard:
            self.forget()
        if not self._recognizers:
            self._sentence, self._heard = (utterance.epoch, utterance.first), 0
            wanted = (0, _PATHS) if self._guesses and not alternatives else (alternatives,)
            self._recognizers = [self._made(count) for count in wanted]
        new = utterance.samples[self._heard :]
        self._heard = len(utterance.samples)
        if len(new):
            for recognizer in self._recognizers:
                self._accept(recognizer, new)

    def _accept(self, recognizer: vosk.KaldiRecognizer, samples: Samples) -> None:
        # The samples where they lie: no copy of the sound in Python's memory. Its own endpoint is of no
        # interest: where the sentence ends is decided elsewhere.
        try:
            recognizer.AcceptWaveform(_BUFFERS.from_buffer("char[]", samples))
        except Exception as error:  # vosk raises a bare Exception
            raise EngineError(f"vosk: {error}", "is the model a whole one?") from error

    def _made(self, alternatives: int) -> vosk.KaldiRecognizer:
        given = () if self._grammar is None else (self._grammar,)
        try:
            recognizer = vosk.KaldiRecognizer(self._model, SAMPLE_RATE, *given)
        except Exception as error:  # vosk raises a bare Exception
            raise EngineError(f"vosk: {error}", "is the model a whole one?") from error
        recognizer.SetWords(True)  # noqa: FBT003  as libvosk has it
        recognizer.SetMaxAlternatives(alternatives)
        return recognizer


def _said(words: Sequence[str], wake_word: str) -> str:
    """Join the words after the wake word; what is unknown right at the front was before the sentence."""
    return without_wake_word(" ".join(words), wake_word).removeprefix(UNKNOWN).strip()


def _ranked(result: Mapping[str, Any], wake_word: str) -> list[Transcript]:
    """Read alternatives, the likeliest first; the confidence is a sentence's share of their likelihood."""
    found = [found for found in result.get("alternatives", []) if found["text"]]
    best = max((found["confidence"] for found in found), default=0.0)
    weights = [math.exp(found["confidence"] - best) for found in found]
    texts = [_said(found["text"].split(), wake_word) for found in found]
    return [
        Transcript(text, weight / sum(weights), NAME) for text, weight in zip(texts, weights, strict=True)
    ]
