"""Sentences about the house: understood with a home.toml, and not listened for without one."""

import pytest

from fakes.house import HOUSE
from sottovoce.config import Config
from sottovoce.config import Home as HomeConfig
from sottovoce.ear import build
from sottovoce.ear.engines.pocketsphinx import PocketSphinx
from sottovoce.ear.engines.pronounce import flite_phones
from sottovoce.ear.grammar import compile_grammar
from sottovoce.ear.wired import spoken_names
from sottovoce.house.device import Device
from sottovoce.house.file import House
from sottovoce.vocabulary import Transcript, Utterance


@pytest.fixture(scope="module")
def understanding():
    """The sentences in the house of everything."""
    return build.make_understanding(Config(), house=HOUSE)


SENTENCES = {
    "open the garage door": ("HomeOpen", {"name": "garage door"}),
    "shut the garage door": ("HomeClose", {"name": "garage door"}),
    "unlock the front door": ("HomeUnlock", {"name": "front door"}),
    "lock the back door": ("HomeLock", {"name": "back door"}),
    "arm the alarm": ("HomeArm", {"name": "alarm"}),
    "disarm the alarm": ("HomeDisarm", {"name": "alarm"}),
    "turn on the big light": ("HomeTurnOn", {"name": "big light"}),
    "is the garage door open": ("HouseState", {"name": "garage door", "state": "open"}),
    "is the front door locked": ("HouseState", {"name": "front door", "state": "locked"}),
    "is the light in the kitchen on": ("HouseState", {"name": "light", "area": "kitchen", "state": "on"}),
    "what's the temperature in the bedroom": ("HouseMeasure", {"name": "temperature", "area": "bedroom"}),
    "what is the power use": ("HouseMeasure", {"name": "power use"}),
    "yes please": ("AnswerYes", {}),
    "no": ("AnswerNo", {}),
}


@pytest.mark.parametrize("text", SENTENCES)
def test_a_sentence_means_one_thing(understanding, text):
    """Each kind of sentence gives its intent and its slots."""
    intent = understanding.understand(Transcript(text, 1.0, "test"))
    assert (intent.name, dict(intent.slots)) == SENTENCES[text]


@pytest.mark.parametrize(
    "text",
    [
        "open the kitchen light",
        "unlock the garage door",
        "is the front door on",
        "turn on the front door",
        "dim the tv",
    ],
)
def test_what_cannot_be_done_cannot_be_said(understanding, text):
    """Names stand only in sentences about what such a thing can do; names by default are gone."""
    assert understanding.understand(Transcript(text, 1.0, "test")) is None


def test_without_a_home_toml_it_listens_for_nothing_new():
    """No door, no yes, no question is in the grammar: it is as sure of the rest as it ever was."""
    words = compile_grammar(build.make_understanding(Config()).templates).words
    assert not words & {"open", "lock", "unlock", "arm", "yes", "no", "temperature", "locked"}


def test_names_of_the_configuration_stay_beside_those_of_home_toml():
    """If the owner wrote them; the ones that come by themselves do not."""
    assert "tv" not in spoken_names(HOUSE, HomeConfig())["name"]
    assert "radio" in spoken_names(HOUSE, HomeConfig(devices=("radio",)))["name"]
    assert "tv" in spoken_names(House(), HomeConfig())["name"]


@pytest.mark.parametrize(
    ("device", "heard", "never"),
    [
        (Device(name="samovar", type="switch", kind="tasmota", id="s"), "turn on the samovar", "in"),
        (Device(name="door", type="contact", kind="zigbee2mqtt", id="d"), "is the door open", "dim"),
    ],
)
def test_a_house_without_rooms_or_without_anything_to_turn_on_is_one(device, heard, never):
    """A list without names ends no start of the device: what would need one is not listened for."""
    understanding = build.make_understanding(Config(), house=House(device=(device,)))
    graph = compile_grammar(understanding.templates)
    assert graph.accepts(heard)
    assert understanding.understand(Transcript(heard, 1.0, "test")) is not None
    assert never not in graph.words
    assert all(map(graph.accepts, graph.phrases()))


HEARD = (
    "is the garage door open",
    "unlock the front door",
    "what's the temperature in the bedroom",
    "yes please",
)


def test_a_voice_is_heard_saying_it(understanding, said):
    """PocketSphinx hears these sentences, and those of before, of a synthetic voice."""
    engine = PocketSphinx(compile_grammar(understanding.templates), ("computer",), flite_phones, hearings=1)
    for text in (*HEARD, "turn on the kitchen light", "set a timer for ten minutes"):
        transcript = engine.transcribe(Utterance(said(f"computer, {text}", "slt"), 0, "computer"))
        assert transcript.text == text
        assert transcript.confidence >= 0.5
