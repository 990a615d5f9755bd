"""Microphone and loudspeaker by PortAudio."""

import contextlib
import os
import threading
from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import pyaudio
import soxr

from sottovoce.errors import MicrophoneError, SpeakerError
from sottovoce.vocabulary import FRAME_SAMPLES, SAMPLE_RATE, Samples

DEFAULT: Final = "default"

_HUSH: Final = threading.Lock()


class PyAudioMicrophone:
    """A live microphone. PortAudio is started at each opening, so that a re-plugged one is found."""

    live = True

    def __init__(self, device: str = DEFAULT) -> None:
        """Use the input device whose name holds `device`."""
        self._device = device
        self._portaudio: Any = None
        self._stream: Any = None
        self._left = np.zeros(0, dtype=np.int16)

    def open(self) -> None:
        """Start PortAudio and the stream. Raises MicrophoneError, which names the devices there are."""
        with _hushed():
            self._portaudio = pyaudio.PyAudio()
        try:
            index = _find(self._portaudio, self._device, "maxInputChannels")
            with _hushed():
                self._stream, self._rate = _open_at_any_rate(self._portaudio, index)
        except (OSError, LookupError, ValueError) as error:
            there = ", ".join(names(self._portaudio, "maxInputChannels")) or "none"
            self.close()
            raise MicrophoneError(
                f"microphone: {self._device!r} cannot be opened: {error}; input devices: {there}",
                "name one under [microphone] device, or plug one in",
            ) from error
        self._resampler = soxr.ResampleStream(self._rate, SAMPLE_RATE, 1, dtype="int16")
        self._left = np.zeros(0, dtype=np.int16)

    def read(self) -> Samples:
        """Wait for one frame. Raises MicrophoneError when the device went away."""
        while len(self._left) < FRAME_SAMPLES:
            wanted = FRAME_SAMPLES * self._rate // SAMPLE_RATE
            try:
                raw = self._stream.read(wanted, exception_on_overflow=False)
            except OSError as error:
                raise MicrophoneError(
                    f"microphone: {self._device!r} went away: {error}", "plug it in"
                ) from error
            heard = np.frombuffer(raw, dtype=np.int16)
            more = heard if self._rate == SAMPLE_RATE else self._resampler.resample_chunk(heard)
            self._left = np.concatenate([self._left, more])
        frame, self._left = self._left[:FRAME_SAMPLES].copy(), self._left[FRAME_SAMPLES:]
        return frame

    def close(self) -> None:
        """Stop the stream and PortAudio, and overwrite what was read and not given yet."""
        self._left.fill(0)
        if self._stream is not None:
            self._stream.close()
        if self._portaudio is not None:
            self._portaudio.terminate()
        self._stream = self._portaudio = None


class PyAudioSpeaker:
    """A loudspeaker."""

    def __init__(self, device: str = DEFAULT) -> None:
        """Use the output device whose name holds `device`."""
        self._device = device

    def play(self, samples: Samples) -> None:
        """Play to the end. Raises SpeakerError."""
        with _hushed():
            portaudio = pyaudio.PyAudio()
        try:
            index = _find(portaudio, self._device, "maxOutputChannels")
            stream = portaudio.open(SAMPLE_RATE, 1, pyaudio.paInt16, output=True, output_device_index=index)
            stream.write(samples.tobytes())
            stream.stop_stream()
            stream.close()
        except (OSError, LookupError, ValueError) as error:
            there = ", ".join(names(portaudio, "maxOutputChannels")) or "none"
            raise SpeakerError(
                f"loudspeaker: {self._device!r} cannot be used: {error}; output devices: {there}",
                "name one under [reply] device",
            ) from error
        finally:
            portaudio.terminate()


@contextlib.contextmanager
def _hushed() -> Iterator[None]:
    """Keep ALSA and JACK from printing pages about devices that are not there; errors come as OSError."""
    with _HUSH, open(os.devnull, "wb") as nowhere:  # noqa: PTH123  a device, not a file
        kept = os.dup(2)
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def names(portaudio: Any, channels: str) -> list[str]:
    """Name the devices that have `channels` (PortAudio's key for inputs or outputs)."""
    infos = (portaudio.get_device_info_by_index(i) for i in range(portaudio.get_device_count()))
    return [str(info["name"]) for info in infos if info[channels] > 0]


def _find(portaudio: Any, wanted: str, channels: str) -> int | None:
    if wanted == DEFAULT:
        return None
    for index in range(portaudio.get_device_count()):
        info = portaudio.get_device_info_by_index(index)
        if info[channels] > 0 and wanted.lower() in str(info["name"]).lower():
            return index
    raise LookupError("no device of that name")


def _open_at_any_rate(portaudio: Any, index: int | None) -> tuple[Any, int]:
    """Open at 16 kHz, or at 48 kHz for a device that knows no other."""
    for rate in (SAMPLE_RATE, 48_000):
        try:
            stream = portaudio.open(
                rate,
                1,
                pyaudio.paInt16,
                input=True,
                input_device_index=index,
                frames_per_buffer=FRAME_SAMPLES * rate // SAMPLE_RATE,
            )
        except (OSError, ValueError) as error:
            last = error
        else:
            return stream, rate
    raise last
