"""How long the courier waits before it tries again."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sottovoce.courier.backoff import FIRST_SECONDS, LONGEST_SECONDS, delay

tries = st.integers(0, 10**9)
chances = st.floats(0, 1)


@given(tries, chances)
def test_it_always_waits_and_never_for_long(count, chance):
    """After any number of failures, and by any chance, the wait is neither none nor over the longest."""
    assert 0 < FIRST_SECONDS / 2 <= delay(count, chance) <= LONGEST_SECONDS


@given(chances)
def test_it_waits_longer_each_time(chance):
    """Each failure makes the next wait longer, by twice, up to the longest."""
    waits = [delay(count, chance) for count in range(30)]
    assert waits[0] <= FIRST_SECONDS
    for earlier, later in pairwise(waits):
        assert later == min(2 * earlier, delay(10**9, chance))


@given(tries)
def test_chance_spreads_the_tries(count):
    """Many devices that lost one broker do not all come back at the same moment."""
    assert delay(count, 1.0) == 2 * delay(count, 0.0)
    assert delay(count, 0.25) < delay(count, 0.75)
