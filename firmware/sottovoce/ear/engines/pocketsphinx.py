"""PocketSphinx in grammar mode: the embedded default, which needs no download.

It decodes a whole utterance at once (cepstral means over all of it), searches the word graph of
the sentence templates, and then asks a phone loop how well any sound at all would have fitted: a
grammar alone hears a command in everything. The confidence comes from the log-likelihood ratio of
the two per frame, the classic garbage test (Rose & Paul 1990), put on a scale of 0 to 1.

It hears each sentence several times, as it is and as if from a longer and a shorter vocal tract,
and believes the likeliest (vocal tract length normalisation, Lee & Rose 1996, with the warp made
by resampling: tempo changes along, which the model does not mind).
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import soxr
from pocketsphinx import Config, Decoder, get_model_path

from sottovoce.ear.engines.pronounce import Pronouncer
from sottovoce.ear.grammar import WordGraph
from sottovoce.ear.transcribe import without_wake_word
from sottovoce.errors import ModelError
from sottovoce.vocabulary import SAMPLE_RATE, Samples, Transcript, Utterance

NAME: Final = "pocketsphinx"

WARPS: Final = (0.94, 1.06)
"""By which factors the frequencies of a sentence are stretched when it is heard again."""

WHOLE_MIDDLE: Final = -2.0
"""Log-likelihood ratio per frame over the whole utterance at which confidence is a half, in
PocketSphinx's log units. Chosen between people's commands in the grammar (97 % above it) and other
speech (1 % above it)."""

WORDS_MIDDLE: Final = -46.0
"""The same over the frames of the sentence's own words (all commands above it)."""

NEAR: Final = 0.3
"""Two hearings whose log likelihoods per frame are this near fit about as well."""

_GRAMMAR: Final = "commands"
_PHONES: Final = "phones"


@dataclass(frozen=True, slots=True)
class Piece:
    """A word or phone in a path."""

    text: str = field(repr=False)
    start: int
    """Its first frame (10 ms each), and below the frame after its last."""
    stop: int
    score: float
    """Acoustic log likelihood."""


@dataclass(frozen=True, slots=True)
class Path:
    """What one search found."""

    words: str = field(repr=False)
    score: float
    """Log likelihood of all of it."""
    frames: int
    pieces: tuple[Piece, ...]

    @property
    def odds(self) -> float:
        """Log likelihood a frame: forms of one sound differ in length."""
        return self.score / self.frames


class PocketSphinx:
    """The speech model for American English that comes with the wheel."""

    def __init__(
        self,
        grammar: WordGraph,
        wake_words: Sequence[str],
        pronounce: Pronouncer,
        hearings: int = 1 + len(WARPS),
    ) -> None:
        """Hear the sentences of `grammar`, with a wake word before them or not. Raises ModelError.

        `pronounce` gives the phones of words that the model's dictionary lacks; each sentence is
        heard `hearings` times, 1 to 3.
        """
        self._warps = WARPS[: hearings - 1]
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
        self._wake_words = frozenset(word for name in wake_words for word in name.split())
        self._teach(grammar.words | self._wake_words, pronounce)
        self._decoder.add_fsg(_GRAMMAR, self._graph(grammar, wake_words))
        self._decoder.add_allphone_file(_PHONES, f"{models}/en-us/en-us-phone.lm.bin")

    def follow(self, utterance: Utterance) -> None:
        """Let it pass: the cepstral means are those of the whole."""

    def forget(self) -> None:
        """Nothing is kept from one call to the next."""

    def transcribe(self, utterance: Utterance) -> Transcript:
        """Write down the sentence; an empty text when no sentence of the grammar was heard.

        What else it may have been is what the other hearings made of it. (The lattice would know more, but
        takes up to half a minute to ask where there is noise.)
        """
        sounds = [utterance.samples, *(warped(utterance.samples, warp) for warp in self._warps)]
        try:
            found, phones = self._compare(sounds)
        finally:
            for copy in sounds[1:]:
                copy.fill(0)
        if not found or phones is None:
            return Transcript("", 0.0, NAME)
        best = found[0]
        odds = {without_wake_word(path.words, utterance.wake_word): path.odds for path in reversed(found)}
        text, *others = sorted(odds, key=lambda one: -odds[one])
        near = sum(odds[other] >= best.odds - NEAR for other in others)
        return Transcript(text, confidence(best, phones, self._wake_words), NAME, tuple(others), near)

    def _compare(self, sounds: Iterable[Samples]) -> tuple[list[Path], Path | None]:
        """Find the sentence in each of several forms of one sound, the likeliest first, and its phones."""
        pairs = [(path, sound) for sound in sounds if (path := self._search(_GRAMMAR, sound))]
        if not pairs:
            return [], None
        pairs.sort(key=lambda pair: -pair[0].odds)
        return [path for path, _ in pairs], self._search(_PHONES, pairs[0][1])

    def _search(self, search: str, samples: Samples) -> Path | None:
        """Decode with one search; None when nothing was found."""
        if not len(samples):
            return None
        self._decoder.reinit_feat()  # or the noise of what was heard before would count in this one
        self._decoder.activate_search(search)
        self._decoder.start_utt()
        self._decoder.process_raw(samples.view(np.uint8).data, full_utt=True)
        self._decoder.end_utt()
        found, log = self._decoder.hyp(), self._decoder.logmath.log
        if found is None or found.score <= 0.0:
            return None
        pieces = tuple(
            Piece(piece.word, piece.start_frame, piece.end_frame + 1, log(piece.ascore))
            for piece in self._decoder.seg()
            if piece.ascore > 0.0 and piece.end_frame >= piece.start_frame
        )
        return Path(found.hypstr, log(found.score), self._decoder.n_frames(), pieces)

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


def warped(samples: Samples, factor: float) -> Samples:
    """Copy a sound with its frequencies multiplied by `factor`, and its length divided by it."""
    copy: Samples = soxr.resample(samples, SAMPLE_RATE * factor, SAMPLE_RATE)
    return copy


def confidence(sentence: Path, phones: Path, wake_words: frozenset[str]) -> float:
    """Say how much better than mere phones a sentence fits, 0 to 1: the worse of two ratios counts.

    Over all of the sound, so that much speech beside the sentence counts against it; and over the
    sentence's own words, so that a well-said wake word does not speak for what came after it.
    """
    whole = (sentence.score - phones.score) / max(sentence.frames, 1)
    phone_score = np.zeros(max(sentence.frames, *(piece.stop for piece in phones.pieces), 1) + 1)
    for piece in phones.pieces:
        phone_score[piece.start : piece.stop] = piece.score / (piece.stop - piece.start)
    said = [piece for piece in sentence.pieces if piece.text[0] not in "<([" and piece.text not in wake_words]
    length = sum(piece.stop - piece.start for piece in said)
    better = sum(piece.score - phone_score[piece.start : piece.stop].sum() for piece in said)
    return min(_logistic(whole - WHOLE_MIDDLE), _logistic((better / max(length, 1) - WORDS_MIDDLE) / 4))


def _logistic(value: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, value))))
