"""Wake words on real sound; every wake engine keeps the port's promises."""

import sys
from importlib import metadata

import numpy as np
import pytest

from fakes import pvporcupine_keyed
from sottovoce.bench.speech import VOICES, quiet
from sottovoce.config import Wake as WakeConfig
from sottovoce.ear import build
from sottovoce.ear.engines import microwakeword, openwakeword, porcupine_package
from sottovoce.ear.engines.porcupine import Porcupine
from sottovoce.ear.engines.scores import Edges, threshold
from sottovoce.ear.learn import store
from sottovoce.ear.learn.model import learn
from sottovoce.ear.wake import Wake
from sottovoce.errors import EngineError
from sottovoce.vocabulary import FRAME_SAMPLES, SAMPLE_RATE, OpenFrame

TALK = ("hello there how are you", "turn on the kitchen light", "good morning everybody")


def in_frames(samples):
    """Cut samples into whole frames."""
    whole = samples[: len(samples) // FRAME_SAMPLES * FRAME_SAMPLES].copy()
    return np.split(whole, len(whole) // FRAME_SAMPLES)


def woken(engine, samples):
    """Play samples to an engine; the words it names, in order."""
    return [word for frame in in_frames(samples) if (word := engine.detect(frame))]


def moments(engine, samples):
    """Play samples to an engine; the frames in which it names a word."""
    return [number for number, frame in enumerate(in_frames(samples)) if engine.detect(frame)]


class Contract:
    """What the stage may count on, whatever the engine. A subclass says which engine and words."""

    engine = "porcupine"
    words = ("computer", "jarvis")
    sensitivity = WakeConfig().sensitivity
    key_file = ""

    @pytest.fixture
    def state(self, tmp_path):
        """A state folder."""
        return tmp_path

    @pytest.fixture
    def make(self, state):
        """Make an engine for some words, at their sensitivities."""
        made = []

        def making(words=None, **sensitivities):
            config = WakeConfig(
                engine=self.engine,
                words=words or self.words,
                sensitivity=self.sensitivity,
                sensitivities={word.replace("_", " "): value for word, value in sensitivities.items()},
                access_key_file=self.key_file,
            )
            made.append(build.make_wake_engine(config, state))
            return made[-1]

        yield making
        for engine in made:
            engine.close()

    def test_it_hears_each_of_its_words_once_and_by_its_name(self, make, said):
        """Several words at once: each, in each voice, followed by a sentence, is named, and once."""
        engine = make()
        for word in self.words:
            for voice in VOICES:
                engine.reset()
                assert woken(engine, said(f"{word}, turn on the kitchen light", voice)) == [word]

    def test_it_hears_nothing_else(self, make, said):
        """Talk without a wake word wakes nobody."""
        engine = make()
        for text in TALK:
            for voice in VOICES:
                assert woken(engine, said(text, voice)) == []

    def test_silence_and_noise_wake_nobody(self, make):
        """Five seconds of nothing, of a quiet room, and of loud hiss."""
        engine = make()
        hiss = np.random.default_rng(1).normal(0, 8000, 5 * SAMPLE_RATE).astype(np.int16)
        for sound in (np.zeros(5 * SAMPLE_RATE, dtype=np.int16), quiet(5 * SAMPLE_RATE), hiss):
            assert woken(engine, sound) == []

    @pytest.mark.parametrize("share", [0.3, 0.5, 0.7])
    def test_what_was_half_heard_is_forgotten(self, make, said, share):
        """A wake word whose first part was heard before a reset is no wake word."""
        engine = make()
        samples = said(self.words[0], VOICES[0])
        spoken = np.flatnonzero(np.abs(samples) > 500)
        middle = round(spoken[0] + share * (spoken[-1] - spoken[0]))
        woken(engine, samples[:middle])
        engine.reset()
        first = middle // FRAME_SAMPLES * FRAME_SAMPLES
        assert woken(engine, np.concatenate([samples[first:], quiet(SAMPLE_RATE)])) == []

    def test_after_a_reset_it_is_as_new(self, make, said):
        """Whatever was heard before: after a reset, the same sound is named in the same frames."""
        sound = said(f"{self.words[0]}, what time is it", VOICES[0])
        engine = make()
        first = moments(engine, sound)
        for before in (said(self.words[-1], VOICES[-1])[:-5000], sound, quiet(1000)):
            moments(engine, before)
            engine.reset()
            assert moments(engine, sound) == first

    def test_only_the_words_asked_for_are_heard(self, make, said):
        """An engine for one word does not name another of its maker's."""
        engine = make(self.words[:1])
        assert woken(engine, said(f"{self.words[1]}, what time is it", VOICES[0])) == []

    def test_each_word_has_a_sensitivity_of_its_own(self, make, said):
        """A word at the lowest sensitivity is heard less than at the highest; the other is as it was."""
        first, other = self.words[:2]
        times = []
        for sensitivity in (0.0, 1.0):
            engine = make(**{first.replace(" ", "_"): sensitivity})
            times.append(sum(first in woken(engine, faint(said, first, voice)) for voice in VOICES))
            engine.reset()
            assert other in woken(engine, said(f"{other}, what time is it", VOICES[0]))
        assert times[0] < times[1]

    def test_it_leaves_the_sound_as_it_is(self, make, said):
        """The gate overwrites frames; the engine does not touch them."""
        frame = in_frames(said(self.words[0], VOICES[0]))[20]
        before = frame.copy()
        make().detect(frame)
        assert np.array_equal(frame, before)

    def test_a_word_it_does_not_know_is_an_error_that_names_those_it_does(self, make):
        """The configuration's fault is one line with the words there are."""
        with pytest.raises(EngineError, match=rf"no wake word 'abracadabra' \(it has .*{self.words[0]}"):
            make((self.words[0], "abracadabra"))

    def test_the_journal_can_tell_what_hears(self, make):
        """Name and version of the engine are facts; the owner's key is none."""
        facts = make().facts
        assert facts["engine"] == self.engine
        assert facts["version"]
        assert pvporcupine_keyed.GOOD_KEY not in str(facts)


def faint(said, word, voice):
    """A word under so much hiss that it is hard to make out."""
    samples = np.concatenate([said(word, voice), quiet(SAMPLE_RATE // 2)])
    hiss = np.random.default_rng(7).normal(0, 700, len(samples))
    return np.clip(samples + hiss, -32768, 32767).astype(np.int16)


class TestPorcupine(Contract):
    """The default: keyless and offline."""


class TestPorcupineWithKey(Contract):
    """A later version, which asks for the owner's key."""

    @pytest.fixture(autouse=True)
    def keyed(self, monkeypatch, tmp_path):
        """Have the later version installed, and a key."""
        real = metadata.version
        monkeypatch.setattr(
            metadata, "version", lambda name: "4.0.3" if name == "pvporcupine" else real(name)
        )
        monkeypatch.setitem(sys.modules, "pvporcupine", pvporcupine_keyed)
        monkeypatch.setattr(pvporcupine_keyed, "__spec__", pvporcupine_keyed.pvporcupine.__spec__)
        self.key_file = str(tmp_path / "key")
        (tmp_path / "key").write_text(f"{pvporcupine_keyed.GOOD_KEY}\n")

    def test_the_licence_server_is_told(self, make):
        """Whoever reads the journal reads who is contacted."""
        assert make().facts["contacts"] == "kmp1.picovoice.net"

    def test_a_key_that_is_refused_is_not_shown(self, make, tmp_path):
        """The error tells what Picovoice says, in one line without the key, and what to do."""
        (tmp_path / "key").write_text("mYwRoNgKeY")
        with pytest.raises(EngineError, match=r"PorcupineActivationRefusedError.*keyless") as caught:
            make()
        shown = str(caught.value)
        assert "mYwRoNgKeY" not in shown
        assert len(shown.splitlines()) == 1
        assert caught.value.__cause__ is None

    @pytest.mark.parametrize("text", ["", "two words", "schlüssel"])
    def test_a_file_that_holds_no_key_is_told(self, make, tmp_path, text):
        """An empty file, a text, no ASCII: one line that names the file, not what is in it."""
        (tmp_path / "key").write_text(text)
        with pytest.raises(EngineError, match=r"key: (not one|no) access key") as caught:
            make()
        assert not text or text not in str(caught.value)

    def test_without_a_key_one_reads_what_to_do(self, make):
        """No file named: the key, the setting, and the way back to the keyless line are told."""
        self.key_file = ""
        with pytest.raises(EngineError, match=r"4\.0\.3 needs an access key .*access_key_file.*1\.9\.5"):
            make()


class TestMicroWakeWord(Contract):
    """Networks made for microcontrollers."""

    engine = "microwakeword"
    words = ("hey jarvis", "alexa", "okay nabu")


class TestOpenWakeWord(Contract):
    """Networks over a speech embedding."""

    engine = "openwakeword"
    words = ("hey jarvis", "alexa")


@pytest.fixture(scope="module")
def taught(teacher, other, render, tmp_path_factory):
    """A state folder in which "computer" and "jarvis" are learned, of two sayings by each of four voices."""
    folder = tmp_path_factory.mktemp("taught")
    for word in ("computer", "jarvis"):
        said = [render(word, number, voice) for voice in VOICES for number in (1, 2)]
        examples = [teacher.examples.make(samples, word) for samples in said]
        store.save(folder, learn(word, examples, other))
    return folder


class TestLearned(Contract):
    """Words that were taught, here by four voices together."""

    engine = "learned"
    words = ("jarvis", "computer")
    sensitivity = 0.65  # four voices at once make a wide word, and the same four talk

    @pytest.fixture
    def state(self, taught):
        """The folder with the words."""
        return taught

    def test_after_a_reset_it_holds_silence_alone(self, make, said):
        """Not one embedding of what was heard is left, nor that a word was just named."""
        engine = make()
        sound = said("jarvis, what time is it", VOICES[0])
        end = moments(engine, sound)[0] + 1
        engine.reset()
        fresh = engine._heard.copy()
        moments(engine, sound[: end * FRAME_SAMPLES])
        engine.reset()
        assert np.array_equal(engine._heard, fresh)
        assert np.ptp(engine._heard, axis=0).max() == 0
        assert not engine._edges._waiting

    def test_a_word_that_was_forgotten_is_none(self, make, state, tmp_path):
        """Nothing is loaded that is not in the state folder."""
        config = WakeConfig(engine="learned", words=("computer",))
        with pytest.raises(EngineError, match=r"no wake word 'computer' \(it has none yet\)"):
            build.make_wake_engine(config, tmp_path)


def test_porcupine_hears_in_later_frames_what_it_was_reset_before(said):
    """The reset of the engine that has none of its own frees the old one only when there is a new one."""
    engine = Porcupine({"computer": 0.8})
    for _ in range(50):
        engine.reset()
    assert woken(engine, said("computer", "slt")) == ["computer"]


@pytest.mark.parametrize(
    ("name", "package"), [("microwakeword", "pymicro_wakeword"), ("openwakeword", "pyopen_wakeword")]
)
def test_an_engine_that_is_not_installed_is_told_with_how_to_get_it(monkeypatch, tmp_path, name, package):
    """Its extra is named in one line."""
    monkeypatch.delitem(sys.modules, f"sottovoce.ear.engines.{name}", raising=False)
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(EngineError, match=rf"{name}: .*not installed \(pip install 'sottovoce\[wake\]'\)"):
        build.make_wake_engine(WakeConfig(engine=name, words=("alexa",)), tmp_path)


@pytest.mark.parametrize("makers", [0.5, 0.85, 0.97])
def test_sensitivity_means_the_same_for_every_maker(makers):
    """One half is the maker's own threshold; more is lower, less is higher, and it stays a score."""
    thresholds = [threshold(step / 10, makers) for step in range(11)]
    assert thresholds[5] == pytest.approx(makers)
    assert thresholds == sorted(thresholds, reverse=True)
    assert all(0 < one < 1 for one in thresholds)


def test_one_saying_is_named_once():
    """However long a score stays over its threshold, or trembles around it, that is one saying."""
    edges = Edges({"alexa": 0.5}, 2)
    scores = (0.1, 0.6, 0.9, 0.45, 0.7, 0.2, 0.1, 0.8, 0.1)
    assert [edges.over("alexa", score) for score in scores] == [0, 1, 0, 0, 0, 0, 0, 1, 0]


def test_words_are_what_can_be_configured(tmp_path):
    """The words an engine lists are those it takes."""
    for module, name in ((microwakeword, "microwakeword"), (openwakeword, "openwakeword")):
        build.make_wake_engine(WakeConfig(engine=name, words=module.words()), tmp_path).close()
    build.make_wake_engine(WakeConfig(words=porcupine_package.words()), tmp_path).close()


def test_the_stage_forgets(said):
    """The stage's word to forget reaches the engine."""
    wake = Wake(Porcupine({"computer": 0.8}))
    frames = in_frames(said("computer", "slt"))
    heard = []
    for number, frame in enumerate(frames):
        wake.forget()
        heard.append(wake.hear(OpenFrame(frame, 1, number)))
    assert not any(heard)
