"""From the embeddings of a few examples to a wake word, and from an embedding to how like it is.

Sound becomes vectors: each is two embeddings end to end, SPAN hops apart, and so tells of 1.1 s. The
vectors of other speech are made round (whitened) and all are taken by their direction alone; the
word is the mean direction of its examples, and a vector is as like the word as the cosine between both.
That is a linear discriminant, but for the length, which the loudness of the room would move.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from sottovoce.ear.engines.embedding import HOP_SAMPLES
from sottovoce.ear.engines.tflite import Numbers
from sottovoce.errors import InputError
from sottovoce.vocabulary import SAMPLE_RATE

SPAN: Final = 4
"""Hops of the embedding (80 ms) between the two of a vector."""
FEWEST: Final = 3
"""Examples it takes at least; 8 are better."""
_SHRINK: Final = 0.1
"""Share of the mean variance that is added to each: there are few vectors for so many numbers."""
_INSIDE: Final = 3
"""Vectors from the word's end on in which it counts as just said."""
_SHIFTS: Final = range(-3, 4)
_ROUNDS: Final = 2
_LOUDEST: Final = 10
_HEADROOM: Final = 0.04
"""How far the likest of people's talk comes above the mean of the likest of synthetic speech, about."""

_APART: Final = 0.15
"""How far examples of one word stand above other speech at least; they come to 0.25 and more."""


@dataclass(frozen=True, slots=True)
class Background:
    """Other speech: its vectors, their centre, and what makes them round."""

    vectors: Numbers = field(repr=False)
    """Shape (n, 2 * DIMENSIONS)."""
    centre: Numbers = field(repr=False)
    whiten: Numbers = field(repr=False)


@dataclass(frozen=True, slots=True)
class LearnedWord:
    """What is kept of the examples: no sound, and nothing that sound could be made of."""

    name: str
    centre: Numbers = field(repr=False)
    """Shape (2 * DIMENSIONS,)."""
    whiten: Numbers = field(repr=False)
    """Shape (2 * DIMENSIONS, 2 * DIMENSIONS)."""
    direction: Numbers = field(repr=False)
    """Shape (2 * DIMENSIONS,), of length 1."""
    floor: float
    """As like as other speech is expected to be at most."""
    height: float
    """As like as an example is that was left out of the learning; the mean of all."""
    examples: int

    def threshold(self, sensitivity: float) -> float:
        """From which likeness on the word counts: at sensitivity 1 `floor`, at 0.5 `height`."""
        return self.floor + 2.0 * (1.0 - sensitivity) * (self.height - self.floor)


@dataclass(frozen=True, slots=True)
class Example:
    """One saying of the word, and noisier copies of it."""

    streams: tuple[Numbers, ...] = field(repr=False)
    """All vectors of each, shape (n, 2 * DIMENSIONS); the first is the saying itself."""
    ends: tuple[int, ...]
    """The vector of each with which the word has just ended."""


def background(embeddings: Sequence[Numbers]) -> Background:
    """Take streams of embeddings, shape (n, DIMENSIONS) each, of other speech."""
    all_vectors = np.concatenate([vectors(stream) for stream in embeddings])
    spread = np.cov(all_vectors.T)
    spread += _SHRINK * np.trace(spread) / len(spread) * np.eye(len(spread))
    whiten = np.linalg.inv(np.linalg.cholesky(spread)).astype(np.float32)
    return Background(all_vectors, all_vectors.mean(axis=0), whiten)


def vectors(embeddings: Numbers) -> Numbers:
    """Pair each embedding with the one SPAN hops before it; shape (n - SPAN, 2 * DIMENSIONS)."""
    return np.concatenate([embeddings[SPAN:], embeddings[:-SPAN]], axis=1)


def likeness(word: LearnedWord | Background, direction: Numbers, found: Numbers) -> Numbers:
    """Say how like `direction` each vector of `found` is, -1 to 1."""
    return _round(word, found) @ direction


def check_enough(name: str, count: int) -> None:
    """See that there are examples enough. Raises InputError."""
    if count < FEWEST:
        raise InputError(f"{count} examples of {name!r} are too few", f"give {FEWEST} at least, better 8")


def learn(name: str, examples: Sequence[Example], other: Background) -> LearnedWord:
    """Learn a word. Raises InputError for too few examples, or for examples that are not alike."""
    check_enough(name, len(examples))
    means = _means(examples, other)
    direction = _unit(means.sum(axis=0))
    likest = np.sort(likeness(other, direction, other.vectors))[-_LOUDEST:]
    floor, height = float(likest.mean()) + _HEADROOM, float(_left_out(examples, means, other).mean())
    if height < floor + _APART:
        raise InputError(
            f"the examples of {name!r} are not alike enough to tell them from other speech",
            "say the same word each time, in a quiet room; three syllables are better than one",
        )
    return LearnedWord(name, other.centre, other.whiten, direction, floor, height, len(examples))


def left_out(examples: Sequence[Example], other: Background) -> Numbers:
    """Learn without one example and see how like the word it is, for each in turn; shape (n,)."""
    return _left_out(examples, _means(examples, other), other)


@dataclass(frozen=True, slots=True)
class Expected:
    """How well a word will be heard, by what was kept back from the learning."""

    examples: int
    missed: int
    """Examples that would not have been heard, each learned without."""
    false_alarms: int
    """How often it is heard in synthetic speech."""
    minutes: float
    """Minutes of that."""


def expected(
    word: LearnedWord, examples: Sequence[Example], other: Background, sensitivity: float
) -> Expected:
    """Try each example with a word learned without it, and the word on other speech."""
    limit = word.threshold(sensitivity)
    over = likeness(word, word.direction, other.vectors) >= limit
    return Expected(
        examples=len(examples),
        missed=int(np.count_nonzero(left_out(examples, other) < limit)),
        false_alarms=int(np.count_nonzero(over[1:] & ~over[:-1])) + int(over[0]),
        minutes=len(over) * HOP_SAMPLES / SAMPLE_RATE / 60,
    )


def _left_out(examples: Sequence[Example], means: Numbers, other: Background) -> Numbers:
    whole = means.sum(axis=0)
    found = [
        likeness(other, _unit(whole - mean), example.streams[0]).max()
        for mean, example in zip(means, examples, strict=True)
    ]
    return np.array(found, dtype=np.float32)


def _means(examples: Sequence[Example], other: Background) -> Numbers:
    """Find the mean direction of each example; shape (n, 2 * DIMENSIONS).

    Where a word ends is not heard to the hop: each example is moved to where it is most like the others.
    """
    turned = [[_round(other, stream) for stream in example.streams] for example in examples]

    def mean(number: int, shift: int) -> Numbers:
        parts = []
        for stream, end in zip(turned[number], examples[number].ends, strict=True):
            at = max(0, min(end + shift, len(stream) - _INSIDE))
            parts.append(stream[at : at + _INSIDE])
        return np.asarray(np.concatenate(parts).mean(axis=0), dtype=np.float32)

    shifts = [0] * len(examples)
    for _ in range(_ROUNDS):
        means = [mean(number, shift) for number, shift in enumerate(shifts)]
        whole = np.sum(means, axis=0)
        best = [
            _SHIFTS[int(np.argmax([mean(number, shift) @ (whole - means[number]) for shift in _SHIFTS]))]
            for number in range(len(examples))
        ]
        middle = round(float(np.median(best)))
        shifts = [shift - middle for shift in best]
    return np.array([mean(number, shift) for number, shift in enumerate(shifts)])


def _unit(vector: Numbers) -> Numbers:
    return np.asarray(vector / np.linalg.norm(vector), dtype=np.float32)


def _round(other: LearnedWord | Background, found: Numbers) -> Numbers:
    z = (found - other.centre) @ other.whiten.T
    return np.asarray(z / np.linalg.norm(z, axis=1, keepdims=True), dtype=np.float32)
