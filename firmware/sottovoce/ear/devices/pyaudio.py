"""Microphone and loudspeaker by PyAudio."""

import queue
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
import pyaudio
import soxr

from sottovoce.ear.devices import portaudio
from sottovoce.ear.devices.portaudio import DEFAULT, Device
from sottovoce.errors import MicrophoneError, SpeakerError
from sottovoce.vocabulary import FRAME_SAMPLES, SAMPLE_RATE, Samples

_PATIENCE_SECONDS: Final = 0.1
"""A read waits no longer than this, so that a switch flipped meanwhile is seen."""
_GONE_SECONDS: Final = 1.0
"""A microphone that gives nothing for this long is gone: some never say so."""
_BEGINNING_SECONDS: Final = 5.0
"""Sound servers take their time before the first sound."""
_WAITING_PIECES: Final = 16
"""Pieces of 32 ms that wait for a read at most; what comes then is lost, and told."""
_LEAD_SAMPLES: Final = SAMPLE_RATE // 10
"""Silence ahead of each sound: amplifiers and sound servers swallow the beginning of a stream."""
_PIECE_SAMPLES: Final = 4 * FRAME_SAMPLES
"""So much is given to the loudspeaker at a time (0.13 s): a busy machine is late with smaller ones, and each
time it is, there is a hole in the sound."""
_MOST_CHANNELS: Final = 8
"""What the microphone arrays of a Raspberry Pi have at most."""


class PyAudioMicrophone:
    """A live microphone. PortAudio is started at each opening, so that a re-plugged one is found.

    A thread of PortAudio's brings the sound: a read that waits for it can give up, one of PortAudio's
    own can not.
    """

    live = True
    brought = 0

    def __init__(
        self, device: str = DEFAULT, channel: int = 1, lost: Callable[[], None] = lambda: None
    ) -> None:
        """Hear one channel, counted from 1, of the input device `device` (see portaudio.find).

        `lost` is called when sound was lost because nobody read it in time.
        """
        self._device = device
        self._channel = channel
        self._lost = lost
        self._portaudio: Any = None
        self._stream: Any = None
        self._heard: queue.SimpleQueue[Samples] = queue.SimpleQueue()
        self._left = np.zeros(0, dtype=np.int16)

    def open(self) -> None:
        """Start PortAudio and the stream. Raises MicrophoneError, which names the devices there are."""
        self._portaudio = portaudio.start()
        there = portaudio.microphones(portaudio.devices(self._portaudio))
        try:
            self._start(portaudio.find(self._device, there))
        except (OSError, LookupError, ValueError) as error:
            self.close()
            raise MicrophoneError(
                f"microphone: {self._device!r} cannot be opened: {error}; "
                f"input devices: {portaudio.names(there)}",
                "name one under [microphone] device, or plug one in",
            ) from error

    def read(self) -> Samples | None:
        """Wait for one frame; None when it is late. Raises MicrophoneError when the device went away."""
        while len(self._left) < FRAME_SAMPLES:
            try:
                heard = self._heard.get(timeout=_PATIENCE_SECONDS)
            except queue.Empty:
                self._check_alive()
                return None
            self._last = time.monotonic()
            self._may_be_silent = _GONE_SECONDS
            more = heard if self._rate == SAMPLE_RATE else self._resampled(heard)
            self._left = np.concatenate([self._left, more])
        frame, self._left = self._left[:FRAME_SAMPLES].copy(), self._left[FRAME_SAMPLES:]
        return frame

    def close(self) -> None:
        """Stop the stream and PortAudio, and overwrite what was heard and not given yet."""
        portaudio.end(self._portaudio, self._stream)
        self._stream = self._portaudio = None
        self._left.fill(0)
        while not self._heard.empty():
            self._heard.get().fill(0)

    def _start(self, device: Device) -> None:
        """Open the stream in the first form that the device can do. Raises OSError, ValueError."""
        fault: OSError | ValueError = ValueError(f"it has {device.inputs} channels")
        for rate, channels in _forms(device, self._channel):
            self._rate, self._channels = rate, channels
            self._resampler = soxr.ResampleStream(rate, SAMPLE_RATE, 1, dtype="float32")
            self._left = np.zeros(0, dtype=np.int16)
            try:
                with portaudio.quietly():
                    self._stream = self._portaudio.open(
                        rate,
                        channels,
                        pyaudio.paInt16,
                        input=True,
                        input_device_index=device.index,
                        frames_per_buffer=FRAME_SAMPLES * rate // SAMPLE_RATE,
                        stream_callback=self._bring,
                    )
            except (OSError, ValueError) as error:
                fault = error
            else:
                self._last, self._may_be_silent = time.monotonic(), _BEGINNING_SECONDS
                return
        raise fault

    def _resampled(self, heard: Samples) -> Samples:
        """Convert to SAMPLE_RATE by way of floats: soxr dithers integers, and nothing must stay nothing."""
        sound = self._resampler.resample_chunk(heard.astype(np.float32))
        return np.asarray(np.clip(np.rint(sound), -32_768, 32_767), dtype=np.int16)

    def _check_alive(self) -> None:
        silent = time.monotonic() - self._last
        if silent > self._may_be_silent:
            raise MicrophoneError(
                f"microphone: {self._device!r} went away: no sound for {silent:.0f} s", "plug it in"
            )

    def _bring(self, raw: bytes, _count: int, _times: object, status: int) -> tuple[None, int]:
        """Take a piece of sound in PortAudio's thread: the one channel of it."""
        full = self._heard.qsize() >= _WAITING_PIECES
        if full or status & pyaudio.paInputOverflow:
            self._lost()
        self.brought += 1
        if not full:
            self._heard.put(np.frombuffer(raw, dtype=np.int16)[self._channel - 1 :: self._channels].copy())
        return None, pyaudio.paContinue


class PyAudioSpeaker:
    """A loudspeaker. PortAudio plays in a thread of its own."""

    def __init__(self, device: str = DEFAULT) -> None:
        """Use the output device `device` (see portaudio.find)."""
        self._device = device
        self._portaudio: Any = None
        self._stream: Any = None
        self._left = np.zeros(0, dtype=np.int16)
        self._until = 0.0

    def play(self, samples: Samples) -> None:
        """Begin to play, in place of what was played before. Raises SpeakerError."""
        self.hush()
        self._portaudio = portaudio.start()
        there = portaudio.loudspeakers(portaudio.devices(self._portaudio))
        self._left = np.concatenate([np.zeros(_LEAD_SAMPLES, dtype=np.int16), samples])
        self._until = time.monotonic() + len(self._left) / SAMPLE_RATE + _BEGINNING_SECONDS
        try:
            device = portaudio.find(self._device, there)
            with portaudio.quietly():
                self._stream = self._portaudio.open(
                    SAMPLE_RATE,
                    1,
                    pyaudio.paInt16,
                    output=True,
                    output_device_index=device.index,
                    frames_per_buffer=_PIECE_SAMPLES,
                    stream_callback=self._bring,
                )
        except (OSError, LookupError, ValueError) as error:
            self.hush()
            raise SpeakerError(
                f"loudspeaker: {self._device!r} cannot be used: {error}; "
                f"output devices: {portaudio.names(there)}",
                "name one under [reply] device",
            ) from error

    def sounding(self) -> bool:
        """Whether it plays still. Raises SpeakerError, once, when the device went away meanwhile."""
        if self._stream is None:
            return False
        if self._stream.is_active() and time.monotonic() < self._until:
            return True
        cut_off = bool(len(self._left))
        self.hush()
        if cut_off:
            raise SpeakerError(f"loudspeaker: {self._device!r} went away", "plug it in")
        return False

    def hush(self) -> None:
        """Fall silent, and throw away what the sound card has not played yet."""
        portaudio.end(self._portaudio, self._stream)
        self._stream = self._portaudio = None

    def _bring(self, _raw: None, count: int, _times: object, _status: int) -> tuple[bytes, int]:
        """Give the next piece in PortAudio's thread; after the last one it plays to its end."""
        piece, self._left = self._left[:count], self._left[count:]
        whole = np.append(piece, np.zeros(count - len(piece), dtype=np.int16))
        return whole.tobytes(), pyaudio.paContinue if len(self._left) else pyaudio.paComplete


def _forms(device: Device, channel: int) -> Iterator[tuple[int, int]]:
    """List rates and numbers of channels worth a try, the best first; arrays may know no other than all."""
    every = min(device.inputs, _MOST_CHANNELS)
    for rate in dict.fromkeys((SAMPLE_RATE, device.rate, 48_000, 44_100)):
        for channels in sorted({1, 2, every}):
            if channel <= channels <= device.inputs:
                yield rate, channels
