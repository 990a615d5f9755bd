"""When two sentences are the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.bench.sentences import Likeness

SAME = (
    ("set brightness to fifty percent", "Set Brightness to 50%"),
    ("set a timer for twenty one minutes", "set a timer for 21 minutes"),
    ("wait twenty-one seconds", "wait 21 seconds"),
    ("what's the ecobee temp", "What\u2019s the EcoBee temp?"),
    ("one hundred fifty", "150"),
    ("one point five", "1.5"),
)
DIFFERENT = (
    ("turn on the light", "turn off the light"),
    ("turn on the light", "turn on the lights"),
    ("fifty", "fifteen"),
    ("", ""),
    ("", "turn on the light"),
)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_case_digits_and_marks_do_not_count(one, other):
    """A sentence is the same however its file was named."""
    assert Likeness("en")(one, other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_words_count(one, other):
    """One word more, less or other is another sentence, and nothing is like nothing."""
    assert not Likeness("en")(one, other)


@given(one=st.integers(0, 9999), other=st.integers(0, 9999))
def test_numbers_are_the_same_when_they_are(one, other):
    """Two numbers are alike just when they are equal."""
    assert Likeness("en")(f"to {one}", f"to {other}") == (one == other)
