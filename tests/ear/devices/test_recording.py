"""Sound files as sound, and sound as files."""

import os
import subprocess
import sys

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.hearing import wav
from sottovoce.ear.devices.recording import FileSpeaker, read_samples
from sottovoce.errors import AudioFormatError, MissingInputError, SpeakerError
from sottovoce.vocabulary import SAMPLE_RATE

HZ = 440.0
SECONDS = 0.8


def tone(rate, channels=1):
    """Make a sine at half of full scale; a second channel is silent."""
    wave = 0.5 * np.sin(2 * np.pi * HZ * np.arange(round(rate * SECONDS)) / rate)
    return np.column_stack([wave, np.zeros((len(wave), channels - 1))])


def loudest(samples):
    """Find the frequency that is strongest in it, in Hz."""
    spectrum = np.abs(np.fft.rfft(samples.astype(float) * np.hanning(len(samples)), n=8 * SAMPLE_RATE))
    return np.argmax(spectrum) / 8


@pytest.mark.parametrize(
    "form",
    [
        {"format": "WAV", "subtype": "PCM_16"},
        {"format": "WAV", "subtype": "PCM_24"},
        {"format": "WAV", "subtype": "PCM_32"},
        {"format": "WAV", "subtype": "PCM_U8"},
        {"format": "WAV", "subtype": "FLOAT"},
        {"format": "FLAC", "subtype": "PCM_16"},
        {"format": "FLAC", "subtype": "PCM_24"},
    ],
    ids=lambda form: f"{form['format']}-{form['subtype']}",
)
@pytest.mark.parametrize("rate", [8000, 11_025, 16_000, 22_050, 44_100, 48_000, 96_000])
@pytest.mark.parametrize("channels", [1, 2])
def test_any_rate_any_width_any_channels(form, rate, channels):
    """What comes out is mono at 16 kHz, as long, as high and as loud as what went in."""
    samples = read_samples(wav(tone(rate, channels), rate, **form))
    assert samples.dtype == np.int16
    assert samples.ndim == 1
    assert len(samples) == pytest.approx(SECONDS * SAMPLE_RATE, abs=2)
    assert loudest(samples) == pytest.approx(HZ, abs=1.0)
    middle = samples[1600:-1600].astype(float)
    assert np.sqrt((middle**2).mean()) == pytest.approx(0.5 / channels * 32_768 / np.sqrt(2), rel=0.02)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(-32_768, 32_767), max_size=300))
def test_what_is_in_our_own_form_already_is_not_touched(values):
    """16 bit mono at 16 kHz comes out sample by sample as it went in."""
    samples = np.array(values, dtype=np.int16)
    assert np.array_equal(read_samples(wav(samples)), samples)


def test_numbers_that_are_no_sound_do_no_harm():
    """A float file can hold what is no number, or far too loud: silence and full scale."""
    wild = np.array([np.nan, np.inf, -np.inf, 3.0, -3.0, 0.5])
    samples = read_samples(wav(wild, subtype="FLOAT"))
    assert list(samples) == [0, 32_767, -32_768, 32_767, -32_768, 16_384]


@pytest.mark.parametrize("rate", [8000, SAMPLE_RATE, 44_100])
def test_a_recording_without_a_sample_is_silence(rate):
    """A sound file of no length is no error."""
    assert len(read_samples(wav(np.zeros((0, 2)), rate))) == 0


@pytest.mark.parametrize(
    "content",
    [b"", b"turn on the light\n", b"RIFF", bytes(1000), wav(tone(16_000)).read()[:20]],
    ids=["empty", "text", "a stub", "zeros", "a cut header"],
)
def test_what_is_no_sound_file_is_one_clear_error(tmp_path, content):
    """The file is named and the reason told; nothing of the library's own errors comes through."""
    file = tmp_path / "sound.wav"
    file.write_bytes(content)
    with pytest.raises(AudioFormatError, match=r"sound\.wav: not a sound file .*give WAV or FLAC"):
        read_samples(file)


def test_a_file_that_is_not_there_is_one_clear_error(tmp_path):
    """It is named; a folder is no file either."""
    for path in (tmp_path / "missing.wav", tmp_path):
        with pytest.raises(MissingInputError, match=rf"{path.name}: no such file"):
            read_samples(path)


def test_answers_are_written_one_after_the_other(tmp_path):
    """Each answer stands in the file as soon as it was given, with a pause after it."""
    path = tmp_path / "answers.wav"
    speaker = FileSpeaker(path)
    first, second = np.full(1000, 5, dtype=np.int16), np.full(2000, -7, dtype=np.int16)
    speaker.play(first)
    assert np.array_equal(read_samples(path)[:1000], first)
    speaker.play(second)
    samples = read_samples(path)
    gap = (len(samples) - 3000) // 2
    assert gap == 0.3 * SAMPLE_RATE
    assert np.array_equal(samples[1000 + gap : 3000 + gap], second)
    assert soundfile.info(path).subtype == "PCM_16"


@pytest.mark.parametrize("name", ["answers", "answers.txt", "no/such/folder.wav", ""])
def test_a_file_that_cannot_be_written_is_one_clear_error(tmp_path, name):
    """Said before anything is heard, not after."""
    with pytest.raises(SpeakerError, match="cannot be written as WAV"):
        FileSpeaker(tmp_path / name)


def test_a_full_disk_is_an_error_of_the_loudspeaker(tmp_path):
    """An answer that finds no room is told as the port's own error."""
    code = (
        "import numpy, pathlib, resource, sys\n"
        "from sottovoce.ear.devices.recording import FileSpeaker\n"
        "from sottovoce.errors import SpeakerError\n"
        "speaker = FileSpeaker(pathlib.Path(sys.argv[1]))\n"
        "_, most = resource.getrlimit(resource.RLIMIT_FSIZE)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, most))\n"
        "try: speaker.play(numpy.ones(100_000, dtype=numpy.int16))\n"
        "except SpeakerError as error: print(error)\n"
        "finally: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "answers.wav")]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "answers.wav: cannot be written on" in run.stdout


def test_sound_in_memory_is_named_as_the_caller_says():
    """What a voice wrote is named after the voice."""
    with os.fdopen(os.memfd_create("voice"), "w+b", buffering=0) as sound:
        sound.write(b"no sound")
        with pytest.raises(AudioFormatError, match=r"^espeak-ng: not a sound file"):
            read_samples(sound.fileno(), "espeak-ng")
