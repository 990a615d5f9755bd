"""The board's contract on fake lines and a clock that the test moves. `make gpio-sim` has a real kernel's."""

import pytest

from contracts.board import BoardContract
from fakes.hearing import Clock
from fakes.lines import Lines
from sottovoce.ear.devices.rpi import RaspberryPiBoard, pins

_STEP_MS = 10


class FakeBench:
    """A board on fake lines. Its poll is the bench's: it looks each time the clock moves on."""

    def __init__(self):
        self.told, self.presses = [], []
        self._lines, self._clock, self._pins = Lines(), Clock(1000), pins()
        self._board = None

    def start(self):
        self._board = RaspberryPiBoard(self._lines, self._clock)
        self._board.watch_button(self.presses.append)
        self._board.watch(lambda position: self.told.append((self._clock(), position)))

    def drive(self, **levels):
        for name, level in levels.items():
            self._lines.drive(self._pins[name], level)
        return self._clock()

    def glitch(self, name, seconds):
        level = self._lines.levels[self._pins[name]]
        self._clock.advance(seconds * 1000)
        self._lines.drive(self._pins[name], 1 - level, level)

    def pass_time(self, seconds):
        left = round(seconds * 1000)
        while left > 0:
            self._clock.advance(min(left, _STEP_MS))
            self._board.look()
            self._board.feel()
            left -= _STEP_MS
        return seconds

    def until(self, position, after=0.0):
        for _ in range(100):
            for when, told in self.told:
                if told is position and when >= after:
                    return when
            self.pass_time(_STEP_MS / 1000)
        raise AssertionError(f"not told {position}; told: {self.told}")

    def lose_edges(self):
        self._lines.deaf = True

    def hold(self, name):
        self._lines.held.add(self._pins[name])

    def vanish(self):
        self._lines.present = False

    def pull(self, name):
        return {Lines.PUD_UP: "up", Lines.PUD_DOWN: "down"}[self._lines.pulls[self._pins[name]]]

    def show(self, look):
        self._board.show(look)

    def share(self, name):
        pin = self._pins[name]
        return self._lines.duty.get(pin, self._lines.levels[pin])


@pytest.fixture
def bench():
    """A bench whose lines nothing drives yet."""
    return FakeBench()


class TestOnFakeLines(BoardContract):
    """All of it."""
