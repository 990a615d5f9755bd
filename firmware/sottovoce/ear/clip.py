"""Clips as files: FLAC, with the sound in it and nothing else."""

import io

import soundfile

from sottovoce.vocabulary import SAMPLE_RATE, Samples


def encode(clip: Samples) -> bytes:
    """Turn samples, shape (n,), into FLAC without any tag."""
    with io.BytesIO() as file:
        soundfile.write(file, clip, SAMPLE_RATE, format="FLAC", subtype="PCM_16")
        return file.getvalue()


def decode(data: bytes) -> Samples:
    """Turn what `encode` made back into samples, shape (n,)."""
    with io.BytesIO(data) as file:
        samples: Samples = soundfile.read(file, dtype="int16")[0]
    return samples
