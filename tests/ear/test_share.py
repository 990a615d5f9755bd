"""Of a sentence leaves what was granted, in the form that was granted, and nothing else."""

import json

import numpy as np
import pytest

from fakes.hearing import Diary, HummingVoice
from fakes.sharing import NOW, a_grant, a_snippet
from sottovoce.ear.clip import decode
from sottovoce.ear.grants import Grants
from sottovoce.ear.outbox import Outbox
from sottovoce.ear.redact import Redactor
from sottovoce.ear.share import Share
from sottovoce.ear.state_folder import StateFolder
from sottovoce.ear.store import open_store
from sottovoce.errors import EngineError
from sottovoce.vocabulary import Form, Intent, Kind

TURN_ON = Intent("HomeTurnOn", {"name": "light", "area": "kitchen"})
OWN = np.arange(1, 5_000, dtype=np.int16)
WORDS = "turn on the light for sophie"


class Blotter:
    """Blots out the one name there is."""

    def mask(self, text):
        return text.replace("sophie", "[name]")


class Shelf:
    """Holds what is set aside."""

    def __init__(self):
        self.kept = []

    def keep(self, snippet):
        self.kept.append(snippet.id)


class Mute(HummingVoice):
    """Has lost its voice."""

    def say(self, text):
        raise EngineError("voice: flite gave no sound", "try it by hand")


class Sharing:
    """The sharing side, with some grants."""

    def __init__(self, folder, *grants, voice=None, shelf=True):
        store = open_store(folder)
        self.voice, self.diary, self.shelf = voice or HummingVoice(), Diary(), Shelf() if shelf else None
        self.outbox = Outbox(store, lambda: NOW)
        self.share = Share(
            Grants(store),
            self.outbox,
            Redactor(Blotter(), b"secret" * 3),
            self.voice,
            self.shelf,
            StateFolder(folder, self.diary),
            lambda: NOW,
            self.diary,
        )
        for grant in grants:
            Grants(store).add(grant)

    def hear(self, intent=TURN_ON, text=WORDS):
        """Hear a sentence; what waits then, as (topic, body, clip)."""
        self.share.share(a_snippet(intent, text, OWN.copy()))
        return [
            (one.topic, json.loads(one.body), decode(one.clip) if one.clip else None)
            for one in self.outbox.waiting()
        ]


def test_with_no_grant_nothing_leaves(tmp_path):
    """The default: not the command, not the words, not the sound."""
    assert Sharing(tmp_path).hear() == []


def test_a_command_leaves_without_the_words(tmp_path):
    """Intent and slots, and no more."""
    ((topic, body, clip),) = Sharing(tmp_path, a_grant()).hear()
    assert topic == "sottovoce/home-automation/command"
    assert set(body) == {"id", "at", "device", "intent", "slots"}
    assert (body["intent"], body["slots"], clip) == ("HomeTurnOn", {"name": "light", "area": "kitchen"}, None)


@pytest.mark.parametrize(
    ("form", "words"), [(None, "turn on the light for [name]"), (Form.VERBATIM, WORDS)], ids=str
)
def test_a_transcript_leaves_masked_unless_the_grant_says_verbatim(tmp_path, form, words):
    """Words leave without the names in them, but where the owner agreed to every word."""
    ((topic, body, clip),) = Sharing(tmp_path, a_grant(kind=Kind.TRANSCRIPT, form=form)).hear()
    assert topic == "sottovoce/home-automation/transcript"
    assert set(body) == {"id", "at", "device", "form", "text"}
    assert (body["text"], clip) == (words, None)


def test_a_clip_leaves_re_spoken(tmp_path):
    """The device's own voice says the masked words; of the recording there is nothing."""
    sharing = Sharing(tmp_path, a_grant(kind=Kind.AUDIO))
    ((topic, body, clip),) = sharing.hear()
    assert topic == "sottovoce/home-automation/snippet"
    assert set(body) == {"id", "at", "device", "form", "rate", "format"}
    assert body["form"] == "re-spoken"
    assert np.array_equal(clip, sharing.voice.say("turn on the light for [name]"))
    assert not np.array_equal(clip[: len(OWN)], OWN[: len(clip)])


def test_a_clip_leaves_in_the_own_voice_only_where_the_grant_says_so(tmp_path):
    """Then it is the recording, as it was."""
    ((_, body, clip),) = Sharing(tmp_path, a_grant(kind=Kind.AUDIO, form=Form.OWN_VOICE)).hear()
    assert body["form"] == "own-voice"
    assert np.array_equal(clip, OWN)


def test_a_device_without_a_voice_sends_no_clip_in_place_of_it(tmp_path):
    """Where nothing can be re-spoken, nothing leaves; least of all the recording."""
    sharing = Sharing(tmp_path, a_grant(kind=Kind.AUDIO), a_grant(kind=Kind.TRANSCRIPT), voice=Mute())
    assert [topic for topic, _, _ in sharing.hear()] == ["sottovoce/home-automation/transcript"]
    assert "voice_fault" in sharing.diary.events


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("intent", [None, Intent("PrivacySent", {})], ids=["not understood", "about privacy"])
def test_some_sentences_are_under_no_grant(tmp_path, kind, intent):
    """What was not understood may be anybody's talk, and what one asks of one's privacy is one's own."""
    assert Sharing(tmp_path, a_grant(kind=kind)).hear(intent) == []


def test_one_sentence_can_be_let_out_alone(tmp_path):
    """A grant for one snippet lets that one out, understood or not, and no other."""
    one = a_grant(kind=Kind.TRANSCRIPT, snippet="s1")
    other = a_grant(kind=Kind.TRANSCRIPT, snippet="s2", recipient="the neighbour")
    assert [topic for topic, _, _ in Sharing(tmp_path, one, other).hear(None)] == [f"{one.topic}/transcript"]


def test_of_two_grants_for_one_channel_the_one_that_tells_less_counts(tmp_path):
    """Agreed to masked and to verbatim, it goes out masked, once."""
    grants = [a_grant(kind=Kind.TRANSCRIPT, form=form, seconds=seconds) for form, seconds in
              ((Form.VERBATIM, 7200.0), (Form.MASKED, 60.0))]  # fmt: skip
    ((_, body, _),) = Sharing(tmp_path, *grants).hear()
    assert body["form"] == "masked"


def test_a_device_has_another_name_with_each_recipient(tmp_path):
    """Two recipients cannot tell by it that they heard the same device."""
    waiting = Sharing(tmp_path, a_grant(), a_grant(recipient="the neighbour")).hear()
    assert len({body["device"] for _, body, _ in waiting}) == len({body["id"] for _, body, _ in waiting}) == 2


@pytest.mark.parametrize(
    ("intent", "kind", "kept"),
    [
        (TURN_ON, None, True),
        (None, None, True),
        (TURN_ON, Kind.COMMAND, True),
        (TURN_ON, Kind.TRANSCRIPT, False),
        (TURN_ON, Kind.AUDIO, False),
        (None, Kind.AUDIO, True),
        (Intent("PrivacySent", {}), None, False),
    ],
)
def test_what_waits_for_review(tmp_path, intent, kind, kept):
    """Whatever no grant for words or sound covers; never what one says about one's privacy."""
    sharing = Sharing(tmp_path, *([a_grant(kind=kind)] if kind else []))
    sharing.hear(intent)
    assert sharing.shelf.kept == (["s1"] if kept else [])


def test_nobody_gets_the_sound_who_has_no_use_for_it(tmp_path):
    """The clip is not even fetched but for review, or for a grant of the own voice."""
    assert not Sharing(tmp_path / "a", a_grant(), a_grant(kind=Kind.AUDIO), shelf=False).share.wants_clip()
    own = a_grant(kind=Kind.AUDIO, form=Form.OWN_VOICE)
    assert Sharing(tmp_path / "b", own, shelf=False).share.wants_clip()
    assert Sharing(tmp_path / "c").share.wants_clip()
