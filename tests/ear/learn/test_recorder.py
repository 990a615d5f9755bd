"""Examples out of the microphone: through the gate, and not while it is muted."""

import threading

import numpy as np
import pytest

from fakes.hearing import ScriptedMicrophone, nothing, unplugged
from sottovoce.ear.gate import Gate
from sottovoce.ear.learn.recorder import Recorder
from sottovoce.ear.ring import Ring
from sottovoce.errors import InputError, MicrophoneCut, MicrophoneError
from sottovoce.vocabulary import FRAME_SAMPLES, MuteReason

QUIET = "." * 30


class Following:
    """A detector that knows speech by its value: frames of 7 are speech; told of each frame."""

    def __init__(self, on_frame=nothing):
        self._on_frame = on_frame

    def probability(self, samples):
        self._on_frame(samples)
        return 1.0 if samples[0] == 7 else 0.0

    def reset(self):
        """Know nothing."""


def recording(script, detector=None):
    """A recorder whose microphone gives 1 for quiet frames and 7 for speech, S in the script."""
    frames = [7 if letter == "S" else 1 for letter in script] if isinstance(script, str) else script
    gate = Gate(ScriptedMicrophone(frames, live=False), Ring(400), nothing)
    gate.unmute(MuteReason.STARTING)
    reader = threading.Thread(target=gate.listen, daemon=True)
    reader.start()
    return Recorder(gate, detector or Following()), gate


def test_each_saying_comes_whole_with_the_quiet_around_it():
    """Two sayings, one after the other: all of their speech, half a second before, the pause after."""
    recorder, gate = recording(QUIET + "SSSSS" + QUIET + "SSSSSSSS" + QUIET)
    for length in (5, 8):
        frames = recorder.saying().reshape(-1, FRAME_SAMPLES)[:, 0]
        assert np.count_nonzero(frames == 7) == length
        assert frames[0] == frames[-1] == 1
        assert np.flatnonzero(frames == 7)[0] >= 10
    gate.stop()


def test_muted_it_refuses():
    """With any reason for being mute, nothing is recorded, and one reads why."""
    recorder, gate = recording(QUIET)
    gate.mute(MuteReason.SOFT)
    with pytest.raises(MicrophoneCut, match="muted"):
        recorder.saying()
    gate.stop()


def test_muted_in_the_middle_of_a_word_nothing_of_it_is_kept():
    """The switch is flipped while one speaks: refused, also when it is flipped back at once."""
    heard = []

    def flip(samples):
        heard.append(samples)
        if samples[0] == 7 and len(heard) > 32:
            gate.mute(MuteReason.HARDWARE)
            gate.unmute(MuteReason.HARDWARE)

    recorder, gate = recording(QUIET + "SSSSS" + QUIET, Following(flip))
    with pytest.raises(MicrophoneCut, match="nothing was kept"):
        recorder.saying()
    assert not any(frame.any() for frame in heard[:33])
    gate.stop()


def test_nobody_speaks():
    """After a quarter of a minute of quiet it gives up; a sound that ends is told too."""
    recorder, gate = recording("." * 600)
    with pytest.raises(InputError, match="nobody spoke"):
        recorder.saying()
    gate.stop()
    recorder, gate = recording("...")
    with pytest.raises(InputError, match="sound ended"):
        recorder.saying()


def test_whoever_speaks_on_and_on_is_cut_off():
    """Five seconds are enough; the examples then tell that it is too long."""
    recorder, gate = recording(QUIET + "S" * 300)
    assert len(recorder.saying()) < 7 * 16_000
    gate.stop()


def test_a_microphone_that_is_pulled_out_is_told():
    """A fault of the microphone ends the lesson with what the microphone says."""
    recorder, gate = recording([1, 1, unplugged()])
    with pytest.raises(MicrophoneError, match="went away"):
        recorder.saying()
    gate.stop()
