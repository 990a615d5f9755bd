"""What the whole pipeline costs on this machine: CPU, time to publish, memory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from sottovoce.bench import cost, publish

STEPS: Final = cost.STEPS + publish.UTTERANCES


@dataclass(frozen=True, slots=True)
class PublishTimes:
    """How long commands took to arrive at a subscriber, milliseconds."""

    median: float
    p95: float
    n: int
    """Commands that arrived."""


@dataclass(frozen=True, slots=True)
class PeakMemory:
    """Most resident memory of each process, MiB."""

    ear: float
    courier: float


@dataclass(frozen=True, slots=True)
class PipelineReport:
    """What came of it."""

    overhead_ratio: float
    """CPU of the ear's stages in a quiet room over that of the bare wake engine."""
    cpu_per_second_silence: float
    """Seconds of CPU a second of sound, of the ear's stages."""
    cpu_per_second_speech: float
    """The same while commands are said one after the other."""
    bare_cpu_per_second: float
    """The same of the bare wake engine in the quiet room."""
    publish_ms: PublishTimes
    """From the moment at which the ear held the sentence for ended."""
    publish_from_sound_ms: PublishTimes
    """From the last sound of the sentence: the pause that ends it is in here."""
    endpoint_silence_ms: int
    """How long that pause is."""
    peak_memory_mib: PeakMemory


def measure(done: Callable[[], None]) -> PipelineReport:
    """Measure all of it, in about two minutes; `done` is called STEPS times.

    Raises SottovoceError: a program is missing, a process did not start, too little was understood.
    """
    with TemporaryDirectory(prefix="sottovoce-bench-") as folder:
        published = publish.measure(Path(folder), done)
        spent = cost.measure(Path(folder) / "cost", done)
    return PipelineReport(
        overhead_ratio=spent.ratio,
        cpu_per_second_silence=spent.silence,
        cpu_per_second_speech=spent.speech,
        bare_cpu_per_second=spent.bare,
        publish_ms=_times([delay.from_endpoint for delay in published.delays]),
        publish_from_sound_ms=_times([delay.from_sound for delay in published.delays]),
        endpoint_silence_ms=published.endpoint_silence_ms,
        peak_memory_mib=PeakMemory(published.ear_mib, published.courier_mib),
    )


def _times(milliseconds: Sequence[float]) -> PublishTimes:
    return PublishTimes(
        float(np.median(milliseconds)), float(np.percentile(milliseconds, 95)), len(milliseconds)
    )
