"""Hours of the day."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.ear.hours import MINUTES_A_DAY, within

MINUTES = st.integers(0, MINUTES_A_DAY - 1)


def clock(minute):
    """Write a minute of the day as a clock shows it."""
    return f"{minute // 60:02}:{minute % 60:02}"


@pytest.mark.parametrize(
    ("span", "inside", "outside"),
    [
        ("22:00-07:00", ("22:00", "23:59", "00:00", "06:59"), ("07:00", "12:00", "21:59")),
        ("09:30-10:00", ("09:30", "09:59"), ("09:29", "10:00", "22:00")),
        ("00:00-00:00", ("00:00", "12:00", "23:59"), ()),
        ("13:15-13:15", ("13:15", "13:14", "00:00"), ()),
        ("00:00-23:59", ("00:00", "23:58"), ("23:59",)),
        ("23:59-00:00", ("23:59",), ("00:00", "23:58")),
    ],
)
def test_the_beginning_is_in_it_and_the_end_is_not(span, inside, outside):
    """Over midnight, to the minute, and the whole day."""
    for times, expected in ((inside, True), (outside, False)):
        for time in times:
            assert within([span], int(time[:2]) * 60 + int(time[3:])) is expected, time


@given(st.lists(st.tuples(MINUTES, MINUTES), max_size=4), MINUTES)
def test_any_spans_hold_the_minutes_one_walks_through(spans, minute):
    """A minute is in it exactly if one meets it walking from a beginning to its end."""
    walked = set()
    for start, end in spans:
        at = start
        while True:
            walked.add(at)
            at = (at + 1) % MINUTES_A_DAY
            if at == end:
                break
    assert within([f"{clock(start)}-{clock(end)}" for start, end in spans], minute) == (minute in walked)
