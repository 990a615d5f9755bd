"""The gate's first opening: a missing microphone is told at once, a switch that is off is waited for."""

import pytest

from fakes.hearing import ScriptedMicrophone, nothing, unplugged
from sottovoce.ear.gate import Gate
from sottovoce.ear.ring import Ring
from sottovoce.errors import MicrophoneError
from sottovoce.vocabulary import MuteReason


def a_gate(microphone):
    """Make a gate before its beginning."""
    return Gate(microphone, Ring(100), nothing)


def test_no_microphone_at_the_start_is_an_error():
    """Where no microphone is there to begin with, the ear does not begin: it says which there are."""
    gate = a_gate(ScriptedMicrophone([], opens=[unplugged()]))
    with pytest.raises(MicrophoneError, match="went away"):
        gate.begin()
    assert not gate.stream_open


def test_the_stream_is_open_once_it_has_begun():
    """After the beginning there is nothing more to open: the first frame is read from that stream."""
    microphone = ScriptedMicrophone([7])
    gate = a_gate(microphone)
    gate.begin()
    assert gate.stream_open
    gate.step()
    assert microphone.calls == ["open", "read"]
    assert gate.frame(0) is not None


def test_behind_a_switch_that_is_off_nothing_is_opened():
    """Started deaf, it opens nothing and waits for the switch; no microphone is then no error yet."""
    microphone = ScriptedMicrophone([7], opens=[unplugged()])
    gate = a_gate(microphone)
    gate.mute(MuteReason.HARDWARE)
    gate.begin()
    assert microphone.calls == []
    assert gate.reasons == {MuteReason.HARDWARE}
    gate.unmute(MuteReason.HARDWARE)
    gate.step()
    assert gate.fault is not None


def test_a_switch_flipped_while_it_opens_is_no_error():
    """The switch cuts the supply in the middle of the first opening: that is deafness, not a fault."""

    class Cut(ScriptedMicrophone):
        def open(self):
            gate.mute(MuteReason.HARDWARE)
            super().open()

    gate = a_gate(Cut([], opens=[unplugged()]))
    gate.begin()
    assert gate.fault is None


def test_a_microphone_that_goes_away_later_is_waited_for():
    """Once it has begun, a microphone that is pulled out and put in again is used again."""
    gate = a_gate(ScriptedMicrophone([7, unplugged(), 7], opens=[None, unplugged(), None]))
    gate.begin()
    faults = []
    for _ in range(4):
        gate.step()
        faults.append(gate.fault is not None)
    assert faults == [False, True, True, False]
