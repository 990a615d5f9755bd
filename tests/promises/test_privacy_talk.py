"""What you say to the device about your privacy stays between you and it."""

import pytest

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
from fakes.sharing import a_grant
from fakes.stages import make_stages
from sottovoce.config import Endpoint as Limits
from sottovoce.ear.consent import REMINDED_SECONDS
from sottovoce.ear.endpoint import frames
from sottovoce.ear.gate import BACKLOG_FRAMES, Gate
from sottovoce.ear.pipeline import Pipeline
from sottovoce.ear.ring import Ring
from sottovoce.ear.states import State
from sottovoce.vocabulary import FORMS, Happening, Intent, Kind, MuteReason, Press

LIMITS = Limits(pre_roll_ms=640, silence_ms=96, no_speech_ms=640, longest_ms=1_000)
SPEECH = "S" * 10
SENTENCE = 3 + len(SPEECH) + frames(LIMITS.silence_ms)
BEGINNING = 1_800_000_000_000
"""Milliseconds since the epoch."""
PRIVATE = (
    "what did you send today",
    "what have you kept",
    "delete what i just said",
    "delete everything from today",
    "that wasn't for you",
    "who can hear me",
    "mute for an hour",
    "stop sharing",
)


class OpenShelf:
    """Keeps all it is given."""

    def __init__(self):
        self.snippets = []

    def keep(self, snippet):
        self.snippets.append(snippet)


class Ear:
    """A pipeline that hears what it is told to hear, with everything granted and review on."""

    def __init__(self, folder):
        self.clock, self.shelf, self.told, self.answers, self.muted = (
            Clock(BEGINNING),
            OpenShelf(),
            [],
            [],
            [],
        )
        self.gate = Gate(StampedMicrophone(self.clock), Ring(BACKLOG_FRAMES * 2), nothing)
        self.speaker = ListeningSpeaker(clock=self.clock)
        self.transcriber = KnowingTranscriber("")
        self.stages = make_stages(
            folder,
            self.gate,
            self.clock,
            LIMITS,
            wake=CountingWake(),
            detector=ScriptedDetector(SPEECH, lead=1),
            transcriber=self.transcriber,
            voice=MutteringVoice(10),
            speaker=self.speaker,
            earcons=False,
            shelf=self.shelf,
        )
        self.pipeline = Pipeline(
            self.gate, self.stages, self.told.append, nothing, self.clock, Diary(), self, self.mute
        )  # fmt: skip
        self.gate.unmute(MuteReason.STARTING)
        self.step(3)

    def heard(self, transcript, intent):
        """As the witness is told."""

    def answered(self, outcome):
        self.answers.append(outcome.speech)

    def mute(self, until):
        self.muted.append((self.speaker.sounding(), until))
        self.gate.mute(MuteReason.SOFT)

    def step(self, times=1):
        for _ in range(times):
            self.gate.step()
            self.pipeline.step(0)

    def hear(self, text):
        """Hear a sentence, after a press of the button; until the answer begins."""
        self.transcriber.text = text
        self.pipeline.press(Press.SHORT)
        for _ in range(SENTENCE + 5):
            self.step()
            if self.pipeline.state is State.SPEAKING:
                return

    def be_quiet(self):
        """Go on until it has said all."""
        while self.pipeline.state is State.SPEAKING:
            self.step()
            self.clock.advance(50)

    def grant(self, kind, form, seconds=3600.0, since=0.0):
        grant = a_grant(self.clock() - since, seconds, kind=kind, form=form)
        self.stages.grants.add(grant)
        return grant


@pytest.fixture
def ear(tmp_path):
    """One that is idle."""
    return Ear(tmp_path)


@pytest.mark.parametrize("text", PRIVATE)
def test_it_is_never_shared_and_never_kept(ear, text):
    """With every kind and form granted and review on, nothing of such a sentence waits or is kept."""
    for kind, forms in FORMS.items():
        for form in forms:
            ear.grant(kind, form)
    ear.hear(text)
    assert ear.answers
    assert ear.stages.outbox.things() == []
    assert ear.shelf.snippets == []
    assert not any("snippet" in entry and entry["snippet"] for entry in ear.stages.ledger.entries())


def test_any_other_sentence_is_shared_and_kept(ear):
    """The same ear, the same grants: what is not private does wait, or else is kept."""
    ear.hear("what time is it")
    ear.be_quiet()
    assert len(ear.shelf.snippets) == 1
    ear.grant(Kind.TRANSCRIPT, FORMS[Kind.TRANSCRIPT][0])
    ear.hear("what time is it")
    assert len(ear.stages.outbox.things()) == 1


def test_what_is_deleted_is_the_sentence_before_and_not_the_request(ear):
    """By voice: what was said before is gone; saying it again deletes no older one."""
    ear.grant(Kind.TRANSCRIPT, FORMS[Kind.TRANSCRIPT][0])
    for text in ("what time is it", "what time is it", "delete what i just said", "delete what i just said"):
        ear.hear(text)
        ear.be_quiet()
    assert ear.answers[-2:] == ["I have deleted 1 thing here.", "There was nothing to delete."]
    assert len(ear.stages.outbox.things()) == 1


def test_talk_about_privacy_is_not_the_last_thing_said(ear):
    """Asked what is kept, and then to delete it: what was said before the question is meant."""
    ear.grant(Kind.TRANSCRIPT, FORMS[Kind.TRANSCRIPT][0])
    for text in ("what time is it", "what have you kept", "delete what i just said"):
        ear.hear(text)
        ear.be_quiet()
    assert ear.answers[-1] == "I have deleted 1 thing here."
    assert ear.stages.outbox.things() == []


def test_a_false_wake_is_told_without_words(ear):
    """An event of its own, and no words."""
    ear.hear("that wasn't for you")
    assert ear.told == [Happening.WAKE, Happening.COMMAND, Happening.FALSE_WAKE]


def test_it_says_that_it_goes_deaf_and_then_does(ear):
    """Not before it has been said, and not a frame later; for as long as it was asked."""
    ear.hear("mute for an hour")
    assert ear.muted == []
    assert not ear.gate.reasons & {MuteReason.SOFT}
    ear.be_quiet()
    ((sounding, until),) = ear.muted
    assert not sounding
    assert 3590 < until - BEGINNING / 1000 < 3620
    assert ear.pipeline.state is State.MUTED


def test_whoever_interrupts_that_leaves_it_deaf_all_the_same(ear):
    """A press of the button ends the words, and no more."""
    ear.hear("mute for an hour")
    ear.pipeline.press(Press.SHORT)
    ear.step()
    assert len(ear.muted) == 1
    assert ear.pipeline.state is State.MUTED


def test_a_grant_that_ends_soon_is_told_once_a_day(ear):
    """In its last week, with the first spoken answer of a day, and as a word-free event."""
    ear.grant(Kind.COMMAND, FORMS[Kind.COMMAND][0], REMINDED_SECONDS + 5 * 86_400.0, since=6 * 86_400.0)
    words = "By the way: your command grant for home automation ends in 6 days."
    for text, reminded in (("stop", False), ("what time is it", True), ("what time is it", False)):
        ear.hear(text)
        ear.be_quiet()
        assert ear.answers[-1].endswith(words) == reminded
    assert ear.told.count(Happening.GRANT_ENDING) == 1
    ear.clock.advance(86_400_000)
    ear.hear("what time is it")
    assert ear.answers[-1].endswith("ends in 5 days.")


def test_what_was_not_understood_can_be_deleted_too(ear):
    """The last sentence is the last one heard, be it understood or not."""
    ear.hear("the weather is lovely")
    ear.be_quiet()
    assert [one.intent for one in ear.shelf.snippets] == [None]
    assert ear.stages.share.last == ear.shelf.snippets[0].id
    assert not isinstance(ear.stages.share.last, Intent)
