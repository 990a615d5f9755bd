"""How long a spoken command takes to the broker.

Sentences are spoken in real time into the real ear's standard input. One clock runs from the moment
at which the ear held the sentence for ended (its trace says when), one from the end of the sound
itself, with the pause that ends a sentence in it; both to the arrival at a subscriber.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from sottovoce.bench.cost import SENTENCES
from sottovoce.bench.speech import VOICES, quiet, speak
from sottovoce.config import Config
from sottovoce.demo.observers import UnexpectedTurnError
from sottovoce.demo.scene import COMMAND_TOPIC, Scene
from sottovoce.errors import SottovoceError
from sottovoce.vocabulary import SAMPLE_RATE, Samples

UTTERANCES: Final = len(VOICES) * len(SENTENCES)
_AUDIBLE: Final = 200
"""Steps of 16 bit from which on a sample of flite's is speech, and no silence after it."""
_FEWEST: Final = 12
"""Fewer commands that arrived tell nothing about the slowest in twenty."""


class TooFewError(SottovoceError):
    """What was to be measured did not take place often enough."""


@dataclass(frozen=True, slots=True)
class Delay:
    """How long one command took to a subscriber, in milliseconds."""

    from_endpoint: float
    from_sound: float


@dataclass(frozen=True, slots=True)
class PublishReport:
    """What came of it."""

    delays: tuple[Delay, ...]
    """Of each command that arrived."""
    endpoint_silence_ms: int
    """The pause that the ear waits for before it holds a sentence for ended."""
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
    with Scene(folder, lambda _: None) as scene:
        scene.grant()
        for samples in spoken:
            if (delay := _command(scene, samples)) is not None:
                arrived.append(delay)
            done()
        ear, courier = (
            _peak_memory(process.pid) for process in (scene.pair.ear, scene.pair.courier) if process
        )
    if len(arrived) < _FEWEST:
        raise TooFewError(f"only {len(arrived)} of {UTTERANCES} commands arrived")
    return PublishReport(tuple(arrived), Config().endpoint.silence_ms, ear, courier)


def _command(scene: Scene, samples: Samples) -> Delay | None:
    """Say a command; how long it took to arrive, None when it was not understood.

    Raises UnexpectedTurnError when it was understood and did not arrive.
    """
    mark, before = scene.trace.count, scene.arrivals.count
    sound = samples[: int(np.flatnonzero(np.abs(samples) > _AUDIBLE)[-1]) + 1]
    said = scene.microphone.say(np.concatenate([quiet(SAMPLE_RATE // 2), sound]))
    try:
        endpoint = scene.expect("endpoint", mark)
        scene.expect("answered", mark)
    except UnexpectedTurnError:  # not even the wake word was heard, or a sentence without an end
        return None
    if not any(event["event"] == "shared" for event in scene.trace.since(mark)):
        return None
    arrival = scene.arrivals.wait("the command", lambda got: got.topic == COMMAND_TOPIC, before)
    return Delay((arrival.at - float(endpoint["at"])) * 1000, (arrival.at - said.ended_at) * 1000)


def _peak_memory(process: int) -> float:
    """Tell a process's peak resident memory (VmHWM), MiB."""
    status = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024
