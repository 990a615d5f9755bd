"""It does not wake on its own voice, and its owner can interrupt it: real voices, the real Porcupine.

The reply sounds into the microphone by way of a room: direct, and off the walls. Run with -s to see the
table of how often the owner's wake word is heard over a reply; what it says is told in SECURITY.md.
"""

import sys

import numpy as np
import pytest

from fakes.hearing import ListeningSpeaker
from sottovoce.bench.mixing import gain
from sottovoce.bench.speech import VOICES, quiet, speak
from sottovoce.config import Config
from sottovoce.ear.engines.porcupine import Porcupine
from sottovoce.ear.engines.voices import CommandVoice
from sottovoce.ear.reply import Reply
from sottovoce.ear.skills.home import UNSHARED, Home
from sottovoce.ear.wake import Wake
from sottovoce.vocabulary import FRAME_SAMPLES, SAMPLE_RATE, Earcon, Intent, OpenFrame, Outcome

CONFIG = Config()
WORDS = CONFIG.wake.words
LIKE_A_WAKE_WORD = ("computer", "computer lamp", "commuter light", "jar of ice")
NAMES = (*CONFIG.home.devices, *LIKE_A_WAKE_WORD)
SAID = (
    UNSHARED.speech,
    "Sorry, I did not understand that.",
    "It is 12:45.",
    "It is Monday, 23 November.",
    "Timer set for 1 hour and 20 minutes.",
    "Timer set for 5 minutes. I cannot write it down: it ends when I am switched off.",
    "4 minutes and 30 seconds left.",
    "Timers cancelled.",
    "There is no timer.",
    "Your timer is done.",
    *(
        Home().handle(Intent(doing, {"name": name, "area": "kitchen"})).speech
        for doing in ("HomeTurnOn", "HomeDim")
        for name in NAMES
    ),
)
LEVELS = (0.05, 0.3, 1.0)


def walls():
    """Make the impulse response of a room: the direct way, and 60 echoes over 0.1 s."""
    rng = np.random.default_rng(1)
    response = np.zeros(1600)
    response[40] = 1.0
    at = rng.integers(60, 1600, 60)
    response[at] += rng.normal(0, 0.4, 60) * np.exp(-at / 500)
    return response


WALLS = walls()


def heard(samples, offset=0):
    """What of a sound comes to the microphone: of full scale at most, with the room's own noise."""
    echo = np.convolve(samples.astype(float), WALLS)
    echo *= min(1.0, 30_000 / max(1.0, np.abs(echo).max()))
    sound = np.concatenate([np.zeros(offset), echo, np.zeros(SAMPLE_RATE // 2)])
    return np.rint(sound).astype(np.int16) + quiet(len(sound), 5)


def wakes(wake, samples):
    """Whether the wake word is heard in it."""
    wake.forget()
    whole = samples[: len(samples) // FRAME_SAMPLES * FRAME_SAMPLES].copy().reshape(-1, FRAME_SAMPLES)
    return any(wake.hear(OpenFrame(frame, 1, number)) for number, frame in enumerate(whole))


@pytest.fixture(scope="module")
def wake():
    """The wake stage as configured."""
    return Wake(Porcupine(CONFIG.wake.by_word))


@pytest.mark.parametrize("voice", ["espeak-ng", "flite"])
def test_it_does_not_wake_on_its_own_voice(wake, voice):
    """Of all that it says with the gate open, at any level and wherever a frame begins, nothing wakes it.

    What names a wake word, or sounds like one, is said behind a shut gate.
    """
    reply = Reply(CommandVoice(voice), ListeningSpeaker(), earcons=True, barge_in=True, wake_words=WORDS)
    opened = 0
    for speech in SAID:
        outcome = Outcome(Earcon.DONE, speech)
        sound = reply.word(outcome)
        if not reply.can_be_interrupted(outcome) or wake.would_hear(sound):
            assert any(name in speech for name in LIKE_A_WAKE_WORD), f"shut for {speech!r}"
            continue
        opened += 1
        for number, level in enumerate(LEVELS):
            assert not wakes(wake, heard(sound * level, offset=137 * number)), (speech, level)
    assert opened >= len(SAID) - 2 * len(LIKE_A_WAKE_WORD)


def test_its_own_wake_word_would_wake_it(wake):
    """The test above can fail: the same voice does wake it with a wake word, and the stage foresees it.

    So it does a name that only sounds like one, in one voice of several.
    """
    assert wake.would_hear(CommandVoice("flite").say("Turning on the kitchen jar of ice."))
    said = CommandVoice("flite").say("Turning on the computer.")
    assert wake.would_hear(said)
    assert wakes(wake, heard(said))
    reply = Reply(None, ListeningSpeaker(), earcons=True, barge_in=True, wake_words=WORDS)
    assert not reply.can_be_interrupted(Outcome(Earcon.DONE, "Turning on the computer."))


def test_its_owner_is_heard_over_its_reply(wake):
    """Close to the device, and it not loud, its owner's wake word is heard in most voices.

    There is no echo canceller: beside a reply as loud as the owner it is not heard at all, as shown.
    """
    rates = {}
    replies = [CommandVoice(voice).say(UNSHARED.speech) for voice in ("espeak-ng", "flite")]
    for above in (0, 10, 20, 30):
        found = []
        for said in replies:
            for voice in VOICES:
                for at in (4000, 16_000, 27_000):
                    owner = speak("computer, stop", voice).astype(float)
                    mix = np.convolve(said.astype(float), WALLS)
                    mix = np.append(mix, np.zeros(max(0, at + len(owner) - len(mix))))
                    mix *= gain(owner, mix, above)
                    mix[at : at + len(owner)] += owner
                    mix *= min(1.0, 30_000 / np.abs(mix).max())
                    sound = np.append(np.rint(mix), np.zeros(8000)).astype(np.int16)
                    found.append(wakes(wake, sound + quiet(len(sound), 3)))
        rates[above] = np.mean(found)
        sys.stdout.write(f"\nowner {above:2} dB above the reply: heard {sum(found)} of {len(found)}")
    assert rates[30] >= 0.7
    assert rates[30] >= rates[0]
