"""Pseudonyms: a recipient knows the device again for a month, and nobody can link more than that."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.ear.pseudonym import LENGTH, SHORTEST_SECRET, pseudonym

SECRET = bytes(range(32))
secrets = st.binary(min_size=SHORTEST_SECRET, max_size=64)
moments = st.integers(0, 4_000_000_000).map(float)


def at(text):
    """Seconds since the epoch of a moment in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def test_it_stays_the_same_for_a_calendar_month_utc():
    """From the first second of a month to the last; then it is another."""
    november = pseudonym(SECRET, "clinic", at("2026-11-01T00:00:00"))
    assert pseudonym(SECRET, "clinic", at("2026-11-30T23:59:59")) == november
    assert pseudonym(SECRET, "clinic", at("2026-12-01T00:00:00")) != november
    assert pseudonym(SECRET, "clinic", at("2027-11-01T00:00:00")) != november


def test_it_does_not_change_with_a_release():
    """A recipient goes on knowing the device after an update: the value is fixed here."""
    assert pseudonym(SECRET, "clinic", at("2026-11-15T00:00:00")) == "658403664b8d2503"


@given(secrets, st.text(), st.text(), moments)
def test_two_recipients_see_two_names(secret, one, other, now):
    """Short hex, the same again for one recipient, and different for two."""
    name = pseudonym(secret, one, now)
    assert len(name) == LENGTH
    assert set(name) <= set("0123456789abcdef")
    assert (pseudonym(secret, other, now) == name) == (one == other)


@given(secrets, secrets, moments)
def test_without_the_secret_it_cannot_be_made(one, other, now):
    """Another device, or a guess, gives another name."""
    assert (pseudonym(one, "clinic", now) == pseudonym(other, "clinic", now)) == (one == other)


def test_a_secret_that_could_be_guessed_is_refused():
    """An empty or short one is an error, not a pseudonym."""
    with pytest.raises(ValueError, match="16 bytes"):
        pseudonym(b"short", "clinic", 0.0)
