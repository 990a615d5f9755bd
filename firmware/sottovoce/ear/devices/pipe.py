"""Raw sound from a pipe as a live microphone: 16 bit little-endian mono at SAMPLE_RATE.

`arecord -t raw -f S16_LE -r 16000 | sottovoce run --input -` is a microphone like any other: what
is not read in time is lost, and what was in the pipe before an opening is thrown away.
"""

import os
import select
from typing import Final

import numpy as np

from sottovoce.errors import MicrophoneError
from sottovoce.vocabulary import FRAME_SAMPLES, Samples

_FRAME_BYTES: Final = FRAME_SAMPLES * 2
_PIPE_BYTES: Final = 65_536
_PATIENCE_MS: Final = 100
"""With no sound for this long, a frame of silence is given: a microphone never stops."""


class PipeMicrophone:
    """A file descriptor that gives raw samples."""

    live = True

    def __init__(self, descriptor: int) -> None:
        """Read from `descriptor`."""
        self._descriptor = descriptor
        self._left = b""
        self._taken = 0
        self._torn = 0

    @property
    def brought(self) -> int:
        """Whole frames taken so far."""
        return self._taken // _FRAME_BYTES

    def open(self) -> None:
        """Throw away what waits in the pipe. Raises MicrophoneError."""
        self._left = b""
        while (more := self._take(_PIPE_BYTES, 0)) is not None:
            if len(more) < _PIPE_BYTES:
                break
        self._torn = self._taken % 2  # of a sample thrown away the second half may still come

    def read(self) -> Samples:
        """Wait for one frame. Raises EOFError when the writer has gone; MicrophoneError."""
        while len(self._left) < _FRAME_BYTES:
            more = self._take(_FRAME_BYTES - len(self._left) + self._torn, _PATIENCE_MS)
            if more is None:
                return np.zeros(FRAME_SAMPLES, dtype=np.int16)
            if not more:
                raise EOFError
            self._left += more[self._torn :]
            self._torn = 0
        frame, self._left = self._left, b""
        return np.frombuffer(frame, dtype="<i2").astype(np.int16)

    def close(self) -> None:
        """Keep nothing."""
        self._left = b""

    def _take(self, count: int, patience_ms: int) -> bytes | None:
        """Read what is there, up to `count` bytes; None when nothing comes in time."""
        try:
            if not select.select([self._descriptor], [], [], patience_ms / 1000)[0]:
                return None
            more = os.read(self._descriptor, count)
        except OSError as error:
            raise MicrophoneError(
                f"microphone: no sound from descriptor {self._descriptor}: {error.strerror}",
                "pipe raw 16 kHz sound into it",
            ) from error
        self._taken += len(more)
        return more
