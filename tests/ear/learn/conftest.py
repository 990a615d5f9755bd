"""A word that was learned of examples that flite speaks."""

import pytest

from sottovoce.ear.learn.model import learn


@pytest.fixture(scope="session")
def examples(teacher, render):
    """Six sayings of "hey snowboy" by one voice."""
    return [teacher.examples.make(render("hey snowboy", number), str(number)) for number in range(6)]


@pytest.fixture(scope="session")
def word(examples, other):
    """What is learned of them."""
    return learn("hey snowboy", examples, other)
