"""Echo: what of the device's own reply comes back to its microphone is taken out for the wake engine.

It works while a reply sounds and for the short time in which the room still answers. All other sound, and
every sentence, is left as it is. How late the reply comes back is another time in each reply, and another
again once a piece of sound was lost, played or heard. It is looked for all the time; when it is found, the
wake engine hears the last second once more, without the reply. A wake word in what is hardly more than a
leftover of the reply is the device's own voice and does not count.
"""

from collections import deque
from collections.abc import Callable, Iterator
from typing import Final, Protocol

import numpy as np

from sottovoce.vocabulary import FRAME_SAMPLES, SAMPLE_RATE, OpenFrame, Samples

LATEST_SAMPLES: Final = SAMPLE_RATE
"""How late a reply can come back (1 s), counted from EARLY_FRAMES before it was given to the loudspeaker:
half a second for the sound card's buffers and a few metres of room."""

EARLY_FRAMES: Final = 16
"""And half a second for frames that came in late themselves: sound servers bring them in bursts."""

_ROOM_FRAMES: Final = 4
"""A room answers for so long (0.13 s) after the last sound."""

_FIRST_LOOK_FRAMES: Final = EARLY_FRAMES + 12
_LOOK_EVERY: Final = 4
_LOOK_AGAIN_EVERY: Final = 8
"""When its lateness is looked for: from 0.4 s on every 0.13 s until it is found, then every 0.26 s."""

_WINDOW_FRAMES: Final = 32
"""In how much of what was heard last (1 s)."""

_ALIKE_SAMPLES: Final = 8
"""Two looks in a row that agree as well as this are right."""

_WORD_FRAMES: Final = 16
"""A wake word is in the frames (0.5 s) before its recognition."""

_LEFTOVER: Final = 10**0.9
"""What was this much louder (9 dB) before the reply was taken out of it was the reply."""


class EchoCanceller(Protocol):
    """Takes played sound out of heard sound. What it learns of the room stays until it is reset."""

    def find(self, heard: Samples, played: Samples) -> int | None:
        """By how many samples (up to LATEST_SAMPLES) to delay `played` for `cancel`; None when unsure.

        `played` begins LATEST_SAMPLES before `heard` and ends with it.
        """

    def cancel(self, heard: Samples, played: Samples) -> Samples:
        """Take `played`, delayed as found, out of `heard`: the next whole frames."""

    def reset(self) -> None:
        """Forget all it heard and learned."""


class Echo:
    """The stage: at most one reply at a time."""

    def __init__(
        self,
        canceller: EchoCanceller | None,
        sound: Callable[[int, int, int], Samples | None],
        is_current: Callable[[int], bool],
    ) -> None:
        """Cancel by `canceller` (None: nothing is taken out), with the gate's `since` and `is_current`."""
        self._canceller = canceller
        self._sound = sound
        self._is_current = is_current
        self.end()

    def begin(self, reply: Samples, index: int) -> None:
        """Know what sounds from about now on; the next frame that comes in will have that `index`."""
        if self._canceller is None:
            return
        after = np.zeros(LATEST_SAMPLES + (_ROOM_FRAMES + 1) * FRAME_SAMPLES, dtype=np.int16)
        self.end()
        self._played = np.concatenate([np.zeros(LATEST_SAMPLES, dtype=np.int16), reply, after])
        self._first = max(0, index - EARLY_FRAMES)
        self._stop = self._first + (len(reply) + len(after)) // FRAME_SAMPLES

    def end(self) -> None:
        """Touch no sound from now on."""
        self._played = np.zeros(0, dtype=np.int16)
        self._first = self._stop = 0
        self._guess: int | None = None
        self._late: int | None = None
        self._loudness: deque[tuple[float, float]] = deque(maxlen=_WORD_FRAMES)  # before, and after

    def forget(self) -> None:
        """Forget the reply and all that was learned of the room."""
        self.end()
        if self._canceller is not None:
            self._canceller.reset()

    def clean(self, frame: OpenFrame) -> Iterator[OpenFrame]:
        """Give what the wake engine shall hear of this frame: itself, or it without the reply.

        When it has just been found how late the reply comes back: all frames in which it was found.
        """
        if self._canceller is None or not self._first <= frame.index < self._stop:
            yield frame
            return
        start = frame.index
        if self._is_time_to_look(frame.index) and self._is_found_anew(self._canceller, frame):
            start = self._window(frame.index)
        if self._late is None:
            yield frame
            return
        heard = self._sound(frame.epoch, start, frame.index + 1)
        if heard is None:
            return
        before = _power(heard)
        heard[:] = self._canceller.cancel(heard, self._reference(start, len(heard), self._late))
        if not self._is_current(frame.epoch):  # the gate shut just now; from here on it overwrites this too
            heard.fill(0)
        loudness = zip(before, _power(heard), strict=True)
        for index, piece in enumerate(heard.reshape(-1, FRAME_SAMPLES), start):
            self._loudness.append(next(loudness))
            yield OpenFrame(piece, frame.epoch, index)

    @property
    def is_leftover(self) -> bool:
        """Whether what was given last is hardly more than a leftover of the reply."""
        before = max((one for one, _ in self._loudness), default=0.0)
        after = max((one for _, one in self._loudness), default=0.0)
        return before > _LEFTOVER * after

    def _is_time_to_look(self, index: int) -> bool:
        since = index + 1 - self._first
        every = _LOOK_EVERY if self._late is None else _LOOK_AGAIN_EVERY
        return since >= _FIRST_LOOK_FRAMES and since % every == 0

    def _is_found_anew(self, canceller: EchoCanceller, last: OpenFrame) -> bool:
        """Look how late the reply comes back in the window up to `last`; whether that is news."""
        start = self._window(last.index)
        heard = self._sound(last.epoch, start, last.index + 1)
        if heard is None:
            return False
        played = self._reference(start, len(heard), 0, before=LATEST_SAMPLES)
        guessed, self._guess = self._guess, canceller.find(heard, played)
        heard.fill(0)
        if not _alike(guessed, self._guess) or _alike(self._late, self._guess):
            return False
        if self._late is not None:  # it learned from what did not belong together
            canceller.reset()
        self._late = self._guess
        return True

    def _window(self, last: int) -> int:
        """Say where the window up to a frame begins."""
        return max(self._first, last + 1 - _WINDOW_FRAMES)

    def _reference(self, start: int, length: int, late: int, before: int = 0) -> Samples:
        """What was played that is heard, so late, from the frame `start` on, and `before` that."""
        at = LATEST_SAMPLES + (start - self._first) * FRAME_SAMPLES - late
        return self._played[at - before : at + length]


def _alike(one: int | None, other: int | None) -> bool:
    return one is not None and other is not None and abs(one - other) <= _ALIKE_SAMPLES


def _power(samples: Samples) -> list[float]:
    """Of each frame, in squared steps of 16 bit."""
    powers = np.square(samples.reshape(-1, FRAME_SAMPLES), dtype=np.float64).mean(axis=1)
    return [float(power) for power in powers]
