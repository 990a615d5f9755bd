"""Recordings: sound files as samples, as a microphone, and as a loudspeaker."""

from pathlib import Path
from typing import Final

import numpy as np
import soundfile
import soxr

from sottovoce.errors import AudioFormatError, MissingInputError, SpeakerError
from sottovoce.vocabulary import FRAME_SAMPLES, SAMPLE_RATE, Samples

_TAIL_SECONDS: Final = 1.5
"""Silence after a recording, so that its last sentence comes to an end."""
_GAP_SECONDS: Final = 0.3
"""Silence after each answer in an output file."""


def read_samples(file: Path | int, name: str = "") -> Samples:
    """Read WAV or FLAC of any rate and any number of channels as mono samples at SAMPLE_RATE.

    `file` may be an open descriptor, which stays open. No Python file: libsndfile would call back for it, by
    code made at run time, which the unit refuses (MemoryDenyWriteExecute=).

    Raises MissingInputError and AudioFormatError.
    """
    name = name or str(file)
    if isinstance(file, Path) and not file.is_file():
        raise MissingInputError(f"{name}: no such file", "give a WAV or FLAC recording")
    try:
        sound, rate = soundfile.read(file, dtype="float32", always_2d=True, closefd=False)
    except (soundfile.LibsndfileError, RuntimeError, OSError, TypeError) as error:
        raise AudioFormatError(f"{name}: not a sound file that can be read", "give WAV or FLAC") from error
    mono = np.nan_to_num(sound, nan=0.0, posinf=1.0, neginf=-1.0).mean(axis=1)
    if rate != SAMPLE_RATE:
        mono = soxr.resample(mono, rate, SAMPLE_RATE)
    return np.asarray(np.clip(np.rint(mono * 32768.0), -32768, 32767), dtype=np.int16)


class Recording:
    """A recording as a microphone: it waits for its reader, and ends."""

    live = False

    def __init__(self, samples: Samples) -> None:
        """Give `samples`, then a little silence, then EOFError."""
        tail = np.zeros(round(_TAIL_SECONDS * SAMPLE_RATE) + FRAME_SAMPLES, dtype=np.int16)
        self._samples = np.concatenate([samples, tail])
        self._at = 0

    @property
    def brought(self) -> int:
        """Frames given so far."""
        return self._at // FRAME_SAMPLES

    def open(self) -> None:
        """Go on where it stopped."""

    def read(self) -> Samples:
        """Give the next frame. Raises EOFError at the end."""
        frame = self._samples[self._at : self._at + FRAME_SAMPLES].copy()  # the gate overwrites it
        if len(frame) < FRAME_SAMPLES:
            raise EOFError
        self._at += FRAME_SAMPLES
        return frame

    def close(self) -> None:
        """Stay where it is."""


class FileSpeaker:
    """A loudspeaker that writes a WAV file, one answer after the other, and takes no time for it."""

    def __init__(self, path: Path) -> None:
        """Start the file anew. Raises SpeakerError."""
        try:
            self._file = soundfile.SoundFile(path, "w", samplerate=SAMPLE_RATE, channels=1, subtype="PCM_16")
        except (soundfile.LibsndfileError, OSError, TypeError) as error:
            raise SpeakerError(
                f"{path}: cannot be written as WAV: {error}", "give a name ending in .wav"
            ) from error

    def play(self, samples: Samples) -> None:
        """Add samples to the file. Raises SpeakerError."""
        try:
            self._file.write(samples)
            self._file.write(np.zeros(round(_GAP_SECONDS * SAMPLE_RATE), dtype=np.int16))
            self._file.flush()
        except (
            soundfile.LibsndfileError,
            OSError,
            AssertionError,
        ) as error:  # it asserts that all was written
            raise SpeakerError(
                f"{self._file.name}: cannot be written on", "see that the disk has room"
            ) from error

    def sounding(self) -> bool:
        """Never: what was played is written."""
        return False

    def hush(self) -> None:
        """There is nothing to stop."""
