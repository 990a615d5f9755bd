"""What is said: home commands from the skills' own templates, and other talk."""

import random
from collections.abc import Iterable, Sequence
from typing import Final

from hassil import Intents

from sottovoce.config import Home
from sottovoce.ear.act import sentences
from sottovoce.ear.grammar import WordGraph, compile_grammar
from sottovoce.ear.understand import templates

FAMILIES: Final = ("home", "clock", "timers", "stop")
WAKE_WORDS: Final = ("alexa", "computer", "jarvis", "hey google", "porcupine", "bumblebee", "terminator")
_MORE_AREAS: Final = ("garden", "garage", "hallway", "dining room", "basement", "study", "nursery", "attic")
_MORE_DEVICES: Final = (
    "bed light", "ceiling light", "reading lamp", "desk lamp", "radio", "television", "heating", "blinds",
    "curtains", "coffee machine", "kettle", "dishwasher", "washing machine", "speaker", "thermostat",
    "front door", "sliding door", "standing light", "string lights", "air conditioner",
)  # fmt: skip


def house() -> Intents:
    """Give the templates with the names of the default configuration: what is measured."""
    return _templates(Home().devices, Home().areas, FAMILIES)


def home_sentences(count: int, seed: int, *, more_names: bool = False) -> list[str]:
    """Draw commands, as many of each skill; with more devices and areas than the default ones."""
    devices = (*Home().devices, *_MORE_DEVICES) if more_names else Home().devices
    areas = (*Home().areas, *_MORE_AREAS) if more_names else Home().areas
    chance = random.Random(seed)  # noqa: S311  no secret
    weights = {"home": 10, "timers": 6, "clock": 3, "stop": 1}
    graphs = {family: compile_grammar(_templates(devices, areas, [family])) for family in FAMILIES}
    families = chance.choices(list(weights), list(weights.values()), k=count)
    return [" ".join(_walk(graphs[family], chance)) for family in families]


def talk(count: int, words: Sequence[str], seed: int) -> list[str]:
    """Draw words in no order: every phone beside every other."""
    chance = random.Random(seed)  # noqa: S311  no secret
    return [" ".join(chance.choices(words, k=chance.randint(3, 8))) for _ in range(count)]


def _templates(devices: Iterable[str], areas: Iterable[str], families: Iterable[str]) -> Intents:
    names = {"name": devices, "area": areas}
    return templates([sentences(family) for family in families], names)


def _walk(graph: WordGraph, chance: random.Random) -> list[str]:
    state, words = graph.start, list[str]()
    while graph.arcs[state] and not (state in graph.final and chance.random() < 0.5):
        word = chance.choice(sorted(graph.arcs[state]))
        words.append(word)
        state = graph.arcs[state][word]
    return words
