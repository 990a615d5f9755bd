"""The promise that the light does not lie: red is the kernel's word, and a mute that does not hold is told.

The ear's own gate, sentinel, face and reader of /proc/asound, on a folder with the kernel's files in it,
and a clock that the test moves. This kernel closes a stream when the test lets it, not when it is asked to.
"""

from types import SimpleNamespace

import numpy as np
import pytest

from fakes.diary import Diary
from fakes.hearing import Clock, nothing
from sottovoce.config import Light as LightConfig
from sottovoce.ear.devices.proc_asound import ProcAsound
from sottovoce.ear.devices.simulated import SimulatedBoard
from sottovoce.ear.face import Face
from sottovoce.ear.gate import BACKLOG_FRAMES, Gate
from sottovoce.ear.ledger import Ledger
from sottovoce.ear.light import Colour
from sottovoce.ear.mute import Mutes
from sottovoce.ear.proof import Finding
from sottovoce.ear.ring import Ring
from sottovoce.ear.sentinel import CLOSE_SECONDS, Sentinel
from sottovoce.ear.state_folder import StateFolder
from sottovoce.ear.states import State
from sottovoce.ear.store import open_store
from sottovoce.vocabulary import FRAME_SAMPLES, Happening, MuteReason, Position

OURS, ANOTHER = 4711, 815
"""Threads: one of the ear, one of another program."""
NOON_MS = 43_200_000
LOOK_MS = round(CLOSE_SECONDS * 1000)
PATIENCE_MS = 100


class Kernel:
    """A tree as under /proc/asound, of a card with loudspeaker and microphone, and a list of threads."""

    def __init__(self, folder):
        self.root, self.tasks = folder / "asound", folder / "task"
        self._microphone = self.root / "card1" / "pcm0c" / "sub0"
        loudspeaker = self.root / "card1" / "pcm0p" / "sub0"
        for made in (self._microphone, loudspeaker, self.tasks / str(OURS)):
            made.mkdir(parents=True)
        (loudspeaker / "status").write_text(f"state: RUNNING\nowner_pid   : {ANOTHER}\n")
        (self.root / "pcm").write_text("01-00: USB Audio : USB Audio : playback 1 : capture 1\n")
        self.closed()

    def held_by(self, thread):
        (self._microphone / "status").write_text(f"state: RUNNING\nowner_pid   : {thread}\navail: 12\n")

    def closed(self):
        (self._microphone / "status").write_text("closed\n")

    def without_alsa(self):
        """Be a kernel that tells nothing of sound."""
        self.root.rename(self.root.with_name("elsewhere"))


class Bedroom:
    """The ear around its mutes, and the light that the owner sees; it is its own microphone."""

    live = True

    def __init__(self, folder, thread=OURS):
        self.clock, self.kernel, self.diary, self.told = Clock(NOON_MS), Kernel(folder), Diary(), []
        self.thread = thread  # whom the kernel names when this microphone is opened
        self.board = SimulatedBoard(self.see)
        self.gate = Gate(self, Ring(BACKLOG_FRAMES), nothing)
        self.ledger = Ledger(folder, self.clock)
        store, disk = open_store(folder), StateFolder(folder, self.diary)
        self.sentinel = Sentinel(
            self.gate, Mutes(store, self.clock), ProcAsound(self.kernel.root, self.kernel.tasks), self.ledger,
            disk, self.told.append, self.refresh, self.diary, self.clock,
        )  # fmt: skip
        pipeline = SimpleNamespace(state=State.IDLE)
        self.face = Face(
            self.board, self.gate, pipeline, self.sentinel, disk, LightConfig(), self.diary, self.clock
        )  # fmt: skip
        self.board.watch(self.sentinel.flip)
        self.gate.begin()
        self.sentinel.look()

    def open(self):
        if self.kernel.root.exists():
            self.kernel.held_by(self.thread)

    def read(self):
        return np.ones(FRAME_SAMPLES, dtype=np.int16)

    def close(self):
        """Ask the kernel to close; it does when the test says so."""

    def refresh(self):
        self.face.show(sending=False)

    def see(self, look):
        self.colour = look.colour

    def mute(self, position=Position.MUTED):
        """Flip the switch; the sentinel looks, the reading thread closes its stream, the sentinel looks."""
        self.board.flip(position)
        self.sentinel.look()
        self.gate.step()
        assert not self.gate.stream_open
        self.sentinel.look()

    def events(self):
        return [entry["event"] for entry in self.ledger.entries()]


@pytest.fixture
def bedroom(tmp_path):
    """A bedroom whose microphone is open, straight from the kernel."""
    made = Bedroom(tmp_path)
    assert made.sentinel.finding is Finding.OPEN
    assert made.colour is Colour.OFF
    return made


@pytest.mark.parametrize("stuck_ms", [0, 1, 20, 99, 100, 101, 119, 120, 121, 300])
def test_red_is_the_kernels_word_and_the_alarm_comes_after_100_ms(bedroom, stuck_ms):
    """While the kernel holds the stream the light is never red; for 100 ms it is patient, then violet."""
    bedroom.mute()
    muted_at, alarmed = bedroom.clock.ms, False
    closes_at = muted_at + stuck_ms
    bedroom.clock.at(closes_at, bedroom.kernel.closed)
    while bedroom.clock.ms <= closes_at:
        if bedroom.clock.ms < closes_at:
            alarmed = bedroom.clock.ms - muted_at > PATIENCE_MS
            assert bedroom.colour is (Colour.VIOLET if alarmed else Colour.AMBER), bedroom.clock.ms
            assert bedroom.sentinel.alarm == alarmed
        bedroom.clock.advance(LOOK_MS)
        bedroom.sentinel.look()
    assert bedroom.colour is Colour.RED
    assert bedroom.sentinel.finding is Finding.CLOSED
    assert bedroom.told == [Happening.MUTE_BROKEN] * alarmed
    assert bedroom.diary.count("mute_broken", open="card1/pcm0c/sub0") == alarmed
    assert bedroom.events() == ["switch", "switch", *["mute_broken", "mute_mended"] * alarmed]


def test_another_program_at_the_microphone_is_an_alarm_too(bedroom):
    """Muted and closed, it is red; somebody else opens the microphone: amber, and then the alarm."""
    bedroom.mute()
    bedroom.kernel.closed()
    bedroom.sentinel.look()
    assert bedroom.colour is Colour.RED
    bedroom.kernel.held_by(ANOTHER)
    bedroom.sentinel.look()
    assert bedroom.colour is Colour.AMBER
    bedroom.clock.advance(PATIENCE_MS + 1)
    bedroom.sentinel.look()
    assert bedroom.colour is Colour.VIOLET
    assert bedroom.told == [Happening.MUTE_BROKEN]


def test_what_is_shut_for_the_ears_own_voice_alarms_nobody_about_others(bedroom):
    """While the device speaks it is not the owner's mute: another program may listen."""
    bedroom.gate.mute(MuteReason.SPEAKING)
    bedroom.gate.step()
    bedroom.kernel.held_by(ANOTHER)
    for _ in range(10):
        bedroom.clock.advance(PATIENCE_MS)
        bedroom.sentinel.look()
    assert not bedroom.sentinel.alarm
    assert bedroom.told == []


def test_behind_a_sound_server_nothing_is_claimed(tmp_path):
    """PulseAudio or PipeWire holds the microphone, for whom only it knows: not red, and no alarm."""
    bedroom = Bedroom(tmp_path, thread=ANOTHER)
    bedroom.mute()
    for _ in range(10):
        bedroom.clock.advance(PATIENCE_MS)
        bedroom.sentinel.look()
        assert bedroom.colour is Colour.AMBER
    assert bedroom.sentinel.finding is Finding.UNPROVEN
    assert not bedroom.sentinel.alarm
    bedroom.kernel.closed()  # suspended for want of listeners: now it is proven
    bedroom.sentinel.look()
    assert (bedroom.sentinel.finding, bedroom.colour) == (Finding.CLOSED, Colour.RED)


def test_tampering_is_told_whatever_the_kernel_says(bedroom):
    """The microphones have power although the switch says muted: violet, also with every stream closed."""
    bedroom.mute(Position.TAMPER)
    bedroom.kernel.closed()
    bedroom.sentinel.look()
    assert bedroom.colour is Colour.VIOLET
    assert bedroom.told == [Happening.TAMPER]


def test_without_the_kernels_word_the_light_goes_by_the_stream(bedroom):
    """Where there is no /proc/asound, red means that the ear has closed its stream, and nothing is proven."""
    bedroom.kernel.without_alsa()
    bedroom.board.flip(Position.MUTED)
    bedroom.sentinel.look()
    assert bedroom.colour is Colour.AMBER
    bedroom.gate.step()
    bedroom.sentinel.look()
    assert bedroom.colour is Colour.RED
    assert bedroom.sentinel.finding is Finding.UNPROVEN
