"""The mute gate: how sound comes in, and how it does not."""

import threading
import time

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fakes.hearing import FRAME_MS, Clock, ScriptedMicrophone, StampedMicrophone, nothing, stamps, unplugged
from sottovoce.ear.gate import AGAIN_SECONDS, BACKLOG_FRAMES, Gate
from sottovoce.ear.ring import Ring
from sottovoce.errors import MicrophoneCut
from sottovoce.vocabulary import FRAME_SAMPLES, MuteReason

PATIENCE = 20.0
"""Seconds after which a thread that should have come is taken for stuck."""


def opened(microphone, ring=None, changed=nothing):
    """Make a gate that has started."""
    gate = Gate(microphone, ring or Ring(BACKLOG_FRAMES * 2), changed)
    gate.unmute(MuteReason.STARTING)
    return gate


def take(gate):
    """Take all frames that wait; the value of each (a ScriptedMicrophone's frames hold one value)."""
    values = []
    while (frame := gate.frame(0)) is not None:
        values.append(int(frame.samples[0]))
    return values


class TestReasons(RuleBasedStateMachine):
    """The gate's reasons against a plain set."""

    def __init__(self):
        super().__init__()
        self.clock = Clock()
        self.microphone = StampedMicrophone(self.clock)
        self.ring = Ring(BACKLOG_FRAMES + 1)
        self.changes = 0
        self.gate = Gate(self.microphone, self.ring, self.count)
        self.model = {MuteReason.STARTING}
        self.epoch = self.gate.epoch

    def count(self):
        self.changes += 1

    def follow(self, change, model):
        """Make a change to gate and model; an epoch begins exactly when the gate flips."""
        told, flips = self.changes, bool(self.model) != bool(model)
        change()
        assert self.changes > told
        assert self.gate.epoch - self.epoch == flips
        self.epoch, self.model = self.gate.epoch, model
        if model:
            assert not self.ring._slots.any()

    @rule(reason=st.sampled_from(MuteReason))
    def mute(self, reason):
        self.follow(lambda: self.gate.mute(reason), self.model | {reason})

    @rule(reason=st.sampled_from(MuteReason))
    def unmute(self, reason):
        self.follow(lambda: self.gate.unmute(reason), self.model - {reason})

    @rule()
    def read(self):
        self.gate.step()
        assert self.gate.stream_open == self.microphone.is_open == (not self.model)

    @precondition(lambda self: not self.model)
    @rule()
    def hear(self):
        self.gate.step()
        frame = self.gate.frame(0)
        assert frame is not None
        assert frame.epoch == self.gate.epoch
        assert stamps(frame.samples)

    @invariant()
    def agrees_with_the_model(self):
        assert self.gate.reasons == self.model
        assert self.gate.is_current(self.gate.epoch) == (not self.model)


test_nobody_clears_another_reason = TestReasons.TestCase
del TestReasons


class Interrupted(str):
    """A reason during whose handling another thread comes in between, if it can."""

    __slots__ = ("other",)

    def __hash__(self):
        if self.other is not None:
            other, self.other = self.other, None
            other.start()
            other.join(0.2)  # it waits for its turn: go on without it
        return super().__hash__()

    def __eq__(self, other):
        return super().__eq__(other)


@pytest.mark.parametrize("speaking", ["begins", "ends"])
def test_no_reason_is_lost_between_threads(speaking):
    """A flip of the switch in the very moment in which the device begins or ends to speak still counts."""
    gate = opened(ScriptedMicrophone([]))
    reason = Interrupted(MuteReason.SPEAKING)
    reason.other = None
    if speaking == "ends":
        gate.mute(reason)
    switch = reason.other = threading.Thread(target=gate.mute, args=(MuteReason.HARDWARE,))
    if speaking == "ends":
        gate.unmute(reason)
    else:
        gate.mute(reason)
    switch.join(PATIENCE)
    assert MuteReason.HARDWARE in gate.reasons
    assert (MuteReason.SPEAKING in gate.reasons) == (speaking == "begins")


def test_it_begins_shut():
    """Until somebody says that all is ready, the microphone is not even opened."""
    microphone = ScriptedMicrophone([1, 2])
    gate = Gate(microphone, Ring(8), nothing)
    gate.step()
    assert gate.reasons == {MuteReason.STARTING}
    assert "open" not in microphone.calls
    assert gate.frame(0) is None


def test_frames_come_in_order_with_running_numbers():
    """The pipeline gets each frame once, in order, numbered without a gap."""
    gate = opened(ScriptedMicrophone([11, 12, 13]))
    for _ in range(3):
        gate.step()
    frames = [gate.frame(0) for _ in range(3)]
    assert [int(frame.samples[0]) for frame in frames] == [11, 12, 13]
    assert [frame.index for frame in frames] == [0, 1, 2]
    assert gate.frame(0) is None


def test_the_stream_is_opened_anew_after_each_shutting():
    """Muted and back before the reader looked again: what the sound card kept meanwhile is never read."""
    clock = Clock()
    microphone = StampedMicrophone(clock)
    gate = opened(microphone)
    gate.step()
    gate.mute(MuteReason.HARDWARE)
    clock.advance(200)
    gate.unmute(MuteReason.HARDWARE)
    back = clock.ms
    gate.step()
    frame = gate.frame(0)
    assert microphone.opened == 2
    assert min(stamps(frame.samples)) >= back


def test_a_frame_that_was_being_read_while_it_shut_is_overwritten():
    """The frame on its way in when the switch was flipped is zeroed and never handed on."""
    clock = Clock()
    gate = opened(StampedMicrophone(clock))
    clock.at(FRAME_MS // 2, lambda: gate.mute(MuteReason.HARDWARE))
    gate.step()
    assert gate.frame(0) is None
    assert not gate._ring._slots.any()


def test_a_frame_in_the_pipelines_hands_turns_to_zeros():
    """A frame taken just before the flip is silence when the engine looks at it."""
    gate = opened(ScriptedMicrophone([7]))
    gate.step()
    frame = gate.frame(0)
    gate.mute(MuteReason.SOFT)
    assert not frame.samples.any()


def test_an_utterance_in_the_pipelines_hands_turns_to_zeros():
    """A sentence that was copied for the transcriber is overwritten by the flip as the ring is."""
    gate = opened(ScriptedMicrophone([7, 8, 9]))
    for _ in range(3):
        gate.step()
    frame = gate.frame(0)
    copied = gate.since(frame.epoch, 0, 3)
    assert sorted({int(value) for value in copied}) == [7, 8, 9]
    gate.mute(MuteReason.HARDWARE)
    assert not copied.any()


def test_no_sentence_from_an_older_epoch():
    """What was begun before the gate shut cannot be fetched after it opened again."""
    gate = opened(ScriptedMicrophone([7, 8]))
    gate.step()
    epoch = gate.frame(0).epoch
    gate.mute(MuteReason.SOFT)
    assert gate.since(epoch, 0, 1) is None
    gate.unmute(MuteReason.SOFT)
    assert gate.since(epoch, 0, 1) is None


def test_a_live_source_that_nobody_follows_is_dropped_and_counted():
    """Sound that comes too fast from a live source is lost, and the loss is told; what was kept is whole."""
    gate = opened(ScriptedMicrophone(range(1, BACKLOG_FRAMES + 11)))
    for _ in range(BACKLOG_FRAMES + 10):
        gate.step()
    assert gate.dropped == 10
    assert take(gate) == list(range(1, BACKLOG_FRAMES + 1))


def test_a_recording_waits_for_the_pipeline():
    """Not one frame of a recording is lost, however slow the pipeline; then the gate has ended."""
    count = BACKLOG_FRAMES * 3
    gate = opened(ScriptedMicrophone(range(1, count + 1), live=False))
    reader = threading.Thread(target=gate.listen)
    reader.start()
    taken = []
    while not gate.ended:
        if (frame := gate.frame(PATIENCE)) is not None:
            taken.append(int(frame.samples[0]))
    reader.join(PATIENCE)
    assert not reader.is_alive()
    assert taken == list(range(1, count + 1))
    assert gate.dropped == 0
    assert not gate.stream_open


def test_the_last_frames_of_a_recording_are_still_taken():
    """A gate whose source is at its end has not ended before the pipeline took all of it."""
    gate = opened(ScriptedMicrophone([1, 2]))
    for _ in range(3):
        gate.step()
    assert not gate.ended
    assert take(gate) == [1, 2]
    assert gate.ended


def test_a_fault_is_told_and_passes():
    """A microphone that goes away is told as a fault; when it is back, the fault is told to be over."""
    told = []
    microphone = ScriptedMicrophone([1, unplugged(), 2], opens=[None, unplugged(), None])
    gate = Gate(microphone, Ring(8), lambda: told.append(gate.fault is not None))
    gate.unmute(MuteReason.STARTING)
    gate.step()
    take(gate)
    gate.step()
    assert "went away" in str(gate.fault)
    assert told[-1] is True
    assert not gate.stream_open
    gate.step()
    assert gate.fault is not None
    gate.step()
    assert gate.fault is None
    assert told[-1] is False
    assert take(gate) == [2]


def test_what_was_half_heard_before_a_fault_is_forgotten():
    """A fault begins a new epoch, so that no sentence is glued together over the gap."""
    gate = opened(ScriptedMicrophone([1, unplugged(), 2]))
    gate.step()
    before = gate.frame(0)
    gate.step()
    gate.step()
    after = gate.frame(0)
    assert after.epoch > before.epoch
    assert not before.samples.any()


@pytest.mark.parametrize("back", [False, True], ids=["stays off", "and on again"])
def test_a_microphone_that_the_switch_cut_is_no_fault(back):
    """The read that fails because the switch was flipped in its middle is not told as a fault."""
    gate = opened(ScriptedMicrophone([]))

    class CutInMidRead(ScriptedMicrophone):
        def read(self):
            gate.mute(MuteReason.HARDWARE)
            if back:
                gate.unmute(MuteReason.HARDWARE)
            raise MicrophoneCut("cut")

    gate._microphone = CutInMidRead([])
    gate.step()
    assert gate.fault is None
    assert not gate.stream_open


def test_a_fault_is_looked_at_again_by_the_reading_thread():
    """The reading thread itself comes back from a fault, without being told."""
    gate = opened(ScriptedMicrophone([unplugged(), 5], opens=[None, None]))
    reader = threading.Thread(target=gate.listen)
    reader.start()
    frame = None
    while frame is None and not gate.ended:
        frame = gate.frame(PATIENCE)
    assert int(frame.samples[0]) == 5
    reader.join(PATIENCE)
    assert not reader.is_alive()


def test_a_fault_told_just_before_the_switch_is_none():
    """The supply is cut before software learns of it: what looked like a fault is over once it knows."""
    gate = opened(ScriptedMicrophone([unplugged()]))
    gate.step()
    assert gate.fault is not None
    gate.mute(MuteReason.HARDWARE)
    assert gate.fault is None


def test_a_flip_ends_the_wait_after_a_fault():
    """A fault is not waited out when the switch moved since: the device hears again at once."""
    faulty = threading.Event()
    gate = Gate(
        ScriptedMicrophone([unplugged(), 5], opens=[None, None]),
        Ring(8),
        lambda: faulty.set() if gate.fault is not None else None,
    )
    reader = threading.Thread(target=gate.listen)
    reader.start()
    gate.unmute(MuteReason.STARTING)
    assert faulty.wait(PATIENCE)
    began = time.monotonic()
    gate.mute(MuteReason.HARDWARE)
    gate.unmute(MuteReason.HARDWARE)
    frame = None
    while frame is None and not gate.ended:
        frame = gate.frame(PATIENCE)
    assert int(frame.samples[0]) == 5
    assert time.monotonic() - began < 0.9 * AGAIN_SECONDS
    reader.join(PATIENCE)
    assert not reader.is_alive()


def test_an_unforeseen_error_ends_the_hearing():
    """A reading thread that dies of a bug leaves no open stream and no pipeline that waits for ever."""
    microphone = ScriptedMicrophone([1, ZeroDivisionError("a bug")])
    gate = opened(microphone)
    with pytest.raises(ZeroDivisionError):
        gate.listen()
    assert not microphone.is_open
    assert gate.ended


def test_stopping_lets_both_threads_end():
    """Whoever waits, for a frame or for the gate to open, is let go."""
    gate = Gate(ScriptedMicrophone([]), Ring(8), nothing)
    reader = threading.Thread(target=gate.listen)
    taker = threading.Thread(target=gate.frame)
    reader.start()
    taker.start()
    gate.stop()
    reader.join(PATIENCE)
    taker.join(PATIENCE)
    assert not reader.is_alive()
    assert not taker.is_alive()
    assert gate.ended


def test_a_recording_that_waits_is_let_go_by_mute():
    """A reader that holds a frame for a slow pipeline gives it up, overwritten, when the gate shuts."""
    waits = threading.Event()

    class Watched(ScriptedMicrophone):
        def read(self):
            if len(self.calls) > 1:
                waits.set()
            return super().read()

    gate = opened(Watched([1, 2, 3], live=False))
    reader = threading.Thread(target=gate.listen)
    reader.start()
    assert waits.wait(PATIENCE)
    gate.mute(MuteReason.HARDWARE)
    assert gate.frame(0) is None
    gate.unmute(MuteReason.HARDWARE)
    left = gate.frame(PATIENCE)
    gate.stop()
    reader.join(PATIENCE)
    assert not reader.is_alive()
    assert left is None or int(left.samples[0]) in {0, 2, 3}


def test_a_frame_is_what_porcupine_takes():
    """Frames have the length every engine here wants."""
    gate = opened(ScriptedMicrophone([3]))
    gate.step()
    frame = gate.frame(0)
    assert frame.samples.shape == (FRAME_SAMPLES,)
    assert frame.samples.dtype == np.int16
