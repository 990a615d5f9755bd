"""The button at the pipeline: what each press does, whatever the device is doing."""

import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.hearing import (
    Clock,
    CountingWake,
    Diary,
    KnowingTranscriber,
    ListeningSpeaker,
    MutteringVoice,
    ScriptedDetector,
    StampedMicrophone,
    nothing,
    stamps,
)
from fakes.sharing import a_command, a_grant
from fakes.stages import make_stages
from sottovoce.config import Endpoint as Limits
from sottovoce.ear.endpoint import frames
from sottovoce.ear.gate import BACKLOG_FRAMES, Gate
from sottovoce.ear.pipeline import ANNOUNCEMENTS, Pipeline
from sottovoce.ear.ring import Ring
from sottovoce.ear.states import State
from sottovoce.vocabulary import Earcon, Happening, Intent, MuteReason, Outcome, Press

LIMITS = Limits(pre_roll_ms=640, silence_ms=96, no_speech_ms=640, longest_ms=1_000)
SPEECH = "S" * 10
SENTENCE = 2 + len(SPEECH) + frames(LIMITS.silence_ms)
"""Frames from the press to the end of the sentence."""


class Ear:
    """A pipeline whose every sample tells when it was captured, and whose replies take 40 ms a letter."""

    def __init__(self, folder, wakes=(), script=SPEECH):
        self.clock, self.diary, self.told, self.answers, self.sentences = Clock(1000), Diary(), [], [], []
        self.gate = Gate(StampedMicrophone(self.clock), Ring(BACKLOG_FRAMES * 2), nothing)
        self.speaker = ListeningSpeaker(clock=self.clock)
        self.stages = make_stages(
            folder,
            self.gate,
            self.clock,
            LIMITS,
            wake=CountingWake(at=wakes),
            detector=ScriptedDetector(script, lead=1),
            transcriber=KnowingTranscriber("what time is it", 1.0, self.transcribed),
            voice=MutteringVoice(40),
            speaker=self.speaker,
            earcons=False,
            barge_in=True,
        )
        self.pipeline = Pipeline(
            self.gate, self.stages, self.told.append, nothing, self.clock, self.diary, self
        )  # fmt: skip
        self.gate.unmute(MuteReason.STARTING)

    def heard(self, transcript, intent):
        """As the witness is told."""

    def transcribed(self, utterance):
        self.sentences.append(stamps(utterance.samples))

    def answered(self, outcome):
        self.answers.append(outcome.speech)

    def step(self, times=1):
        for _ in range(times):
            self.gate.step()
            self.pipeline.step(0)

    def press(self, press=Press.SHORT):
        self.pipeline.press(press)

    @property
    def state(self):
        return self.pipeline.state

    def grant(self):
        """Grant something, and have a command wait under it."""
        grant = a_grant(self.clock())
        self.stages.grants.add(grant)
        self.stages.outbox.put(a_command(grant, expires_at=self.clock() + 900))
        return grant


@pytest.fixture
def ear(tmp_path):
    """An ear that is idle."""
    made = Ear(tmp_path)
    made.step(3)
    assert made.state is State.IDLE
    return made


def test_a_short_press_listens_as_if_woken(ear):
    """No wake word: a sentence after the press is understood and answered."""
    ear.press()
    ear.step(3)
    assert ear.state is State.LISTENING
    ear.step(SENTENCE)
    assert ear.told == [Happening.WAKE, Happening.COMMAND]
    assert ear.diary.events[:3] == ["called", "endpoint", "understood"]
    assert len(ear.answers) == 1


@settings(max_examples=150)
@given(
    before=st.integers(0, 30),
    at=st.integers(0, 40),
    backlog=st.integers(0, 20),
    script=st.text("S-", max_size=9),
)
def test_nothing_from_before_the_press_is_in_the_sentence(before, at, backlog, script):
    """At any moment, with any backlog between microphone and pipeline, however soon one speaks."""
    with tempfile.TemporaryDirectory(prefix="press-") as name:
        ear = Ear(Path(name), script=SPEECH + script)
        ear.step(before)
        for _ in range(backlog):
            ear.gate.step()
        pressed_at = ear.clock.ms + at
        ear.clock.at(pressed_at, ear.press)
        ear.step(backlog + SENTENCE + 20)
        assert ear.sentences, "it was not called"
        for heard in ear.sentences:
            assert min(heard) >= pressed_at


def test_a_short_press_while_it_speaks_hushes_it(ear):
    """Silent at once, and idle: it does not listen, that takes another press."""
    ear.press()
    ear.step(SENTENCE + 2)
    assert ear.state is State.SPEAKING
    ear.press()
    ear.step()
    assert (ear.speaker.hushed, ear.state) == (1, State.IDLE)
    ear.step(20)
    assert ear.state is State.IDLE
    ear.press()
    ear.step(3)
    assert ear.state is State.LISTENING


def test_a_short_press_while_it_listens_cancels(ear):
    """What was half heard is forgotten, never transcribed, and it is told."""
    ear.press()
    ear.step(8)
    assert ear.state is State.LISTENING
    ear.press()
    ear.step()
    assert (ear.state, ear.told) == (State.IDLE, [Happening.WAKE, Happening.CANCELLED])
    ear.step(40)
    assert ear.sentences == []


@pytest.mark.parametrize("muted", [False, True])
def test_a_short_press_stops_what_rings(ear, muted):
    """Between two rings too, and on a deaf device; it is no call to listen."""
    ear.stages.timers.handle(Intent("TimerSet", {"seconds": 1}))
    if muted:
        ear.gate.mute(MuteReason.HARDWARE)
    ear.clock.advance(1000)
    ear.step(2)
    assert ear.state is State.SPEAKING
    ear.clock.advance(2000)  # the first ring is over, the next to come
    ear.step()
    assert ear.state is (State.MUTED if muted else State.IDLE)
    ear.press()
    ear.step(3)
    assert ear.state is (State.MUTED if muted else State.IDLE)
    ear.clock.advance(20_000)
    ear.step(3)
    assert len(ear.answers) == 1


def test_a_ring_takes_a_call_back(ear):
    """A timer that rings just then is not talked over: the press is spent."""
    ear.stages.timers.handle(Intent("TimerSet", {"seconds": 1}))
    ear.clock.advance(1000)
    ear.press()
    ear.step(4)
    assert ear.state is State.SPEAKING
    assert ear.diary.events.count("called") == 0


HELLO = Outcome(Earcon.CHIME, "Lunch is ready.")


@pytest.mark.parametrize("muted", [False, True])
def test_an_announcement_is_said_when_nobody_speaks(ear, muted):
    """At once, behind a shut gate too; nothing is shared of it, and it is no command."""
    ear.grant()
    waiting = len(ear.stages.outbox.waiting())
    if muted:
        ear.gate.mute(MuteReason.HARDWARE)
        ear.step()
    assert ear.pipeline.announce(HELLO)
    ear.step()
    assert (ear.state, ear.answers) == (State.SPEAKING, ["Lunch is ready."])
    ear.clock.advance(2000)
    ear.step(2)
    assert ear.state is (State.MUTED if muted else State.IDLE)
    assert (ear.told, ear.sentences) == ([], [])
    assert len(ear.stages.outbox.waiting()) == waiting


def test_an_announcement_waits_for_a_sentence_and_its_answer(ear):
    """From the press on nobody is talked over: it is said when the answer is."""
    ear.press()
    ear.step()
    assert ear.pipeline.announce(HELLO)
    ear.pipeline.step(0)  # no frame has come since
    ear.step(SENTENCE)
    assert "Lunch is ready." not in ear.answers
    ear.step(60)
    assert ear.answers[1:] == ["Lunch is ready."]
    assert ear.told == [Happening.WAKE, Happening.COMMAND]


def test_no_more_announcements_wait_than_a_few(ear):
    """A flood is turned away, and a short press ends all that waits, and what is being said."""
    taken = [ear.pipeline.announce(HELLO) for _ in range(ANNOUNCEMENTS + 1)]
    assert taken == [True] * ANNOUNCEMENTS + [False]
    ear.step()
    assert ear.state is State.SPEAKING
    ear.press()
    ear.step(40)
    assert (ear.speaker.hushed, len(ear.answers), ear.state) == (1, 1, State.IDLE)


def test_muted_it_hears_nothing_whatever_is_pressed(ear):
    """Behind a shut gate a short press is nothing, neither then nor when the gate opens again."""
    ear.gate.mute(MuteReason.HARDWARE)
    for _ in range(3):
        ear.press()
        ear.step(2)
    assert not ear.gate.stream_open
    ear.gate.unmute(MuteReason.HARDWARE)
    ear.step(30)
    assert ear.state is State.IDLE
    assert (ear.told, ear.sentences) == ([], [])


def test_a_call_is_over_when_the_gate_shuts(ear):
    """Pressed, and muted before it began to listen: it does not listen when the gate opens."""
    ear.press()
    ear.step()
    ear.gate.mute(MuteReason.SOFT)
    ear.step()
    ear.gate.unmute(MuteReason.SOFT)
    ear.step(10)
    assert ear.state is State.IDLE


WHILE = {
    "idle": lambda _: None,
    "muted": lambda ear: ear.gate.mute(MuteReason.HARDWARE),
    "listening": lambda ear: (ear.press(), ear.step(6)),
    "speaking": lambda ear: (ear.press(), ear.step(SENTENCE + 2)),
}


@pytest.mark.parametrize("doing", WHILE)
def test_a_very_long_press_ends_all_sharing(ear, doing):
    """Whatever it is doing: no grant is left, nothing waits, the ledger has each, and it is said."""
    grants = [ear.grant(), ear.grant()]
    WHILE[doing](ear)
    ear.step()
    assert str(ear.state) == doing
    ear.press(Press.VERY_LONG)
    ear.step()
    assert ear.stages.grants.all() == []
    assert ear.stages.outbox.waiting() == []
    assert ear.answers[-1] == "Nothing is shared any more."
    assert ear.state is State.SPEAKING
    revoked = [(entry["grant"], entry["deleted"]) for entry in ear.stages.ledger.entries()]
    assert sorted(revoked) == sorted((grant.id, 1) for grant in grants)
    assert ear.gate.reasons == ({MuteReason.HARDWARE} if doing == "muted" else frozenset())


def test_with_nothing_shared_it_says_so(ear):
    """No grant: nothing is written down."""
    ear.press(Press.VERY_LONG)
    ear.step()
    assert ear.answers == ["Nothing was shared."]
    assert ear.stages.ledger.entries() == []


def test_what_cannot_be_revoked_is_not_said_to_be(ear):
    """A disk that takes nothing: it says so, and what helps."""
    ear.grant()
    ear.stages.grants._store.execute("PRAGMA query_only = ON")
    ear.press(Press.VERY_LONG)
    ear.step()
    assert ear.answers == ["I cannot end that: my memory card fails. Pull my network plug."]
    assert len(ear.stages.grants.all()) == 1
