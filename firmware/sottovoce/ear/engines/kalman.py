"""An echo canceller in NumPy: a partitioned-block Kalman filter in the frequency domain, and what it leaves.

After G. Enzner and P. Vary, "Frequency-domain adaptive Kalman filter for acoustic echo control" (2006),
and F. Kuech, E. Mabande and G. Enzner, "State-space architecture of the partitioned-block-based acoustic
echo controller" (2014). Such a filter knows how sure it is of each part of the room, so that it learns
fast and stands still while somebody speaks over the reply. It holds no sound that it heard for longer than
two blocks (16 ms).
"""

from typing import Final

import numpy as np
import numpy.typing as npt

from sottovoce.ear.echo import LATEST_SAMPLES
from sottovoce.vocabulary import SAMPLE_RATE, Samples

_BLOCK: Final = 128
_PARTITIONS: Final = 14
"""Blocks of the room's answer that are modelled: 112 ms."""
_BINS: Final = _BLOCK + 1
_ROUNDS: Final = 2
"""How often it learns from each block."""
_STEADY: Final = 0.998
"""The share of the room that stays as it is from one block to the next."""
_DOUBT: Final = 0.1
"""The power it expects of each partition before it has heard any."""
_LEAST_DOUBT: Final = 1e-5
"""However sure it was, it goes on learning."""
_SMOOTH: Final = 0.8
"""How slowly it follows the power of what is no echo."""
_LEFT: Final = 3.0
"""How much more echo it takes to be left than its own doubt says: a loudspeaker is not quite linear."""
_FLOOR: Final = 0.3
"""No frequency is turned down further than this for what is left of the echo."""
_ASTRAY: Final = 1e-3
"""The share of the power played (-30 dB) that comes back otherwise than any room answers. Without it a few
milliseconds that the loudspeaker swallowed make it sure, for seconds, of a room that gives nothing back."""
_LITTLE: Final = 1e-9

_AHEAD: Final = 128
"""The loudest way from loudspeaker to microphone need not be the first: so much earlier it begins."""
_WHITEN: Final = 0.8
"""How far all frequencies count alike when lateness is looked for."""
_BAND: Final = (200, 6000)
"""Hz in which it is looked for."""
_CLEAR: Final = 12.0
"""How far the right lateness must stand out of all others."""

Spectrum = npt.NDArray[np.complex128]
Power = npt.NDArray[np.float64]
Sound = npt.NDArray[np.float64]


class KalmanCanceller:
    """Finds how late a reply comes back, and takes it out."""

    def __init__(self) -> None:
        """Know nothing of the room yet."""
        self.reset()

    def find(self, heard: Samples, played: Samples) -> int | None:
        """Find the delay by generalised cross-correlation; None when no peak stands out."""
        size = 1 << (len(played) + _AHEAD - 1).bit_length()
        spectrum = np.fft.rfft(_scaled(heard), size) * np.fft.rfft(_scaled(played), size).conj()
        loud = np.abs(spectrum)
        frequency = np.fft.rfftfreq(size, 1 / SAMPLE_RATE)
        spectrum *= (_BAND[0] < frequency) & (frequency < _BAND[1])
        spectrum /= (loud + 1e-6 * loud.max() + _LITTLE) ** _WHITEN
        likeness = np.abs(np.roll(np.fft.irfft(spectrum, size), LATEST_SAMPLES)[: LATEST_SAMPLES + _AHEAD])
        best = int(likeness.argmax())
        is_clear = likeness[best] > _CLEAR * np.sqrt(np.square(likeness).mean())
        return min(max(0, best - _AHEAD), LATEST_SAMPLES) if is_clear else None

    def cancel(self, heard: Samples, played: Samples) -> Samples:
        """Take `played` out of `heard`, a block later than it came in."""
        blocks = zip(_scaled(heard).reshape(-1, _BLOCK), _scaled(played).reshape(-1, _BLOCK), strict=True)
        clean = np.concatenate([self._soften(self._cancel(*block)) for block in blocks])
        return np.clip(np.rint(clean * 32768.0), -32768, 32767).astype(np.int16)

    def reset(self) -> None:
        """Forget all it heard and learned."""
        shape = (_PARTITIONS, _BINS)
        self._room: Spectrum = np.zeros(shape, dtype=np.complex128)
        self._doubt: Power = np.full(shape, _DOUBT)
        self._played: Spectrum = np.zeros(shape, dtype=np.complex128)
        self._before: Sound = np.zeros(_BLOCK)  # the last block played
        self._other: Power = np.full(_BINS, 1e-6)  # power of what is no echo
        self._heard: Sound = np.zeros(_BLOCK)  # the last block, without the echo
        self._tail: Sound = np.zeros(_BLOCK)  # of it, what is not given yet
        self._left: Power = np.zeros(_BINS)  # power of the echo that is left
        self._total: Power = np.full(_BINS, 1e-6)  # power of it and all else

    def _cancel(self, heard: Sound, played: Sound) -> Sound:
        """Take the echo out of one block, and learn from it."""
        self._played = np.roll(self._played, 1, axis=0)
        self._played[0] = np.fft.rfft(np.concatenate([self._before, played]))
        self._before = played
        power = np.square(np.abs(self._played))
        astray = _ASTRAY * power.sum(axis=0) + _LITTLE
        for number in range(_ROUNDS):
            error = np.fft.rfft(np.concatenate([np.zeros(_BLOCK), heard - self._echo()]))
            if number == 0:
                self._other += (1 - _SMOOTH) * (np.square(np.abs(error)) - self._other)
            gain = self._doubt / (0.5 * (power * self._doubt).sum(axis=0) + self._other + astray)
            step = np.fft.irfft(gain * self._played.conj() * error, axis=1)
            step[:, _BLOCK:] = 0.0
            self._room += np.fft.rfft(step, axis=1)
            self._doubt *= _STEADY**2 * (1 - 0.5 * gain * power)
            self._doubt += (1 - _STEADY**2) * np.square(np.abs(self._room))
        np.maximum(self._doubt, _LEAST_DOUBT, out=self._doubt)
        return heard - self._echo()

    def _echo(self) -> Sound:
        """Say what of the sound played should be heard in this block."""
        return np.fft.irfft((self._played * self._room).sum(axis=0))[_BLOCK:]

    def _soften(self, sound: Sound) -> Sound:
        """Turn frequencies down in which, for all it knows, mostly echo is left."""
        spectrum = np.fft.rfft(_WINDOW * np.concatenate([self._heard, sound]))
        self._heard = sound
        doubt = 0.5 * (np.square(np.abs(self._played)) * self._doubt).sum(axis=0)
        self._left = (self._left + doubt) / 2
        self._total = (self._total + np.square(np.abs(spectrum))) / 2
        spectrum *= np.maximum(_FLOOR, 1 - _LEFT * self._left / (self._total + _LITTLE))
        whole = np.fft.irfft(spectrum) * _WINDOW
        given = self._tail + whole[:_BLOCK]
        self._tail = whole[_BLOCK:]
        return given


_WINDOW: Final = np.sqrt(np.hanning(2 * _BLOCK + 1)[:-1])
"""Of two blocks; squared, those of neighbours add up to one."""


def _scaled(samples: Samples) -> Sound:
    return samples.astype(np.float64) / 32768.0
