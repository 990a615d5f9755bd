"""What hearing costs: CPU time of the ear's stages, against the wake engine alone.

Both are fed as fast as they take it. In real time, with the caches cold at each frame, both cost
more: what is measured here is work, not waiting.
"""

import statistics
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import numpy as np

from sottovoce.bench.microphone import MemoryMicrophone
from sottovoce.bench.speech import VOICES, quiet, speak
from sottovoce.config import Config, Reply
from sottovoce.ear import build
from sottovoce.ear.engines.porcupine_package import installed
from sottovoce.ear.gate import Gate
from sottovoce.ear.pipeline import Pipeline
from sottovoce.ear.state_folder import StateFolder
from sottovoce.errors import SottovoceError
from sottovoce.journal import Journal
from sottovoce.vocabulary import FRAME_SAMPLES, SAMPLE_RATE, Happening, MuteReason, Samples

SENTENCES: Final = (
    "computer, turn on the kitchen light.",
    "computer, turn off the lamp in the bedroom.",
    "computer, switch on the fan in the office.",
    "computer, turn off the heater in the bathroom.",
)
SILENCE_SECONDS: Final = 60
"""Length of one repetition."""
SILENCE_REPETITIONS: Final = 9
SPEECH_REPETITIONS: Final = 3
STEPS: Final = SILENCE_REPETITIONS + SPEECH_REPETITIONS
_PAUSE_SECONDS: Final = 1.5
"""Silence after each sentence: it ends the sentence, and then some."""
_PATIENCE_SECONDS: Final = 120.0


class StalledError(SottovoceError, TimeoutError):
    """The stages did not take the sound they were given."""


@dataclass(frozen=True, slots=True)
class CostReport:
    """Seconds of CPU a second of sound; medians."""

    silence: float
    """Of the ear's stages, in a quiet room."""
    speech: float
    """Of the ear's stages, while commands are said one after the other: transcribing is in it."""
    bare: float
    """Of the wake engine alone, called as its maker's demo does, in the same quiet room."""
    ratio: float
    """silence over bare, taken in turns."""


class Rig:
    """The ear's stages and both its threads, as in the daemon, at a microphone in memory. A context."""

    def __init__(self, config: Config, state: Path) -> None:
        """Build all of it, with the state folder `state`. Raises EngineError, StateError."""
        self.microphone = MemoryMicrophone()
        self.commands = 0
        """Commands understood so far."""
        self._gate = Gate(self.microphone, build.make_ring(config), lambda: None)
        options = build.Options(state=state, simulate=True, output=state / "answers.wav")
        journal = Journal("bench")
        stages = build.make_stages(config, options, self._gate, StateFolder(state, journal), journal)
        pipeline = Pipeline(self._gate, stages, self._told, lambda: None, time.time, journal)
        self._threads = [threading.Thread(target=work) for work in (self._gate.listen, pipeline.run)]

    def __enter__(self) -> Self:
        """Start both threads."""
        for thread in self._threads:
            thread.start()
        self._gate.unmute(MuteReason.STARTING)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End both threads."""
        self.microphone.end()
        self._gate.stop()
        for thread in self._threads:
            thread.join()

    def cost(self, samples: Samples) -> float:
        """Hear `samples`; the CPU seconds that took a second of sound. Raises StalledError."""
        self.microphone.play(samples)
        begun = time.process_time()
        if not self.microphone.played().wait(_PATIENCE_SECONDS):
            raise StalledError("the pipeline stands still", "see the journal above")
        return (time.process_time() - begun) * SAMPLE_RATE / len(samples)

    def _told(self, happening: Happening) -> None:
        self.commands += happening is Happening.COMMAND


def measure(state: Path, done: Callable[[], None]) -> CostReport:
    """Measure with the state folder `state`; `done` is called STEPS times.

    Raises EngineError, StateError, MissingProgramError, StalledError.
    """
    config = Config(reply=Reply(voice="none", earcons=False))
    room, said = quiet(SILENCE_SECONDS * SAMPLE_RATE), commands()
    ours: list[float] = []
    bare: list[float] = []
    with Rig(config, state) as rig:
        wanted = config.wake.by_word
        engine = installed().make(tuple(wanted), tuple(wanted.values()))
        for _ in range(SILENCE_REPETITIONS):
            ours.append(rig.cost(room))
            bare.append(bare_cost(engine, room))
            done()
        speech = []
        for _ in range(SPEECH_REPETITIONS):
            speech.append(rig.cost(said))
            done()
        engine.delete()
    if not rig.commands:
        raise StalledError("none of flite's commands was understood", "the figures would mean nothing")
    ratio = statistics.median(a / b for a, b in zip(ours, bare, strict=True))
    return CostReport(statistics.median(ours), statistics.median(speech), statistics.median(bare), ratio)


def commands() -> Samples:
    """Speak every sentence in every voice, with pauses. Raises EngineError, MissingProgramError."""
    pause = np.zeros(round(_PAUSE_SECONDS * SAMPLE_RATE), dtype=np.int16)
    said = [speak(text, voice) for voice in VOICES for text in SENTENCES]
    spoken = np.concatenate([part for one in said for part in (one, pause)])
    return spoken + quiet(len(spoken))  # flite's peaks are far below full scale


def bare_cost(engine: Any, samples: Samples) -> float:
    """Feed `samples` to the wake engine as Picovoice's demo does; CPU seconds a second of sound."""
    raw = samples.astype("<i2").tobytes()
    pieces = [raw[at : at + FRAME_SAMPLES * 2] for at in range(0, len(raw), FRAME_SAMPLES * 2)]
    begun = time.process_time()
    for piece in pieces:
        engine.process(struct.unpack_from("h" * FRAME_SAMPLES, piece))
    return (time.process_time() - begun) * SAMPLE_RATE / len(samples)
