"""The whole ear on real sound: from what somebody says to what the device answers."""

import threading
import time

import numpy as np
import pytest

from fakes.hearing import Diary, nothing
from sottovoce.bench.speech import VOICES, quiet
from sottovoce.config import Config
from sottovoce.ear import build
from sottovoce.ear.consent import hash_of
from sottovoce.ear.devices.recording import Recording, read_samples
from sottovoce.ear.gate import Gate
from sottovoce.ear.grants import Grants, draw_up
from sottovoce.ear.pipeline import Pipeline
from sottovoce.ear.state_folder import StateFolder
from sottovoce.ear.states import State
from sottovoce.ear.store import open_store
from sottovoce.vocabulary import SAMPLE_RATE, Grant, Happening, Kind, MuteReason

PATIENCE = 60.0
NOW = 1_800_000_000.0


class Owner:
    """Sees on the terminal what was understood and answered."""

    def __init__(self):
        self.said = []
        self.answers = []

    def heard(self, transcript, intent):
        self.said.append((transcript.text, intent and intent.name))

    def answered(self, outcome):
        self.answers.append(outcome.speech)


class Heard:
    """What came of a recording."""

    def __init__(self, folder, samples, config=None):
        self.owner, self.diary, self.told = Owner(), Diary(), []
        config = config or Config()
        self.output = folder / "answers.wav"
        self.gate = Gate(Recording(samples), build.make_ring(config), nothing)
        self.stages = build.make_stages(
            config,
            build.Options(folder, output=self.output),
            self.gate,
            StateFolder(folder, self.diary),
            self.diary,
        )
        self.pipeline = Pipeline(
            self.gate, self.stages, self.told.append, nothing, lambda: NOW, self.diary, self.owner
        )
        reader = threading.Thread(target=self.gate.listen)
        reader.start()
        self.gate.unmute(MuteReason.STARTING)
        self.pipeline.run()
        reader.join(PATIENCE)
        assert not reader.is_alive()


@pytest.mark.parametrize("voice", ["slt", "awb", "rms"])
def test_a_sentence_in_one_breath_loses_no_word(tmp_path, said, voice):
    """Said right after the wake word, without a pause: every word of it is understood.

    (The fourth voice, kal16, runs the two words together so that the wake engine itself hears none.)
    """
    heard = Heard(tmp_path, said("computer turn on the kitchen light", voice))
    assert heard.owner.said == [("turn on the kitchen light", "HomeTurnOn")]


@pytest.mark.parametrize("pause", [0.3, 1.5, 2.5])
def test_a_pause_after_the_wake_word_is_waited_out(tmp_path, said, pause):
    """Whoever thinks before speaking is not cut off."""
    sound = np.concatenate([
        said("computer", "slt"), quiet(round(pause * SAMPLE_RATE), 3), said("turn the fan off", "slt"),
    ])  # fmt: skip
    assert Heard(tmp_path, sound).owner.said == [("turn the fan off", "HomeTurnOff")]


def test_the_wake_word_alone_is_given_up(tmp_path, said):
    """When nothing follows, it says nothing, does nothing and listens again."""
    sound = np.concatenate([said("computer", "slt"), quiet(6 * SAMPLE_RATE), said("computer, stop", "slt")])
    heard = Heard(tmp_path, sound)
    assert heard.told[:2] == [Happening.WAKE, Happening.TIMEOUT]
    assert [name for _, name in heard.owner.said] == ["Stop"]


def test_sentence_after_sentence(tmp_path, said):
    """Several commands in one recording, by several people: each is answered, in order."""
    texts = ("what time is it", "turn on the kitchen light", "set a timer for five minutes")
    parts = [said(f"computer, {text}", voice) for text, voice in zip(texts, VOICES, strict=False)]
    apart = [sound for part in parts for sound in (part, quiet(2 * SAMPLE_RATE))]
    heard = Heard(tmp_path, np.concatenate(apart))
    assert [text for text, _ in heard.owner.said] == list(texts)
    assert heard.owner.answers[2] == "Timer set for 5 minutes."
    assert heard.diary.events.count("answered") == 3


def test_without_a_wake_word_nothing_is_heard(tmp_path, said):
    """People talk; the device does not even begin to listen."""
    sound = np.concatenate([said("hello there how are you", "slt"), said("turn on the kitchen light", "awb")])
    heard = Heard(tmp_path, sound)
    assert heard.told == []
    assert heard.owner.said == []
    assert heard.pipeline.state is State.IDLE


def test_talk_after_the_wake_word_is_not_understood(tmp_path, said):
    """What is no command is said to be none, and nothing comes of it."""
    heard = Heard(tmp_path, said("computer, please remember to buy some milk and bread", "slt"))
    assert heard.told == [Happening.WAKE, Happening.NOT_UNDERSTOOD]
    assert heard.owner.answers == ["Sorry, I did not understand that."]


def test_the_answer_can_be_heard(tmp_path, said):
    """The answer is a sound of some length, and loud enough."""
    heard = Heard(tmp_path, said("computer, what time is it", "slt"))
    answer = read_samples(heard.output)
    assert len(answer) > SAMPLE_RATE
    assert np.abs(answer.astype(int)).max() > 3000


def test_a_command_waits_in_the_outbox_only_under_a_grant(tmp_path, said):
    """Without a grant the answer says that nobody may know, and nothing waits; with one, one thing does."""
    sound = said("computer, turn on the kitchen light", "slt")
    heard = Heard(tmp_path, sound)
    assert heard.owner.answers == [
        "I understood, but nobody may know. You have not shared commands with anyone."
    ]
    assert heard.stages.outbox.waiting() == []
    store = open_store(tmp_path)
    Grants(store).add(draw_up(Grant(
        id="", kind=Kind.COMMAND, recipient="home automation", topic="sottovoce/home", purpose="to do it",
        humans_listen=False, retention="not at all", intents=(), granted_at=time.time() - 1,
        ends_at=time.time() + 3600, text_hash=hash_of(""),
    )))  # fmt: skip
    store.close()
    again = Heard(tmp_path, sound)
    assert again.owner.answers == ["Turning on the kitchen light."]


def test_the_journal_has_no_words(tmp_path, said):
    """Of all that was said and answered, the journal has the intent's name and not one word."""
    heard = Heard(tmp_path, said("computer, turn on the bedroom lamp", "slt"))
    assert "understood" in heard.diary.events
    written = repr(heard.diary.lines).lower()
    assert not [word for word in ("bedroom", "lamp", "nobody") if word in written]
