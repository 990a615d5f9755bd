"""The mute gate: the only place where sound enters the ear, and only as OpenFrame.

The gate is shut while any mute reason stands. Shutting it overwrites every sample held, at once
and in the thread that noticed; the stream itself is closed by the reading thread within the
frame it is reading. Each opening is a new epoch, with a stream of its own, and a frame of an older
epoch is never used.
"""

import threading
from collections.abc import Callable
from typing import Protocol

import numpy as np

from sottovoce.ear.ring import Ring
from sottovoce.errors import MicrophoneError
from sottovoce.vocabulary import MuteReason, OpenFrame, Position, Samples

BACKLOG_FRAMES = 64
"""How far the pipeline may fall behind the microphone (about 2 s) before sound is dropped."""


AGAIN_SECONDS = 1.0
"""After a fault the microphone is tried again so much later; then after twice as long, and so on."""
AGAIN_AT_MOST_SECONDS = 8.0


class Microphone(Protocol):
    """A source of sound at SAMPLE_RATE."""

    live: bool
    """True when sound that is not read in time is lost, false when it waits (a recording)."""

    def open(self) -> None:
        """Start the stream. Nothing from before may be read from it. Raises MicrophoneError."""

    def read(self) -> Samples | None:
        """Wait for one frame, shape (FRAME_SAMPLES,); None when none came for a while.

        Raises MicrophoneError; EOFError at a file's end.
        """

    def close(self) -> None:
        """Stop the stream. Harmless when it is not open."""


class MuteSwitch(Protocol):
    """The privacy switch, as software learns of it."""

    def watch(self, changed: Callable[[Position], None]) -> None:
        """Call `changed` now and at every change, from any thread. Raises SwitchError."""


class Gate:
    """Holds the mute reasons and lets frames through while there are none."""

    def __init__(self, microphone: Microphone, ring: Ring, changed: Callable[[], None]) -> None:
        """Begin shut, for the reason `starting`. `changed` is told of every shutting and opening."""
        self._microphone = microphone
        self._ring = ring
        self._changed = changed
        self._turn = threading.Condition()
        self._reasons: set[MuteReason] = {MuteReason.STARTING}
        self._epoch = 0
        self._next = 0  # index of the frame the pipeline takes next
        self.opening = False
        """Whether the microphone is being opened right now, which takes as long as it takes."""
        self._stream_epoch: int | None = None  # which opening the stream belongs to; None while closed
        self._lent = np.zeros(0, dtype=np.int16)  # the last sentence copied out of the ring
        self._ended = False
        self._faults = 0  # since the microphone last gave sound
        self.dropped = 0
        """Frames lost because nobody took them in time."""
        self.fault: MicrophoneError | None = None
        """Why the microphone gives nothing, while it does not."""

    @property
    def reasons(self) -> frozenset[MuteReason]:
        """Why it is shut; empty when it is open."""
        return frozenset(self._reasons)

    @property
    def epoch(self) -> int:
        """Counts its openings and shuttings."""
        return self._epoch

    @property
    def written(self) -> int:
        """The index that the next frame to come in will have."""
        return self._ring.written

    @property
    def stream_open(self) -> bool:
        """Whether the microphone's stream is open right now."""
        return self._stream_epoch is not None

    @property
    def ended(self) -> bool:
        """Whether a recording has come to its end and all of it was taken, or the gate was stopped."""
        return self._ended and self._next >= self._ring.written

    def mute(self, reason: MuteReason) -> None:
        """Add a reason. The first one shuts the gate: all sound held is overwritten before this returns."""
        with self._turn:
            self._set(self._reasons | {reason})
        self._changed()

    def unmute(self, reason: MuteReason) -> None:
        """Take one's own reason away. Nobody clears another's."""
        with self._turn:
            self._set(self._reasons - {reason})
        self._changed()

    def follow(self, position: Position) -> None:
        """Do as the privacy switch says: shut at anything but `live`."""
        (self.unmute if position is Position.LIVE else self.mute)(MuteReason.HARDWARE)

    def begin(self) -> None:
        """Take the reason `starting` away and open the stream, before anyone listens.

        Raises MicrophoneError: at the start there is no microphone yet that may come back. One behind a
        switch that is off is not opened, and waited for.
        """
        self.unmute(MuteReason.STARTING)
        epoch = self._epoch
        try:
            if self.is_current(epoch):
                self._open(epoch)
        except MicrophoneError:
            if self.is_current(epoch):
                raise

    def stop(self) -> None:
        """Let both threads come to an end."""
        with self._turn:
            self._ended = True
            self._forget()
            self._turn.notify_all()

    def is_current(self, epoch: int) -> bool:
        """Whether sound of that epoch may still be used."""
        return epoch == self._epoch and not self._reasons

    def frame(self, timeout: float | None = None) -> OpenFrame | None:
        """Wait for the next frame; None when the time is up, the gate changed, or all is over.

        `timeout` is in seconds; None waits for ever.
        """
        with self._turn:
            epoch = self._epoch
            self._turn.wait_for(
                lambda: self._next < self._ring.written or self._ended or self._epoch != epoch, timeout
            )
            if self._epoch != epoch or self._next >= self._ring.written:
                return None
            index = self._next
            self._next += 1
            self._turn.notify_all()
            return OpenFrame(self._ring.view(index), epoch, index)

    def since(self, epoch: int, start: int, stop: int) -> Samples | None:
        """Copy the frames from `start` up to `stop`; None when the gate has shut since `epoch`.

        The copy is overwritten too when the gate shuts.
        """
        with self._turn:
            if not self.is_current(epoch):
                return None
            self._lent = self._ring.copy(start, stop)
            return self._lent

    def listen(self) -> None:
        """Read the microphone until stopped: the reading thread's whole work."""
        try:
            while not self._ended:
                self.step(wait=True)
        except BaseException:  # a bug: rather deaf than with a stream that nobody minds
            self.stop()
            raise
        finally:
            self._close()

    def step(self, *, wait: bool = False) -> None:
        """Do one thing: read one frame, or close the stream and (with `wait`) wait for the gate to open."""
        if self._reasons:
            self._close()
            if wait:
                with self._turn:
                    self._turn.wait_for(lambda: not self._reasons or self._ended)
            return
        epoch = self._epoch
        try:
            self._open(epoch)
            if self.is_current(epoch) and (samples := self._microphone.read()) is not None:
                self._admit(samples, epoch)
                self._recover()
        except EOFError:
            with self._turn:
                self._ended = True
                self._turn.notify_all()
        except MicrophoneError as error:
            self._fail(error, epoch, wait=wait)

    def lose(self) -> None:
        """Count sound that the microphone itself lost; from any thread."""
        self.dropped += 1
        self._changed()

    def _admit(self, samples: Samples, epoch: int) -> None:
        with self._turn:
            if not self._microphone.live:  # a recording waits for the pipeline, frame by frame
                self._turn.wait_for(lambda: not self._backlog() or self._epoch != epoch or self._ended)
            if not self.is_current(epoch):
                samples.fill(0)
            elif self._backlog() < BACKLOG_FRAMES:
                self._ring.write(samples)
                self._turn.notify_all()
                return
            else:
                self.dropped += 1
        self._changed()

    def _backlog(self) -> int:
        return self._ring.written - self._next

    def _set(self, reasons: set[MuteReason]) -> None:
        flipped = bool(reasons) != bool(self._reasons)
        self._reasons = reasons
        if flipped:
            self._forget()
            self.fault = None  # while it is shut none is looked for, and a cut supply is none
        self._turn.notify_all()

    def _forget(self) -> None:
        self._epoch += 1
        self._ring.wipe()
        self._lent.fill(0)
        self._next = self._ring.written

    def _open(self, epoch: int) -> None:
        if self._stream_epoch != epoch:
            self._close()  # what the sound card kept while the gate was shut is thrown away
            self.opening = True
            try:
                self._microphone.open()
                self._stream_epoch = epoch
            finally:
                self.opening = False
            self._changed()

    def _close(self) -> None:
        if self._stream_epoch is not None:
            self._microphone.close()
            self._stream_epoch = None
            self._changed()

    def _recover(self) -> None:
        self._faults = 0
        if self.fault is not None:
            self.fault = None
            self._changed()

    def _fail(self, error: MicrophoneError, epoch: int, *, wait: bool) -> None:
        self._close()
        with self._turn:
            if not self.is_current(epoch):
                return  # cut by the switch in mid-read: that is no fault
            self.fault = error
            again = min(AGAIN_SECONDS * 2**self._faults, AGAIN_AT_MOST_SECONDS)
            self._faults += 1
            self._forget()
            epoch = self._epoch
        self._changed()
        if wait:
            with self._turn:
                self._turn.wait_for(lambda: self._epoch != epoch or self._ended, again)
