"""Several devices hear the same wake word: one of them answers; never nobody."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.hearing import Clock
from sottovoce.bench.rooms import Network, simulate
from sottovoce.ear.bids import WINDOW_SECONDS, Standing, beats
from sottovoce.ear.rooms import Rooms
from sottovoce.vocabulary import Loudness


class Device:
    """A device's rooms, on a clock of its own, and what became of each of its wakes."""

    def __init__(self, number, said, nonces):
        self.clock, self.said, self.nonces = Clock(number * 10_000_000), said, nonces
        self.loudness = Loudness(0.0, 0.0)
        self.rooms = Rooms(f"room-{number}", lambda _: self.loudness, self.clock, self.say, self.new_nonce)
        self.current, self.ends = None, {}

    def new_nonce(self):
        self.current = f"{next(self.nonces):016x}"
        return self.current

    def say(self, bid):
        self.said.append(bid)

    def wake(self, loud=0, *, engaged=False):
        """Hear a wake word; if the one before is decided."""
        self.look()
        if self.current is None or self.ends.get(self.current) is not None:
            self.rooms.end()
            self.loudness = Loudness(float(loud), -30.0)
            self.rooms.call(None, engaged=engaged)
            self.ends[self.current] = None

    def look(self):
        if self.current is not None and (standing := self.rooms.look()) is not Standing.OPEN:
            self.ends[self.current] = standing

    def pass_time(self, ms):
        self.clock.advance(ms)
        self.look()


def house(devices):
    """So many devices, and all that any of them says."""
    said, nonces = [], itertools.count(1)
    return [Device(number, said, nonces) for number in range(devices)], said


numbers = st.integers(0, 3)
happenings = st.one_of(
    st.tuples(st.just("wake"), numbers, st.integers(0, 2), st.booleans()),
    st.tuples(st.just("hear"), numbers, st.integers(0, 40)),
    st.tuples(st.just("hear"), numbers, st.integers(-3, -1)),
    st.tuples(st.just("time"), st.sampled_from([1, 20, 30, 100, 200, 1000])),
)


@given(st.lists(happenings, max_size=60))
def test_whoever_yields_yields_to_one_that_answers(script):
    """Whatever is lost, late, doubled, out of order or kept for a later wake.

    From each wake that was lost a way leads over better bids, each of which knew of the one before, to a
    wake that was won. So of all that heard one word, at least one answers.
    """
    devices, said = house(4)
    for happening, *facts in script:
        if happening == "wake":
            devices[facts[0]].wake(facts[1], engaged=facts[2])
        elif happening == "time":
            for device in devices:
                device.pass_time(facts[0])
        elif -len(said) <= facts[1] < len(said):
            devices[facts[0]].rooms.hear(said[facts[1]])
    for device in devices:
        device.pass_time(1000)
    ends = {nonce: end for device in devices for nonce, end in device.ends.items()}

    def is_answered(nonce, way=()):
        assert nonce not in way, "a circle"
        if ends[nonce] is Standing.WON:
            return True
        own = next(bid for bid in said if bid.nonce == nonce)
        better = {bid.nonce for bid in said if nonce in bid.over and beats(bid, own)}
        return any(is_answered(one, (*way, nonce)) for one in better)

    assert None not in ends.values()
    assert all(map(is_answered, ends))


@pytest.mark.parametrize("devices", [2, 3, 7])
def test_with_no_broker_each_answers_for_itself(devices):
    """After the window, and not before it."""
    rooms, _ = house(devices)
    for device in rooms:
        device.wake()
        device.pass_time(WINDOW_SECONDS * 1000 - 1)
        assert device.rooms.look() is Standing.OPEN
        device.pass_time(2)
        assert device.rooms.look() is Standing.WON


def test_a_bid_that_comes_hours_late_makes_nobody_yield():
    """It is better, and looks new; but it cannot know of this wake."""
    (kitchen, hall), said = house(2)
    kitchen.wake(loud=9)
    kitchen.pass_time(5_000_000)
    hall.wake(loud=1)
    for bid in said:
        hall.rooms.hear(bid)
    hall.pass_time(300)
    assert hall.rooms.look() is Standing.WON


def test_an_echo_of_its_own_makes_it_not_yield():
    """A broker may send it back what it said itself, now or at an earlier wake."""
    (kitchen,), said = house(1)
    kitchen.wake(loud=9)
    kitchen.pass_time(250)
    kitchen.wake(loud=1)
    for bid in list(said):
        kitchen.rooms.hear(bid)
    kitchen.pass_time(250)
    assert set(kitchen.ends.values()) == {Standing.WON}


@pytest.mark.parametrize("apart", [300, 1000])
def test_two_people_in_two_rooms_are_both_answered(apart):
    """One calls a moment after the other, and each is heard by the device in the room."""
    (kitchen, hall), said = house(2)
    heard = 0
    kitchen.wake(loud=9)
    for moment in range(0, 2000, 10):
        if moment == apart:
            hall.wake(loud=1)
        while heard < len(said):
            (kitchen if said[heard].site == "room-1" else hall).rooms.hear(said[heard])
            heard += 1
        for device in (kitchen, hall):
            device.pass_time(10)
    assert [*kitchen.ends.values(), *hall.ends.values()] == [Standing.WON] * 2


def test_who_is_in_a_conversation_goes_on_with_it():
    """Its sentence is not taken away by a device that hears the next wake word louder; that one yields."""
    (kitchen, hall), said = house(2)
    kitchen.wake(loud=1, engaged=True)
    hall.wake(loud=9)
    kitchen.rooms.hear(said[1])
    kitchen.pass_time(30)
    hall.rooms.hear(said[-1])
    hall.pass_time(30)
    assert (kitchen.rooms.look(), hall.rooms.look()) == (Standing.WON, Standing.LOST)


@pytest.mark.parametrize(
    "network",
    [
        Network(),
        Network(loss=0.3),
        Network(delay=1.0),
        Network(dies=True),
        Network(spread=0.3),
        Network(loss=1.0),
    ],
    ids=lambda network: str(network).removeprefix("Network"),
)
def test_in_a_thousand_houses_there_is_never_nobody(network):
    """On good networks, bad ones and dead ones."""
    for count in simulate(1000, (2, 3, 6), network):
        assert count.none == 0
        assert count.wakes == count.one + count.more >= 333


def test_nearly_always_one_alone_answers():
    """Of 3000 wakes with delays up to 80 ms and 1 % loss, all but three at most (99.9 %)."""
    counts = simulate(3000, (2, 3, 5), Network(delay=0.08, loss=0.01))
    assert sum(count.more for count in counts) <= 3


def test_without_loss_one_alone_answers():
    """Every time."""
    assert [count.one for count in simulate(2000, (2, 5), Network(loss=0.0))] == [1000, 1000]
