"""How well words are learned: many people, each with some examples and some other sayings."""

import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from sottovoce.bench.corpus import recordings
from sottovoce.ear.devices.recording import read_samples
from sottovoce.ear.engines.learned import Learned
from sottovoce.ear.learn.examples import Examples
from sottovoce.ear.learn.model import Background, Example, LearnedWord, learn
from sottovoce.errors import InputError, MissingInputError
from sottovoce.vocabulary import FRAME_SAMPLES, SAMPLE_RATE, Samples

TAIL_SECONDS: Final = 0.5
"""Silence after each recording: a word is named a little after its end."""


@dataclass(frozen=True, slots=True)
class LearnReport:
    """What came of it."""

    people: int
    """Whose word was learned."""
    examples: int
    """Sayings learned from, of each."""
    others: int
    """Sayings tried, of all of them."""
    miss_rate: float
    """The share of those that were not heard, 0 to 1."""
    false_alarms: int
    """How often any of the words was heard in other speech."""
    hours: float
    """Hours of other speech, counted once for each person's word."""
    rtf: float
    """Real-time factor of one word: seconds of CPU a second of sound."""


@dataclass(frozen=True, slots=True)
class Person:
    """One person's recordings."""

    name: str
    examples: tuple[Path, ...]
    others: tuple[Path, ...]


def people(corpus: Path, count: int) -> list[Person]:
    """Find a folder a person, and take the first `count` of each for learning.

    Raises InputError and MissingInputError.
    """
    if not corpus.is_dir():
        raise MissingInputError(f"{corpus}: no such folder", "it holds one folder a person")
    found = []
    for folder in sorted(path for path in corpus.iterdir() if path.is_dir()):
        files = recordings(folder)
        if len(files) > count:
            found.append(Person(folder.name, tuple(files[:count]), tuple(files[count:])))
    if not found:
        raise InputError(
            f"{corpus}: nobody with more than {count} recordings", "it holds one folder a person"
        )
    return found


class Learner:
    """Learns each person's word and tries it."""

    def __init__(self, examples: Examples, other: Background, sensitivity: float) -> None:
        """Make examples with `examples`, and tell them from `other` speech."""
        self._examples = examples
        self._other = other
        self._sensitivity = sensitivity
        self._words: dict[str, LearnedWord] = {}
        self.missed = 0
        self.tried = 0
        self._cpu_seconds = 0.0
        self._heard_samples = 0

    def take(self, person: Person) -> None:
        """Learn a person's word and try the other sayings; all are missed if it cannot be learned."""
        self.tried += len(person.others)
        try:
            self._words[person.name] = word = learn(person.name, self._made(person), self._other)
        except InputError:
            self.missed += len(person.others)
            return
        engine = self._engine({person.name: word})
        self.missed += sum(not self._count(engine, read_samples(file)) for file in person.others)
        engine.close()

    def _made(self, person: Person) -> list[Example]:
        """Make the examples; a recording without a word in it is none."""
        made = []
        for file in person.examples:
            with contextlib.suppress(InputError):
                made.append(self._examples.make(read_samples(file), file.name))
        return made

    def false_alarms(self, files: Sequence[Path], heard: Callable[[], None]) -> tuple[int, float]:
        """Play other speech to all the words at once; how often any was heard, and in how many hours."""
        if not self._words:
            return 0, 0.0
        engine, alarms, samples = self._engine(self._words), 0, 0
        before = self._cpu_seconds, self._heard_samples
        for file in files:
            sound = read_samples(file)
            samples += len(sound)
            alarms += self._count(engine, sound)
            heard()
        self._cpu_seconds, self._heard_samples = before  # many words at once are no measure of one
        engine.close()
        return alarms, len(self._words) * samples / SAMPLE_RATE / 3600

    @property
    def rtf(self) -> float:
        """Seconds of CPU a second of sound, with one word."""
        return self._cpu_seconds * SAMPLE_RATE / max(1, self._heard_samples)

    def _engine(self, words: dict[str, LearnedWord]) -> Learned:
        return Learned(words, dict.fromkeys(words, self._sensitivity))

    def _count(self, engine: Learned, samples: Samples) -> int:
        whole = np.pad(samples, (0, round(TAIL_SECONDS * SAMPLE_RATE)))
        begun = time.process_time()
        pieces = range(0, len(whole) - FRAME_SAMPLES + 1, FRAME_SAMPLES)
        found = sum(len(engine.detect_all(whole[at : at + FRAME_SAMPLES])) for at in pieces)
        self._cpu_seconds += time.process_time() - begun
        self._heard_samples += len(whole)
        return found


def measure(
    learner: Learner, everybody: Sequence[Person], negatives: Sequence[Path], heard: Callable[[], None]
) -> LearnReport:
    """Learn, try, and listen to other speech; `heard` is called after each person and each negative file.

    Raises InputError and AudioFormatError.
    """
    for person in everybody:
        learner.take(person)
        heard()
    alarms, hours = learner.false_alarms(negatives, heard)
    return LearnReport(
        people=len(everybody),
        examples=len(everybody[0].examples),
        others=learner.tried,
        miss_rate=learner.missed / learner.tried,
        false_alarms=alarms,
        hours=hours,
        rtf=learner.rtf,
    )
