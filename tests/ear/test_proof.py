"""Proof of mute: the kernel's word against the ear's."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.ear.proof import PATIENCE_SECONDS, Capture, Finding, Proof

OURS, OTHER = Capture("card1/pcm0c/sub0", ours=True), Capture("card2/pcm0c/sub0", ours=False)
SERVER = Capture("card1/pcm0c/sub0", ours=False)
"""PulseAudio or PipeWire: a stream that carries our sound, and is not ours."""
ON = {"asked": False, "shut": False, "stream_open": True}
"""Not muted, and hearing."""
MUTED = {"asked": True, "shut": True, "stream_open": False}
SPEAKING = {"asked": False, "shut": True, "stream_open": False}


def proof(*captures):
    """One that has heard for a while by these streams."""
    made = Proof()
    made.feed(1.0, captures, **ON)
    return made


def after(made, captures, seconds=0.2, **how):
    """What is found when it has been so for a while."""
    made.feed(2.0, captures, **how)
    return made.feed(2.0 + seconds, captures, **how)


@pytest.mark.parametrize(
    ("heard_by", "captures", "how", "finding"),
    [
        ((OURS,), (OURS,), ON, Finding.OPEN),
        ((OURS,), (), ON, Finding.UNPROVEN),
        ((), (), MUTED, Finding.UNPROVEN),
        ((OURS,), (), MUTED, Finding.CLOSED),
        ((OURS,), (OURS,), MUTED, Finding.BROKEN),
        ((OURS,), (OTHER,), MUTED, Finding.BROKEN),
        ((OURS,), (OURS, OTHER), MUTED, Finding.BROKEN),
        ((OURS,), (OURS,), SPEAKING, Finding.BROKEN),
        ((OURS,), (OTHER,), SPEAKING, Finding.OPEN),
        ((OURS,), None, ON, Finding.UNPROVEN),
        ((OURS,), None, MUTED, Finding.UNPROVEN),
        ((SERVER,), (SERVER,), ON, Finding.OPEN),
        ((SERVER,), (SERVER,), MUTED, Finding.UNPROVEN),
        ((SERVER,), (), MUTED, Finding.CLOSED),
        ((SERVER,), (OURS,), MUTED, Finding.BROKEN),
        ((), (OTHER,), MUTED, Finding.UNPROVEN),
    ],
)
def test_what_is_found(heard_by, captures, how, finding):
    """Its own stream never outlives a mute; another program's neither, where the kernel can tell it apart."""
    assert after(proof(*heard_by), captures, **how) is finding


def test_a_stream_may_take_a_moment_to_close():
    """A tenth of a second is given, from when the difference began; then it is an alarm, until it is over."""
    made = proof(OURS)
    assert made.feed(2.0, [OURS], **MUTED) is Finding.OPEN
    assert made.settling
    assert made.feed(1.999 + PATIENCE_SECONDS, [OURS], **MUTED) is Finding.OPEN
    assert made.feed(2.001 + PATIENCE_SECONDS, [OURS], **MUTED) is Finding.BROKEN
    assert not made.settling
    assert made.feed(9.0, [OURS], **MUTED) is Finding.BROKEN
    assert made.feed(9.1, [], **MUTED) is Finding.CLOSED
    assert made.feed(9.2, [OURS], **MUTED) is Finding.OPEN


def test_before_anything_was_looked_at_nothing_is_proven():
    """It claims nothing that it did not see."""
    assert Proof().finding is Finding.UNPROVEN


WORDS = [None, *(
    set_ for size in range(3) for set_ in itertools.combinations((OURS, OTHER), size)
)]  # fmt: skip
LOOKS = st.lists(
    st.tuples(
        st.integers(1, 150), st.sampled_from(WORDS), st.booleans(), st.booleans(), st.booleans()
    ),
    max_size=40,
)  # fmt: skip


@given(LOOKS)
def test_broken_exactly_when_a_difference_has_lasted(looks):
    """Any course of looks: an alarm if and only if muted and open, seen so for more than 100 ms on end."""
    made, now, since, direct, blind = Proof(), 0.0, None, False, False
    for milliseconds, captures, asked, own_reason, stream_open in looks:
        now += milliseconds / 1024
        shut = asked or own_reason
        if captures is not None and stream_open and not shut:
            blind = not captures  # the kernel does not see the stream that is open
            direct = OURS in captures or (direct and blind)
        differs = bool(captures) and shut and (OURS in captures or (asked and direct))
        since = None if not differs else now if since is None else since
        found = made.feed(now, captures, asked=asked, shut=shut, stream_open=stream_open)
        assert (found is Finding.BROKEN) == (since is not None and now - since > PATIENCE_SECONDS)
        assert (found is Finding.CLOSED) == (captures is not None and not captures and not blind)
        assert found is not Finding.BROKEN or shut
        assert found is not Finding.UNPROVEN or captures is None or blind or (shut and OURS not in captures)
        assert made.settling == (since is not None and found is not Finding.BROKEN)
