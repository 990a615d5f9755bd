"""A real broker for each test."""

import pytest

from sottovoce.bench.broker import Broker


@pytest.fixture
def broker():
    """A mosquitto of the test's own."""
    with Broker() as broker:
        yield broker
