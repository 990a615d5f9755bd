"""The real board on a real Raspberry Pi. Nobody has run these yet."""

import threading

import pytest

from sottovoce.ear.devices import gpio
from sottovoce.ear.devices.rpi import RaspberryPiBoard
from sottovoce.ear.light import Colour, Look
from sottovoce.vocabulary import Position

pytestmark = pytest.mark.on_device


@pytest.fixture
def board(tmp_path):
    """The board, by whichever package is installed."""
    module, _ = gpio.load(tmp_path)
    yield RaspberryPiBoard(module)
    module.cleanup()


def test_the_switch_can_be_read(board):
    """Watching the switch tells at once what it says; that is muted until it has settled."""
    told, news = [], threading.Event()

    def changed(position):
        told.append(position)
        news.set()

    board.watch(changed)
    assert news.wait(1.0)
    assert told[0] is Position.MUTED


@pytest.mark.parametrize("dim", [False, True], ids=["bright", "faint"])
@pytest.mark.parametrize("colour", Colour)
def test_the_light_can_be_set(board, colour, dim):
    """Every look can be shown without an error; that it looks right, eyes must say."""
    board.show(Look(colour, dim=dim))
