"""The device's own voices."""

import os
import stat

import numpy as np
import pytest

from sottovoce.ear.engines.silero import Silero
from sottovoce.ear.engines.voices import CommandVoice, spoken
from sottovoce.errors import EngineError
from sottovoce.vocabulary import FRAME_SAMPLES, SAMPLE_RATE

TEXT = "It is twelve thirty, and the kitchen light is on."


@pytest.fixture(params=["espeak-ng", "flite"])
def voice(request):
    """Each voice there is."""
    return CommandVoice(request.param)


def test_a_voice_can_be_heard(voice):
    """A sentence takes a few seconds at 16 kHz, is loud enough, and does not overdrive."""
    samples = voice.say(TEXT)
    assert samples.dtype == np.int16
    assert 1.5 * SAMPLE_RATE < len(samples) < 6 * SAMPLE_RATE
    loudness = np.sqrt((samples.astype(float) ** 2).mean())
    assert 300 < loudness < 12_000
    assert (np.abs(samples.astype(int)) >= 32_767).mean() < 0.001


def test_a_voice_is_speech_to_the_detector(voice):
    """What it says is speech, as the detector hears it; the rests are not."""
    samples, detector = voice.say(TEXT), Silero()
    whole = samples[: len(samples) // FRAME_SAMPLES * FRAME_SAMPLES]
    speech = [detector.probability(frame) for frame in np.split(whole, len(whole) // FRAME_SAMPLES)]
    assert np.mean([share >= 0.5 for share in speech]) > 0.6
    detector.reset()
    assert max(detector.probability(np.zeros(FRAME_SAMPLES, dtype=np.int16)) for _ in range(30)) < 0.5


def test_the_detector_forgets():
    """After a reset, the same sound gives the same answer as at first."""
    samples, detector = CommandVoice("flite").say("stop"), Silero()
    frames = np.split(samples[: 8 * FRAME_SAMPLES], 8)
    first = [detector.probability(frame) for frame in frames]
    detector.reset()
    assert [detector.probability(frame) for frame in frames] == first


@pytest.mark.parametrize("text", ["-h", "--help", "; rm -rf /", "$(id) `id`", "äöü €", "two\nlines"])
def test_words_are_words_and_nothing_else(voice, text):
    """Whatever there is to say goes in as text: no option, no command, no error."""
    assert len(voice.say(text)) > 0


def test_a_voice_that_is_not_installed_is_one_clear_error(tmp_path):
    """It is named, with the package to install: said when the ear is built, not at the first answer."""
    before = os.environ["PATH"]
    os.environ["PATH"] = str(tmp_path)
    try:
        with pytest.raises(EngineError, match=r"espeak-ng is not installed \(apt install espeak-ng"):
            CommandVoice("espeak-ng")
    finally:
        os.environ["PATH"] = before


@pytest.mark.parametrize(
    "script",
    ["exit 1", "exit 0", "echo no sound", "kill -9 $$"],
    ids=["fails", "is silent", "babbles", "dies"],
)
def test_a_voice_that_gives_no_sound_is_an_error(tmp_path, script):
    """A program that fails, in whatever way, is an error of the engine and not of the ear."""
    program = tmp_path / "voice"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    with pytest.raises(EngineError, match="voice"):
        spoken([str(program)], "hello")
