"""What the whole pipeline costs on this machine: CPU, time to publish, memory."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from sottovoce.bench import cost, publish

STEPS: Final = cost.STEPS + publish.UTTERANCES


@dataclass(frozen=True, slots=True)
class PublishTimes:
    """Milliseconds from the endpoint of a command to its arrival at a subscriber."""

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
    endpoint_silence_ms: int
    """The pause that ends a sentence; it comes before what publish_ms counts."""
    peak_memory_mib: PeakMemory


def measure(done: Callable[[], None]) -> PipelineReport:
    """Measure all of it, in about two minutes; `done` is called STEPS times.

    Raises SottovoceError: a program is missing, a process did not start, too little was understood.
    """
    with TemporaryDirectory(prefix="sottovoce-bench-") as folder:
        published = publish.measure(Path(folder), done)
        spent = cost.measure(Path(folder) / "cost", done)
    times = published.milliseconds
    return PipelineReport(
        overhead_ratio=spent.ratio,
        cpu_per_second_silence=spent.silence,
        cpu_per_second_speech=spent.speech,
        bare_cpu_per_second=spent.bare,
        publish_ms=PublishTimes(float(np.median(times)), float(np.percentile(times, 95)), len(times)),
        endpoint_silence_ms=published.endpoint_silence_ms,
        peak_memory_mib=PeakMemory(published.ear_mib, published.courier_mib),
    )
