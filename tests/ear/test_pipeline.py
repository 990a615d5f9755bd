"""The pipeline around its stages: what goes wrong in one of them does not end the hearing."""

import pytest

from fakes.hearing import (
    Clock,
    CountingWake,
    Diary,
    KnowingTranscriber,
    ListeningSpeaker,
    ScriptedDetector,
    ScriptedMicrophone,
    nothing,
)
from fakes.stages import make_stages
from sottovoce.config import Endpoint as Limits
from sottovoce.ear.endpoint import frames
from sottovoce.ear.gate import BACKLOG_FRAMES, Gate
from sottovoce.ear.pipeline import Pipeline
from sottovoce.ear.ring import Ring
from sottovoce.ear.skills.home import UNSHARED
from sottovoce.ear.states import State
from sottovoce.errors import EngineError
from sottovoce.vocabulary import Happening, Intent, MuteReason

LIMITS = Limits(pre_roll_ms=64, silence_ms=96, no_speech_ms=640, longest_ms=1_000)
SPEECH = "S" * 10
SENTENCE = 1 + len(SPEECH) + frames(LIMITS.silence_ms)
"""Frames from the wake word to the end of the sentence."""


class Hoarse:
    """A voice that has gone."""

    def say(self, text):
        raise EngineError("voice: gave no sound")


class Owner:
    """Sees what was understood and answered."""

    def __init__(self):
        self.heard_words, self.answers = [], []

    def heard(self, transcript, intent):
        self.heard_words.append((transcript.text, intent and intent.name))

    def answered(self, outcome):
        self.answers.append(outcome)


class Hearing:
    """A pipeline that hears its wake word in the first frame, and then what the script says."""

    def __init__(self, folder, text="what time is it", *, confidence=1.0, script=SPEECH, wakes=1, voice=None):
        self.clock, self.diary, self.told, self.owner = Clock(1_000_000), Diary(), [], Owner()
        self.gate = Gate(ScriptedMicrophone([1] * 1000), Ring(BACKLOG_FRAMES * 2), nothing)
        self.speaker = ListeningSpeaker(self.speaking)
        self.shut_while_speaking = []
        self.stages = make_stages(
            folder,
            self.gate,
            self.clock,
            LIMITS,
            wake=CountingWake(wakes),
            detector=ScriptedDetector(script, lead=1),
            transcriber=KnowingTranscriber(text, confidence),
            voice=voice,
            speaker=self.speaker,
        )
        self.pipeline = Pipeline(
            self.gate, self.stages, self.told.append, nothing, self.clock, self.diary, self.owner
        )
        self.gate.unmute(MuteReason.STARTING)

    def speaking(self, samples):
        self.shut_while_speaking.append(self.gate.reasons)

    def step(self, times=1):
        for _ in range(times):
            self.gate.step()
            self.pipeline.step(0)

    def ring_in(self, seconds):
        self.stages.timers.handle(Intent("TimerSet", {"seconds": seconds}))


def test_a_sentence_goes_all_the_way(tmp_path):
    """From the wake word to the answer, each step is told once and the ear listens again."""
    ear = Hearing(tmp_path)
    ear.step(SENTENCE)
    assert ear.told == [Happening.WAKE, Happening.COMMAND]
    assert ear.owner.heard_words == [("what time is it", "ClockTime")]
    assert ear.diary.events == ["woken", "endpoint", "understood", "answered"]
    assert ear.pipeline.state is State.IDLE


def test_it_does_not_hear_itself(tmp_path):
    """While it speaks the gate is shut, for this reason alone, and opens again after it."""
    ear = Hearing(tmp_path)
    ear.step(SENTENCE)
    assert ear.shut_while_speaking == [{MuteReason.SPEAKING}]
    assert ear.gate.reasons == frozenset()


def test_it_takes_no_reason_away_but_its_own(tmp_path):
    """Muted by its owner while it speaks, it stays muted after it."""
    ear = Hearing(tmp_path)
    ear.speaker._on_play = lambda _: ear.gate.mute(MuteReason.SOFT)
    ear.step(SENTENCE)
    assert ear.gate.reasons == {MuteReason.SOFT}
    assert ear.pipeline.state is State.MUTED


def test_a_voice_that_fails_does_not_end_the_hearing(tmp_path):
    """An answer that cannot be said is written down as a fault, and the gate opens again."""
    ear = Hearing(tmp_path, voice=Hoarse())
    ear.step(SENTENCE)
    assert "reply_fault" in ear.diary.events
    assert ear.gate.reasons == frozenset()
    assert ear.pipeline.state is State.IDLE


def test_an_engine_that_gives_up_ends_it(tmp_path):
    """A recogniser that breaks is not hidden: the ear ends of it and is started anew."""
    ear = Hearing(tmp_path)

    def give_up(_):
        raise EngineError("gave up")

    ear.stages.transcriber._on_utterance = give_up
    with pytest.raises(EngineError):
        ear.step(SENTENCE)


@pytest.mark.parametrize(
    ("text", "confidence"), [("what time is it", 0.49), ("", 1.0), ("what is the meaning of life", 1.0)]
)
def test_when_in_doubt_nothing_is_done(tmp_path, text, confidence):
    """Unsure of the words, without words, or with words that fit nothing: it says so and does nothing."""
    ear = Hearing(tmp_path, text, confidence=confidence)
    ear.step(SENTENCE)
    assert ear.told == [Happening.WAKE, Happening.NOT_UNDERSTOOD]
    assert ear.owner.answers[0].speech == "Sorry, I did not understand that."
    assert ear.owner.heard_words[0][1] is None


def test_nobody_spoke(tmp_path):
    """After the time-out it listens for its wake word again, and was not taken for having understood."""
    ear = Hearing(tmp_path, script="")
    ear.step(1 + frames(LIMITS.no_speech_ms))
    assert ear.told == [Happening.WAKE, Happening.TIMEOUT]
    assert ear.pipeline.state is State.IDLE
    assert ear.stages.transcriber.utterances == 0


def test_without_a_grant_nobody_may_know(tmp_path):
    """A command for others is understood, stays here, and its owner is told."""
    ear = Hearing(tmp_path, "turn on the kitchen light")
    ear.step(SENTENCE)
    assert ear.owner.answers == [UNSHARED]
    assert ("kept", {"recipients": 0}) in ear.diary.lines


def test_a_disk_that_fails_lets_nothing_out_and_the_ear_hears_on(tmp_path):
    """Without its grants the ear takes nothing for granted: the command stays, and the fault is told."""
    ear = Hearing(tmp_path, "turn on the kitchen light")
    ear.stages.grants._store.close()
    ear.step(SENTENCE)
    assert ear.owner.answers == [UNSHARED]
    assert "state_folder_fault" in ear.diary.events
    assert ear.pipeline.state is State.IDLE


@pytest.mark.parametrize("muted", [False, True], ids=["idle", "muted"])
def test_a_timer_rings(tmp_path, muted):
    """When it is due, it rings, be the device deaf or not; deaf, it stays so."""
    ear = Hearing(tmp_path, wakes=None)
    ear.step()
    if muted:
        ear.gate.mute(MuteReason.HARDWARE)
    ear.ring_in(5)
    ear.step()
    assert ear.speaker.played == []
    ear.clock.advance(5000)
    ear.step()
    assert ear.owner.answers[0].speech == "Your timer is done."
    assert ear.pipeline.state is (State.MUTED if muted else State.IDLE)
    assert ear.gate.reasons == ({MuteReason.HARDWARE} if muted else set())


def test_a_timer_waits_while_a_sentence_is_under_way(tmp_path):
    """Nobody is interrupted: the timer rings after the answer."""
    ear = Hearing(tmp_path)
    ear.step(2)
    ear.ring_in(1)
    ear.clock.advance(1000)
    ear.step(SENTENCE - 3)
    assert ear.owner.answers == []
    ear.step()
    assert ear.owner.answers[0].speech.startswith("It is ")
    assert ear.owner.answers[1].speech == "Your timer is done."


def test_a_wake_word_of_several_words_is_one_fact(tmp_path):
    """In the journal a fact has no blanks."""
    ear = Hearing(tmp_path)
    ear.stages.wake._engine.word = "hey google"
    ear.step()
    assert ("woken", {"word": "hey_google", "frame": 0}) in ear.diary.lines


def test_it_ends_with_its_recording(tmp_path):
    """When all of a recording was heard, the pipeline's work is done."""
    ear = Hearing(tmp_path, wakes=None)
    ear.gate._microphone = ScriptedMicrophone([1, 2, 3])
    for _ in range(4):
        ear.gate.step()
    ear.pipeline.run()
    assert ear.gate.ended
    assert ear.stages.wake._engine.heard == 3
