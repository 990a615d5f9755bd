"""How long a spoken command takes to the broker.

Sentences are spoken in real time into the real ear's standard input. The clock runs from the frame
at which the ear held the sentence for ended (its trace says when) to the arrival at a subscriber.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sottovoce.bench.cost import SENTENCES
from sottovoce.bench.observers import NothingHappenedError
from sottovoce.bench.speech import VOICES, speak
from sottovoce.bench.stage import Stage
from sottovoce.config import Config

UTTERANCES: Final = len(VOICES) * len(SENTENCES)
_FEWEST: Final = 12
"""Fewer commands that arrived tell nothing about the slowest in twenty."""


@dataclass(frozen=True, slots=True)
class PublishReport:
    """What came of it."""

    milliseconds: tuple[float, ...]
    """Of each command that arrived."""
    endpoint_silence_ms: int
    """The pause that the ear waits for before it holds a sentence for ended: not in the figures above."""
    ear_mib: float
    """Peak resident memory, MiB."""
    courier_mib: float
    """The same."""


def measure(folder: Path, done: Callable[[], None]) -> PublishReport:
    """Say every sentence in every voice, in real time; `done` is called UTTERANCES times.

    Raises SottovoceError: a program is missing, a process did not start, too few commands arrived.
    """
    spoken = [speak(text, voice) for text in SENTENCES for voice in VOICES]
    arrived = []
    with Stage(folder) as stage:
        for samples in spoken:
            milliseconds = stage.command(samples)
            if milliseconds is not None:
                arrived.append(milliseconds)
            done()
        ear, courier = stage.memory()
    if len(arrived) < _FEWEST:
        raise NothingHappenedError(f"only {len(arrived)} of {UTTERANCES} commands arrived")
    return PublishReport(tuple(arrived), Config().endpoint.silence_ms, ear, courier)
