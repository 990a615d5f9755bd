"""The real board on a real Raspberry Pi. Nobody has run these yet."""

import threading

import pytest

from sottovoce.ear.devices.rpi import RaspberryPiBoard
from sottovoce.ear.light import Colour

pytestmark = pytest.mark.on_device


def test_the_switch_can_be_read():
    """Watching the switch tells at once whether the device is muted."""
    told, news = [], threading.Event()

    def changed(muted):
        told.append(muted)
        news.set()

    RaspberryPiBoard().watch(changed)
    assert news.wait(1.0)
    assert told[0] in {True, False}


@pytest.mark.parametrize("colour", Colour)
def test_the_light_can_be_set(colour):
    """Every colour can be shown without an error; that it looks right, eyes must say."""
    RaspberryPiBoard().show(colour)
