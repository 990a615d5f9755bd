"""Understanding: words to what is wanted."""

import pytest
from unicode_rbnf import RbnfEngine

from sottovoce.config import Config
from sottovoce.ear.act import sentences
from sottovoce.ear.understand import Understanding, templates
from sottovoce.vocabulary import Transcript

SPELL = RbnfEngine.for_language("en")


@pytest.fixture(scope="module")
def understanding():
    """The assistant's own sentences, with the default names and one of two words."""
    home = Config().home
    names = {"name": [*home.devices, "Zigbee Lamp"], "area": home.areas}
    return Understanding(
        templates([sentences(f) for f in ("home", "clock", "timers", "stop", "privacy")], names)
    )


def understood(understanding, text):
    """Understand a text; the intent's name and slots, or None."""
    intent = understanding.understand(Transcript(text, 1.0, "test"))
    return intent and (intent.name, dict(intent.slots))


@pytest.mark.parametrize(
    ("text", "name", "slots"),
    [
        ("turn on the kitchen light", "HomeTurnOn", {"area": "kitchen", "name": "light"}),
        ("turn the fan in the living room off", "HomeTurnOff", {"area": "living room", "name": "fan"}),
        ("switch on lights", "HomeTurnOn", {"name": "lights"}),
        ("turn on the zigbee lamp", "HomeTurnOn", {"name": "zigbee lamp"}),
        ("dim the hall lamp", "HomeDim", {"area": "hall", "name": "lamp"}),
        ("set the heater to one hundred percent", "HomeDim", {"name": "heater", "brightness": 100}),
        ("what time is it", "ClockTime", {}),
        ("what's today's date", "ClockDate", {}),
        ("set a timer for one hour and thirty minutes", "TimerSet", {"hours": 1, "minutes": 30}),
        ("set a ninety second timer", "TimerSet", {"seconds": 90}),
        ("how much time is left on my timer", "TimerLeft", {}),
        ("cancel all my timers", "TimerCancel", {}),
        ("never mind", "Stop", {}),
    ],
)
def test_a_sentence_means_one_thing(understanding, text, name, slots):
    """Each kind of sentence gives its intent and its slots, names as the owner wrote them in lower case."""
    assert understood(understanding, text) == (name, slots)


def test_every_number_word_is_its_number(understanding):
    """From zero to one hundred: what is spoken is the number, as an int."""
    for number in range(101):
        spoken = SPELL.format_number(number).text.replace("-", " ")
        name, slots = understood(understanding, f"dim the lamp to {spoken} percent")
        assert (name, slots) == ("HomeDim", {"name": "lamp", "brightness": number})
        assert type(slots["brightness"]) is int


@pytest.mark.parametrize(
    "text",
    [
        "",
        "turn on",
        "turn on the moon",
        "turn on the light please or not",
        "dim the lamp to one hundred and one percent",
        "set a timer for zero minutes",
        "the weather in london is lovely",
    ],
)
def test_what_fits_no_template_is_not_understood(understanding, text):
    """No guessing: all of the words fit, or nothing is understood."""
    assert understood(understanding, text) is None


def test_all_of_it_prints_no_words(understanding):
    """An intent that is printed shows its name and none of what was said."""
    intent = understanding.understand(Transcript("turn on the zigbee lamp", 1.0, "test"))
    assert "zigbee" not in repr(intent)
