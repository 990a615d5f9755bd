"""The sentinel: it keeps mutes over everything that goes wrong, and does not take its own word for them."""

import threading

import pytest

from fakes.diary import Diary
from fakes.hearing import Clock, ScriptedMicrophone
from sottovoce.config import Light
from sottovoce.ear.face import Face
from sottovoce.ear.gate import BACKLOG_FRAMES, Gate
from sottovoce.ear.ledger import Ledger
from sottovoce.ear.light import Colour, Look
from sottovoce.ear.mute import Mutes
from sottovoce.ear.proof import Capture, Finding
from sottovoce.ear.ring import Ring
from sottovoce.ear.sentinel import Sentinel
from sottovoce.ear.state_folder import StateFolder
from sottovoce.ear.states import State
from sottovoce.ear.store import open_store
from sottovoce.vocabulary import Happening, MuteReason, Position

NOW = 1_800_000_000.0
NIGHT = ("22:00-07:00",)
STREAM, STRANGER = "card1/pcm0c/sub0", "card2/pcm0c/sub0"


class Kernel:
    """Tells of the gate's own stream as it is, and of what else the test opens; or of nothing."""

    def __init__(self, microphone):
        self._microphone = microphone
        self.others = ()
        self.stuck = False
        self.silent = False

    def captures(self):
        if self.silent:
            return None
        own = [Capture(STREAM, ours=True)] * (self._microphone.is_open or self.stuck)
        return (*own, *self.others)


class Ear:
    """What the sentinel minds: a real gate, mutes on disk, a ledger; time is what the test says."""

    def __init__(self, folder, spans=(), night=(), idle="off"):
        self.folder, self.clock, self.minute, self.told, self.diary = folder, Clock(1000), 720, [], Diary()
        self.microphone = ScriptedMicrophone([1] * 1000)
        self.kernel = Kernel(self.microphone)
        self.ledger = Ledger(folder, lambda: NOW)
        self.store = open_store(folder)
        self.mutes = Mutes(self.store, lambda: NOW, spans, lambda _: self.minute)
        self.refreshed, self.order = 0, []
        self.gate = Gate(self.microphone, Ring(BACKLOG_FRAMES * 2), lambda: self.order.append("gate"))
        self.disk = StateFolder(folder, self.diary)
        self.sentinel = Sentinel(
            self.gate,
            self.mutes,
            self.kernel,
            self.ledger,
            self.disk,
            self.tell,
            self.refresh,
            self.diary,
            self.clock,
        )
        self.state, self.shown = State.IDLE, []
        self.face = Face(
            self,
            self.gate,
            self,
            self.sentinel,
            self.disk,
            Light(night=night, idle=idle),
            self.diary,
            lambda: NOW,
        )
        self.gate.unmute(MuteReason.STARTING)

    def tell(self, happening):
        self.order.append("told")
        self.told.append(happening)

    def refresh(self):
        self.refreshed += 1
        self.face.show(sending=False)

    def show(self, look):
        self.shown.append(look)

    def hear(self):
        """Hear a frame, and look; the ear is as it should be."""
        self.gate.step()
        self.sentinel.look()

    def look(self, milliseconds=0):
        """Look, so much later."""
        self.clock.advance(milliseconds)
        self.sentinel.look()

    def entries(self):
        """What the ledger says: events with their facts."""
        kept = ("event", "position", "reason", "on", "open", "finding")
        return [tuple(entry[key] for key in kept if key in entry) for entry in self.ledger.entries()]


@pytest.fixture
def ear(tmp_path):
    """An ear that hears, its switch at live."""
    made = Ear(tmp_path)
    made.sentinel.flip(Position.LIVE)
    made.hear()
    made.order.clear()
    return made


@pytest.mark.parametrize("position", [one for one in Position if one is not Position.LIVE])
def test_a_flip_shuts_the_gate_first_and_goes_into_the_ledger(ear, position):
    """Whatever takes its time, the gate is shut before; the ledger has the flip after the next look."""
    ear.sentinel.flip(position)
    assert ear.order[0] == "gate"
    assert ear.gate.reasons == {MuteReason.HARDWARE}
    assert not ear.gate._ring._slots.any()
    assert ear.sentinel.position is position
    assert ear.entries() == [("switch", "live")]
    ear.look()
    assert ear.entries() == [("switch", "live"), ("switch", str(position))]


@pytest.mark.parametrize(
    ("position", "told"),
    [
        (Position.MUTED, []),
        (Position.TAMPER, [Happening.TAMPER]),
        (Position.FAULT, [Happening.SWITCH_FAULT]),
        (Position.UNREADABLE, [Happening.SWITCH_FAULT]),
    ],
)
def test_a_switch_that_is_not_right_is_an_event(ear, position, told):
    """Tampering and faults are told, once; only tampering is an alarm."""
    ear.sentinel.flip(position)
    ear.look()
    assert ear.told == told
    assert ear.sentinel.alarm == (position is Position.TAMPER)
    ear.sentinel.flip(Position.LIVE)
    assert (ear.gate.reasons, ear.sentinel.alarm) == (frozenset(), False)


def test_a_soft_mute_is_in_force_at_once_and_written_down(ear):
    """By the button: the gate is shut before it returns, and a new process finds it on disk."""
    ear.sentinel.soft(on=True)
    assert ear.gate.reasons == {MuteReason.SOFT}
    assert Mutes(open_store(ear.folder), lambda: NOW).look() == {MuteReason.SOFT}
    ear.sentinel.soft(on=False)
    assert ear.gate.reasons == frozenset()
    ear.look()
    assert ear.entries()[1:] == [("mute", "soft", "yes"), ("mute", "soft", "no")]


@pytest.mark.parametrize("broken", [False, True])
def test_a_soft_mute_for_a_while_ends_by_itself(tmp_path, broken):
    """At its time and not before, even if the disk took it late only."""
    ear = Ear(tmp_path)
    now = [NOW]
    ear.mutes._now = lambda: now[0]
    ear.sentinel.flip(Position.LIVE)
    ear.hear()
    ear.store.execute(f"PRAGMA query_only = {broken}")
    ear.sentinel.soft(on=True, until=NOW + 3600)
    ear.look()
    ear.store.execute("PRAGMA query_only = OFF")
    now[0] = NOW + 3599
    ear.look()
    assert ear.gate.reasons == {MuteReason.SOFT}
    now[0] = NOW + 3600
    ear.look()
    assert ear.gate.reasons == frozenset()


def test_another_process_is_obeyed_at_the_next_look(ear):
    """`sottovoce mute` and `unmute` meet the running ear on disk."""
    other = Mutes(open_store(ear.folder), lambda: NOW)
    other.set_soft()
    ear.look()
    assert ear.gate.reasons == {MuteReason.SOFT}
    other.clear_soft()
    ear.look()
    assert ear.gate.reasons == frozenset()
    assert ear.entries()[1:] == [("mute", "soft", "yes"), ("mute", "soft", "no")]


def test_the_schedule_is_kept(tmp_path):
    """Its hours shut the gate and open it again; a soft mute within them stands beyond them."""
    ear = Ear(tmp_path, NIGHT)
    ear.minute = 22 * 60
    ear.look()
    assert ear.gate.reasons == {MuteReason.SCHEDULE}
    ear.sentinel.soft(on=True)
    ear.minute = 7 * 60
    ear.look()
    assert ear.gate.reasons == {MuteReason.SOFT}


def test_it_takes_away_no_other_reason(tmp_path):
    """Neither the disk nor the clock ends what the switch began, nor what the ear does for itself."""
    ear = Ear(tmp_path, NIGHT)
    for reason in (MuteReason.HARDWARE, MuteReason.SPEAKING):
        ear.gate.mute(reason)
    ear.sentinel.soft(on=True)
    ear.sentinel.soft(on=False)
    ear.look()
    assert ear.gate.reasons == {MuteReason.HARDWARE, MuteReason.SPEAKING}


def full(store):
    """Have the disk take nothing any more."""
    store.execute("PRAGMA query_only = ON")


def gone(store):
    """Have the disk give nothing any more."""
    store.execute("ALTER TABLE mute RENAME TO elsewhere")


@pytest.mark.parametrize("fails", [full, gone])
def test_a_disk_that_fails_keeps_mutes(tmp_path, fails):
    """What stands, stands; a soft mute is in force all the same; the hours begin; it is told once."""
    ear = Ear(tmp_path, NIGHT)
    ear.sentinel.soft(on=True)
    fails(ear.store)
    ear.look()
    assert ear.gate.reasons == {MuteReason.SOFT}
    ear.sentinel.soft(on=False)  # the disk would say otherwise after a restart
    ear.look()
    assert ear.gate.reasons == {MuteReason.SOFT}
    ear.minute = 22 * 60
    ear.look()
    assert ear.gate.reasons == {MuteReason.SOFT, MuteReason.SCHEDULE}
    assert ear.diary.count("state_folder_fault") == 1


@pytest.mark.parametrize("fails", [full, gone])
def test_a_soft_mute_needs_no_disk(ear, fails):
    """It is in force at once, and stays at every look, though it cannot be written down."""
    fails(ear.store)
    ear.sentinel.soft(on=True)
    assert ear.gate.reasons == {MuteReason.SOFT}
    for _ in range(3):
        ear.look()
    assert ear.gate.reasons == {MuteReason.SOFT}


def test_a_soft_mute_that_was_never_written_down_can_be_ended(ear):
    """With a disk that is read-only the button still works both ways."""
    full(ear.store)
    ear.sentinel.soft(on=True)
    ear.sentinel.soft(on=False)
    assert ear.gate.reasons == frozenset()


def test_a_ledger_that_cannot_be_written_stops_nothing(ear):
    """The mute comes first; that it could not be written down is told."""
    (ear.folder / "ledger").rename(ear.folder / "elsewhere")
    (ear.folder / "ledger").write_text("no folder")
    ear.sentinel.flip(Position.MUTED)
    ear.look()
    assert ear.gate.reasons == {MuteReason.HARDWARE}
    assert ear.diary.count("state_folder_fault") == 1


def test_a_mute_is_proven_by_the_kernel(ear):
    """Open while it hears, closed once the reader has closed it: then and not before the light is red."""
    assert (ear.sentinel.finding, ear.sentinel.microphone_open) == (Finding.OPEN, True)
    ear.sentinel.flip(Position.MUTED)
    ear.look()
    assert ear.shown[-1] == Look(Colour.AMBER)
    ear.hear()
    assert (ear.sentinel.finding, ear.sentinel.microphone_open) == (Finding.CLOSED, False)
    assert ear.shown[-1] == Look(Colour.RED)
    assert ear.told == []


@pytest.mark.parametrize("whose", ["its own", "another's"])
def test_a_stream_that_outlives_the_mute_is_an_alarm(ear, whose):
    """Open for more than 100 ms: light, event and ledger tell, once; and again when it is closed."""
    ear.sentinel.flip(Position.MUTED)
    if whose == "its own":
        ear.kernel.stuck, name = True, STREAM
    else:
        ear.kernel.others, name = (Capture(STRANGER, ours=False),), STRANGER
    ear.gate.step()
    ear.look()
    ear.look(99)
    assert (ear.sentinel.alarm, ear.told) == (False, [])
    ear.look(2)
    ear.look(500)
    assert (ear.sentinel.alarm, ear.told) == (True, [Happening.MUTE_BROKEN])
    assert ear.shown[-1] == Look(Colour.VIOLET)
    assert ear.entries()[2:] == [("mute_broken", name)]
    assert ear.face.status().state == "error"
    assert ear.face.status().microphone_open
    ear.kernel.stuck, ear.kernel.others = False, ()
    ear.look(10)
    assert not ear.sentinel.alarm
    assert ear.shown[-1] == Look(Colour.RED)
    assert ear.entries()[3:] == [("mute_mended", "closed")]
    assert ear.told == [Happening.MUTE_BROKEN]


def test_a_kernel_that_tells_nothing_proves_nothing(ear):
    """Without ALSA it goes by what the gate believes, and says that this is unproven."""
    ear.kernel.silent = True
    ear.hear()
    assert (ear.sentinel.finding, ear.sentinel.microphone_open) == (Finding.UNPROVEN, True)
    ear.sentinel.flip(Position.MUTED)
    ear.hear()
    assert (ear.sentinel.finding, ear.sentinel.microphone_open) == (Finding.UNPROVEN, False)
    assert not ear.sentinel.alarm


def test_its_thread_looks_when_poked_and_ends_in_order(tmp_path):
    """A flip is acted upon without waiting for the next round; at the end the ledger has everything."""
    ear = Ear(tmp_path)
    looking = threading.Thread(target=ear.sentinel.run)
    looking.start()
    ear.diary.wait("microphones", finding="closed")
    ear.gate.step()
    ear.sentinel.poke()
    ear.diary.wait("microphones", finding="open")
    ear.sentinel.stop()
    looking.join(10)
    assert not looking.is_alive()
    ear.sentinel.flip(Position.MUTED)
    ear.sentinel.run()  # nothing but its end: it was stopped
    assert ear.entries() == [("switch", "muted")]


@pytest.mark.parametrize("position", Position)
def test_the_status_says_how_the_ear_is(ear, position):
    """State, reasons, microphone and switch, without words; a broken switch is an error."""
    ear.sentinel.flip(position)
    ear.hear()
    status = ear.face.status()
    wrong = position in {Position.FAULT, Position.UNREADABLE, Position.TAMPER}
    assert status.state == ("error" if wrong else "idle")
    assert status.switch == str(position)
    assert status.reasons == (() if position is Position.LIVE else ("hardware",))
    assert status.microphone_open == (position is Position.LIVE)


@pytest.mark.parametrize(
    ("position", "shown"),
    [
        (Position.LIVE, Look(Colour.OFF)),
        (Position.MUTED, Look(Colour.RED, dim=True)),
        (Position.FAULT, Look(Colour.AMBER, dim=True)),
        (Position.UNREADABLE, Look(Colour.AMBER, dim=True)),
        (Position.TAMPER, Look(Colour.VIOLET)),
    ],
)
def test_by_night_the_light_is_faint_and_an_alarm_is_not(tmp_path, position, shown):
    """In the hours of [light] night, which here are all."""
    ear = Ear(tmp_path, night=("00:00-00:00",))
    ear.sentinel.flip(position)
    ear.hear()
    assert ear.shown[-1] == shown


def test_idle_glows_only_if_the_owner_wants_it(tmp_path):
    """[light] idle."""
    ear = Ear(tmp_path, idle="glow")
    ear.hear()
    assert ear.shown == [Look(Colour.WHITE, dim=True)]


def test_the_light_is_set_when_it_changes(ear):
    """Looking again at what is the same sets nothing; at the end it is dark."""
    ear.sentinel.flip(Position.MUTED)
    for _ in range(5):
        ear.hear()
    ear.face.show(sending=True)
    assert ear.shown == [Look(Colour.OFF), Look(Colour.RED)]
    ear.sentinel.flip(Position.LIVE)
    ear.face.show(sending=True)
    ear.face.off()
    assert ear.shown[2:] == [Look(Colour.CYAN), Look(Colour.OFF)]
