"""Clips as files: FLAC, with the sound in it and nothing else.

Soundfile is given a descriptor in memory: a Python file would take it callbacks, and so memory that is both
written and executed, which the ear's unit refuses.
"""

import os
import tempfile
from typing import Final

from sottovoce.vocabulary import SAMPLE_RATE, Samples

_IN_MEMORY: Final = "/dev/shm"  # noqa: S108  no name in it: the file is anonymous


def encode(clip: Samples) -> bytes:
    """Turn samples, shape (n,), into FLAC without any tag."""
    import soundfile  # noqa: PLC0415  only who has a clip loads it

    with tempfile.TemporaryFile(dir=_IN_MEMORY) as file:
        soundfile.write(os.dup(file.fileno()), clip, SAMPLE_RATE, format="FLAC", subtype="PCM_16")
        file.seek(0)
        return file.read()


def decode(data: bytes) -> Samples:
    """Turn what `encode` made back into samples, shape (n,)."""
    import soundfile  # noqa: PLC0415

    with tempfile.TemporaryFile(dir=_IN_MEMORY) as file:
        file.write(data)
        file.seek(0)
        samples: Samples = soundfile.read(os.dup(file.fileno()), dtype="int16")[0]
    return samples
