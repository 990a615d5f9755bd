"""How loud it is: figures, and the switch."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.hearing import ScriptedMicrophone, nothing, unplugged
from sottovoce.ear import meter
from sottovoce.ear.devices.simulated import SimulatedBoard, SimulatedMicrophone
from sottovoce.ear.meter import Level, level, loudest, measure
from sottovoce.errors import MicrophoneError
from sottovoce.vocabulary import FRAME_SAMPLES, Position


@pytest.mark.parametrize(
    ("samples", "told"),
    [
        (np.zeros(100, np.int16), Level(-96.0, -96.0, 0)),
        (np.zeros(0, np.int16), Level(-96.0, -96.0, 0)),
        (np.full(100, 16_384, np.int16), Level(-6.0, -6.0, 0)),
        (np.array([3277] + [0] * 99, np.int16), Level(-40.0, -20.0, 0)),
        (np.array([32_767, -32_768, 0], np.int16), Level(-1.8, 0.0, 2)),
    ],
)
def test_a_level_is_that_of_its_samples(samples, told):
    """Mean power, peak and clipping, in dB of full scale."""
    assert level(samples) == told


@given(st.lists(st.integers(-32_768, 32_767), max_size=50))
def test_the_mean_is_never_above_the_peak(values):
    """Whatever the sound: silence at the least, full scale at most, and the peak on top."""
    told = level(np.array(values, np.int16))
    assert meter.SILENT_DBFS <= told.dbfs <= told.peak_dbfs <= 0.0


def test_levels_are_summed_up_by_the_loudest():
    """And all that clipped is counted."""
    assert loudest([Level(-40, -20, 1), Level(-30, -25, 2)]) == Level(-30, -20, 3)
    assert loudest([]) == Level(-96.0, -96.0, 0)


def on(board, values):
    """A microphone behind a board's switch."""
    source = ScriptedMicrophone(values)
    return SimulatedMicrophone(source, board), source


def test_it_measures_so_many_frames_and_closes():
    """Frame by frame, no more than asked for; then the microphone is closed and its sound overwritten."""
    board = SimulatedBoard(nothing)
    microphone, source = on(board, [1, 32_767, 3, 4])
    assert [one.clipped for one in measure(microphone, board, 3)] == [0, FRAME_SAMPLES, 0]
    assert not source.is_open


def test_it_ends_with_the_sound():
    """A recording shorter than asked for is measured to its end."""
    board = SimulatedBoard(nothing)
    microphone, _ = on(board, [1, 2])
    assert len(list(measure(microphone, board, 100))) == 2


def test_it_is_refused_while_muted():
    """The microphone is not even opened."""
    board = SimulatedBoard(nothing, position=Position.MUTED)
    microphone, source = on(board, [1, 2])
    with pytest.raises(MicrophoneError, match="muted by its switch"):
        list(measure(microphone, board, 2))
    assert "open" not in source.calls


def test_a_flip_ends_it():
    """Flipped in the middle, it stops there, and says why."""
    board = SimulatedBoard(nothing)
    microphone, source = on(board, [1, 2, 3])
    measuring = measure(microphone, board, 3)
    next(measuring)
    board.flip(Position.MUTED)
    with pytest.raises(MicrophoneError, match="muted by its switch"):
        next(measuring)
    assert not source.is_open


def test_a_microphone_that_goes_is_told():
    """Its own error, and not silence."""
    board = SimulatedBoard(nothing)
    microphone, _ = on(board, [1, unplugged()])
    with pytest.raises(MicrophoneError, match="went away"):
        list(measure(microphone, board, 2))
