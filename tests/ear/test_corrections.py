"""A sentence that was misheard is heard right after its owner has said what it was; and only here."""

import numpy as np
import pytest

from fakes.diary import Diary
from fakes.hearing import nothing
from fakes.shelf import WORDS
from sottovoce.bench.speech import quiet, speak
from sottovoce.config import Home
from sottovoce.ear.act import sentences
from sottovoce.ear.corrections import Corrected, Corrections
from sottovoce.ear.engines import own_model
from sottovoce.ear.engines.vosk import GUESSES, Vosk
from sottovoce.ear.grammar import compile_grammar
from sottovoce.ear.understand import templates
from sottovoce.errors import StateError
from sottovoce.vocabulary import SAMPLE_RATE, Transcript, Utterance

NOISE_DB = 14
SAID = {
    "slt": ("set a timer for fifty minutes", "turn on the kitchen light"),
    "rms": ("switch off the bedroom lamp", "switch the hall lamp off", "turn the fan on"),
    "kal16": ("dim the living room lights to fourteen percent", "set a timer for fifty minutes"),
}
"""Voice -> what it says in noise; most of it is misheard."""


def in_noise(text, voice, seed=3):
    """Say something in a noisy room."""
    sound = np.concatenate(
        [quiet(SAMPLE_RATE // 2, 1), speak(f"computer, {text}", voice), quiet(SAMPLE_RATE // 5, 2)]
    )
    level = np.sqrt(np.mean(sound.astype(float) ** 2)) * 10 ** (-NOISE_DB / 20)
    noise = np.random.default_rng(seed).normal(0.0, level, len(sound))
    return Utterance(np.clip(sound + noise, -32768, 32767).astype(np.int16), 1, "computer")


@pytest.fixture(scope="module")
def graph():
    """The assistant's own sentences."""
    names = {"name": Home().devices, "area": Home().areas}
    families = [sentences(family) for family in ("home", "clock", "timers", "stop")]
    return compile_grammar(templates(families, names))


@pytest.fixture(scope="module")
def vosk(graph):
    """Libvosk with the model that comes along, telling what else it may have been."""
    return Vosk(own_model.folder(), graph, ("computer",), nothing, guesses=True)


@pytest.fixture(scope="module")
def heard(vosk):
    """(Voice, text) -> what was made of it."""
    return {(voice, text): vosk.transcribe(in_noise(text, voice)) for voice in SAID for text in SAID[voice]}


def test_a_misheard_sentence_is_heard_right_after_its_correction(vosk, heard, tmp_path):
    """Of these, some are misheard; each is right the next time, once its owner has picked or written it."""
    misheard = {key: found for key, found in heard.items() if found.text != key[1]}
    assert len(misheard) >= 3, heard
    for number, ((voice, text), before) in enumerate(misheard.items()):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        corrections = Corrections(folder)
        ear = Corrected(vosk, corrections, Diary())
        assert ear.transcribe(in_noise(text, voice)) == before
        corrections.add(before, text, typed=text not in before.others[: before.near])
        after = ear.transcribe(in_noise(text, voice))
        assert after.text == text
        assert after.confidence == before.confidence


def test_some_need_no_more_than_a_pick(heard):
    """Where what was said fits about as well, one pick from the list is enough: there are such here."""
    assert any(text in found.others[: found.near] for (_, text), found in heard.items() if found.text != text)


def test_what_was_heard_right_stays_right(vosk, heard, tmp_path):
    """With all of them confirmed, none that was right is heard wrong."""
    corrections = Corrections(tmp_path)
    for (_, text), found in heard.items():
        corrections.add(found, text, typed=False)
    ear = Corrected(vosk, corrections, Diary())
    for (voice, text), before in heard.items():
        if before.text == text:
            assert ear.transcribe(in_noise(text, voice)).text == text


def test_the_guesses_are_sentences_and_change_nothing_else(vosk, heard, graph):
    """At most five, each once, none the text itself; words and confidence are as without guessing."""
    alone = Vosk(own_model.folder(), graph, ("computer",), nothing)
    for (voice, text), found in heard.items():
        plain = alone.transcribe(in_noise(text, voice))
        assert (plain.text, plain.confidence, plain.others) == (found.text, found.confidence, ())
        assert 0 < len(found.others) <= GUESSES
        assert len(set(found.others) | {found.text}) == len(found.others) + 1
        assert all(graph.accepts(other) for other in found.others)
        assert found.near <= len(found.others)


def test_a_change_is_seen_by_the_ear_that_runs(tmp_path):
    """The owner's command writes, the ear reads: at the next sentence, without a restart."""
    command, ear = Corrections(tmp_path), Corrections(tmp_path)
    heard = Transcript("a", 1.0, "fake")
    assert ear.all() == []
    for meant in ("b", "c", "d"):
        command.add(heard, meant, typed=True)
        assert ear.all() == command.all()
        assert [one.meant for one in ear.all()][-1] == meant
    command.forget()
    assert ear.all() == []
    assert not command.there


def test_a_file_that_cannot_be_read_makes_nobody_deaf(tmp_path):
    """The ear hears as without corrections and says so once; the command says what to do."""

    class Engine:
        follow = forget = staticmethod(nothing)

        def transcribe(self, _):
            return Transcript(WORDS, 1.0, "fake")

    diary = Diary()
    (tmp_path / "corrections.json").write_text(f'[{{"heard": "{WORDS}"')
    corrections = Corrections(tmp_path)
    ear = Corrected(Engine(), corrections, diary)
    for _ in range(2):
        assert ear.transcribe(None).text == WORDS
    assert diary.count("corrections_unread") == 1
    assert not any(word in repr(diary.lines) for word in WORDS.split())
    with pytest.raises(StateError, match="--forget"):
        corrections.add(Transcript("a", 1.0, "fake"), "b", typed=True)
    corrections.forget()
    assert corrections.all() == []


def test_the_file_is_its_owners_alone(tmp_path):
    """Words of yours, readable by nobody else."""
    corrections = Corrections(tmp_path)
    corrections.add(Transcript("a", 1.0, "fake"), "b", typed=True)
    (path,) = tmp_path.iterdir()
    assert not path.stat().st_mode & 0o077
