"""It does not wake on its own voice, and its owner can interrupt it: real voices, the real Porcupine.

The reply sounds into the microphone by way of a room: direct, and off the walls. Run with -s to see the
table of how often the owner's wake word is heard over a reply; what it says is told in SECURITY.md.
"""

import sys
from itertools import product

import numpy as np
import pytest
import soxr

from fakes.hearing import Clock, Diary, ListeningSpeaker, ScriptedMicrophone, nothing
from fakes.stages import make_stages
from sottovoce.bench.mixing import gain
from sottovoce.bench.speech import VOICES, quiet, speak
from sottovoce.config import Config
from sottovoce.ear.engines.kalman import KalmanCanceller
from sottovoce.ear.engines.porcupine import Porcupine
from sottovoce.ear.engines.voices import CommandVoice
from sottovoce.ear.gate import BACKLOG_FRAMES, Gate
from sottovoce.ear.pipeline import Pipeline
from sottovoce.ear.reply import Reply, tones
from sottovoce.ear.ring import Ring
from sottovoce.ear.skills.home import UNSHARED, Home
from sottovoce.ear.wake import Wake
from sottovoce.vocabulary import FRAME_SAMPLES, SAMPLE_RATE, Earcon, Intent, MuteReason, OpenFrame, Outcome

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


class Ear:
    """The gate, the canceller and the wake engine as the pipeline has them."""

    def __init__(self, folder, canceller=None):
        self._microphone = ScriptedMicrophone([])
        self._gate = Gate(self._microphone, Ring(BACKLOG_FRAMES * 2), nothing)
        self._stages = make_stages(
            folder,
            self._gate,
            Clock(),
            CONFIG.endpoint,
            wake=Porcupine(CONFIG.wake.by_word),
            canceller=canceller,
        )
        self._pipeline = Pipeline(self._gate, self._stages, nothing, nothing, Clock(), Diary())
        self._gate.unmute(MuteReason.STARTING)

    def wakes(self, sound, reply):
        """Whether it wakes in this sound, the first frame of which comes in when the reply is played."""
        self._stages.wake.forget()
        self._hear(np.zeros(20 * FRAME_SAMPLES, dtype=np.int16))
        self._stages.echo.begin(reply, self._gate.written)
        woken = self._hear(sound)
        self._stages.echo.end()
        return woken

    def _hear(self, sound):
        whole = len(sound) // FRAME_SAMPLES * FRAME_SAMPLES
        self._microphone.script.extend(sound[:whole].reshape(-1, FRAME_SAMPLES))
        woken = False
        while self._microphone.script:
            self._gate.step()
            woken |= self._pipeline._woken_by(self._gate.frame(0)) is not None
        return woken


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A state folder that nothing is written into but its tables."""
    return tmp_path_factory.mktemp("state")


def played(samples, rng):
    """What of a reply comes to the microphone: late, bent by a loudspeaker, by a clock of its own.

    20 to 300 ms late, about 5 % of distortion at full scale, the clocks apart by up to 50 in a million.
    """
    bent = np.tanh(samples / 32768) * 32768
    drifting = soxr.resample(
        np.convolve(bent, WALLS), SAMPLE_RATE, SAMPLE_RATE * (1 + rng.uniform(-5e-5, 5e-5))
    )
    return np.concatenate([np.zeros(int(rng.integers(320, 4800))), drifting])


def at_the_microphone(echo, rng, owner=(), at=0, above=0.0):
    """Mix the owner's words, `above` dB above the reply, into what comes back of it, and a quiet room."""
    owner = np.asarray(owner, dtype=float)
    mix = np.append(echo, np.zeros(max(0, at + len(owner) - len(echo))))
    mix *= gain(owner, mix, above) if len(owner) else 1.0
    mix[at : at + len(owner)] += owner
    mix *= min(1.0, 30_000 / np.abs(mix).max())
    sound = np.append(np.rint(mix), np.zeros(8000)).astype(np.int16)
    return sound + quiet(len(sound), int(rng.integers(1 << 30)))


@pytest.mark.parametrize("voice", ["espeak-ng", "flite"])
def test_it_does_not_wake_on_what_is_left_of_its_own_voice(wake, folder, voice):
    """Nor with the canceller at work: at any level, from the first reply on, each comes back late anew."""
    reply = Reply(CommandVoice(voice), ListeningSpeaker(), earcons=True, barge_in=True, wake_words=WORDS)
    rng, ear = np.random.default_rng(11), Ear(folder, KalmanCanceller())
    for speech in SAID:
        outcome = Outcome(Earcon.DONE, speech)
        sound = reply.word(outcome)
        if not reply.can_be_interrupted(outcome) or wake.would_hear(sound):
            continue
        for level in LEVELS:
            assert not ear.wakes(at_the_microphone(played(sound, rng) * level, rng), sound), (speech, level)


def test_its_owner_is_heard_over_its_reply(folder):
    """As loud at the microphone as the reply, its owner's wake word is heard most times; louder, always.

    Without the canceller it is not heard at all when as loud.
    """
    plain, heard = {}, {}
    voices = [CommandVoice(voice) for voice in ("espeak-ng", "flite")]
    replies = [np.append(tones(Earcon.DONE), voice.say(UNSHARED.speech)) for voice in voices]
    others = [np.append(tones(Earcon.DONE), voice.say(SAID[5])) for voice in voices]
    owners = [speak("computer, stop", voice).astype(float) for voice in VOICES]
    for above in (-10, 0, 10, 20, 30):
        rng = np.random.default_rng(7)
        for name in ("first", "later"):
            for reply, other in zip(replies, others, strict=True):
                for owner, at in product(owners, (4000, 16_000, 27_000)):
                    ear = Ear(folder, KalmanCanceller())
                    if name == "later":
                        ear.wakes(at_the_microphone(played(other, rng) * 0.3, rng), other)
                    echo = played(reply, rng)
                    begin = len(echo) - len(reply) - len(WALLS) + at
                    sound = at_the_microphone(echo, rng, owner, begin, above)[: begin + len(owner) + 8000]
                    heard.setdefault((name, above), []).append(ear.wakes(sound, reply))
                    plain.setdefault((name, above), []).append(Ear(folder).wakes(sound, reply))
    for (name, above), found in heard.items():
        without = f"without canceller {sum(plain[name, above])}"
        sys.stdout.write(f"\nowner at {above:3} dB, {name:5} reply: {sum(found)} of {len(found)}, {without}")
    for name, least in (("first", 14), ("later", 16)):
        assert sum(plain[name, 0]) <= 2
        assert sum(heard[name, 0]) >= least
        for above in (10, 20, 30):
            assert sum(heard[name, above]) >= max(20, sum(plain[name, above]) - 1)
