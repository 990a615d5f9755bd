"""Echo cancellers on real voices: every one keeps the port's promises."""

import numpy as np
import pytest

from sottovoce.bench.speech import quiet
from sottovoce.ear.echo import LATEST_SAMPLES
from sottovoce.ear.engines.kalman import KalmanCanceller
from sottovoce.ear.reply import tones
from sottovoce.vocabulary import FRAME_SAMPLES, SAMPLE_RATE, Earcon

TEXT = "It stays in the house: you have not agreed to share it."


def room(seed=1):
    """Make an impulse response: the direct way after 40 samples, and 60 fainter ones over 0.1 s."""
    rng = np.random.default_rng(seed)
    response = np.zeros(1600)
    response[40] = 1.0
    at = rng.integers(60, 1600, 60)
    response[at] += rng.normal(0, 0.3, 60) * np.exp(-at / 500)
    return response


def whole(samples, frames=None):
    """Cut to whole frames; or fill up to so many."""
    frames = frames or len(samples) // FRAME_SAMPLES
    padded = np.append(samples, np.zeros(frames * FRAME_SAMPLES))[: frames * FRAME_SAMPLES]
    return np.asarray(np.rint(padded), dtype=np.int16)


def after_silence(played):
    """Nothing was played before: as `find` takes it."""
    return np.append(np.zeros(LATEST_SAMPLES, dtype=np.int16), played)


def loudness(samples):
    """In dB."""
    return 10 * np.log10(np.square(samples, dtype=float).mean() + 1e-9)


class Contract:
    """What the stage may count on. A subclass says how the canceller is made."""

    @pytest.fixture
    def heard(self, said):
        """Say something through a loudspeaker, so late; what was played, and what is heard of it."""

        def hear(late=0, seed=1):
            played = said(TEXT, "slt")
            echo = np.convolve(played.astype(float), room(seed)) * 0.3
            frames = len(echo) // FRAME_SAMPLES
            heard = np.concatenate([np.zeros(late), echo])
            return whole(played, frames), whole(heard, frames) + quiet(frames * FRAME_SAMPLES, seed)

        return hear

    @pytest.mark.parametrize("late", [320, 1500, 4801, 7900])
    @pytest.mark.parametrize("seed", [1, 2])
    def test_it_finds_how_late_a_voice_comes_back(self, canceller, heard, late, seed):
        """Within 1.5 s, to 8 samples, and by 8 ms less: the loudest way need not be the first."""
        played, echo = heard(late, seed)
        loudest = late + int(np.abs(room(seed)).argmax())
        so_far = 47 * FRAME_SAMPLES
        assert canceller.find(echo[:so_far], after_silence(played[:so_far])) == pytest.approx(
            loudest - 128, abs=8
        )

    def test_it_is_unsure_where_nothing_comes_back(self, canceller, heard, said):
        """Silence, noise and somebody else's voice are no echo."""
        played, _ = heard()
        other = whole(said("turn on the kitchen light please", "rms"), len(played) // FRAME_SAMPLES)
        noise = np.random.default_rng(4).normal(0, 3000, len(played)).astype(np.int16)
        for sound in (np.zeros_like(played), noise, other):
            assert canceller.find(sound, after_silence(played)) is None

    def test_it_takes_a_voice_out(self, canceller, heard):
        """After a second by 15 dB, and by as much in the next reply, from its beginning."""
        played, echo = heard()
        first = canceller.cancel(echo, played)
        assert len(first) == len(echo)
        assert first.dtype == np.int16
        second = SAMPLE_RATE
        assert loudness(first[second:]) < loudness(echo[second:]) - 15
        again = canceller.cancel(echo, played)
        assert loudness(again[:second]) < loudness(echo[:second]) - 15

    def test_a_swallowed_beginning_does_not_spoil_the_rest(self, canceller, said):
        """30 ms of a tone that the loudspeaker left out: after a second the voice is taken out anyway."""
        played = whole(np.append(tones(Earcon.UNSURE), said(TEXT, "slt")))
        echo = played.copy()
        echo[:480] = 0
        clean = canceller.cancel(echo, played)
        after = slice(SAMPLE_RATE, 2 * SAMPLE_RATE)
        assert loudness(clean[after]) < loudness(echo[after]) - 18

    def test_a_frame_at_a_time_is_the_same(self, canceller, heard):
        """However the sound is cut into calls, it gives the same samples."""
        played, echo = heard()
        at_once = canceller.cancel(echo, played)
        canceller.reset()
        pieces = [
            canceller.cancel(echo[at : at + FRAME_SAMPLES], played[at : at + FRAME_SAMPLES])
            for at in range(0, len(echo), FRAME_SAMPLES)
        ]
        assert np.array_equal(np.concatenate(pieces), at_once)

    def test_who_speaks_over_it_is_left(self, canceller, heard, said):
        """Of a voice as loud as the reply, once the room is known, less than 3 dB are lost."""
        played, echo = heard()
        canceller.cancel(echo, played)
        owner = said("computer, turn on the kitchen light", "rms")
        at = SAMPLE_RATE
        own = np.zeros(len(echo))
        own[at : at + len(owner)] = owner * 10 ** ((loudness(echo) - loudness(owner)) / 20)
        clean = canceller.cancel(whole(echo + own), played)
        while_speaking = slice(at, at + len(owner))
        assert loudness(clean[while_speaking]) == pytest.approx(loudness(own[while_speaking]), abs=3)
        likeness = max(
            np.corrcoef(clean[while_speaking], np.roll(own, shift)[while_speaking])[0, 1]
            for shift in range(300)
        )
        assert likeness > 0.8

    def test_with_nothing_played_it_gives_what_it_hears(self, canceller, said):
        """At most 16 ms later, each sample nearly as it was."""
        voice = whole(said(TEXT, "rms"))
        given = canceller.cancel(voice, np.zeros_like(voice))
        best = min(np.abs(given[s:].astype(int) - voice[: len(voice) - s]).max() for s in range(0, 257, 32))
        assert best <= 2

    def test_reset_it_knows_no_more_than_a_new_one(self, canceller, heard):
        """Nothing of a reply or its room is left."""
        played, echo = heard()
        first = canceller.cancel(echo, played)
        canceller.cancel(echo, played)
        canceller.reset()
        assert np.array_equal(canceller.cancel(echo, played), first)

    def test_it_lives_through_any_sound(self, canceller, heard):
        """Silence, full scale, and a room that turns into another: always sound, and it recovers."""
        played, echo = heard()
        silence = np.zeros_like(echo)
        loud = np.where(np.random.default_rng(1).random(len(echo)) < 0.5, -32768, 32767).astype(np.int16)
        for sound, reference in ((silence, played), (silence, silence), (loud, loud), (loud, played)):
            assert len(canceller.cancel(sound, reference)) == len(echo)
            canceller.find(sound, after_silence(reference))
        _, other = heard(seed=2)
        canceller.cancel(other, played)
        clean = canceller.cancel(other, played)
        assert loudness(clean) < loudness(other) - 12


class TestKalman(Contract):
    """Our own filter."""

    @pytest.fixture
    def canceller(self):
        """A new one."""
        return KalmanCanceller()


def test_the_latest_is_within_reach():
    """What the stage asks for at most can be found: the bound is one, in one place."""
    played = np.random.default_rng(1).normal(0, 3000, 32 * FRAME_SAMPLES).astype(np.int16)
    heard = np.append(np.zeros(LATEST_SAMPLES, dtype=np.int16), played)[: len(played)]
    assert KalmanCanceller().find(heard, after_silence(played)) == LATEST_SAMPLES - 128
