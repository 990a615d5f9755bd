"""The board's contract on a real kernel's lines, and how long an edge takes. Runs in User Mode Linux alone.

The board lives in a process of its own, through the real rpi-lgpio; the test is the world around it.
"""

import multiprocessing
import os
import statistics
import time
from pathlib import Path

import pytest

from contracts.board import DEAF, LIVE, BoardContract
from gpio_sim.chip import Chip
from sottovoce.ear.devices import gpio
from sottovoce.ear.devices.rpi import RaspberryPiBoard, pins
from sottovoce.errors import SwitchError
from sottovoce.vocabulary import Position

FLIPS = 300
FORK = multiprocessing.get_context("fork")
_PATIENCE_SECONDS = 5.0


def claim(line, held):
    """Be another process that uses a line."""
    module, _ = gpio.load(Path("/tmp"))
    module.setmode(module.BCM)
    module.setup(pins()[line], module.IN)
    held.send(None)
    time.sleep(_PATIENCE_SECONDS)


def be_the_board(orders, pipe):
    """Be the daemon: tell what the board tells, and do as ordered."""
    module, _ = gpio.load(Path("/tmp"))
    try:
        board = RaspberryPiBoard(module)
        board.watch_button(lambda press: pipe.send(("pressed", time.monotonic(), press)))
        board.watch(lambda position: pipe.send(("told", time.monotonic(), position)))
    except SwitchError as error:
        pipe.send(("refused", time.monotonic(), error))
        return
    pipe.send(("ready", time.monotonic(), None))
    while order := orders.recv():
        if order == "lose edges":
            for name in ("sense_switch", "sense_rail"):
                module.remove_event_detect(pins()[name])
        elif order == "be quiet":
            os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        else:
            board.show(order)
        pipe.send(("ready", time.monotonic(), None))


class KernelBench:
    """A simulated chip, and a board that runs on it in another process."""

    def __init__(self):
        self.told, self.presses = [], []
        self.chip = Chip()
        self._pipe, self._orders, self._processes = None, None, []
        os.environ["RPI_LGPIO_CHIP"] = str(self.chip.number)

    def start(self):
        orders, self._orders = FORK.Pipe(duplex=False)
        self._pipe, pipe = FORK.Pipe(duplex=False)
        self._fork(be_the_board, orders, pipe)
        pipe.close()
        self._await("ready")

    def drive(self, **levels):
        before = time.monotonic()
        for name, level in levels.items():
            self.chip.drive(name, level)
        return before

    def glitch(self, name, seconds):
        level = self.chip.level(name)
        self.chip.drive(name, not level)
        time.sleep(seconds)
        self.chip.drive(name, level)

    def pass_time(self, seconds):
        begun = time.monotonic()
        while (left := begun + seconds - time.monotonic()) > 0:
            if self._pipe.poll(left):
                self._listen()
        return time.monotonic() - begun

    def until(self, position, after=0.0):
        for when, told in self.told:
            if told is position and when > after:
                return when
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while self._pipe.poll(max(0.0, deadline - time.monotonic())):
            what, when, told = self._listen()
            if (what, told) == ("told", position) and when > after:
                return when
        raise AssertionError(f"not told {position}; told: {self.told}")

    def lose_edges(self):
        self._order("lose edges")

    def hold(self, name):
        held, theirs = FORK.Pipe(duplex=False)
        self._fork(claim, name, theirs)
        assert held.poll(_PATIENCE_SECONDS)

    def vanish(self):
        self._order("be quiet")  # lgpio says it of each line as fast as it can
        self.chip.vanish()

    def pull(self, name):
        return self.chip.pull(name)

    def show(self, look):
        self._order(look)

    def share(self, name):
        return self.chip.share(name)

    def close(self):
        """End the processes, which lets go of their lines, and remove the chip."""
        for process in self._processes:
            process.kill()
            process.join()
        self.chip.remove()

    def _fork(self, target, *arguments):
        self._processes.append(FORK.Process(target=target, args=arguments, daemon=True))
        self._processes[-1].start()

    def _order(self, order):
        self._orders.send(order)
        self._await("ready")

    def _await(self, wanted):
        while self._listen()[0] != wanted:
            pass

    def _listen(self):
        """Take in one thing that the board's process said."""
        what, when, news = self._pipe.recv()
        if what == "told":
            self.told.append((when, news))
        elif what == "pressed":
            self.presses.append(news)
        elif what == "refused":
            raise news
        return what, when, news


@pytest.fixture
def bench():
    """A bench whose lines float until the board or the test drives them."""
    made = KernelBench()
    yield made
    made.close()


class TestOnAKernel(BoardContract):
    """All of it, on real lines."""

    @pytest.mark.parametrize("name", ["sense_switch", "sense_rail"])
    def test_how_soon_it_mutes(self, bench, capsys, name):
        """Every one of some hundred flips is told; prints how long it took, and promises no figure."""
        bench.start()
        took = []
        for _ in range(FLIPS):
            bench.until(Position.LIVE, bench.drive(**LIVE))
            edge = bench.drive(**{name: DEAF[name]})
            took.append(1000 * (bench.until(Position.MUTED, edge) - edge))
        assert len(took) == FLIPS
        middle, most = statistics.median(took), statistics.quantiles(took, n=100)[98]
        with capsys.disabled():
            print(  # noqa: T201  the figures are what it is run for
                f"\n  from the edge of {name} to muted, {FLIPS} flips: median {middle:.2f} ms, "
                f"99 in 100 within {most:.2f} ms, longest {max(took):.2f} ms"
            )
