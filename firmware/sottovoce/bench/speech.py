"""Speech for a machine without a microphone: flite's voices, spoken into a pipe in real time."""

import fcntl
import os
import threading
import time
from collections import deque
from typing import Final

import numpy as np

from sottovoce.bench.programs import find
from sottovoce.ear.engines.voices import spoken
from sottovoce.errors import EngineError
from sottovoce.vocabulary import FRAME_SAMPLES, FRAME_SECONDS, SAMPLE_RATE, Samples

VOICES: Final = ("slt", "awb", "rms", "kal16")
"""Debian's flite voices of 16 kHz."""

FLOOR: Final = 3.0
"""Standard deviation of the noise floor, in steps of 16 bit (about -80 dB of full scale)."""

_PIPE_BYTES: Final = 16_384
"""What the pipe holds: 16 frames, half a second. A reader that sleeps longer loses sound, as on a
real microphone."""


def speak(text: str, voice: str) -> Samples:
    """Speak a text with a voice of flite. Raises EngineError, MissingProgramError."""
    if voice not in VOICES:
        raise EngineError(f"flite: no voice {voice!r}", f"it has {', '.join(VOICES)}")
    return spoken([find("flite"), "-voice", voice, "-f", "/dev/stdin", "-o", "/dev/stdout"], text)


def quiet(count: int, seed: int = 0) -> Samples:
    """Make `count` samples of a quiet room: the noise floor, the same each time for a seed."""
    return np.rint(np.random.default_rng(seed).normal(0.0, FLOOR, count)).astype(np.int16)


class Saying:
    """Something said into a PacedMicrophone."""

    def __init__(self, samples: Samples) -> None:
        """Say `samples`."""
        self.left = samples
        self._done = threading.Event()
        self.ended_at = 0.0
        """The monotonic time at which its last sample had been heard; 0 until then. Seconds."""

    def wait(self, timeout: float) -> bool:
        """Wait until it was said; whether it was, within `timeout` seconds."""
        return self._done.wait(timeout)

    def end(self) -> None:
        """Note the time."""
        self.ended_at = time.monotonic()
        self._done.set()


class PacedMicrophone:
    """A pipe that gives sound as fast as time goes by: a noise floor, and what one says into it.

    As on a real microphone, what nobody reads in time is lost.
    """

    def __init__(self) -> None:
        """Begin to sound."""
        self.descriptor, self._write = os.pipe()
        fcntl.fcntl(self._write, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        os.set_blocking(self._write, False)
        self.lost = 0
        """Frames nobody read in time."""
        self._queue: deque[Saying] = deque()
        self._floor = quiet(SAMPLE_RATE)
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="paced microphone", daemon=True)
        self._thread.start()

    def say(self, samples: Samples) -> Saying:
        """Say something, after all that was said before it; it is said while this returns."""
        saying = Saying(samples)
        self._queue.append(saying)
        return saying

    def close(self) -> None:
        """End the sound: whoever reads gets an end of file."""
        self._closing.set()
        self._thread.join()
        os.close(self._write)
        os.close(self.descriptor)

    def _run(self) -> None:
        begun, number = time.monotonic(), 0
        while True:
            frame, ended = self._frame(number)
            number += 1
            due = begun + number * FRAME_SECONDS  # a frame is there once all of it has been heard
            if self._closing.wait(max(0.0, due - time.monotonic())):
                return
            self._give(frame)
            for saying in ended:
                saying.end()

    def _frame(self, number: int) -> tuple[Samples, list[Saying]]:
        """Mix the next frame; and the sayings that end in it."""
        at = number * FRAME_SAMPLES
        frame = np.take(self._floor, np.arange(at, at + FRAME_SAMPLES), mode="wrap").astype(np.int32)
        ended, filled = [], 0
        while self._queue and filled < FRAME_SAMPLES:
            saying = self._queue[0]
            part, saying.left = np.split(saying.left, [FRAME_SAMPLES - filled])
            frame[filled : filled + len(part)] += part
            filled += len(part)
            if not len(saying.left):
                ended.append(self._queue.popleft())
        return np.clip(frame, -32768, 32767).astype(np.int16), ended

    def _give(self, frame: Samples) -> None:
        try:
            os.write(self._write, frame.astype("<i2").tobytes())
        except BlockingIOError:
            self.lost += 1
