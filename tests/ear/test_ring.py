"""The ring: the one place that holds sound."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.ear.ring import Ring
from sottovoce.vocabulary import FRAME_SAMPLES


def filled(slots, frames):
    """Make a ring into which `frames` frames were written; frame i holds the value i + 1."""
    ring = Ring(slots)
    for number in range(frames):
        assert ring.write(np.full(FRAME_SAMPLES, number + 1, dtype=np.int16)) == number
    return ring


def values(samples):
    """Reduce samples to one value a frame."""
    return [int(value) for value in samples[::FRAME_SAMPLES]]


@given(slots=st.integers(1, 9), frames=st.integers(0, 30))
def test_the_last_frames_are_at_hand_and_no_others(slots, frames):
    """As many frames as there are slots can be looked at; older ones and future ones cannot."""
    ring = filled(slots, frames)
    for index in range(-2, frames + 2):
        if max(0, frames - slots) <= index < frames:
            assert set(ring.view(index)) == {index + 1}
        else:
            with pytest.raises(IndexError):
                ring.view(index)


@given(
    slots=st.integers(1, 9), frames=st.integers(0, 30), start=st.integers(-5, 35), length=st.integers(0, 12)
)
def test_a_copy_is_what_is_left_of_the_frames_in_order(slots, frames, start, length):
    """A copy holds the frames asked for, as far as they are still at hand, end to end and once each."""
    ring = filled(slots, frames)
    wanted = [index + 1 for index in range(start, start + length) if max(0, frames - slots) <= index < frames]
    assert values(ring.copy(start, start + length)) == wanted


def test_a_copy_is_nobodys_view():
    """A copied sentence stays as it is while the ring is written on."""
    ring = filled(2, 2)
    copied = ring.copy(0, 2)
    ring.write(np.full(FRAME_SAMPLES, 9, dtype=np.int16))
    assert values(copied) == [1, 2]


def test_a_wipe_reaches_every_sample_and_every_view():
    """After a wipe there is not one sample left, nor in the hands of those who were looking."""
    ring = filled(4, 7)
    views = [ring.view(index) for index in range(3, 7)]
    ring.wipe()
    assert not any(view.any() for view in views)
    assert not ring.copy(0, 7).any()


def test_a_frame_of_another_length_is_refused():
    """Half a frame is a bug of a microphone and is not stretched over a slot."""
    with pytest.raises(ValueError, match="broadcast"):
        Ring(2).write(np.ones(FRAME_SAMPLES // 2, dtype=np.int16))
