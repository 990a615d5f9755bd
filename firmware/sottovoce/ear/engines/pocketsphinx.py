"""PocketSphinx in grammar mode: the embedded default, which needs no download.

It decodes a whole utterance at once (cepstral means over all of it), searches the word graph of
the sentence templates, and then asks a phone loop how well any sound at all would have fitted: a
grammar alone hears a command in everything. The confidence is the log-likelihood ratio of the
two per frame, the classic garbage test (Rose & Paul 1990), put on a scale of 0 to 1.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
from pocketsphinx import Config, Decoder, get_model_path

from sottovoce.ear.engines.pronounce import Pronouncer
from sottovoce.ear.grammar import WordGraph
from sottovoce.ear.transcribe import without_wake_word
from sottovoce.errors import ModelError
from sottovoce.vocabulary import Samples, Transcript, Utterance

NAME: Final = "pocketsphinx"

RATIO_MIDDLE: Final = -2.0
"""Log-likelihood ratio per frame (PocketSphinx's log units) at which confidence is a half.
Chosen between people's commands in the grammar (97 % above it) and other speech (1 % above it)."""

_GRAMMAR: Final = "commands"
_PHONES: Final = "phones"


class PocketSphinx:
    """The speech model for American English that comes with the wheel."""

    def __init__(self, grammar: WordGraph, wake_words: Sequence[str], pronounce: Pronouncer) -> None:
        """Hear the sentences of `grammar`, with a wake word before them or not. Raises ModelError.

        `pronounce` gives the phones of words that the model's dictionary lacks.
        """
        models = get_model_path()
        try:
            self._decoder = Decoder(
                Config(
                    hmm=f"{models}/en-us/en-us",
                    dict=f"{models}/en-us/cmudict-en-us.dict",
                    lm=None,
                    loglevel="FATAL",
                    beam=1e-80,
                    wbeam=1e-60,
                    pbeam=1e-80,
                    # The lattice's best path need not end where a sentence may; the search's own does.
                    bestpath=False,
                )
            )
        except RuntimeError as error:
            raise ModelError(f"pocketsphinx: {error}", "install the package again") from error
        self._teach(grammar.words | {word for name in wake_words for word in name.split()}, pronounce)
        self._decoder.add_fsg(_GRAMMAR, self._graph(grammar, wake_words))
        self._decoder.add_allphone_file(_PHONES, f"{models}/en-us/en-us-phone.lm.bin")

    def transcribe(self, utterance: Utterance) -> Transcript:
        """Write down the sentence; an empty text when no sentence of the grammar was heard."""
        if not len(utterance.samples):
            return Transcript("", 0.0, NAME)
        score, words = self._search(_GRAMMAR, utterance.samples)
        if not words:
            return Transcript("", 0.0, NAME)
        phone_score, _ = self._search(_PHONES, utterance.samples)
        ratio = (score - phone_score) / max(self._decoder.n_frames(), 1)
        return Transcript(without_wake_word(words, utterance.wake_word), confidence(ratio), NAME)

    def _search(self, search: str, samples: Samples) -> tuple[float, str]:
        """Decode with one search; its log likelihood and its words."""
        self._decoder.reinit_feat()  # or the noise of what was heard before would count in this one
        self._decoder.activate_search(search)
        self._decoder.start_utt()
        self._decoder.process_raw(samples.view(np.uint8).data, full_utt=True)
        self._decoder.end_utt()
        found = self._decoder.hyp()
        if found is None or found.score <= 0.0:
            return -math.inf, ""
        return self._decoder.logmath.log(found.score), found.hypstr

    def _teach(self, words: Iterable[str], pronounce: Pronouncer) -> None:
        for word in sorted(words):
            if self._decoder.lookup_word(word) is None:
                self._decoder.add_word(word, " ".join(pronounce(word)), update=False)

    def _graph(self, grammar: WordGraph, wake_words: Sequence[str]) -> object:
        end = len(grammar.arcs)
        start, free = end + 1, end + 2
        arcs: list[tuple[int, int, float] | tuple[int, int, float, str]] = [(start, grammar.start, 0.5)]
        for name in wake_words:
            state = start
            *first, last = name.split()
            for word in first:
                arcs.append((state, free, 0.5 / len(wake_words), word))
                state, free = free, free + 1
            arcs.append((state, grammar.start, 0.5 / len(wake_words), last))
        for state, row in grammar.arcs.items():
            share = 1.0 / (len(row) + (state in grammar.final))
            arcs += [(state, stop, share, word) for word, stop in row.items()]
            if state in grammar.final:
                arcs.append((state, end, share))
        return self._decoder.create_fsg(_GRAMMAR, start, end, arcs)


def confidence(ratio: float) -> float:
    """Put a log-likelihood ratio per frame on a scale of 0 to 1 (logistic)."""
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, ratio - RATIO_MIDDLE))))
