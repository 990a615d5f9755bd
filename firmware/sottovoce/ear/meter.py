"""How loud it is at the microphone: through the gate as all sound, and nothing of it is kept."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from sottovoce.ear.gate import BACKLOG_FRAMES, Gate, Microphone, MuteSwitch
from sottovoce.ear.ring import Ring
from sottovoce.errors import MicrophoneError
from sottovoce.vocabulary import MuteReason, Samples

SILENT_DBFS: Final = -96.0
"""What digital silence is told as."""
SETTLING_SECONDS: Final = 0.5
"""A switch that says live is believed after a while; that long is waited for it."""
_FULL_SCALE: Final = 32_768.0
_CLIPPED: Final = 32_767


class CountedMicrophone(Microphone, Protocol):
    """A microphone that knows how much it gave."""

    @property
    def brought(self) -> int:
        """Count the pieces of sound that truly came so far."""


@dataclass(frozen=True, slots=True)
class Level:
    """The loudness of some sound, in dB of full scale: 0 is a square wave as loud as can be."""

    dbfs: float
    """Of its mean power."""
    peak_dbfs: float
    """Of its loudest sample."""
    clipped: int
    """Samples at the end of the scale: what was louder is lost."""


def level(samples: Samples) -> Level:
    """Measure samples; of none, silence."""
    sound = np.abs(samples.astype(np.float64))
    mean = float(np.sqrt(np.square(sound).mean())) if len(sound) else 0.0
    peak = float(sound.max(initial=0.0))
    return Level(_dbfs(mean), _dbfs(peak), int(np.count_nonzero(sound >= _CLIPPED)))


def loudest(levels: Iterable[Level]) -> Level:
    """Sum levels up: the loudest of them, the loudest peak, everything clipped."""
    all_of_them = list(levels) or [Level(SILENT_DBFS, SILENT_DBFS, 0)]
    return Level(
        max(one.dbfs for one in all_of_them),
        max(one.peak_dbfs for one in all_of_them),
        sum(one.clipped for one in all_of_them),
    )


def measure(microphone: Microphone, switch: MuteSwitch, frames: int) -> Iterator[Level]:
    """Measure so many frames, one by one. Raises MicrophoneError, also when the switch says muted."""
    gate = Gate(microphone, Ring(BACKLOG_FRAMES + 1), lambda: None)
    switch.watch(gate.follow)
    gate.unmute(MuteReason.STARTING)
    until = time.monotonic() + SETTLING_SECONDS
    while gate.reasons and time.monotonic() < until:
        time.sleep(SETTLING_SECONDS / 10)
    try:
        measured = 0
        while measured < frames and not gate.ended:
            if gate.reasons:
                raise MicrophoneError("microphone: muted by its switch", "flip the switch to live")
            gate.step()
            if gate.fault is not None:
                raise gate.fault
            frame = gate.frame(0)
            if frame is not None:
                measured += 1
                yield level(frame.samples)
    finally:
        gate.mute(MuteReason.STARTING)  # all sound is overwritten, and with the next step
        gate.step()  # the stream is closed


def _dbfs(amplitude: float) -> float:
    if amplitude <= 0.0:
        return SILENT_DBFS
    return round(max(SILENT_DBFS, 20.0 * float(np.log10(amplitude / _FULL_SCALE))), 1)


def sounding(microphone: CountedMicrophone, frames: int) -> int | None:
    """Count the samples that are not exactly zero in so many frames; None when no sound came at all.

    All are overwritten.

    Not by way of the gate: it would let no sound through from behind a muted switch, which is where this
    looks. Raises MicrophoneError.
    """
    before = microphone.brought
    microphone.open()
    try:
        found = 0
        for _ in range(frames):
            samples = microphone.read()
            if samples is not None:
                found += int(np.count_nonzero(samples))
                samples.fill(0)
    finally:
        microphone.close()
    return found if microphone.brought > before else None
