"""The board of a Raspberry Pi: the switch's senses, the button, the light, and the pin map."""

import threading
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sottovoce.ear.devices.rpi as module
from fakes.gpio import Gpio
from fakes.hearing import Clock
from sottovoce.ear.devices.debounce import DEBOUNCE_SECONDS
from sottovoce.ear.devices.rpi import RaspberryPiBoard, pins
from sottovoce.ear.light import Colour, Look
from sottovoce.errors import SwitchError
from sottovoce.vocabulary import Position, Press

PATIENCE = 10.0

BOARD = tomllib.loads((Path(module.__file__).parent / "board.toml").read_text())
HEADER = {
    3: 2, 5: 3, 7: 4, 8: 14, 10: 15, 11: 17, 12: 18, 13: 27, 15: 22, 16: 23, 18: 24, 19: 10, 21: 9, 22: 25,
    23: 11, 24: 8, 26: 7, 27: 0, 28: 1, 29: 5, 31: 6, 32: 12, 33: 13, 35: 19, 36: 16, 37: 26, 38: 20, 40: 21,
}  # fmt: skip
"""The 40-pin header: pin -> BCM number."""


class Bench:
    """A board on a bench: the GPIO, a clock, and what the board tells."""

    def __init__(self, **settings):
        self.gpio, self.clock, self.told, self.pressed = Gpio(**settings), Clock(1000), [], []
        self.board = RaspberryPiBoard(self.gpio, self.clock)
        self.board.watch_button(self.pressed.append)
        self.switch, self.rail, self.button = (
            BOARD["pins"][name]["gpio"] for name in ("sense_switch", "sense_rail", "button")
        )

    def set(self, *, switch, rail):
        self.gpio.drive(self.switch, switch)
        self.gpio.drive(self.rail, rail)

    def settle(self):
        """Let the time go by after which what the senses say is believed."""
        self.clock.advance(DEBOUNCE_SECONDS * 1000 + 1)
        self.board.look()

    def go_live(self):
        """Put the switch to live, and let it settle."""
        self.set(switch=0, rail=1)
        self.settle()

    def hold(self, milliseconds):
        """Press the button, and let it go."""
        self.gpio.drive(self.button, 0)
        self.clock.advance(milliseconds)
        self.gpio.drive(self.button, 1)


@pytest.fixture
def bench():
    """A board that is watched, its switch at muted."""
    made = Bench()
    made.set(switch=1, rail=0)
    made.board.watch(made.told.append)
    return made


def test_a_board_that_is_not_plugged_in_is_muted():
    """With nothing on the header the pins follow their pulls, and those say muted: not live, no alarm."""
    bench = Bench()
    bench.board.watch(bench.told.append)
    bench.settle()
    assert bench.told == [Position.MUTED]
    assert bench.pressed == []


@pytest.mark.parametrize(
    ("wire", "position"), [("switch", Position.TAMPER), ("rail", Position.FAULT)]
)  # fmt: skip
def test_a_broken_wire_mutes(bench, wire, position):
    """With either sense's wire broken while it is live, it is muted at once, and told after a moment."""
    bench.go_live()
    pin = getattr(bench, wire)
    del bench.gpio.driven[pin]
    bench.gpio.edge(pin)
    assert bench.told == [Position.MUTED, Position.LIVE, Position.MUTED]
    bench.settle()
    assert bench.told[3:] == [position]


@pytest.mark.parametrize(("sense", "level"), [("switch", 1), ("rail", 0)])
def test_muted_on_the_first_edge(bench, sense, level):
    """The edge of either sense mutes, in the thread that tells of it: no time goes by."""
    bench.go_live()
    assert bench.told == [Position.MUTED, Position.LIVE]
    bench.gpio.drive(getattr(bench, sense), level)
    assert bench.told == [Position.MUTED, Position.LIVE, Position.MUTED]


@pytest.mark.parametrize("sense", ["switch", "rail"])
def test_a_glitch_mutes(bench, sense):
    """An edge that is over by the time its level is read mutes all the same."""
    bench.go_live()
    bench.gpio.edge(getattr(bench, sense))
    assert bench.told == [Position.MUTED, Position.LIVE, Position.MUTED]
    bench.settle()
    assert bench.told[3:] == [Position.LIVE]


def test_tampering_is_told(bench):
    """Power at the microphones behind a switch that is off: an alarm, after a moment."""
    bench.set(switch=1, rail=1)
    assert bench.told == [Position.MUTED]
    bench.settle()
    assert bench.told == [Position.MUTED, Position.TAMPER]


def test_a_bouncing_switch_stays_muted(bench):
    """Contacts that bounce for longer than the settling time never let sound through in between."""
    for _ in range(50):
        bench.set(switch=0, rail=1)
        bench.clock.advance(DEBOUNCE_SECONDS * 500)
        bench.set(switch=1, rail=1)
        bench.clock.advance(1)
    assert bench.told == [Position.MUTED]


def test_a_lost_edge_is_found(bench):
    """The level wins: a change whose edge was lost is seen at the next look."""
    bench.go_live()
    bench.gpio.callbacks.clear()
    bench.gpio.drive(bench.switch, 1)
    bench.gpio.drive(bench.rail, 0)
    bench.board.look()
    assert bench.told[-1] is Position.MUTED


def test_it_looks_by_itself(bench):
    """Without an edge and without being asked it looks: the poll finds what was lost."""
    bench.go_live()
    bench.gpio.callbacks.clear()
    found = threading.Event()
    bench.board._changed = lambda position: found.set() if position is Position.MUTED else None
    bench.gpio.drive(bench.switch, 1)
    bench.gpio.drive(bench.rail, 0)
    assert found.wait(PATIENCE)


def test_it_goes_live_by_itself(bench):
    """After the last edge nobody has to ask again: the poll comes back when the senses have settled."""
    live = threading.Event()
    bench.board._changed = lambda position: live.set() if position is Position.LIVE else None
    bench.set(switch=0, rail=1)
    bench.clock.advance(DEBOUNCE_SECONDS * 1000 + 1)
    assert live.wait(PATIENCE)


@pytest.mark.parametrize("sense", ["switch", "rail"])
def test_a_pin_that_cannot_be_read_is_muted(bench, sense):
    """No answer from either sense is told as such, and is not live; read again, it must settle anew."""
    bench.go_live()
    bench.gpio.dead.add(getattr(bench, sense))
    bench.board.look()
    assert bench.told[-1] is Position.UNREADABLE
    bench.gpio.dead.clear()
    bench.board.look()
    assert bench.told[-1] is Position.UNREADABLE
    bench.settle()
    assert bench.told[-1] is Position.LIVE


def test_what_is_told_is_news(bench):
    """Looking again at what has not changed tells nothing."""
    bench.go_live()
    for _ in range(5):
        bench.board.look()
    assert bench.told == [Position.MUTED, Position.LIVE]


def test_it_begins_muted_even_with_the_switch_at_live():
    """At start the senses must settle as always: the first word is muted."""
    bench = Bench()
    bench.set(switch=0, rail=1)
    bench.board.watch(bench.told.append)
    assert bench.told == [Position.MUTED]


@pytest.mark.parametrize(
    ("milliseconds", "press"), [(5, None), (300, Press.SHORT), (1500, Press.LONG), (9000, Press.VERY_LONG)]
)
def test_the_button_is_pressed(bench, milliseconds, press):
    """Each length of pressing is told once; a spike on the wire is none."""
    bench.hold(milliseconds)
    assert bench.pressed == ([] if press is None else [press])


def test_a_button_held_very_long_is_told_by_itself(bench):
    """Nobody needs to let it go: the poll sees that its time has come."""
    told = threading.Event()
    bench.board.watch_button(lambda press: told.set() if press is Press.VERY_LONG else None)
    bench.gpio.drive(bench.button, 0)
    bench.clock.advance(8001)
    assert told.wait(PATIENCE)


def test_a_button_that_cannot_be_read_is_not_pressed(bench):
    """Held, and then no answer: that is no press, neither then nor when it answers again."""
    bench.gpio.drive(bench.button, 0)
    bench.clock.advance(2000)
    bench.gpio.dead.add(bench.button)
    bench.board.feel()
    bench.gpio.dead.clear()
    bench.gpio.drive(bench.button, 1)
    assert bench.pressed == []


def test_no_edges_is_an_error():
    """A kernel that gives no edges is refused: the poll alone would be too slow to promise a frame."""
    bench = Bench(edges=False)
    with pytest.raises(SwitchError, match=r"no edge detection.*rpi-lgpio"):
        bench.board.watch(bench.told.append)


def test_pins_that_cannot_be_claimed_are_an_error():
    """A GPIO that refuses is one clear error, with the way out."""

    class Refusing(Gpio):
        def setmode(self, mode):
            raise RuntimeError("No access to /dev/mem")

    with pytest.raises(SwitchError, match=r"No access to /dev/mem .*group gpio"):
        RaspberryPiBoard(Refusing())


RGB = {
    Colour.OFF: (0, 0, 0), Colour.RED: (1, 0, 0), Colour.GREEN: (0, 1, 0), Colour.BLUE: (0, 0, 1),
    Colour.AMBER: (1, 1, 0), Colour.WHITE: (1, 1, 1), Colour.CYAN: (0, 1, 1), Colour.VIOLET: (1, 0, 1),
}  # fmt: skip
LAMPS = [BOARD["pins"][f"light_{name}"]["gpio"] for name in ("red", "green", "blue")]


@pytest.mark.parametrize("colour", Colour)
def test_the_light_shows_each_colour(bench, colour):
    """Each colour has its own three levels; it starts dark."""
    assert [bench.gpio.levels[lamp] for lamp in LAMPS] == [0, 0, 0]
    bench.board.show(Look(colour))
    assert tuple(bench.gpio.levels[lamp] for lamp in LAMPS) == RGB[colour]
    assert bench.gpio.faint == {}


@pytest.mark.parametrize("colour", Colour)
def test_a_faint_light_pulses(bench, colour):
    """Shown faintly, the same lamps are on for a small part of the time, and no other is on at all."""
    bench.board.show(Look(colour, dim=True))
    assert [bench.gpio.levels[lamp] for lamp in LAMPS] == [0, 0, 0]
    assert tuple(int(lamp in bench.gpio.faint) for lamp in LAMPS) == RGB[colour]
    assert all(0 < percent <= 10 for percent in bench.gpio.faint.values())


@given(st.lists(st.builds(Look, st.sampled_from(Colour), st.booleans()), max_size=8))
def test_each_look_takes_the_place_of_the_one_before(looks):
    """Whatever was shown before, faint or not, the lamps are as the last look says."""
    bench = Bench()
    for look in looks:
        bench.board.show(look)
        bright = tuple(bench.gpio.levels[lamp] for lamp in LAMPS)
        faint = tuple(int(lamp in bench.gpio.faint) for lamp in LAMPS)
        dark = (0, 0, 0)
        assert (bright, faint) == ((dark, RGB[look.colour]) if look.dim else (RGB[look.colour], dark))


def test_the_pin_map_is_of_this_world():
    """Each pin has one use, and its two numbers are the same pin of the 40-pin header."""
    used = BOARD["pins"].values()
    assert len({pin["gpio"] for pin in used}) == len(BOARD["pins"])
    assert len({pin["header"] for pin in used}) == len(BOARD["pins"])
    for name, pin in BOARD["pins"].items():
        assert HEADER[pin["header"]] == pin["gpio"], name
        assert pin["gpio"] not in {0, 1}, f"{name}: the identity EEPROM of a HAT is there"


def test_the_code_reads_the_one_pin_map():
    """The numbers the code uses are those of the file, name by name."""
    assert pins() == {name: pin["gpio"] for name, pin in BOARD["pins"].items()}
