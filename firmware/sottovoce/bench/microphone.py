"""A microphone that is played sound from memory, as fast as it is taken."""

import queue
import threading

import numpy as np

from sottovoce.vocabulary import FRAME_SAMPLES, Samples


class MemoryMicrophone:
    """It waits for its reader, and its reader waits for it."""

    live = False

    def __init__(self) -> None:
        """Begin with nothing to give."""
        self._queue: queue.SimpleQueue[bytes | threading.Event | None] = queue.SimpleQueue()

    def play(self, samples: Samples) -> int:
        """Give `samples` after all before them, filled up with zeros to whole frames; how many frames."""
        missing = -len(samples) % FRAME_SAMPLES
        raw = np.pad(samples, (0, missing)).astype("<i2").tobytes()
        size = FRAME_SAMPLES * 2
        for at in range(0, len(raw), size):
            self._queue.put(raw[at : at + size])
        return len(raw) // size

    def played(self) -> threading.Event:
        """Make an event that is set when the next frame is asked for after all played so far."""
        event = threading.Event()
        self._queue.put(event)
        return event

    def end(self) -> None:
        """Let the recording end."""
        self._queue.put(None)

    def open(self) -> None:
        """Go on where it stopped."""

    def read(self) -> Samples:
        """Wait for the next frame. Raises EOFError at the end."""
        while isinstance(item := self._queue.get(), threading.Event):
            item.set()
        if item is None:
            raise EOFError
        return np.frombuffer(item, dtype="<i2").astype(np.int16)

    def close(self) -> None:
        """Stay where it is."""
