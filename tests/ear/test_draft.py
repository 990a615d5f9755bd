"""A sentence is written down in its last pause, so that the answer is there when the sentence ends."""

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
from sottovoce.ear.endpoint import frames
from sottovoce.ear.gate import BACKLOG_FRAMES, Gate
from sottovoce.ear.pipeline import Pipeline
from sottovoce.ear.ring import Ring
from sottovoce.ear.states import State
from sottovoce.vocabulary import FRAME_SAMPLES, MuteReason

LIMITS = Limits(pre_roll_ms=64, silence_ms=640, longest_ms=3_000)
PAUSE = frames(LIMITS.silence_ms)
LONGEST = frames(LIMITS.longest_ms)


class Listening:
    """A pipeline that has just heard the wake word; the script says what is speech after it."""

    def __init__(self, folder, script):
        self.heard = []
        self.gate = Gate(ScriptedMicrophone(range(1, 2000)), Ring(LONGEST + BACKLOG_FRAMES), nothing)
        self.transcriber = KnowingTranscriber("what time is it", on_utterance=self.keep)
        self.diary = Diary()
        stages = make_stages(
            folder,
            self.gate,
            lambda: 0.0,
            LIMITS,
            wake=CountingWake(at=[1]),
            detector=ScriptedDetector(script, lead=1),
            transcriber=self.transcriber,
        )
        self.pipeline = Pipeline(self.gate, stages, nothing, nothing, lambda: 0.0, self.diary)
        self.gate.unmute(MuteReason.STARTING)
        self.step()
        assert self.pipeline.state is State.LISTENING

    def keep(self, utterance):
        self.heard.append((len(utterance.samples) // FRAME_SAMPLES, int(utterance.samples[-1])))

    def step(self, times=1):
        for _ in range(times):
            self.gate.step()
            self.pipeline.step(0)


def test_the_words_are_there_before_the_sentence_ends(tmp_path):
    """Half a pause before the end the sentence is transcribed, and not again at its end."""
    ear = Listening(tmp_path, "S" * 10)
    ear.step(10 + PAUSE // 2)
    assert (ear.transcriber.utterances, ear.pipeline.state) == (1, State.LISTENING)
    ear.step(PAUSE - PAUSE // 2)
    assert ear.transcriber.utterances == 1
    assert "answered" in ear.diary.events


def test_a_sentence_that_goes_on_is_transcribed_as_a_whole(tmp_path):
    """Whoever pauses and speaks on is heard to the end: the draft of the first half does not count."""
    first = PAUSE - 2
    ear = Listening(tmp_path, "S" * 10 + "." * first + "S" * 10)
    ear.step(20 + first + PAUSE)
    assert len(ear.heard) == 2
    assert ear.heard[1][0] == ear.heard[0][0] + (first - PAUSE // 2) + 10 + PAUSE // 2
    assert "answered" in ear.diary.events


def test_at_the_hard_cap_an_old_draft_does_not_count(tmp_path):
    """A sentence cut off by the cap is transcribed up to the cap, whatever was drafted before."""
    script = "S" * 10 + "." * (PAUSE - 2) + "S" * 200
    ear = Listening(tmp_path, script)
    ear.step(LONGEST)
    assert ear.heard[-1][1] == LONGEST + 1
    assert len(ear.heard) == 2


def test_no_draft_outlives_the_switch(tmp_path):
    """A sentence drafted before the switch was flipped is neither answered nor kept."""
    ear = Listening(tmp_path, "S" * 10)
    ear.step(10 + PAUSE // 2)
    ear.gate.mute(MuteReason.HARDWARE)
    ear.step()
    assert ear.pipeline._draft is None
    ear.gate.unmute(MuteReason.HARDWARE)
    ear.step(1)
    assert "answered" not in ear.diary.events
