"""The board of a Raspberry Pi: the switch's senses, the light, and the pin map."""

import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sottovoce.ear.devices.rpi as module
from fakes.hearing import Clock
from sottovoce.ear.devices.rpi import DEBOUNCE_SECONDS, Debounce, RaspberryPiBoard, pins
from sottovoce.ear.light import Colour
from sottovoce.errors import SwitchError

BOARD = tomllib.loads((Path(module.__file__).parent / "board.toml").read_text())
HEADER = {
    3: 2, 5: 3, 7: 4, 8: 14, 10: 15, 11: 17, 12: 18, 13: 27, 15: 22, 16: 23, 18: 24, 19: 10, 21: 9, 22: 25,
    23: 11, 24: 8, 26: 7, 27: 0, 28: 1, 29: 5, 31: 6, 32: 12, 33: 13, 35: 19, 36: 16, 37: 26, 38: 20, 40: 21,
}  # fmt: skip
"""The 40-pin header: pin -> BCM number."""


class Gpio:
    """RPi.GPIO as it behaves: pins must be set up before use, edges call back, levels stay."""

    BCM, IN, OUT, LOW, BOTH = "BCM", "IN", "OUT", 0, "BOTH"

    def __init__(self, *, edges=True):
        self.edges = edges
        self.mode = None
        self.ways = {}
        self.levels = {}
        self.dead = set()
        self.callbacks = {}

    def setmode(self, mode):
        self.mode = mode

    def setup(self, pin, way, initial=None):
        if self.mode is None:
            raise RuntimeError("Please set pin numbering mode using GPIO.setmode(GPIO.BCM)")
        self.ways[pin] = way
        self.levels.setdefault(pin, initial or 0)

    def input(self, pin):
        if pin in self.dead:
            raise RuntimeError("cannot read")
        if self.ways[pin] != self.IN:
            raise RuntimeError("You must setup() the GPIO channel as an input first")
        return self.levels[pin]

    def output(self, pin, level):
        if self.ways[pin] != self.OUT:
            raise RuntimeError("The GPIO channel has not been set up as an OUTPUT")
        self.levels[pin] = int(level)

    def add_event_detect(self, pin, edge, callback):
        if not self.edges:
            raise RuntimeError("Failed to add edge detection")
        self.callbacks[pin] = callback

    def drive(self, pin, level):
        """The world outside sets a level; an edge calls back."""
        changed = self.levels[pin] != level
        self.levels[pin] = level
        if changed and pin in self.callbacks:
            self.callbacks[pin](pin)


class Bench:
    """A board on a bench: the GPIO, a clock, and what the board tells."""

    def __init__(self, **settings):
        self.gpio, self.clock, self.told = Gpio(**settings), Clock(1000), []
        self.board = RaspberryPiBoard(self.gpio, self.clock)
        self.switch, self.rail = BOARD["pins"]["sense_switch"]["gpio"], BOARD["pins"]["sense_rail"]["gpio"]

    def set(self, *, switch, rail):
        self.gpio.drive(self.switch, switch)
        self.gpio.drive(self.rail, rail)

    def go_live(self):
        """Put the switch to live, and let it settle."""
        self.set(switch=0, rail=1)
        self.board.look()
        self.clock.advance(DEBOUNCE_SECONDS * 1000 + 1)
        self.board.look()


@pytest.fixture
def bench():
    """A board that is watched, its switch at muted."""
    made = Bench()
    made.set(switch=1, rail=0)
    made.board.watch(made.told.append)
    return made


SENSES = st.lists(st.tuples(st.integers(0, 80), st.booleans(), st.booleans()), max_size=60)


@given(SENSES)
def test_it_is_live_only_after_both_senses_were_so_for_a_while(senses):
    """Whatever bounces: live means that every look for the last 50 ms found both senses live."""
    debounce, now, live_since = Debounce(), 0.0, None
    assert debounce.muted
    for ticks, switch_high, rail_high in senses:
        now += ticks / 1024  # exact in binary, and never just at the edge of 50 ms
        live = rail_high and not switch_high
        live_since = (now if live_since is None else live_since) if live else None
        muted = debounce.feed(now, switch_high=switch_high, rail_high=rail_high)
        assert muted == (live_since is None or now - live_since < DEBOUNCE_SECONDS)
        assert muted == debounce.muted
        assert debounce.settling == (muted and live)


def test_muted_on_the_first_edge(bench):
    """The edge itself mutes, in the thread that tells of it: no time goes by."""
    bench.go_live()
    assert bench.told == [True, False]
    bench.gpio.drive(bench.switch, 1)
    assert bench.told == [True, False, True]


def test_the_rail_mutes_as_the_switch_does(bench):
    """A microphone without power is muted, whatever the switch says: it may be a broken wire."""
    bench.go_live()
    bench.gpio.drive(bench.rail, 0)
    assert bench.told[-1] is True


def test_a_bouncing_switch_stays_muted(bench):
    """Contacts that bounce for longer than the settling time never let sound through in between."""
    for _ in range(50):
        bench.set(switch=0, rail=1)
        bench.clock.advance(DEBOUNCE_SECONDS * 500)
        bench.set(switch=1, rail=1)
        bench.clock.advance(1)
    assert bench.told == [True]


def test_a_lost_edge_is_found(bench):
    """The level wins: a change whose edge was lost is seen at the next look."""
    bench.go_live()
    bench.gpio.callbacks.clear()
    bench.gpio.drive(bench.switch, 1)
    bench.board.look()
    assert bench.told[-1] is True


def test_a_pin_that_cannot_be_read_is_muted(bench):
    """No answer from the switch is muted; when it can be read again, it must settle anew."""
    bench.go_live()
    bench.gpio.dead.add(bench.switch)
    bench.board.look()
    assert bench.told[-1] is True
    bench.gpio.dead.clear()
    bench.board.look()
    assert bench.told[-1] is True
    bench.clock.advance(DEBOUNCE_SECONDS * 1000 + 1)
    bench.board.look()
    assert bench.told[-1] is False


def test_what_is_told_is_news(bench):
    """Looking again at what has not changed tells nothing."""
    bench.go_live()
    for _ in range(5):
        bench.board.look()
    assert bench.told == [True, False]


def test_it_begins_muted_even_with_the_switch_at_live():
    """At start the senses must settle as always: the first word is muted."""
    bench = Bench()
    bench.set(switch=0, rail=1)
    bench.board.watch(bench.told.append)
    assert bench.told == [True]


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

    with pytest.raises(SwitchError, match=r"No access to /dev/mem .*--simulate"):
        RaspberryPiBoard(Refusing())


def test_off_a_pi_it_says_so():
    """On a machine without the GPIO package, the board is one clear error."""
    with pytest.raises(SwitchError, match="privacy switch: the GPIO pins cannot be used"):
        RaspberryPiBoard()


@pytest.mark.parametrize(
    ("colour", "rgb"),
    [
        (Colour.OFF, (0, 0, 0)), (Colour.RED, (1, 0, 0)), (Colour.GREEN, (0, 1, 0)), (Colour.BLUE, (0, 0, 1)),
        (Colour.AMBER, (1, 1, 0)), (Colour.WHITE, (1, 1, 1)),
    ],
)  # fmt: skip
def test_the_light_shows_each_colour(bench, colour, rgb):
    """Each colour has its own three levels; it starts dark."""
    lamps = [BOARD["pins"][f"light_{name}"]["gpio"] for name in ("red", "green", "blue")]
    assert [bench.gpio.levels[lamp] for lamp in lamps] == [0, 0, 0]
    bench.board.show(colour)
    assert tuple(bench.gpio.levels[lamp] for lamp in lamps) == rgb


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
