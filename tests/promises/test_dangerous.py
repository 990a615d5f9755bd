"""What opens a house asks first; somebody at the window who shouts opens nothing."""

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
)
from fakes.house import HOUSE
from fakes.sharing import a_grant, a_wiring
from fakes.stages import make_stages
from sottovoce.config import Endpoint as Limits
from sottovoce.ear.confirm import WINDOW_SECONDS
from sottovoce.ear.endpoint import frames
from sottovoce.ear.gate import BACKLOG_FRAMES, Gate
from sottovoce.ear.pipeline import Pipeline
from sottovoce.ear.ring import Ring
from sottovoce.ear.states import State
from sottovoce.vocabulary import Intent, MuteReason, Press

LIMITS = Limits(pre_roll_ms=640, silence_ms=96, no_speech_ms=640, longest_ms=1_000)
SPEECH = "S" * 10
SENTENCE = 12 + len(SPEECH) + frames(LIMITS.silence_ms)
PROMPT = frames(LIMITS.no_speech_ms) + 8


class CalledWake(CountingWake):
    """Hears its wake word when a test says so."""

    called = False

    def detect(self, samples):
        called, self.called = self.called, False
        return self.word if called else None


class House:
    """An ear in a house of everything, with the wiring granted, and home automation granted commands, too."""

    def __init__(self, folder, *, granted=True, barge_in=True):
        self.clock, self.diary, self.said = Clock(1_000_000), Diary(), []
        self.gate = Gate(StampedMicrophone(self.clock), Ring(BACKLOG_FRAMES * 2), nothing)
        self.words, self.wake, self.detector = KnowingTranscriber(""), CalledWake(), ScriptedDetector(lead=1)
        self.stages = make_stages(
            folder,
            self.gate,
            self.clock,
            LIMITS,
            wake=self.wake,
            detector=self.detector,
            transcriber=self.words,
            voice=MutteringVoice(10),
            speaker=ListeningSpeaker(clock=self.clock),
            earcons=False,
            barge_in=barge_in,
            house=HOUSE,
        )
        self.pipeline = Pipeline(self.gate, self.stages, nothing, nothing, self.clock, self.diary, self)
        self.gate.unmute(MuteReason.STARTING)
        if granted:
            self.stages.grants.add(a_wiring(HOUSE, self.clock()))
            self.stages.grants.add(a_grant(self.clock()))
        self.step(3)

    def heard(self, transcript, intent):
        """As the witness is told."""

    def answered(self, outcome):
        self.said.append(outcome.speech)

    def step(self, times=1):
        for _ in range(times):
            before = self.clock.ms
            self.gate.step()
            if self.clock.ms == before:  # shut: nothing is read that takes time
                self.clock.advance(32)
            self.pipeline.step(0)

    def rest(self):
        """Let it finish what it says."""
        while self.pipeline.state is State.SPEAKING:
            self.step()

    def press(self, press=Press.SHORT):
        self.pipeline.press(press)
        self.step()

    def speak(self, text):
        """Say the wake word and something."""
        self.wake.called = True
        self.answer(text)

    def answer(self, text):
        """Say something without a wake word."""
        self.words.text, self.detector.script = text, SPEECH.rjust(len(SPEECH) + 1, "-")
        self.step(SENTENCE)
        self.rest()
        self.detector.script = ""

    @property
    def left(self):
        """What waits to leave: topic and payload."""
        return [(one.topic, one.body) for one in self.stages.outbox.waiting()]

    @property
    def opened(self):
        """The topics on which something was asked of a device."""
        return [topic for topic, _ in self.left if not topic.startswith("sottovoce/")]


@pytest.fixture
def house(tmp_path):
    """An ear in its house."""
    return House(tmp_path)


LOCK = "zigbee2mqtt/Haustür/set"
UNLOCK_FRONT, UNLOCK_BACK = "unlock the front door", "unlock the back door"
"""The second may be unlocked by voice."""


def test_a_light_is_turned_on_at_once(house):
    """Nothing dangerous: no question, the one message that home.toml wires, nothing of ours around it."""
    house.speak("turn on the big light")
    assert house.said == ["Turning on the big light."]
    house.speak("dim the kitchen light to fifty percent")
    topic = "zigbee2mqtt/kitchen_light/set"
    assert (topic, b'{"state":"ON"}') in house.left
    assert (topic, b'{"brightness":127}') in house.left
    assert len(house.opened) == 2


def test_a_lock_opens_by_the_button(house):
    """It asks, and until the button is pressed nothing leaves at all, to nobody; then one message does."""
    house.speak(UNLOCK_FRONT)
    assert house.said == ["Unlock the front door: are you sure? If so, press my button."]
    assert house.left == []
    house.press()
    assert (LOCK, b'{"state":"UNLOCK"}') in house.left
    assert house.said[-1] == "Unlocking the front door."


@pytest.mark.parametrize("shout", ["yes", "yes I am sure", UNLOCK_FRONT, "no"])
def test_no_shout_opens_a_lock(house, shout):
    """Whatever is called through a window, with or without a wake word, before or after the question."""
    house.speak(UNLOCK_FRONT)
    house.answer(shout)
    assert house.pipeline.state is State.IDLE  # it does not even listen
    house.speak(shout)
    house.speak("yes")
    assert house.left == []
    assert house.words.utterances == 3


def test_where_the_owner_allows_it_a_spoken_yes_is_enough(house):
    """It listens after its question without a wake word, for a yes."""
    house.speak(UNLOCK_BACK)
    assert house.said == ["Unlock the back door: are you sure? Say yes please, or press my button."]
    house.answer("yes")
    assert house.opened == ["porch/lock/back_door/command"]


def test_it_listens_for_the_answer_behind_a_gate_that_was_shut_meanwhile(tmp_path):
    """With `barge_in = false` it hears nothing of its own question, and the answer all the same."""
    house = House(tmp_path, barge_in=False)
    house.speak(UNLOCK_BACK)
    house.answer("yes please")
    assert house.opened == ["porch/lock/back_door/command"]


def test_what_makes_the_house_safer_takes_a_spoken_yes(house):
    """To lock needs no button, but still a yes."""
    house.speak("lock the front door")
    assert house.left == []
    house.answer("yes please")
    assert (LOCK, b'{"state":"LOCK"}') in house.left


def test_a_yes_counts_once(house):
    """The second yes, and the second press, answer nothing."""
    house.speak(UNLOCK_BACK)
    house.answer("yes")
    first = house.left
    house.speak("yes")
    assert house.said[-1] == "There is nothing that I may do on a spoken yes."
    assert house.left == first


ENDS = {
    "no": lambda house: house.speak("no"),
    "stop": lambda house: house.speak("never mind"),
    "something else": lambda house: house.speak("what time is it"),
    "talk": lambda house: house.speak("and that is the weather"),
    "unsure": lambda house: (setattr(house.words, "confidence", 0.1), house.speak("yes")),
    "time": lambda house: (house.clock.advance(1000 * WINDOW_SECONDS), house.step(PROMPT)),
    "mute": lambda house: (
        house.gate.mute(MuteReason.HARDWARE),
        house.step(),
        house.gate.unmute(MuteReason.HARDWARE),
        house.step(2),
    ),
    "all sharing ended": lambda house: (house.press(Press.VERY_LONG), house.rest()),
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("sentence", [UNLOCK_FRONT, UNLOCK_BACK])
@pytest.mark.parametrize("late", ["yes", "button"])
def test_anything_but_yes_is_no(house, end, sentence, late):
    """After it neither a yes nor the button does anything of what was asked before."""
    house.speak(sentence)
    ENDS[end](house)
    house.rest()
    house.words.confidence = 1.0
    if late == "yes":
        house.speak("yes")
    else:
        house.press()
    assert house.opened == []


def test_nobody_answers_then_the_button(house):
    """It stops listening after a while, and the button counts until the time is up."""
    house.speak(UNLOCK_BACK)
    house.step(PROMPT)
    assert house.pipeline.state is State.IDLE
    house.press()
    assert house.opened == ["porch/lock/back_door/command"]


def test_a_press_while_it_asks_is_no(house):
    """It hushes the question, as a press ever does, and unlocks nothing: not then, nor by the next one."""
    house.rest = nothing
    house.speak(UNLOCK_FRONT)
    assert house.pipeline.state is State.SPEAKING
    house.press()
    assert house.pipeline.state is not State.SPEAKING
    house.press()
    house.step(3)
    assert house.left == []


def test_a_press_for_a_ringing_timer_is_no_yes(house):
    """A timer that rings meanwhile takes the question back; the press is for the timer."""
    house.stages.timers.handle(Intent("TimerSet", {"seconds": 4}))
    house.speak(UNLOCK_FRONT)
    while house.said[-1] != "Your timer is done.":
        house.clock.advance(100)
        house.step()
    house.press()
    house.rest()
    house.press()
    house.step(3)
    assert house.left == []


def test_a_ring_takes_the_question_back(house):
    """A yes after it is no answer to what was asked before."""
    house.speak(UNLOCK_BACK)
    house.stages.timers.handle(Intent("TimerSet", {"seconds": 1}))
    house.clock.advance(1000)
    house.step(2)
    house.rest()
    house.speak("yes")
    assert house.said[1] == "Your timer is done."
    assert house.left == []


def test_without_the_grant_yes_does_nothing(tmp_path):
    """The wiring not agreed to, nobody granted commands: it says what to do, and nothing leaves."""
    house = House(tmp_path, granted=False)
    house.speak(UNLOCK_FRONT)
    house.press()
    assert (
        house.said[-1]
        == "I know that device, but you have not agreed to its wiring. Run sottovoce home wire."
    )
    assert house.left == []


def test_what_was_asked_about_is_what_was_said_last(house):
    """So "delete what I just said" after a question deletes nothing of the sentence before it."""
    house.speak("turn on the big light")
    before = house.left
    house.speak(UNLOCK_FRONT)
    house.speak("delete what I just said")
    assert house.said[-1] == "There was nothing to delete."
    assert house.left == before


def test_after_a_yes_that_command_is_what_was_said_last(house):
    """It is deleted as long as it waits."""
    house.speak(UNLOCK_BACK)
    house.answer("yes")
    assert house.opened
    house.speak("delete what I just said")
    assert house.left == []


SAID = ["yes", "no", "stop", "what time is it", UNLOCK_FRONT, UNLOCK_BACK, "lock the front door", "nonsense"]
steps = st.lists(
    st.tuples(st.sampled_from(["speak", "answer"]), st.sampled_from(SAID))
    | st.tuples(st.just("wait"), st.integers(0, 12_000)),
    max_size=8,
)


@settings(max_examples=60)
@given(steps)
def test_no_talk_whatever_opens_the_front_door(doing):
    """Sentences and pauses in any order, with a wake word or without."""
    with tempfile.TemporaryDirectory(prefix="window-") as name:
        house = House(Path(name))
        for verb, what in doing:
            if verb == "wait":
                house.clock.advance(what)
                house.step()
            else:
                getattr(house, verb)(what)
        assert (LOCK, b'{"state":"UNLOCK"}') not in house.left
