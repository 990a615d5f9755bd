"""A sentence is heard by the transcriber while it is said, so that little is left to do at its end."""

import numpy as np
import pytest

from fakes.hearing import (
    CountingWake,
    Diary,
    KnowingTranscriber,
    ScriptedDetector,
    ScriptedMicrophone,
    nothing,
)
from fakes.stages import make_stages
from sottovoce.config import Endpoint as Limits
from sottovoce.ear.endpoint import SPEECH_FRAMES, frames
from sottovoce.ear.gate import BACKLOG_FRAMES, Gate
from sottovoce.ear.pipeline import FOLLOWED_FRAMES, Pipeline
from sottovoce.ear.ring import Ring
from sottovoce.ear.states import State
from sottovoce.errors import EngineError
from sottovoce.vocabulary import FRAME_SAMPLES, MuteReason

LIMITS = Limits(pre_roll_ms=64, silence_ms=640, longest_ms=5_000)


class FollowingTranscriber(KnowingTranscriber):
    """Keeps what it was given while the sentence went on: the last sample of each, before it is wiped."""

    def __init__(self, fault=None):
        super().__init__("what time is it")
        self.heard = []
        self.fault = fault

    def follow(self, utterance):
        super().follow(utterance)
        self.heard.append(
            (utterance.first, len(utterance.samples) // FRAME_SAMPLES, int(utterance.samples[-1]))
        )
        if self.fault:
            raise self.fault


class Ear:
    """A pipeline that has just heard the wake word; the script says what is speech after it."""

    def __init__(self, folder, script, fault=None):
        self.gate = Gate(ScriptedMicrophone(range(1, 2000)), Ring(frames(6_000) + BACKLOG_FRAMES), nothing)
        self.transcriber = FollowingTranscriber(fault)
        stages = make_stages(
            folder, self.gate, lambda: 0.0, LIMITS,
            wake=CountingWake(at=[1]), transcriber=self.transcriber,
            detector=ScriptedDetector(script, lead=1),
        )  # fmt: skip
        self.pipeline = Pipeline(self.gate, stages, nothing, nothing, lambda: 0.0, Diary())
        self.gate.unmute(MuteReason.STARTING)
        self.step()
        assert self.pipeline.state is State.LISTENING

    def step(self, times=1):
        for _ in range(times):
            self.gate.step()
            self.pipeline.step(0)


def test_it_hears_more_and_more_of_one_sentence(tmp_path):
    """Every quarter of a second: from the same beginning each time, and up to the frame of that moment."""
    ear = Ear(tmp_path, "S" * 60)
    ear.step(60)
    heard = ear.transcriber.heard
    assert len(heard) == 60 // FOLLOWED_FRAMES
    assert len({first for first, _, _ in heard}) == 1
    assert [length for _, length, _ in heard] == sorted({length for _, length, _ in heard})
    assert [last for _, _, last in heard] == [heard[0][2] + FOLLOWED_FRAMES * n for n in range(len(heard))]
    assert ear.transcriber.utterances == 0


def test_it_hears_nothing_before_somebody_speaks(tmp_path):
    """Silence after the wake word, and the tail of the wake word itself, are no sentence."""
    ear = Ear(tmp_path, "S" * (SPEECH_FRAMES - 1))
    ear.step(60)
    assert ear.transcriber.heard == []


def test_what_it_was_given_is_wiped(tmp_path):
    """No copy of the sound is left once it has been heard, even when the engine gave up."""
    ear = Ear(tmp_path, "S" * 30)
    ear.step(30)
    assert ear.transcriber.followed
    assert not any(np.any(utterance.samples) for utterance in ear.transcriber.followed)
    failing = Ear(tmp_path / "other", "S" * 30, EngineError("engine: gave up"))
    with pytest.raises(EngineError):
        failing.step(30)
    assert not np.any(failing.transcriber.followed[0].samples)


def test_the_switch_makes_it_forget(tmp_path):
    """What it had heard of half a sentence is dropped when the gate shuts, and it hears no more of it."""
    ear = Ear(tmp_path, "S" * 60)
    ear.step(30)
    forgotten, heard = ear.transcriber.forgotten, len(ear.transcriber.heard)
    ear.gate.mute(MuteReason.HARDWARE)
    ear.step(20)
    assert ear.transcriber.forgotten > forgotten
    assert len(ear.transcriber.heard) == heard
