"""Clips as files: FLAC, with the sound in it and nothing else."""

import io

from sottovoce.vocabulary import SAMPLE_RATE, Samples


def encode(clip: Samples) -> bytes:
    """Turn samples, shape (n,), into FLAC without any tag."""
    import soundfile  # noqa: PLC0415  only who has a clip loads it

    with io.BytesIO() as file:
        soundfile.write(file, clip, SAMPLE_RATE, format="FLAC", subtype="PCM_16")
        return file.getvalue()


def decode(data: bytes) -> Samples:
    """Turn what `encode` made back into samples, shape (n,)."""
    import soundfile  # noqa: PLC0415

    with io.BytesIO(data) as file:
        samples: Samples = soundfile.read(file, dtype="int16")[0]
    return samples
