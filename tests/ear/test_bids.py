"""Who answers: the order of bids, and the whole table."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.ear.bids import PACE_SECONDS, TABLE, WINDOW_SECONDS, Round, Standing, Turn, beats
from sottovoce.wire import NAMES_CAP, OLDEST_SECONDS, Bid

decibels = st.floats(-200, 200) | st.sampled_from([0.0, 10.0])
bids = st.builds(
    Bid,
    site=st.sampled_from(["bedroom", "hall", "kitchen"]),
    nonce=st.sampled_from(["0" * 16, "f" * 16]),
    engaged=st.booleans(),
    score=decibels,
    rms=decibels,
)


def a_bid(score=10.0, *, site="kitchen", nonce="0" * 16, engaged=False, rms=-30.0, over=()):
    """Make a bid of which nothing matters but what is said."""
    return Bid(site=site, nonce=nonce, engaged=engaged, score=score, rms=rms, over=over)


@given(bids, bids, bids)
def test_all_devices_see_the_same_order(one, other, third):
    """Of two different bids exactly one beats the other, none beats itself, and there are no circles."""
    assert not beats(one, one)
    assert beats(one, other) + beats(other, one) == (one != other)
    assert not (beats(one, other) and beats(other, third)) or beats(one, third)


def test_what_makes_a_bid_the_better_one():
    """A conversation under way, then how far the word stood above the noise, then how loud it was."""
    order = [
        a_bid(10.0),
        a_bid(10.0, site="lounge"),
        a_bid(10.0, rms=-29.9),
        a_bid(10.1, rms=-60.0),
        a_bid(-5.0, rms=-60.0, engaged=True),
    ]
    assert all(beats(better, worse) for worse, better in itertools.combinations(order, 2))


def test_who_has_lost_or_won_stays_so():
    """The table holds these two moves and no other."""
    assert dict(TABLE) == {
        (Standing.OPEN, Turn.OUTBID): Standing.LOST,
        (Standing.OPEN, Turn.TIME_UP): Standing.WON,
    }


@pytest.mark.parametrize(
    ("score", "named", "standing"),
    [(11.0, True, Standing.LOST), (11.0, False, Standing.OPEN), (9.0, True, Standing.OPEN)],
)
def test_it_yields_only_to_a_better_bid_that_names_it(score, named, standing):
    """Not to a worse one, and not to one that may never have heard of it."""
    current = Round(a_bid(), woken=5.0)
    current.weigh(a_bid(score, site="hall", over=("0" * 16,) * named), made=5.0)
    assert current.standing is standing


@pytest.mark.parametrize(("made", "named"), [(4.79, 0), (4.81, 1), (5.19, 1), (5.21, 0)])
def test_only_bids_of_the_same_moment_are_named(made, named):
    """Whoever calls another device 0.2 s sooner or later speaks to that one."""
    current = Round(a_bid(), woken=5.0)
    current.weigh(a_bid(1.0, nonce="1" * 16), made)
    assert len(current.say(5.0).over) == named


def test_it_names_no_more_than_fit_into_a_bid():
    """However many an enemy makes up."""
    current = Round(a_bid(), woken=0.0)
    for number in range(1, 200):
        current.weigh(a_bid(1.0, nonce=f"{number:016x}"), made=0.0)
    assert len(current.say(0.0).over) == NAMES_CAP


def test_it_speaks_no_more_often_than_its_pace_and_not_for_long():
    """A flood of bids makes no flood of answers, and a wake of long ago is not talked of."""
    current, said = Round(a_bid(), woken=0.0), 0
    for milliseconds in range(3000):
        now = milliseconds / 1000
        current.go_on(now)
        current.weigh(a_bid(1.0, nonce="1" * 16), made=now)
        bid = current.say(now)
        assert bid is None or bid.age <= OLDEST_SECONDS
        said += bid is not None
    assert current.standing is Standing.WON
    assert said <= OLDEST_SECONDS / PACE_SECONDS + 1


def test_who_has_lost_says_nothing_more():
    """So it makes nobody yield whom it would then not answer."""
    current = Round(a_bid(), woken=0.0)
    current.weigh(a_bid(11.0, site="hall", over=("0" * 16,)), made=-1.0)
    current.weigh(a_bid(1.0, nonce="1" * 16), made=0.0)
    assert current.say(0.1) is None


def test_it_has_won_when_its_time_is_up_and_not_before():
    """Without a word of anybody."""
    current = Round(a_bid(), woken=1.0)
    current.go_on(1.0 + WINDOW_SECONDS - 0.001)
    assert current.standing is Standing.OPEN
    current.go_on(1.0 + WINDOW_SECONDS)
    assert current.standing is Standing.WON
