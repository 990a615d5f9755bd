"""What a board's switch, button and light keep, whatever GPIO is under them.

The ordinary suite runs this on a fake GPIO in no time; `make gpio-sim` runs it on a real kernel's lines.
A bench gives the board, the world outside it, and a clock.
"""

from typing import Protocol

import pytest

from sottovoce.ear.light import Colour, Look
from sottovoce.errors import SwitchError
from sottovoce.vocabulary import Position, Press

STILL_SECONDS = 0.05
LAMPS = ("light_red", "light_green", "light_blue")
DEAF = {"sense_switch": 1, "sense_rail": 0}
LIVE = {"sense_switch": 0, "sense_rail": 1}
SHOWN = {
    Colour.OFF: (0, 0, 0),
    Colour.RED: (1, 0, 0),
    Colour.BLUE: (0, 0, 1),
    Colour.AMBER: (1, 1, 0),
    Colour.WHITE: (1, 1, 1),
}
"""Colour -> the levels of LAMPS."""
FAINT = 0.3
UP_AND_DOWN = {"sense_switch": "up", "sense_rail": "down", "button": "up"}


class Bench(Protocol):
    """A board on a bench. Lines are named as in board.toml; seconds are those of the bench's clock."""

    told: list[tuple[float, Position]]
    """All that the board told, with the moments, as far as the bench has listened."""
    presses: list[Press]

    def start(self) -> None:
        """Make the board and watch it. Raises SwitchError."""

    def drive(self, **levels: int) -> float:
        """The world sets lines, one after the other; returns the moment before the first."""

    def glitch(self, name: str, seconds: float) -> None:
        """A line goes to its other level and back."""

    def pass_time(self, seconds: float) -> float:
        """Let this much time go by and listen; returns how much it truly was."""

    def until(self, position: Position, after: float = 0.0) -> float:
        """Listen until the board tells this position later than `after`; returns when. AssertionError."""

    def lose_edges(self) -> None:
        """From now on no edge of a sense reaches the board."""

    def hold(self, name: str) -> None:
        """Another process takes the line."""

    def vanish(self) -> None:
        """The GPIO chip goes away."""

    def pull(self, name: str) -> str:
        """Say to where the line is pulled with nothing on it: "up" or "down"."""

    def show(self, look: Look) -> None:
        """The board shows this."""

    def share(self, name: str) -> float:
        """Say for which share of the time the line is high."""


class BoardContract:
    """Give a fixture `bench` and inherit."""

    def live(self, bench):
        """Put the switch at live and wait until the board says so."""
        bench.start()
        bench.until(Position.LIVE, bench.drive(**LIVE))

    def positions(self, bench):
        """What the board told, without the moments."""
        return [position for _, position in bench.told]

    def test_it_begins_muted(self, bench):
        """The first word is muted, and it is the only one while nothing moves."""
        bench.start()
        bench.pass_time(0.6)
        assert self.positions(bench) == [Position.MUTED]

    def test_unplugged_is_muted(self, bench):
        """The pulls that the board asks for make lines with nothing on them read as muted."""
        bench.start()
        assert {name: bench.pull(name) for name in UP_AND_DOWN} == UP_AND_DOWN

    def test_it_is_live_after_both_senses_agreed_for_50_ms(self, bench):
        """One sense alone is not live for however long; with both, it is 50 ms later."""
        bench.start()
        bench.drive(sense_switch=0)
        bench.pass_time(0.3)
        agreed = bench.drive(sense_rail=1)
        assert bench.until(Position.LIVE, agreed) - agreed >= STILL_SECONDS
        assert self.positions(bench) == [Position.MUTED, Position.FAULT, Position.LIVE]

    @pytest.mark.parametrize("first", ["sense_switch", "sense_rail"])
    def test_it_mutes_at_the_first_edge_of_either(self, bench, first):
        """The first sense to leave live mutes; the other need not follow."""
        self.live(bench)
        bench.until(Position.MUTED, bench.drive(**{first: DEAF[first]}))
        assert self.positions(bench) == [Position.MUTED, Position.LIVE, Position.MUTED]

    @pytest.mark.parametrize("name", ["sense_switch", "sense_rail"])
    def test_a_glitch_of_one_millisecond_mutes(self, bench, name):
        """A sense that left for a millisecond and is back mutes, and both must then agree anew."""
        self.live(bench)
        bench.glitch(name, 0.001)
        muted = bench.until(Position.MUTED, bench.told[-1][0])
        assert bench.until(Position.LIVE, muted) - muted >= STILL_SECONDS
        assert self.positions(bench)[1:] == [Position.LIVE, Position.MUTED, Position.LIVE]

    def test_bouncing_is_never_live(self, bench):
        """A contact that bounces is muted until it has been still for 50 ms."""
        bench.start()
        still = 0
        for bounce in range(60):
            bench.drive(**(DEAF if bounce % 2 else LIVE))
            still += bench.pass_time(0.003 + 0.007 * (bounce % 5)) >= STILL_SECONDS
        assert self.positions(bench).count(Position.LIVE) <= still
        bench.until(Position.LIVE, bench.drive(**LIVE))

    def test_a_lost_edge_is_found(self, bench):
        """The level wins: a change that no edge told of is seen at the next look."""
        self.live(bench)
        bench.lose_edges()
        bench.until(Position.MUTED, bench.drive(sense_switch=1))

    def test_a_fault_is_told(self, bench):
        """The switch says live and there is no power: fault."""
        self.live(bench)
        bench.until(Position.FAULT, bench.drive(sense_rail=0))
        assert self.positions(bench)[1:] == [Position.LIVE, Position.MUTED, Position.FAULT]

    def test_tampering_is_told(self, bench):
        """The switch says muted and there is power all the same: tamper; its end is told too."""
        self.live(bench)
        bench.until(Position.TAMPER, bench.drive(sense_switch=1))
        bench.until(Position.MUTED, bench.drive(sense_rail=0))
        assert self.positions(bench)[2:] == [Position.MUTED, Position.TAMPER, Position.MUTED]

    def test_a_chip_that_vanishes_is_unreadable(self, bench):
        """Senses that cannot be read are told as such; nobody takes them for live."""
        self.live(bench)
        bench.vanish()
        bench.until(Position.UNREADABLE)
        bench.show(Look(Colour.AMBER))  # goes nowhere, and ends nothing
        bench.pass_time(0.6)
        assert self.positions(bench)[-1] is Position.UNREADABLE

    @pytest.mark.parametrize("name", ["sense_switch", "sense_rail", "button", *LAMPS])
    def test_a_line_in_use_is_an_error_in_one_line(self, bench, name):
        """A line that another process holds is refused, with what to do."""
        bench.hold(name)
        with pytest.raises(SwitchError, match=r"^privacy switch: .*use.*\?\)$"):
            bench.start()

    @pytest.mark.parametrize(
        ("seconds", "press"), [(0.1, Press.SHORT), (1.3, Press.LONG), (8.3, Press.VERY_LONG)]
    )
    def test_the_button_tells_how_long(self, bench, seconds, press):
        """Each length of a press is told, once."""
        bench.start()
        bench.drive(button=0)
        bench.pass_time(seconds)
        bench.drive(button=1)
        bench.pass_time(0.3)
        assert bench.presses == [press]

    @pytest.mark.parametrize("colour", SHOWN)
    @pytest.mark.parametrize("before", [Look(Colour.OFF), Look(Colour.WHITE), Look(Colour.WHITE, dim=True)])
    def test_the_light_shows_each_colour(self, bench, before, colour):
        """Each colour is its lamps, dark or bright, whatever was shown before."""
        bench.start()
        assert [bench.share(lamp) for lamp in LAMPS] == [0, 0, 0]
        bench.show(before)
        bench.show(Look(colour))
        assert tuple(bench.share(lamp) for lamp in LAMPS) == SHOWN[colour]

    @pytest.mark.parametrize("colour", SHOWN)
    @pytest.mark.parametrize("before", [Look(Colour.OFF), Look(Colour.WHITE), Look(Colour.WHITE, dim=True)])
    def test_a_dim_light_pulses(self, bench, before, colour):
        """Dimmed, the same lamps are high for a small share of the time, and the others never."""
        bench.start()
        bench.show(before)
        bench.show(Look(colour, dim=True))
        for lamp, lit in zip(LAMPS, SHOWN[colour], strict=True):
            assert 0 < bench.share(lamp) < FAINT if lit else bench.share(lamp) == 0
