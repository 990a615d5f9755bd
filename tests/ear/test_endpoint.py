"""Where a sentence begins and ends."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.hearing import ScriptedDetector
from sottovoce.config import Endpoint as Limits
from sottovoce.ear.endpoint import LEAD_FRAMES, SPEECH_FRAMES, Endpoint, Verdict, frames
from sottovoce.vocabulary import FRAME_SAMPLES, OpenFrame

LIMITS = Limits(pre_roll_ms=1300, silence_ms=700, no_speech_ms=4000, longest_ms=12_000)
PAUSE = frames(LIMITS.silence_ms)
LATE = frames(LIMITS.no_speech_ms)
LONGEST = frames(LIMITS.longest_ms)
PRE_ROLL = frames(LIMITS.pre_roll_ms)
LEAD = 8
"""Frames the detector hears again when the wake word was recognised: five, and three to settle."""
WOKEN = 100
"""The frame that completed the wake word."""


def frame(index, epoch=1):
    """Make a frame; what is in it, the scripted detector does not mind."""
    return OpenFrame(np.ones(FRAME_SAMPLES, dtype=np.int16), epoch, index)


class Asked:
    """Sound that is asked for, as from a gate."""

    def __init__(self, *, shut=False):
        self.shut = shut
        self.calls = []

    def __call__(self, epoch, start, stop):
        self.calls.append((epoch, start, stop))
        return None if self.shut else np.ones((stop - start) * FRAME_SAMPLES, dtype=np.int16)


def begun(script, sound=None):
    """Make a stage in which a sentence has begun; the detector follows `script`."""
    endpoint = Endpoint(ScriptedDetector(script, lead=LEAD), LIMITS, sound or Asked())
    endpoint.begin(frame(WOKEN), "computer")
    return endpoint


def follow(endpoint, limit=LONGEST + 5):
    """Hear on until there is a verdict; the verdict, and how many frames it took."""
    for number in range(1, limit):
        verdict = endpoint.hear(frame(WOKEN + number))
        if verdict not in {Verdict.GOING_ON, Verdict.PAUSED}:
            return verdict, number
    return Verdict.GOING_ON, limit


def test_a_pause_ends_the_sentence():
    """A sentence ends with the frame that makes the pause long enough."""
    assert follow(begun("S" * 30)) == (Verdict.ENDED, 30 + PAUSE)


def test_a_short_pause_does_not():
    """A breath between two words is no end."""
    script = "S" * 20 + "-" * (PAUSE - 1) + "S" * 20
    assert follow(begun(script)) == (Verdict.ENDED, len(script) + PAUSE)


def test_a_sentence_in_one_breath_ends_too():
    """Speech right after the wake word counts from its first frame."""
    assert follow(begun("S" * SPEECH_FRAMES)) == (Verdict.ENDED, SPEECH_FRAMES + PAUSE)


def test_the_tail_of_the_wake_word_is_no_sentence():
    """A few frames of speech, the end of the wake word itself, do not count: it waits for a sentence."""
    script = "S" * (SPEECH_FRAMES - 1) + "-" * 60 + "S" * 30
    assert follow(begun(script)) == (Verdict.ENDED, len(script) + PAUSE)


def test_nobody_speaks():
    """When nobody says anything, it gives up at the time-out and not before."""
    assert follow(begun("")) == (Verdict.NOBODY_SPOKE, LATE)
    assert follow(begun("S" * (SPEECH_FRAMES - 1))) == (Verdict.NOBODY_SPOKE, LATE)


def test_somebody_who_does_not_stop_is_cut_off():
    """The hard cap ends any sentence."""
    assert follow(begun("S" * (LONGEST + 50))) == (Verdict.ENDED, LONGEST)


@given(st.text("S-", max_size=LONGEST + 20))
def test_there_is_always_an_end(script):
    """Whatever is heard, there is a verdict by the hard cap; a sentence that ended had speech in it."""
    verdict, number = follow(begun(script))
    heard = script[:number]
    assert number <= LONGEST
    if verdict is Verdict.NOBODY_SPOKE:
        assert number == LATE
        assert heard.count("S") < SPEECH_FRAMES
    else:
        assert verdict is Verdict.ENDED
        assert number == LONGEST or heard.count("S") >= SPEECH_FRAMES


def test_the_sentence_holds_what_came_before_the_wake_word_was_recognised():
    """The pre-roll and every frame up to and with the last: a sentence in one breath loses no word."""
    sound = Asked()
    endpoint = begun("S" * 10, sound)
    _, number = follow(endpoint)
    utterance = endpoint.utterance(frame(WOKEN + number))
    assert sound.calls[1:] == [(1, WOKEN - PRE_ROLL, WOKEN + number + 1)]
    assert len(utterance.samples) == (PRE_ROLL + number + 1) * FRAME_SAMPLES
    assert (utterance.epoch, utterance.wake_word) == (1, "computer")


def test_a_long_pause_after_the_wake_word_is_no_part_of_it():
    """Whoever thinks before speaking: the sentence begins a moment before the first word."""
    sound = Asked()
    silent = 3 * PAUSE
    endpoint = begun("S" * (SPEECH_FRAMES - 1) + "-" * silent + "S" * 30, sound)
    _, number = follow(endpoint)
    endpoint.utterance(frame(WOKEN + number))
    first_word = WOKEN + SPEECH_FRAMES - 1 + silent + 1
    assert sound.calls[1:] == [(1, first_word - PAUSE, WOKEN + number + 1)]


def test_there_is_no_sentence_when_the_gate_shut():
    """What the gate does not give any more is no utterance."""
    endpoint = begun("S" * 10, Asked(shut=True))
    _, number = follow(endpoint)
    assert endpoint.utterance(frame(WOKEN + number)) is None


def test_half_way_into_a_pause_it_says_so_once():
    """Each pause that lasts is told at its half, once; one that is shorter than that is not."""
    endpoint = begun("S" * 10 + "." * (PAUSE - 1) + "S" * 10 + "." * (PAUSE // 2 - 1) + "S" * 10)
    verdicts = [endpoint.hear(frame(WOKEN + number)) for number in range(1, 30 + 3 * PAUSE)]
    assert [number for number, verdict in enumerate(verdicts, 1) if verdict is Verdict.PAUSED] == [
        10 + PAUSE // 2,
        30 + (PAUSE - 1) + (PAUSE // 2 - 1) + PAUSE // 2,
    ]


def test_each_sentence_begins_anew():
    """Nothing of an earlier sentence, nor of one that was dropped, is counted for the next."""
    endpoint = begun("S" * 10)
    follow(endpoint, 9)
    endpoint.forget()
    endpoint.begin(frame(WOKEN), "jarvis")
    verdict, number = follow(endpoint)
    assert (verdict, number) == (Verdict.ENDED, 10 + PAUSE)
    assert endpoint.utterance(frame(WOKEN + number)).wake_word == "jarvis"


def test_nothing_is_heard_before_a_wake_word():
    """The stage cannot be fed outside a sentence: a bug that says so."""
    endpoint = Endpoint(ScriptedDetector(), LIMITS, Asked())
    with pytest.raises(RuntimeError, match="no sentence"):
        endpoint.hear(frame(1))


def test_a_command_over_before_the_wake_word_is_recognised_counts():
    """A "stop" in the same breath is heard in the frames just before; what was long before is not."""
    lead = "-" * (LEAD - LEAD_FRAMES) + "S" * LEAD_FRAMES
    endpoint = Endpoint(ScriptedDetector(lead), LIMITS, Asked())
    endpoint.begin(frame(WOKEN), "computer")
    assert follow(endpoint) == (Verdict.ENDED, PAUSE)
    early = Endpoint(ScriptedDetector("S" * (LEAD - 1) + "-"), LIMITS, Asked())
    early.begin(frame(WOKEN), "computer")
    assert follow(early) == (Verdict.NOBODY_SPOKE, LATE)


def test_the_device_s_own_sound_is_no_part_of_it():
    """No frame from while it was sounding itself is asked for, be the pre-roll as long as it is."""
    sound = Asked()
    endpoint = Endpoint(ScriptedDetector("S" * 10, lead=3), LIMITS, sound)
    endpoint.begin(frame(WOKEN), "computer", earliest=WOKEN - 2)
    _, number = follow(endpoint)
    endpoint.utterance(frame(WOKEN + number))
    assert min(start for _, start, _ in sound.calls) == WOKEN - 2


def loud(index, db):
    """Make a frame so many dB below full scale."""
    return OpenFrame(np.full(FRAME_SAMPLES, round(32767 * 10 ** (db / 20)), dtype=np.int16), 1, index)


@pytest.mark.parametrize(("television", "heard_out"), [(-9, True), (-15, False), (-30, False)])
def test_a_television_that_talks_on_does_not_hold_it_open(television, heard_out):
    """Speech 12 dB below who speaks to the device is a pause; what is nearly as loud is waited for."""
    endpoint = begun("S" * (LONGEST + 50))
    verdicts = [
        endpoint.hear(loud(WOKEN + 1 + i, 0 if i < 30 else television)) for i in range(30 + PAUSE + 2)
    ]
    assert (Verdict.ENDED not in verdicts) == heard_out


def test_whoever_speaks_softly_is_heard_to_the_end():
    """Faint speech is faint only beside louder speech of the same sentence; a slam does not count."""
    endpoint = begun("S" * 60)
    levels = [-50] * 20 + [0] * 2 + [-50] * 38
    verdicts = [endpoint.hear(loud(WOKEN + 1 + i, level)) for i, level in enumerate(levels)]
    assert set(verdicts) == {Verdict.GOING_ON}


def test_times_are_whole_frames():
    """A time is as many frames of 32 ms as come nearest to it."""
    assert [frames(ms) for ms in (0, 32, 64, 700, 12_000)] == [0, 1, 2, 22, 375]
