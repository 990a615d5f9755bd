"""The pipeline among other devices: it listens at once, and answers only what it has won."""

import numpy as np
import pytest

from fakes.hearing import (
    FRAME_MS,
    Clock,
    CountingWake,
    Diary,
    KnowingTranscriber,
    ListeningSpeaker,
    MutteringVoice,
    ScriptedDetector,
    ScriptedMicrophone,
    nothing,
)
from fakes.stages import make_stages
from sottovoce.config import Endpoint as Limits
from sottovoce.ear.bids import WINDOW_SECONDS
from sottovoce.ear.endpoint import frames
from sottovoce.ear.gate import BACKLOG_FRAMES, Gate
from sottovoce.ear.loudness import listen
from sottovoce.ear.pipeline import Pipeline
from sottovoce.ear.ring import Ring
from sottovoce.ear.rooms import Rooms
from sottovoce.ear.states import State
from sottovoce.vocabulary import FRAME_SAMPLES, Happening, MuteReason, Press
from sottovoce.wire import Bid

WINDOW = frames(WINDOW_SECONDS * 1000) + 1
"""Frames in which it is decided."""


class Hearing:
    """A device that bids, with its pipeline; each step is a frame, and as long."""

    def __init__(self, folder, script="S" * 10, *, silence_ms=96, wakes=(1,), alone=False, barge_in=False):
        limits = Limits(pre_roll_ms=64, silence_ms=silence_ms, no_speech_ms=640, longest_ms=1_000)
        self.clock, self.diary, self.told, self.said = Clock(1_000_000), Diary(), [], []
        self.gate = Gate(ScriptedMicrophone([100] * 1000), Ring(BACKLOG_FRAMES * 2), nothing)
        self.transcriber = KnowingTranscriber("what time is it", on_utterance=self.transcribed)
        self.sounds = []
        self.stages = make_stages(
            folder,
            self.gate,
            self.clock,
            limits,
            wake=CountingWake(at=wakes),
            detector=ScriptedDetector(script, lead=1),
            transcriber=self.transcriber,
            voice=MutteringVoice(100),
            speaker=ListeningSpeaker(clock=self.clock if barge_in else None),
            earcons=False,
            barge_in=barge_in,
            rooms=Rooms("kitchen", listen(self.gate.since), self.clock, None if alone else self.said.append),
        )
        self.pipeline = Pipeline(self.gate, self.stages, self.told.append, nothing, self.clock, self.diary)
        self.gate.unmute(MuteReason.STARTING)

    def transcribed(self, utterance):
        self.sounds.append(len(utterance.samples) // FRAME_SAMPLES)

    def step(self, times=1):
        for _ in range(times):
            self.gate.step()
            self.pipeline.step(0)
            self.clock.advance(FRAME_MS)

    def outbid(self):
        """Let another device say a better bid that knows of this one's."""
        better = Bid(
            site="hall", nonce="f" * 16, engaged=False, score=200, rms=0, over=(self.said[-1].nonce,)
        )
        self.stages.rooms.hear(better)


def test_the_best_one_goes_on_as_if_it_were_alone(tmp_path):
    """It hears the whole sentence, tells and answers the same, and no later."""
    heard = []
    for alone in (True, False):
        ear = Hearing(tmp_path, alone=alone)
        ear.step(1 + 10 + 3)
        heard.append((ear.told, ear.diary.events, ear.sounds, ear.pipeline.state))
    assert heard[0] == heard[1]
    assert heard[0][0] == [Happening.WAKE, Happening.COMMAND]


def test_a_device_alone_says_nothing(tmp_path):
    """Where nothing is shared, no bid is made, and a wake is told at once."""
    ear = Hearing(tmp_path, alone=True)
    ear.step()
    assert ear.said == []
    assert ear.told == [Happening.WAKE]
    ear.stages.rooms.hear(Bid(site="hall", nonce="f" * 16, engaged=True, score=200, rms=0))
    ear.step(30)
    assert ear.said == []
    assert Happening.COMMAND in ear.told


def test_the_worse_one_drops_what_it_heard(tmp_path):
    """It listens until it knows, then forgets: no event, no words, no answer; and it hears its word again."""
    ear = Hearing(tmp_path)
    ear.step(2)
    assert ear.pipeline.state is State.LISTENING
    forgotten, ear.stages.wake._engine.at = ear.transcriber.forgotten, ()
    ear.outbid()
    ear.step(30)
    assert ear.pipeline.state is State.IDLE
    assert (ear.told, ear.sounds) == ([], [])
    assert ear.diary.events == ["woken", "yielded"]
    assert ear.transcriber.forgotten > forgotten
    ear.stages.wake._engine.reset()
    ear.stages.wake._engine.at = (1,)
    ear.step(14)
    assert ear.told == [Happening.WAKE, Happening.COMMAND]


def test_its_bid_is_two_numbers_and_a_nonce_of_chance(tmp_path):
    """Nothing of the wake word, of the sound or of the time; another nonce each time."""
    nonces = set()
    for _ in range(2):
        ear = Hearing(tmp_path)
        ear.step(3)
        bid = ear.said[0]
        assert set(bid.__struct_fields__) == {"site", "nonce", "engaged", "score", "rms", "age", "over"}
        assert (bid.site, bid.engaged, bid.score, bid.age, bid.over) == ("kitchen", False, 0.0, 0.0, ())
        assert bid.rms == pytest.approx(20 * np.log10(100 / 32768), abs=0.1)
        nonces.add(bid.nonce)
    assert len(nonces) == 2


def test_a_sentence_that_is_over_sooner_waits_for_the_decision(tmp_path):
    """With the shortest of pauses, nothing is answered before it is known who answers; then it is."""
    ear = Hearing(tmp_path, "S" * 5, silence_ms=32)
    ear.step(WINDOW - 1)
    assert ear.told == []
    ear.step(2)
    assert ear.told == [Happening.WAKE, Happening.COMMAND]


def test_a_sentence_goes_on_through_another_wake_word(tmp_path):
    """In "computer, turn off the computer" the second is no reason to yield to whoever hears it louder."""
    ear = Hearing(tmp_path, "S" * 20, wakes=(1, 12))
    ear.step(12)
    assert ear.said[-1].engaged
    ear.outbid()
    ear.step(20)
    assert ear.told == [Happening.WAKE, Happening.WAKE, Happening.COMMAND]


def test_who_speaks_is_meant(tmp_path):
    """A wake word over its own reply: it falls silent, listens, and does not yield."""
    ear = Hearing(tmp_path, barge_in=True)
    ear.step(14)
    assert ear.pipeline.state is State.SPEAKING
    ear.stages.wake._engine.at = (20,)
    ear.step(20)
    assert ear.said[-1].engaged
    ear.outbid()
    ear.step()
    assert ear.pipeline.state is State.LISTENING


@pytest.mark.parametrize("how", ["muted", "stopped"])
def test_who_cannot_answer_any_more_makes_nobody_yield(tmp_path, how):
    """Muted or stopped, it bids no more: others that ask get no answer, and answer themselves."""
    ear = Hearing(tmp_path)
    ear.step(2)
    ear.stages.wake._engine.at = ()
    if how == "muted":
        ear.gate.mute(MuteReason.HARDWARE)
    else:
        ear.pipeline.press(Press.SHORT)
    ear.step()
    said = len(ear.said)
    ear.stages.rooms.hear(Bid(site="hall", nonce="f" * 16, engaged=False, score=-200, rms=-200))
    ear.step(5)
    assert len(ear.said) == said


def test_a_press_of_the_button_is_nobody_elses(tmp_path):
    """Whoever is pressed listens, and asks nobody."""
    ear = Hearing(tmp_path, wakes=())
    ear.step()
    ear.pipeline.press(Press.SHORT)
    ear.step(3)
    assert ear.pipeline.state is State.LISTENING
    assert ear.said == []
