"""Vosk with the model that comes along: the grammar, dictation, what it cannot hear, and broken models."""

import shutil

import pytest

from fakes.hearing import Diary, nothing
from sottovoce.config import Config, Home, Transcribe
from sottovoce.ear import build
from sottovoce.ear.engines import own_model
from sottovoce.ear.engines.vosk import UNKNOWN, Vosk
from sottovoce.ear.engines.vosk_model import try_out
from sottovoce.ear.grammar import WordGraph, compile_grammar
from sottovoce.ear.pipeline import CONFIDENT
from sottovoce.errors import ModelError
from sottovoce.vocabulary import Utterance

TALK = (
    "the weather in london is lovely this time of year",
    "i think we should have pasta for dinner tonight",
    "did you see the football match yesterday",
    "please remember to buy some milk and bread",
)


@pytest.fixture(scope="module")
def house():
    """The assistant's own sentences."""
    return build.make_understanding(Config())


@pytest.fixture(scope="module")
def vosk(house):
    """Vosk, held to them."""
    return Vosk(own_model.folder(), compile_grammar(house.templates), ("computer", "jarvis"), nothing)


def utterance(samples):
    """Take sound for a sentence behind a wake word."""
    return Utterance(samples, 1, "computer")


UNHEARD = [
    "delete", "hears", "listening", "listens", "meant", "saved", "shared", "sharing", "wasn't", "yourself",
]  # fmt: skip
"""Said about privacy, and in no sentence that the own model was made with."""


def test_the_own_model_is_chosen_by_its_name(tmp_path):
    """`vosk_model = "own"`: no download; it has all words of a default house, and tells what it lacks."""
    diary = Diary()
    config = Config(transcribe=Transcribe(engine="vosk", vosk_model="own"))
    grammar = compile_grammar(build.make_understanding(config).templates)
    made = build.make_transcriber(config, tmp_path, grammar, diary)
    assert isinstance(made, Vosk)
    assert diary.lines == [("vosk_cannot_hear", {"words": ",".join(UNHEARD)})]


def test_a_name_it_cannot_hear_is_told(tmp_path):
    """Configured names that are not in the model's vocabulary stand in the journal, in one line."""
    diary = Diary()
    config = Config(
        home=Home(devices=("zigbee lamp", "light", "qwertzel")),
        transcribe=Transcribe(engine="vosk", vosk_model="own"),
    )
    grammar = compile_grammar(build.make_understanding(config).templates)
    build.make_transcriber(config, tmp_path, grammar, diary)
    unheard = sorted([*UNHEARD, "qwertzel", "zigbee"])
    assert diary.lines == [("vosk_cannot_hear", {"words": ",".join(unheard)})]


def test_a_model_that_knows_none_of_the_words_is_refused():
    """A model for another language is one clear error, not a device that hears nothing."""
    french = WordGraph(1, {1: {"allumez": 0}, 0: {}}, frozenset({0}))
    with pytest.raises(ModelError, match=r"knows not one word .* another language"):
        Vosk(own_model.folder(), french, (), nothing)


@pytest.mark.parametrize("text", TALK)
def test_other_talk_is_no_command(vosk, house, said, text):
    """What is none of the sentences is refused: by an unknown word, a word not sure, or no template."""
    transcript = vosk.transcribe(utterance(said(f"computer, {text}", "slt")))
    assert transcript.confidence < CONFIDENT or house.understand(transcript) is None
    assert UNKNOWN not in transcript.text


def test_dictation_writes_down_what_is_no_command(vosk, said):
    """Free of the grammar it hears words in any order; and the grammar still holds the other."""
    free = vosk.free()
    transcript = free.transcribe(utterance(said("computer, the light the light the kitchen", "slt")))
    assert "light" in transcript.text
    assert 0.0 < transcript.confidence <= 1.0
    assert vosk.transcribe(utterance(said("computer, turn the fan off", "slt"))).text == "turn the fan off"


def test_the_likeliest_come_first(vosk, said):
    """N-best: different sentences, by falling likelihood; the first is the one that is heard otherwise."""
    found = vosk.alternatives(utterance(said("computer, turn on the kitchen light", "slt")), 5)
    assert 1 < len(found) <= 5
    assert found[0].text == "turn on the kitchen light"
    shares = [one.confidence for one in found]
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) == pytest.approx(1.0)
    assert vosk.alternatives(utterance(said("", "slt")[:0]), 5) == []


def test_words_come_while_one_speaks(vosk, said):
    """Partial results: few words first, then more; none when nothing is followed."""
    samples = said("computer, set a timer for five minutes", "slt")
    seen = []
    for end in range(0, len(samples), 8 * 512):
        vosk.follow(utterance(samples[:end]))
        seen.append(len(vosk.partial().split()))
    assert seen[0] == 0
    assert seen[-1] >= 5
    assert len(set(seen)) > 3
    vosk.forget()
    assert not vosk.partial()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("conf/model.conf", lambda content: b""),
        ("am/final.mdl", lambda content: content[: len(content) // 2]),
        ("graph/HCLr.fst", lambda content: content[: len(content) // 2]),
        ("graph/Gr.fst", lambda content: content[:-100]),
        ("graph/Gr.fst", lambda content: content[:200] + b"?" * 400 + content[600:]),
        ("graph/words.txt", lambda content: content[: content.rindex(b" ")]),
    ],
    ids=["no settings", "half a network", "half a graph", "a cut grammar", "a garbled grammar", "no words"],
)
def test_a_model_that_was_damaged_is_refused_by_a_child_process(tmp_path, name, content):
    """Some of these make libvosk abort: the child dies of it, the ear tells it in one line and lives."""
    shutil.copytree(own_model.folder(), tmp_path / "m")
    file = tmp_path / "m" / name
    file.write_bytes(content(file.read_bytes()))
    with pytest.raises(ModelError, match="not a Vosk model") as refused:
        try_out(tmp_path / "m")
    assert str(refused.value).isprintable()


NEAR_MISSES = (
    "turn the time off",
    "set a light for five minutes",
    "dim the timer to forty percent",
    "turn on the minutes",
    "cancel the kitchen light",
    "set the heater to monday",
    "turn kitchen on the fan",
    "what time is the light",
)


def test_words_of_the_grammar_in_no_order_of_it_are_no_command(vosk, said):
    """Of eight that are made of the grammar's words and are none of its sentences, at most one is taken."""
    spoken = {text: utterance(said(f"computer, {text}", "slt")) for text in NEAR_MISSES}
    taken = [text for text in spoken if vosk.transcribe(spoken[text]).text]
    assert len(taken) <= 1, taken


COMMANDS = (
    "turn the heater on",
    "set a timer for nine minutes",
    "set a timer for two hours",
    "turn off the lamp",
    "set the bedroom light to twenty percent",
    "turn on the fan in the office",
)


def test_the_nearest_path_that_is_a_sentence_counts(vosk, house, said):
    """Where the likeliest words are no sentence, one that is likely too is found; never anything else."""
    grammar = compile_grammar(house.templates)
    likeliest = written = 0
    for text in COMMANDS:
        samples = said(f"computer, {text}", "rms")
        likeliest += vosk.alternatives(utterance(samples), 1)[0].text == text
        transcript = vosk.transcribe(utterance(samples))
        assert not transcript.text or grammar.accepts(transcript.text)
        written += transcript.text == text
    assert written >= likeliest + 2
