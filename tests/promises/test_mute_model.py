"""The promise that no way leads past a mute: every interleaving of what can happen to it, tried.

The ear's own gate, sentinel and mutes (in SQLite), the simulated board and its lawful microphone are
driven by one action at a time, breadth first: every action from every state.

A state that was reached before is not walked on from twice. That keeps the search exhaustive as long as a
state (`World.state`) holds everything that decides the future: what the switch says, who mutes, the stream,
what is on disk against the clock, and what this test itself expects. What is left out only counts
(the epoch, the frames) or only tells (journal, ledger, light). And it is not taken on trust: each
state that is reached in two ways is walked on from both, and both must lead to the same.

As the search ends by itself, with no new state left, it holds for any depth, not for eight actions alone.
"""

import math
import sqlite3
from collections import defaultdict
from types import SimpleNamespace

import numpy as np
import pytest

from fakes.hearing import Diary, nothing
from sottovoce.config import Config, Mute
from sottovoce.ear.daemon import Ear
from sottovoce.ear.devices.simulated import SimulatedBoard, SimulatedMicrophone
from sottovoce.ear.gate import Gate
from sottovoce.ear.mute import Mutes
from sottovoce.ear.ring import Ring
from sottovoce.ear.sentinel import Sentinel
from sottovoce.ear.store import bring_up
from sottovoce.vocabulary import FRAME_SAMPLES, MuteReason, Position, Press
from sottovoce.wire import SoftMute

DEPTH = 8
HOUR, DAY = 3600, 86_400
HARDWARE, SOFT, SCHEDULE, SPEAKING, STARTING = (
    MuteReason.HARDWARE, MuteReason.SOFT, MuteReason.SCHEDULE, MuteReason.SPEAKING, MuteReason.STARTING
)  # fmt: skip
HOURS = ("22:00-07:00",)
EVENING, MORNING = 22.5 * HOUR, 7.5 * HOUR
NEVER = frozenset()
STANDING = {SOFT, SCHEDULE}  # the sentinel's: whenever it changes one, both must be right
OWNS = {
    "live": {HARDWARE}, "muted": {HARDWARE}, "tamper": {HARDWARE},
    "fault": {HARDWARE}, "unreadable": {HARDWARE},
    "asked to mute": STANDING, "asked to unmute": STANDING, "long press": STANDING,
    "command mute": NEVER, "command mute till morning": NEVER, "command unmute": NEVER,
    "evening": NEVER, "morning": NEVER, "clock set": NEVER,
    "speaks": {SPEAKING}, "has spoken": {SPEAKING},
    "reads": NEVER, "looks": STANDING,
    "muted while it reads": {HARDWARE}, "off and on while it reads": NEVER,
    "muted while it opens": {HARDWARE}, "asked to mute while it opens": STANDING,
    "begins": {STARTING},
    "restart": set(MuteReason), "restart without a clock": set(MuteReason),
}  # fmt: skip
"""Every action, and whose reasons it may add or take away."""


class Source:
    """A microphone that says whether it is open; its samples are all 1. Something may happen meanwhile."""

    live = True

    def __init__(self):
        self.is_open = False
        self.while_open = self.while_reading = nothing

    def open(self):
        self.is_open = True
        self.while_open()

    def read(self):
        assert self.is_open, "read while closed"
        self.while_reading()
        return np.ones(FRAME_SAMPLES, dtype=np.int16)

    def close(self):
        self.is_open = False


class World:
    """The ear around its mutes, and what the owner expects of it."""

    def __init__(self, *, remote_unmute, gate=Gate, mutes=Mutes, sentinel=Sentinel, ear=Ear):
        self.made_of = SimpleNamespace(gate=gate, mutes=mutes, sentinel=sentinel, ear=ear)
        self.config = Config(mute=Mute(schedule=HOURS, remote_unmute=remote_unmute))
        self.store = sqlite3.connect(":memory:", isolation_level=None)
        bring_up(self.store)
        self.board = SimulatedBoard(nothing)
        self.true = 20_000 * DAY + 12 * HOUR
        self.clock = self.true  # what the device takes the time for
        self.soft_till = 0.0  # what the owner wants, and the device was told
        self.scheduled = False
        self.doings = {
            "asked to mute": lambda: self.ear._asked(SoftMute(on=True)),
            "asked to unmute": lambda: self.ear._asked(SoftMute(on=False)),
            "long press": lambda: self.ear._pressed(Press.LONG) or self.sentinel._obey(),
            "command mute": lambda: self.mutes().set_soft(),
            "command mute till morning": lambda: self.mutes().set_soft(until=self.next(MORNING)),
            "command unmute": lambda: self.mutes().clear_soft(),
            **dict.fromkeys(("evening", "morning", "clock set"), self.set_clock),
            "speaks": lambda: self.gate.mute(SPEAKING),
            "has spoken": lambda: self.gate.unmute(SPEAKING),
            "looks": self.look,
            "begins": self.begin,
            **dict.fromkeys(("restart", "restart without a clock"), self.restart),
        }
        self.restart()

    # What can happen.
    def restart(self):
        """Kill the ear, and start it as the daemon does; `begins` is still to come."""
        self.source = Source()
        self.ring = Ring(2)
        self.gate = self.made_of.gate(SimulatedMicrophone(self.source, self.board), self.ring, nothing)
        kernel = SimpleNamespace(captures=lambda: None)
        ledger = SimpleNamespace(append=nothing)
        disk = SimpleNamespace(works=nothing, failed=nothing)
        self.sentinel = self.made_of.sentinel(
            self.gate, self.mutes(), kernel, ledger, disk, nothing, nothing, Diary(), lambda: 0.0
        )
        self.ear = self.made_of.ear.__new__(self.made_of.ear)  # its two ways in, without its engines
        vars(self.ear).update(gate=self.gate, _sentinel=self.sentinel, _config=self.config, _journal=Diary())
        self.board.watch(self.sentinel.flip)
        self.sentinel.keep()

    def mutes(self):
        """What a process has that looks at the store: the ear, or the owner's command."""
        return self.made_of.mutes(
            self.store, lambda: self.clock, HOURS, lambda now: int(now % DAY) // 60
        )  # fmt: skip

    def do(self, action):
        """Let it happen, and check what must be so after it."""
        before, shut = self.gate.reasons, bool(self.gate.reasons)
        self.source.while_open = self.expect_to_hear
        self.expect(action)
        self.act(action)
        self.source.while_open = self.source.while_reading = nothing
        self.check(action, before, shut)

    def act(self, action):
        if action in {str(one) for one in Position}:
            self.board.flip(Position(action))
        elif action in self.doings:
            self.doings[action]()
        else:
            self.read(action)

    def read(self, action):
        """One step of the reading thread, in which something else may happen."""
        match action:
            case "muted while it reads":
                self.source.while_reading = lambda: self.board.flip(Position.MUTED)
            case "off and on while it reads":
                self.source.while_reading = self.off_and_on
            case "muted while it opens":
                self.source.while_open = lambda: self.expect_to_hear() or self.board.flip(Position.MUTED)
            case "asked to mute while it opens":
                self.source.while_open = lambda: self.expect_to_hear() or self.ear._asked(SoftMute(on=True))
        self.gate.step()
        while self.gate.frame(0) is not None:
            pass

    def begin(self):
        self.gate.begin()

    def look(self):
        self.sentinel.look()

    def set_clock(self):
        self.clock = self.true

    def off_and_on(self):
        was = self.board.position
        self.board.flip(Position.MUTED)
        self.board.flip(was)

    def possible(self, action):
        """Whether it can happen now."""
        match action:
            case "begins":
                return STARTING in self.gate.reasons
            case "muted while it reads" | "off and on while it reads":
                return not self.gate.reasons
            case "muted while it opens" | "asked to mute while it opens":
                return not self.gate.reasons and self.opening() != "current"
        return True

    # What is expected.
    def expect(self, action):
        """Follow what the owner wants."""
        match action:
            case "asked to mute" | "command mute" | "asked to mute while it opens":
                self.soft_till = math.inf
            case "command mute till morning":
                self.soft_till = self.next(MORNING)
            case "command unmute":
                self.soft_till = 0.0
            case "asked to unmute" if self.config.mute.remote_unmute:
                self.soft_till = 0.0
            case "long press":
                self.soft_till = 0.0 if SOFT in self.gate.reasons else math.inf
            case "evening" | "morning":
                self.true = self.next(EVENING if action == "evening" else MORNING)
            case "restart without a clock":
                self.clock = 12 * HOUR

    def expect_to_hear(self):
        assert not self.gate.reasons, "the stream is opened with a reason in the way"

    def check(self, action, before, shut):
        reasons = self.gate.reasons
        assert (HARDWARE in reasons) == (self.board.position is not Position.LIVE), (
            "hardware is not the switch"
        )
        assert before ^ reasons <= OWNS[action], "somebody added or cleared another's reason"
        assert self.gate.stream_open == self.source.is_open
        assert not (reasons and self.ring._slots.any()), "sound is left while it is deaf"
        if action == "reads":
            assert self.source.is_open == (not reasons), "the next step does not close, or does not open"
        if action.startswith(("asked", "long press")):
            self.check_who_is_obeyed(action, before)
        if action == "off and on while it reads":
            assert not self.ring._slots.any(), "what was read over a flip is used"
        looked = action in {"looks", "restart", "restart without a clock"}
        if looked or SCHEDULE in before ^ reasons:
            self.check_what_stands(reasons)
        if action.startswith("restart"):
            assert not self.source.is_open, "open before it begins"
            assert STARTING in reasons, "another's reason is gone: starting"
        if shut and not action.startswith(("reads", "begins", "muted while", "asked to mute while")):
            assert not (self.source.is_open and not before), "opened by nobody"

    def check_who_is_obeyed(self, action, before):
        """At once; and by MQTT nobody un-mutes whom the owner does not let."""
        if action == "asked to unmute" and not self.config.mute.remote_unmute:
            assert self.gate.reasons == before, "un-muted by a stranger: not what the owner wants"
        else:
            assert (SOFT in self.gate.reasons) == (self.soft_till > 0), "not what the owner wants, at once"

    def check_what_stands(self, reasons):
        """By now soft mute and schedule are what the owner wants; without a clock nothing ends."""
        right = self.clock == self.true
        hours = not 7 * HOUR <= self.clock % DAY < 22 * HOUR
        self.scheduled = hours or (self.scheduled and not right)
        self.soft_till = 0.0 if right and self.soft_till <= self.clock else self.soft_till
        assert (SOFT in reasons) == (self.soft_till > 0), "the soft mute is not what the owner wants"
        assert (SCHEDULE in reasons) == self.scheduled, "the schedule is not what the clock says"

    def next(self, time_of_day):
        today = self.true - self.true % DAY + time_of_day
        return today if today > self.true else today + DAY

    # What decides the future.
    @property
    def state(self):
        soft_till, schedule, seen = self.row
        return (
            self.board.position, self.sentinel.position, self.gate.reasons, self.sentinel._unwritten,
            self.opening(), bool(self.ring._slots.any()), self.gate.fault is None,
            self.ahead(soft_till), schedule, self.clock < seen - 60,
            self.true % DAY, self.clock == self.true,
            self.ahead(self.soft_till), self.scheduled,
        )  # fmt: skip

    @property
    def row(self):
        return self.store.execute("SELECT soft_until, schedule, seen FROM mute").fetchone()

    def ahead(self, till):
        if till in {0.0, math.inf}:
            return str(till)
        return "ahead" if till > self.true else "over"

    def opening(self):
        """Say of which opening of the gate the stream is, if it is open."""
        of = self.gate._stream_epoch
        return "none" if of is None else "current" if of == self.gate._epoch else "older"

    # Back to a state seen before: nothing here changes an object that another attribute holds too.
    def save(self):
        parts = (self, self.board, self.source, self.gate, self.sentinel)
        rows = self.row, self.ring._slots.copy(), self.ring.written
        return [(part, dict(vars(part))) for part in parts], rows

    def back_to(self, saved):
        parts, (row, slots, written) = saved
        for part, attributes in parts:
            vars(part).clear()
            vars(part).update(attributes)
        self.ring._slots[:], self.ring.written = slots, written
        self.store.execute("UPDATE mute SET soft_until = ?, schedule = ?, seen = ?", row)


class Search:
    """Breadth first, until nothing new is left."""

    def __init__(self, world):
        self.world = world
        self.ways = defaultdict(list)  # state -> at most two ways to it
        self.leads_to = {}
        self.depth = 0

    @property
    def transitions(self):
        return sum(map(len, self.leads_to.values()))

    def run(self):
        frontier = [(self.world.state, self.world.save(), ())]
        self.ways[frontier[0][0]].append(())
        while frontier:
            found = []
            for state, saved, way in frontier:
                found += self.walk_on(state, saved, way)
            frontier = found
            self.depth += bool(found)

    def walk_on(self, state, saved, way):
        """Do everything that can be done from a state; the states that are worth to be walked on from."""
        found, leads_to = [], {}
        for action in OWNS:
            self.world.back_to(saved)
            if not self.world.possible(action):
                continue
            there = (*way, action)
            try:
                self.world.do(action)
            except AssertionError as error:
                raise AssertionError(f"{str(error).splitlines()[0]}, after: {', '.join(there)}") from error
            leads_to[action] = self.world.state
            if len(ways := self.ways[self.world.state]) < 2:
                ways.append(there)
                found.append((self.world.state, self.world.save(), there))
        assert self.leads_to.setdefault(state, leads_to) == leads_to, f"not one state: {self.ways[state]}"
        return found


@pytest.mark.parametrize("remote_unmute", [False, True], ids=["MQTT may not unmute", "MQTT may unmute"])
def test_no_way_leads_past_a_mute(remote_unmute):
    """Whatever happens in whatever order: muted by the switch or by the owner, no stream is open.

    And nobody clears another's reason, soft mute and schedule outlive a restart, and without any reason it
    hears.
    """
    search = Search(World(remote_unmute=remote_unmute))
    search.run()
    print(f"\n{len(search.ways)} states, {search.transitions} transitions, none new after {search.depth}")  # noqa: T201
    assert search.depth >= DEPTH
    reached = {state[2] for state in search.ways}
    assert all({HARDWARE, one} <= set().union(*reached) for one in MuteReason)
    assert frozenset() in reached


class RemoteEar(Ear):
    """Lets the broker clear the switch."""

    def _asked(self, untrusted_request):
        super()._asked(untrusted_request)
        if not untrusted_request.on:
            self.gate.unmute(HARDWARE)


class ObedientEar(Ear):
    """Lets the broker end a soft mute although the owner does not."""

    def _asked(self, untrusted_request):
        self._sentinel.soft(on=untrusted_request.on)


class ForgetfulSentinel(Sentinel):
    """Writes no soft mute down."""

    def soft(self, *, on):
        self._unwritten = frozenset({SOFT}) if on else frozenset()
        self._apply(SOFT, on=on)


class HasteGate(Gate):
    """Opens without a look at its reasons."""

    def step(self, *, wait=False):
        self._open(self._epoch)
        super().step(wait=wait)


class LazyGate(Gate):
    """Ignores the stream instead of closing it."""

    def _close(self):
        if not self.reasons:
            super()._close()


class TrustingGate(Gate):
    """Takes a tampered switch for a live one."""

    def follow(self, position):
        super().follow(Position.LIVE if position is Position.TAMPER else position)


class SweepingGate(Gate):
    """Clears every reason when one ends."""

    def unmute(self, reason):
        for one in self.reasons:
            super().unmute(one)


class KeepingGate(Gate):
    """Overwrites nothing when it shuts."""

    def _forget(self):
        self._epoch += 1
        self._next = self._ring.written


class BelievingMutes(Mutes):
    """Believes a clock that was set back."""

    def look(self):
        self._store.execute("UPDATE mute SET seen = 0")
        return super().look()


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ({"ear": RemoteEar}, "another's reason|not the switch"),
        ({"ear": ObedientEar}, "not what the owner wants"),
        ({"sentinel": ForgetfulSentinel}, "not what the owner wants"),
        ({"gate": HasteGate}, "opened with a reason"),
        ({"gate": LazyGate}, "does not close"),
        ({"gate": TrustingGate}, "not the switch"),
        ({"gate": SweepingGate}, "another's reason|not the switch"),
        ({"gate": KeepingGate}, "sound is left"),
        ({"mutes": BelievingMutes}, "not what the clock says"),
    ],
    ids=lambda case: next(iter(case.values())).__name__ if isinstance(case, dict) else "",
)
def test_the_search_finds_what_is_broken(broken, why):
    """Each of these breaks one rule of the mutes, and the search tells which, and the way to it."""
    with pytest.raises(AssertionError, match=f"({why}).*, after: "):
        Search(World(remote_unmute=False, **broken)).run()
