"""Replies: short sounds, and speech."""

import numpy as np
import pytest

from fakes.hearing import HummingVoice, ListeningSpeaker, jumps
from sottovoce.ear.reply import Reply, tones
from sottovoce.errors import EngineError
from sottovoce.vocabulary import SAMPLE_RATE, Earcon, Outcome

FULL_SCALE = 32_767


@pytest.mark.parametrize("earcon", Earcon)
def test_an_earcon_is_short_and_not_loud(earcon):
    """At most a second, a quarter of full scale, and surely to be heard."""
    samples = tones(earcon)
    assert 0.1 * SAMPLE_RATE <= len(samples) <= SAMPLE_RATE
    assert 0.2 * FULL_SCALE < np.abs(samples.astype(int)).max() <= 0.25 * FULL_SCALE


@pytest.mark.parametrize("earcon", Earcon)
def test_an_earcon_does_not_click(earcon):
    """It begins and ends in silence and nowhere jumps by more than its own tone does."""
    samples = tones(earcon)
    highest = 1175.0
    steepest = 0.25 * FULL_SCALE * 2 * np.pi * highest / SAMPLE_RATE
    assert abs(int(samples[0])) < 50
    assert abs(int(samples[-1])) < 50
    assert jumps(samples) <= steepest * 1.05


def test_earcons_can_be_told_apart():
    """No two of them sound the same."""
    assert len({tones(earcon).tobytes() for earcon in Earcon}) == len(Earcon)


def test_the_earcon_comes_first_and_then_the_words():
    """One piece of sound: the earcon, then the speech."""
    speaker = ListeningSpeaker()
    reply = Reply(HummingVoice(), speaker, earcons=True)
    reply.play(reply.word(Outcome(Earcon.DONE, "It is noon.")))
    [played] = speaker.played
    first = tones(Earcon.DONE)
    assert np.array_equal(played[: len(first)], first)
    assert np.array_equal(played[len(first) :], HummingVoice().say("It is noon."))


@pytest.mark.parametrize(
    ("voice", "earcons", "speech", "pieces"),
    [
        (HummingVoice(), True, "", 1),
        (HummingVoice(), False, "word", 1),
        (HummingVoice(), False, "", 0),
        (None, True, "word", 1),
        (None, False, "word", 0),
    ],
)
def test_as_configured(voice, earcons, speech, pieces):
    """Without voice or without earcons it gives what is left; with nothing left it keeps still."""
    speaker = ListeningSpeaker()
    reply = Reply(voice, speaker, earcons=earcons)
    reply.play(reply.word(Outcome(Earcon.UNSURE, speech)))
    assert len(speaker.played) == pieces


def test_the_chime_is_heard_even_without_earcons():
    """It tells that somebody at the broker speaks, and not the device."""
    reply = Reply(HummingVoice(), ListeningSpeaker(), earcons=False)
    sound = reply.word(Outcome(Earcon.CHIME, "Lunch."))
    assert np.array_equal(sound[: len(tones(Earcon.CHIME))], tones(Earcon.CHIME))
    assert len(sound) > len(tones(Earcon.CHIME))


def test_a_voice_that_fails_is_told():
    """A voice that gives no sound is an error for whoever asked, and no half an answer."""

    class Hoarse:
        def say(self, text):
            raise EngineError("voice: gone")

    speaker = ListeningSpeaker()
    with pytest.raises(EngineError):
        Reply(Hoarse(), speaker, earcons=True).word(Outcome(Earcon.DONE, "It is noon."))
    assert not speaker.played


@pytest.mark.parametrize(
    ("barge_in", "speech", "interruptible"),
    [
        (True, "It is noon.", True),
        (True, "Turning on the computer.", False),
        (True, "Hey Google is on.", False),
        (True, "Turning on the commuter light.", False),
        (True, "Turning on the hay google.", False),
        (True, "Turning on the compass.", True),
        (False, "It is noon.", False),
    ],
)
def test_what_names_a_wake_word_is_not_interrupted(barge_in, speech, interruptible):
    """Only a reply in which nothing like a wake word is said can be interrupted, and only where wanted."""
    words = ("computer", "hey google")
    reply = Reply(None, ListeningSpeaker(), earcons=True, barge_in=barge_in, wake_words=words)
    assert reply.can_be_interrupted(Outcome(Earcon.DONE, speech)) == interruptible
