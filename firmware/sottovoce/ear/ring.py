"""The one place that holds sound: a ring of frames, so that wiping it is one line.

The gate writes frames into slots; the pipeline reads them in order and may look back as far as
the ring is long. A view into the ring stays a view: when the ring is wiped, what an engine was
about to be fed turns to zeros.
"""

import numpy as np

from sottovoce.vocabulary import FRAME_SAMPLES, Samples


class Ring:
    """`frames` slots of FRAME_SAMPLES samples, addressed by the running index of a frame."""

    def __init__(self, frames: int) -> None:
        """Hold the last `frames` frames."""
        self._slots = np.zeros((frames, FRAME_SAMPLES), dtype=np.int16)
        self.written = 0
        """Frames ever written; frame i is at hand while written - len <= i < written."""

    def __len__(self) -> int:
        """Count the slots."""
        return len(self._slots)

    def write(self, samples: Samples) -> int:
        """Put in one frame and return its index."""
        index = self.written
        self._slots[index % len(self)] = samples
        self.written = index + 1
        return index

    def view(self, index: int) -> Samples:
        """Look at one frame, without copying. Raises IndexError when it is gone or not there yet."""
        if not max(0, self.written - len(self)) <= index < self.written:
            raise IndexError(index)
        slot: Samples = self._slots[index % len(self)]
        return slot

    def copy(self, start: int, stop: int) -> Samples:
        """Copy the frames from `start` up to `stop`, as far as they are still at hand, end to end."""
        first = max(start, self.written - len(self), 0)
        kept: Samples = self._slots[np.arange(first, min(stop, self.written)) % len(self)].reshape(-1)
        return kept

    def wipe(self) -> None:
        """Overwrite every sample there is."""
        self._slots.fill(0)
