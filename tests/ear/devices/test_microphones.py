"""Every microphone keeps the port's promises; then what is special to each."""

import contextlib
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.hearing import nothing
from sottovoce.ear.devices.pipe import PipeMicrophone
from sottovoce.ear.devices.pyaudio import PyAudioMicrophone, PyAudioSpeaker
from sottovoce.ear.devices.recording import Recording
from sottovoce.ear.devices.simulated import SimulatedBoard, SimulatedMicrophone
from sottovoce.ear.light import Colour, Look
from sottovoce.errors import ConfigError, MicrophoneCut, MicrophoneError, SpeakerError
from sottovoce.vocabulary import FRAME_SAMPLES, SAMPLE_RATE, Position, Press

KINDS = ("recording", "pipe", "simulated recording", "simulated pipe")


def sound(frames, first=1):
    """Make frames of sound; each sample of frame i holds `first` + i."""
    return np.repeat(np.arange(first, first + frames, dtype=np.int16), FRAME_SAMPLES)


def everything(microphone):
    """Read to the end."""
    frames = []
    with contextlib.suppress(EOFError):
        while len(frames) < 1000:
            frames.append(microphone.read())
    assert len(frames) < 1000, "it does not end"
    return np.concatenate(frames)


class Pipe:
    """A pipe that a test speaks into."""

    def __init__(self):
        self.read, self.write = os.pipe()

    def say(self, samples):
        os.write(self.write, samples.astype("<i2").tobytes())

    def hang_up(self):
        if self.write is not None:
            os.close(self.write)
            self.write = None

    def close(self):
        self.hang_up()
        os.close(self.read)


@pytest.fixture
def pipe():
    """An open pipe."""
    opened = Pipe()
    yield opened
    opened.close()


class Contract:
    """What the gate may count on, whatever the microphone."""

    @pytest.fixture(params=KINDS)
    def given(self, request, pipe):
        """Give a microphone, and a way to have it hear five frames and then no more."""
        if request.param.endswith("recording"):
            source, speak = Recording(sound(5)), nothing
        else:
            source = PipeMicrophone(pipe.read)

            def speak():
                pipe.say(sound(5))
                pipe.hang_up()

        if request.param.startswith("simulated"):
            source = SimulatedMicrophone(source, SimulatedBoard(nothing))
        return source, speak

    def test_it_gives_whole_frames_in_order(self, given):
        """Each read is one frame of 16 bit samples, and no sample is lost or comes twice."""
        microphone, speak = given
        microphone.open()
        speak()
        for number in range(5):
            frame = microphone.read()
            assert frame.shape == (FRAME_SAMPLES,)
            assert frame.dtype == np.int16
            assert set(frame) == {number + 1}
        microphone.close()

    def test_it_ends(self, given):
        """When there will be no more sound, it says so, and says it again."""
        microphone, speak = given
        microphone.open()
        speak()
        assert everything(microphone)[4 * FRAME_SAMPLES] == 5
        with pytest.raises(EOFError):
            microphone.read()
        microphone.close()

    def test_a_frame_can_be_overwritten_and_is_nobody_elses(self, given):
        """The gate zeroes a frame it must not use; that touches no other frame."""
        microphone, speak = given
        microphone.open()
        speak()
        first, second = microphone.read(), microphone.read()
        first.fill(0)
        assert set(second) == {2}
        assert set(microphone.read()) == {3}
        assert not first.any()
        microphone.close()

    def test_it_goes_on_after_a_pause(self, given):
        """Closed and opened again it hears on; closing twice, or before opening, does no harm."""
        microphone, speak = given
        microphone.close()
        microphone.open()
        speak()
        assert set(microphone.read()) == {1}
        microphone.close()
        microphone.close()
        microphone.open()
        if microphone.live:
            with pytest.raises(EOFError):
                microphone.read()
        else:
            assert set(microphone.read()) == {2}
        microphone.close()

    def test_it_says_whether_it_waits(self, given):
        """It is either live or waits for its reader."""
        microphone, _ = given
        assert microphone.live in {True, False}


class TestMicrophones(Contract):
    """The contract, for each of them."""


def test_a_recording_ends_in_silence():
    """After a recording comes the silence that ends its last sentence, 1.5 s of it, and then its end."""
    heard = everything(Recording(sound(2)))
    assert np.array_equal(heard[: 2 * FRAME_SAMPLES], sound(2))
    assert not heard[2 * FRAME_SAMPLES :].any()
    assert len(heard) >= 2 * FRAME_SAMPLES + 1.5 * SAMPLE_RATE


@pytest.mark.parametrize("length", [0, 1, 511, 512, 513])
def test_no_sample_of_a_recording_is_lost(length):
    """A recording that is no whole number of frames is filled up with silence."""
    assert int(everything(Recording(np.ones(length, dtype=np.int16))).sum()) == length


def test_what_waited_in_the_pipe_is_thrown_away(pipe):
    """Nothing from before an opening can be read, be it more than a pipe's page."""
    microphone = PipeMicrophone(pipe.read)
    pipe.say(sound(60))
    microphone.open()
    pipe.say(sound(1, first=100))
    assert set(microphone.read()) == {100}


def test_what_was_half_read_is_thrown_away(pipe):
    """Half a frame from before a closing is no part of the first frame after the opening."""
    microphone = PipeMicrophone(pipe.read)
    microphone.open()
    pipe.say(sound(1)[:100])
    microphone.read()
    assert microphone._left
    microphone.close()
    assert not microphone._left
    microphone.open()
    pipe.say(sound(1, first=100))
    assert set(microphone.read()) == {100}


def test_a_pipe_without_sound_is_silent_and_alive(pipe):
    """A writer that pauses is silence, not an end; what it had begun to write is not lost."""
    microphone = PipeMicrophone(pipe.read)
    microphone.open()
    whole = sound(1, first=7)
    pipe.say(whole[:200])
    assert not microphone.read().any()
    pipe.say(whole[200:])
    assert set(microphone.read()) == {7}


@settings(max_examples=60, deadline=None)
@given(before=st.integers(0, 1500), cut=st.integers(0, 1500), frames=st.integers(1, 3))
def test_samples_stay_whole_however_the_pipe_is_cut(before, cut, frames):
    """An opening in the middle of a sample does not turn all that follows into noise."""
    pipe = Pipe()
    try:
        microphone = PipeMicrophone(pipe.read)
        stream = np.full(before + frames * FRAME_SAMPLES, 0x0102, dtype="<i2").tobytes()
        cut = min(cut, len(stream) - frames * FRAME_SAMPLES * 2)
        os.write(pipe.write, stream[:cut])
        microphone.open()
        os.write(pipe.write, stream[cut:])
        for _ in range(frames):
            assert set(microphone.read()) == {0x0102}
    finally:
        pipe.close()


def test_a_descriptor_that_gives_no_sound_is_a_fault_of_the_microphone(tmp_path):
    """A folder in place of a pipe is told as such, in the port's own words."""
    folder = os.open(tmp_path, os.O_RDONLY)
    try:
        with pytest.raises(MicrophoneError, match="Is a directory"):
            PipeMicrophone(folder).open()
    finally:
        os.close(folder)


def test_a_switch_that_is_off_cuts_the_microphone():
    """A simulated microphone behind a switch that is off cannot be opened nor read, nor read to the end."""
    board, reads = SimulatedBoard(nothing), []

    class FlippedMeanwhile(Recording):
        def read(self):
            reads.append(board.muted)
            board.flip(Position.MUTED)
            return super().read()

    microphone = SimulatedMicrophone(FlippedMeanwhile(sound(3)), board)
    microphone.open()
    for reach in (microphone.read, microphone.read, microphone.open):
        with pytest.raises(MicrophoneCut):
            reach()
    microphone.close()
    assert reads == [False]


def test_the_simulated_board_tells_now_and_at_each_flip():
    """Whoever watches learns where the switch stands, and every move of it; other words move nothing."""
    told, shown = [], []
    board = SimulatedBoard(shown.append, position=Position.MUTED)
    board.watch(told.append)
    for word in ("live", "unmute", "", "mute", "tamper", "press short", "fault", "unreadable", "live"):
        board.order(word)
    assert told == [
        Position.MUTED, Position.LIVE, Position.MUTED, Position.TAMPER, Position.FAULT, Position.UNREADABLE,
        Position.LIVE,
    ]  # fmt: skip
    board.show(Look(Colour.RED))
    assert shown == [Look(Colour.RED)]


def test_the_simulated_button_is_pressed_by_words():
    """Each press there is has a word, and it is told once."""
    pressed = []
    board = SimulatedBoard(nothing)
    board.order("press short")  # nobody watches yet
    board.watch_button(pressed.append)
    for press in Press:
        board.order(f"press {press}")
    assert pressed == list(Press)


MAKE_A_BOARD = (
    "from sottovoce.ear.devices.simulated import SimulatedBoard\n"
    "from sottovoce.errors import ConfigError\n"
    "try: SimulatedBoard(print); print('made')\n"
    "except ConfigError as error: print('refused')"
)


@pytest.mark.parametrize(
    ("started_by", "answer"),
    [
        ("INVOCATION_ID=1 exec {python} -c {code}", "refused"),
        ("INVOCATION_ID=1 SYSTEMD_EXEC_PID=$$ exec {python} -c {code}", "refused"),
        ("export INVOCATION_ID=1 SYSTEMD_EXEC_PID=$$; {python} -c {code}; true", "refused"),
        ("INVOCATION_ID=1 SYSTEMD_EXEC_PID=1 {python} -c {code}; true", "made"),
        ("SYSTEMD_EXEC_PID=$$ exec {python} -c {code}", "made"),
    ],
    ids=["an old systemd", "a unit", "started by a unit", "a desktop's terminal", "no systemd"],
)
def test_a_simulated_switch_is_no_service(started_by, answer):
    """Systemd cannot start a box whose privacy switch is made up; a terminal that it started can."""
    environment = {name: value for name, value in os.environ.items() if "INVOC" not in name}
    command = started_by.format(python="'" + sys.executable + "'", code='"$CODE"')
    run = subprocess.run(
        ["sh", "-c", command],
        env={**environment, "CODE": MAKE_A_BOARD},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.split() == [answer]


def test_the_refusal_says_what_to_do():
    """The one line names the option to take away."""
    with pytest.raises(ConfigError, match="take --simulate away"):
        SimulatedBoard(nothing, environment={"INVOCATION_ID": "1"})


def test_a_microphone_that_is_not_there_is_named_with_those_that_are():
    """PortAudio's real answer on this machine: one line, the name that was wanted, the devices there are."""
    microphone = PyAudioMicrophone("no such microphone")
    with pytest.raises(MicrophoneError, match=r"'no such microphone' cannot be opened: .*; input devices: "):
        microphone.open()
    microphone.close()


def test_a_loudspeaker_that_is_not_there_is_named_with_those_that_are():
    """The same for the loudspeaker."""
    with pytest.raises(SpeakerError, match=r"'no such speaker' cannot be used: .*; output devices: "):
        PyAudioSpeaker("no such speaker").play(np.zeros(160, dtype=np.int16))
