"""Sottovoce's own Vosk model: libvosk truly hears with it, and it is what its script makes."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import vosk

from sottovoce.bench.speech import quiet, speak
from sottovoce.config import Home
from sottovoce.ear.act import sentences
from sottovoce.ear.engines.own_model import folder
from sottovoce.ear.engines.voices import spoken
from sottovoce.ear.grammar import compile_grammar
from sottovoce.ear.understand import templates
from sottovoce.vocabulary import SAMPLE_RATE

REPOSITORY = Path(__file__).parents[3]
UNKNOWN = "[unk]"
SENTENCES = (
    "turn on the kitchen light",
    "switch off the bedroom lamp",
    "turn the fan off",
    "dim the living room lights to forty percent",
    "set the office heater to one hundred percent",
    "turn on the tv in the living room",
    "what time is it",
    "what is the date today",
    "set a timer for five minutes",
    "how much time is left on the timer",
    "cancel all my timers",
    "never mind",
)
TALK = (
    "the weather in london is lovely this time of year",
    "hello there how are you",
    "i think we should have pasta for dinner tonight",
    "did you see the football match yesterday",
    "my sister is coming to visit us next week",
    "please remember to buy some milk and bread",
    "this book was written a very long time ago",
    "the children are playing in the garden",
)


def by_rms(text):
    """A voice of flite the model was not trained on."""
    return speak(text, "rms")


def by_espeak(text):
    """A voice of espeak-ng, at a speed and a pitch, the model was not trained on."""
    return spoken(("espeak-ng", "--stdin", "--stdout", "-v", "en-us+f3", "-s", "147", "-p", "46"), text)


HELD_OUT = pytest.mark.parametrize("voice", [by_rms, by_espeak], ids=["rms", "f3"])
HARD = 4
"""Of the commands, how many may go wrong by rms: the one human voice that is held out."""


@pytest.fixture(scope="module")
def model():
    """The model, in libvosk."""
    vosk.SetLogLevel(-1)
    return vosk.Model(str(folder()))


@pytest.fixture(scope="module")
def graph():
    """Every sentence of the skills' templates, with the names of the default configuration."""
    names = {"name": Home().devices, "area": Home().areas}
    families = [sentences(family) for family in ("home", "clock", "timers", "stop")]
    return compile_grammar(templates(families, names))


@pytest.fixture(scope="module")
def phrases(graph):
    """Those sentences as libvosk is given them."""
    return graph.phrases()


def decoded(model, samples, grammar=()):
    """What libvosk writes down: its words, with times and confidences."""
    more = (json.dumps([*grammar, UNKNOWN]),) if grammar else ()
    recognizer = vosk.KaldiRecognizer(model, SAMPLE_RATE, *more)
    recognizer.SetWords(True)  # noqa: FBT003  as libvosk has it
    pause = quiet(SAMPLE_RATE // 2)
    recognizer.AcceptWaveform(np.concatenate([pause, samples, pause]).tobytes())
    return json.loads(recognizer.FinalResult()).get("result", [])


def text_of(found):
    """Give the words alone."""
    return " ".join(word["word"] for word in found)


@pytest.mark.parametrize("text", SENTENCES)
def test_it_hears_a_command_word_for_word(model, phrases, text):
    """In grammar mode, by a voice nothing was trained on."""
    assert text_of(decoded(model, by_espeak(text), phrases)) == text


def test_it_hears_most_commands_by_a_persons_voice(model, phrases):
    """The same by flite's rms, which is made of a person's recordings, and was trained on neither."""
    wrong = [text for text in SENTENCES if text_of(decoded(model, by_rms(text), phrases)) != text]
    assert len(wrong) <= HARD, wrong


@HELD_OUT
def test_it_refuses_other_talk(model, phrases, voice):
    """Of eight things that are no commands, at most one has no word in it that the grammar does not know."""
    taken = [text for text in TALK if UNKNOWN not in text_of(decoded(model, voice(text), phrases)).split()]
    assert len(taken) <= 1, taken


def test_words_have_times_and_confidences(model):
    """Each word stands where it was said, after the one before it; the confidence is a share."""
    text = "turn on the kitchen light"
    samples = by_rms(text)
    found = decoded(model, samples, SENTENCES)
    assert text_of(found) == text
    assert all(0.0 < word["conf"] <= 1.0 for word in found)
    edges = [edge for word in found for edge in (word["start"], word["end"])]
    assert edges == sorted(edges)
    seconds = len(samples) / SAMPLE_RATE
    assert 0.5 <= edges[0] < edges[-1] <= 0.5 + seconds + 0.1
    assert edges[-1] - edges[0] >= 0.6 * seconds


def test_silence_holds_no_command(model, phrases):
    """Digital silence and the noise floor: nothing, or nothing known."""
    for samples in (np.zeros(SAMPLE_RATE, np.int16), quiet(SAMPLE_RATE)):
        assert set(text_of(decoded(model, samples, phrases)).split()) <= {UNKNOWN}


def test_it_knows_every_word_of_the_templates(graph):
    """A word the model lacks could never be heard: libvosk passes it over."""
    known = {line.split()[0] for line in (folder() / "graph/words.txt").read_text().splitlines()}
    assert graph.words <= known


LOOKING_ON = {"__main__.py", "manifest.py", "measure.py"}
"""Modules of the script that have no part in what the model becomes."""


def manifest():
    """What the model says it was made from."""
    return json.loads((folder() / "manifest.json").read_text())


def test_it_is_what_the_script_makes():
    """Whoever changes the script makes the model anew (`tools/make-model`)."""
    digest = hashlib.sha256()
    for path in sorted((REPOSITORY / "tools/model").iterdir()):
        if path.suffix in {".py", ".txt"} and path.name not in LOOKING_ON:
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    assert manifest()["script"] == digest.hexdigest()


def test_no_file_of_it_was_changed():
    """The files are the ones the script wrote."""
    files = {
        str(path.relative_to(folder())): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder().rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }
    assert files == manifest()["files"]


def test_the_script_makes_a_model_libvosk_hears_with(tmp_path):
    """The whole script in small, from sentences to files: libvosk hears a third of the commands with it."""
    run = subprocess.run(
        [str(REPOSITORY / "tools/make-model"), "--small", str(tmp_path)],
        env=os.environ | {"PYTHON": sys.executable},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    small = vosk.Model(str(tmp_path))
    right = [text for text in SENTENCES if text_of(decoded(small, speak(text, "slt"), SENTENCES)) == text]
    assert len(right) >= len(SENTENCES) // 3, right
