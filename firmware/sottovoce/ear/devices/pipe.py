"""Raw sound from a pipe as a live microphone: 16 bit little-endian mono at SAMPLE_RATE.

`arecord -t raw -f S16_LE -r 16000 | sottovoce run --input -` is a microphone like any other: what
is not read in time is lost, and what was in the pipe before an opening is thrown away.
"""

import os
import select
from typing import Final

import numpy as np

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

    def open(self) -> None:
        """Throw away what waits in the pipe."""
        self._left = b""
        while select.select([self._descriptor], [], [], 0)[0]:
            if len(os.read(self._descriptor, _PIPE_BYTES)) < _PIPE_BYTES:
                break

    def read(self) -> Samples:
        """Wait for one frame. Raises EOFError when the writer has gone."""
        while len(self._left) < _FRAME_BYTES:
            if not select.select([self._descriptor], [], [], _PATIENCE_MS / 1000)[0]:
                return np.zeros(FRAME_SAMPLES, dtype=np.int16)
            more = os.read(self._descriptor, _FRAME_BYTES - len(self._left))
            if not more:
                raise EOFError
            self._left += more
        frame, self._left = self._left, b""
        return np.frombuffer(frame, dtype="<i2").astype(np.int16)

    def close(self) -> None:
        """Keep nothing."""
        self._left = b""
