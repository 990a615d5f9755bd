"""How well the wake word is heard, by the ear's own stages: microphone, gate, ring, wake."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from sottovoce.bench.microphone import MemoryMicrophone
from sottovoce.bench.mixing import Noise
from sottovoce.config import Config
from sottovoce.config import Wake as WakeConfig
from sottovoce.ear import build
from sottovoce.ear.devices.recording import read_samples
from sottovoce.ear.gate import Gate
from sottovoce.ear.wake import Wake
from sottovoce.vocabulary import SAMPLE_RATE, MuteReason, Samples

TAIL_SECONDS: Final = 0.5
"""Silence after each recording: the engine names a word a little after its end."""


@dataclass(frozen=True, slots=True)
class WakeReport:
    """What came of it."""

    recordings: int
    """Recordings in which the word is said."""
    detected: int
    """Those of them in which it was heard."""
    miss_rate: float
    """The share of them in which it was not, 0 to 1."""
    false_alarms: int
    """How often it was heard in the negative recordings, in which nobody says it."""
    hours: float
    """Hours of negative recordings."""
    rtf: float
    """Real-time factor: seconds of CPU a second of sound, of all sound."""


class Listener:
    """The ear up to the wake word, stepped by hand: one stream of sound, one engine, never reset."""

    def __init__(self, wanted: WakeConfig, state: Path) -> None:
        """Listen as configured; `state` is the state folder. Raises EngineError."""
        self._microphone = MemoryMicrophone()
        self._gate = Gate(self._microphone, build.make_ring(Config()), lambda: None)
        self._wake = Wake(build.make_wake_engine(wanted, state))
        self._gate.unmute(MuteReason.STARTING)
        self.cpu_seconds = 0.0
        """CPU seconds spent in the stages so far."""
        self.heard_samples = 0
        """Samples that went through them so far."""

    def hear(self, samples: Samples) -> int:
        """Hear a recording; how often the word was in it."""
        self.heard_samples += len(samples)
        frames, alarms = self._microphone.play(samples), 0
        begun = time.process_time()
        for _ in range(frames):
            self._gate.step()
            frame = self._gate.frame(0)
            alarms += frame is not None and self._wake.hear(frame) is not None
        self.cpu_seconds += time.process_time() - begun
        return alarms


def measure(
    listener: Listener,
    positive: Sequence[Path],
    negative: Sequence[Path],
    noise: Noise | None,
    heard: Callable[[], None],
) -> WakeReport:
    """Play the recordings to `listener`, with `noise` under them; `heard` is called after each.

    Raises AudioFormatError.
    """
    detected, alarms, negative_samples = 0, 0, 0
    for file in positive:
        detected += listener.hear(_sound(read_samples(file), file.name, noise)) > 0
        heard()
    for file in negative:
        samples = read_samples(file)
        negative_samples += len(samples)
        alarms += listener.hear(_sound(samples, file.name, noise))
        heard()
    return WakeReport(
        recordings=len(positive),
        detected=detected,
        miss_rate=(len(positive) - detected) / len(positive),
        false_alarms=alarms,
        hours=negative_samples / SAMPLE_RATE / 3600,
        rtf=listener.cpu_seconds * SAMPLE_RATE / listener.heard_samples,
    )


def _sound(samples: Samples, name: str, noise: Noise | None) -> Samples:
    whole = np.pad(samples, (0, round(TAIL_SECONDS * SAMPLE_RATE)))
    return noise.under(whole, name) if noise else whole
