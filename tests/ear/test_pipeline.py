"""The pipeline around its stages: what goes wrong in one of them does not end the hearing."""

import pytest

from fakes.hearing import (
    Clock,
    CountingWake,
    Diary,
    KnowingTranscriber,
    ListeningSpeaker,
    MutteringVoice,
    ScriptedDetector,
    ScriptedMicrophone,
    TransparentCanceller,
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
from sottovoce.vocabulary import FRAME_SAMPLES, Happening, Intent, MuteReason

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

    def __init__(
        self,
        folder,
        text="what time is it",
        *,
        confidence=1.0,
        script=SPEECH,
        wakes=(1,),
        voice=None,
        mutters=None,
        canceller=None,
    ):
        self.clock, self.diary, self.told, self.owner = Clock(1_000_000), Diary(), [], Owner()
        self.gate = Gate(ScriptedMicrophone([100] * 1000), Ring(BACKLOG_FRAMES * 2), nothing)
        self.speaker = ListeningSpeaker(self.speaking, self.clock if mutters else None)
        self.shut_while_speaking = []
        self.stages = make_stages(
            folder,
            self.gate,
            self.clock,
            LIMITS,
            wake=CountingWake(at=wakes),
            detector=ScriptedDetector(script, lead=1),
            transcriber=KnowingTranscriber(text, confidence),
            voice=MutteringVoice(mutters) if mutters else voice,
            speaker=self.speaker,
            earcons=not mutters,
            barge_in=bool(mutters),
            canceller=canceller,
            journal=self.diary,
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


def test_it_can_be_interrupted(tmp_path):
    """The wake word over its own reply: it falls silent at once, listens, and answers anew.

    Nothing of what the microphone caught while it spoke gets into the sentence.
    """
    ear = Hearing(tmp_path, mutters=100)
    ear.stages.transcriber._on_utterance = lambda heard: lengths.append(len(heard.samples) // FRAME_SAMPLES)
    lengths = []
    ear.step(SENTENCE)
    assert ear.pipeline.state is State.SPEAKING
    assert ear.gate.reasons == frozenset()
    ear.stages.wake._engine.at = (20,)
    ear.step(19)
    assert ear.speaker.hushed == 0
    ear.step()
    assert (ear.speaker.hushed, ear.pipeline.state) == (1, State.LISTENING)
    ear.step(SENTENCE - 1)
    assert ear.diary.events.count("understood") == 2
    assert lengths[1] <= lengths[0] + 8


@pytest.mark.parametrize(("left", "interrupted"), [(1.0, True), (0.25, False)])
def test_a_wake_word_in_what_is_left_of_its_own_voice_does_not_count(tmp_path, left, interrupted):
    """Nothing interrupts a reply that was hardly more than that reply itself."""
    ear = Hearing(tmp_path, mutters=100, canceller=TransparentCanceller(left=left))
    ear.step(SENTENCE)
    ear.stages.wake._engine.at = (60,)
    ear.step(44)
    assert interrupted or ear.stages.wake._engine.heard >= 60
    assert ("interrupted" in ear.diary.events) == interrupted


def test_once_interrupted_it_hears_all_as_it_is(tmp_path):
    """No frame of the sentence, nor any later one, goes through the canceller."""
    ear = Hearing(tmp_path, mutters=100, canceller=TransparentCanceller())
    ear.step(SENTENCE)
    ear.stages.wake._engine.at = (60,)
    while "interrupted" not in ear.diary.events:
        ear.step()
    cancelled = len(ear.stages.echo._canceller.cancelled)
    ear.step(SENTENCE - 3)
    assert len(ear.stages.echo._canceller.cancelled) == cancelled > 8


def test_the_switch_makes_it_forget_the_room(tmp_path):
    """Flipped while it speaks, nothing learned from the sound before is used after."""
    ear = Hearing(tmp_path, mutters=100, canceller=TransparentCanceller())
    ear.step(SENTENCE + 40)
    before = ear.stages.echo._canceller.resets
    ear.gate.mute(MuteReason.HARDWARE)
    ear.step()
    assert ear.stages.echo._canceller.resets == before + 1


def test_while_it_speaks_only_the_wake_word_is_heard(tmp_path):
    """Talk during a reply reaches neither the voice activity detector nor the transcriber."""
    ear = Hearing(tmp_path, mutters=100, wakes=(1,))
    ear.step(SENTENCE)
    fed, written = ear.stages.endpoint._detector.fed, ear.stages.transcriber.utterances
    ear.stages.wake._engine.at = ()
    ear.step(20)
    assert ear.pipeline.state is State.SPEAKING
    assert (ear.stages.endpoint._detector.fed, ear.stages.transcriber.utterances) == (fed, written)
    assert ear.stages.wake._engine.heard == 20


def test_a_reply_with_a_wake_word_in_it_is_said_behind_a_shut_gate(tmp_path):
    """Whether the word is in its text or only the engine hears one in its sound."""
    ear = Hearing(tmp_path, mutters=100)
    ear.stages.wake.would_hear = lambda sound: True
    ear.step(SENTENCE)
    ear.stages.wake._engine.at = ()
    assert ear.gate.reasons == {MuteReason.SPEAKING}
    ear.clock.advance(5000)
    ear.step(2)
    assert ear.gate.reasons == frozenset()
    assert ear.pipeline.state is State.IDLE


def test_flipped_while_it_speaks_it_says_its_sentence_to_the_end(tmp_path):
    """Deaf, it still speaks; and the end of its reply leaves it deaf."""
    ear = Hearing(tmp_path, mutters=100)
    ear.step(SENTENCE)
    ear.gate.mute(MuteReason.HARDWARE)
    ear.step()
    assert ear.pipeline.state is State.SPEAKING
    ear.clock.advance(5000)
    ear.step()
    assert ear.pipeline.state is State.MUTED
    assert ear.gate.reasons == {MuteReason.HARDWARE}


def test_it_does_not_end_in_the_middle_of_a_reply(tmp_path):
    """A recording that ends while it speaks: it says its sentence to the end."""
    ear = Hearing(tmp_path, mutters=100)
    ear.gate._microphone.script = type(ear.gate._microphone.script)([1] * SENTENCE)
    ear.step(SENTENCE + 1)
    assert ear.gate.ended
    ear.speaker.sounding = iter([True, True, False]).__next__
    ear.pipeline.run()
    assert ear.pipeline.state is State.IDLE


def test_a_second_wake_word_begins_the_sentence_anew(tmp_path):
    """Whoever thinks better of it, "computer, turn on, computer, stop", is heard from there on."""
    ear = Hearing(tmp_path, wakes=(1, 20), script="S" * 29)
    ear.stages.transcriber._on_utterance = lambda heard: lengths.append(len(heard.samples) // FRAME_SAMPLES)
    lengths = []
    ear.step(40)
    assert lengths[0] <= 2 + 10 + frames(LIMITS.silence_ms)


def test_a_wake_word_at_the_end_of_a_sentence_belongs_to_it(tmp_path):
    """A device named like the wake word can be switched: with nothing after it, the sentence is whole."""
    ear = Hearing(tmp_path, wakes=(1, 20), script="S" * 16)
    ear.stages.transcriber._on_utterance = lambda heard: lengths.append(len(heard.samples) // FRAME_SAMPLES)
    lengths = []
    ear.step(40)
    assert lengths[0] >= 16


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
    ear = Hearing(tmp_path, wakes=())
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
    ear = Hearing(tmp_path, wakes=())
    ear.gate._microphone = ScriptedMicrophone([1, 2, 3])
    for _ in range(4):
        ear.gate.step()
    turns = []
    ear.pipeline._alive = lambda: turns.append(ear.stages.wake._engine.heard)
    ear.pipeline.run()
    assert ear.gate.ended
    assert ear.stages.wake._engine.heard == 3
    assert turns[:3] == [1, 2, 3]  # it says at each turn that it is alive, and between turns it does not
