"""A virtual sound card: a spoken reply is interrupted by its owner, and never by itself."""

from itertools import islice

import pytest

from sottovoce.bench.barge_in import MOMENTS, Bedroom
from sottovoce.bench.room import Room
from sottovoce.bench.speech import VOICES
from sottovoce.ear.skills.home import UNSHARED
from sottovoce.vocabulary import Earcon, Outcome

OTHER = Outcome(
    Earcon.DONE, "Timer set for 5 minutes. I cannot write it down: it ends when I am switched off."
)


@pytest.fixture(params=["espeak-ng", "flite"])
def bedroom(request, tmp_path):
    """The ear's own gate, stages and threads, between PortAudio's microphone and loudspeaker."""
    with Room(tmp_path) as room, room.entered(), Bedroom(room, tmp_path, request.param) as made:
        yield made


def test_its_owner_interrupts_a_reply(bedroom):
    """A wake word over the reply, 6 dB louder at the microphone: it falls silent and listens.

    By any of four voices, at any moment, over the first reply as over later ones. The wake engine misses
    words in other sound, and a machine that is busy otherwise tears the sound: of eight calls four must be
    heard. `sottovoce bench barge-in` tells how many are.
    """
    calls = zip(MOMENTS * 2, (*VOICES, *reversed(VOICES)), strict=True)
    answered = (
        bedroom.is_interrupted(UNSHARED, bedroom.called(6, UNSHARED, voice), moment)
        for moment, voice in calls
    )
    assert len(list(islice(filter(None, answered), 4))) == 4


def test_it_never_interrupts_itself(bedroom):
    """Nobody speaks: each reply is said to its end, the first as the later ones."""
    assert not any(bedroom.is_interrupted(outcome) for outcome in (UNSHARED, OTHER, UNSHARED))
