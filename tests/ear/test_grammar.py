"""The word graph: exactly the sentences of the templates, and no state too many."""

import random
import re
from itertools import pairwise

import pytest
from hassil import Intents, recognize_best
from hassil.sample import sample_intents
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sottovoce.config import Config
from sottovoce.ear.act import sentences
from sottovoce.ear.grammar import compile_grammar
from sottovoce.ear.understand import templates
from sottovoce.errors import ConfigError

FAMILIES = ("home", "clock", "timers", "stop", "privacy")
SMALL_LISTS = {"area": ["hall", "living room"], "name": ["tv", "light", "zigbee lamp"]}
SMALL_RANGES = {
    "brightness": (19, 21), "hours": (1, 2), "minutes": (20, 21), "seconds": (1, 1),
    "deaf_hours": (2, 3), "deaf_minutes": (20, 21),
}  # fmt: skip


def from_templates(*texts, **lists):
    """Make intents of one family out of sentence templates."""
    return Intents.from_dict({
        "language": "en",
        "intents": {"Some": {"data": [{"sentences": list(texts)}]}},
        "lists": {name: {"values": values} for name, values in lists.items()}
        | {"number": {"range": {"from": 98, "to": 100}}},
        "expansion_rules": {"what": "[the] (light[s]|lamp)"},
    })  # fmt: skip


def language(graph, limit=200_000):
    """Every sentence a graph accepts."""
    found, stack = set(), [(graph.start, ())]
    while stack:
        assert len(found) < limit
        state, words = stack.pop()
        if state in graph.final:
            found.add(" ".join(words))
        stack += [(stop, (*words, word)) for word, stop in graph.arcs[state].items()]
    return found


def sampled(intents):
    """Every sentence that hassil makes of its own templates, as one says it: in words, without hyphens."""
    spoken = (text for _, text in sample_intents(intents, language="en"))
    return {" ".join(text.replace("-", " ").split()) for text in spoken if not re.search(r"\d", text)}


def the_house(**lists):
    """All families of the assistant, with the names given."""
    return templates([sentences(family) for family in FAMILIES], lists)


WORDS = st.sampled_from(["turn", "on", "the", "light", "lamp", "s"])


def _nested(parts):
    several = st.lists(parts, min_size=1, max_size=3)
    return st.one_of(
        several.map(" ".join),
        several.map("".join),
        several.map(lambda some: f"({'|'.join(some)})"),
        parts.map(lambda part: f"[{part}]"),
        parts.map(lambda part: f" [{part}]"),
        st.lists(parts, min_size=2, max_size=3).map(lambda some: f" ({';'.join(some)}) "),
    )


PIECES = st.one_of(WORDS, st.sampled_from(["{area}", "{number}", "<what>"]))
TEMPLATES = st.recursive(PIECES, _nested, max_leaves=6)


@settings(max_examples=250, deadline=None)
@given(st.lists(TEMPLATES, min_size=1, max_size=3))
def test_the_graph_holds_the_sentences_of_any_templates(texts):
    """Whatever the templates: the graph accepts each sentence that hassil samples from them, and no other."""
    intents = from_templates(*texts, area=["hall", "living room"])
    wanted = sampled(intents)
    assume(len(wanted) < 3000)
    assert language(compile_grammar(intents)) == wanted


@settings(max_examples=150, deadline=None)
@given(st.lists(TEMPLATES, min_size=1, max_size=3))
def test_the_graph_is_minimal(texts):
    """No two states lead on in the same way, none is out of reach, and none leads nowhere."""
    intents = from_templates(*texts, area=["hall", "living room"])
    assume(len(sampled(intents)) < 3000)
    graph = compile_grammar(intents)
    seen = {}

    def ways_on(state):
        if state not in seen:
            ways = {(word, *rest) for word, stop in graph.arcs[state].items() for rest in ways_on(stop)}
            seen[state] = frozenset(ways | ({()} if state in graph.final else set()))
        return seen[state]

    ways_on(graph.start)
    assert set(seen) == set(graph.arcs)
    assert len(set(seen.values())) == len(seen)
    assert all(seen.values())


def test_the_assistants_own_sentences_are_all_in_it():
    """The real families, with short lists: the graph holds hassil's sentences, every one and no other."""
    families = [dict(sentences(family)) for family in FAMILIES]
    for family in families:
        family["lists"] = {
            name: {"range": dict(zip(("from", "to"), SMALL_RANGES[name], strict=True))}
            if "range" in values
            else values
            for name, values in family.get("lists", {}).items()
        }
    intents = templates(families, SMALL_LISTS)
    wanted = sampled(intents)
    assert len(wanted) > 500
    assert language(compile_grammar(intents)) == wanted


def test_one_word_more_or_less_is_as_hassil_says():
    """A sentence of the assistant with a word taken away or put in is accepted only when hassil does."""
    house = the_house(name=list(Config().home.devices), area=list(Config().home.areas))
    graph = compile_grammar(house)
    rng = random.Random(4)
    words = sorted(graph.words)
    rejected = 0
    for _ in range(250):
        sentence = _walk(graph, rng)
        assert recognize_best(" ".join(sentence), house, language="en")
        place = rng.randrange(len(sentence))
        shorter = [*sentence[:place], *sentence[place + 1 :]]
        longer = [*sentence[:place], rng.choice(words), *sentence[place:]]
        for changed in (" ".join(shorter), " ".join(longer)):
            understood = bool(changed) and recognize_best(changed, house, language="en") is not None
            assert graph.accepts(changed) == understood, changed
            rejected += not understood
    assert rejected > 250


def _walk(graph, rng):
    """Say one sentence of the graph at random."""
    state, sentence = graph.start, []
    while True:
        ways = sorted(graph.arcs[state].items())
        if state in graph.final and (not ways or rng.random() < 0.3):
            return sentence
        word, state = rng.choice(ways)
        sentence.append(word)


def test_parts_of_a_word_are_one_word():
    """`light[s]` is "light" or "lights", never "light s"."""
    graph = compile_grammar(from_templates("turn on [the] light[s]", "(un|re)lock"))
    assert language(graph) == {
        "turn on light", "turn on lights", "turn on the light", "turn on the lights", "unlock", "relock",
    }  # fmt: skip
    assert graph.words == {"turn", "on", "the", "light", "lights", "unlock", "relock"}


@pytest.mark.parametrize("rest", [" ", "  "])
def test_spaces_do_not_matter(rest):
    """Spaces at the ends, double ones and ones inside brackets make no words."""
    assert language(compile_grammar(from_templates(f"{rest}a{rest}[ b]{rest}c{rest}"))) == {"a c", "a b c"}


def test_numbers_are_words_up_to_a_hundred():
    """Each number of a range is there as it is spoken, the last one too; the next one is not."""
    graph = compile_grammar(the_house(name=["lamp"], area=["hall"]))
    spoken = ["zero", "seven", "nineteen", "twenty", "twenty one", "ninety nine", "one hundred"]
    assert all(graph.accepts(f"dim the lamp to {number} percent") for number in spoken)
    for wrong in ("one hundred one", "hundred", "one hundred and one", "100", "twenty-one", "twenty ten"):
        assert not graph.accepts(f"dim the lamp to {wrong} percent"), wrong


def test_capitals_and_full_stops_are_not_heard():
    """Templates may be written as people write; what is said has neither."""
    graph = compile_grammar(from_templates("What is the time?", "Today's date, please!"))
    assert language(graph) == {"what is the time", "today's date please"}


def test_it_says_no_to_what_is_no_sentence():
    """Nothing, a beginning, an unknown word: none of them is a sentence."""
    graph = compile_grammar(from_templates("turn on the light"))
    assert graph.accepts("turn on the light")
    for wrong in ("", "turn on the", "turn on the lamp", "turn on the light light", "on"):
        assert not graph.accepts(wrong), wrong


def test_the_whole_house_is_a_small_graph():
    """Half a million sentences with all their numbers fit into a few hundred states."""
    graph = compile_grammar(the_house(name=list(Config().home.devices), area=list(Config().home.areas)))
    assert len(graph.arcs) < 300


@pytest.mark.parametrize(
    ("template", "what"),
    [
        ("turn on <nothing>", "<nothing>"),
        ("turn on {nobody}", "{nobody}"),
        ("say {anything}", "{anything} is open"),
    ],
)
def test_templates_that_cannot_be_a_grammar_say_why(template, what):
    """A rule or a list that is missing, or that takes any words at all, is one clear error."""
    intents = Intents.from_dict({
        "language": "en",
        "intents": {"Some": {"data": [{"sentences": [template]}]}},
        "lists": {"anything": {"wildcard": True}},
    })  # fmt: skip
    with pytest.raises(ConfigError, match=re.escape(what)):
        compile_grammar(intents)


def pairs_of(grammar):
    """Find every pair of neighbouring words in a graph, its beginnings and ends among them."""
    into = {grammar.start: {""}}
    for row in grammar.arcs.values():
        for word, stop in row.items():
            into.setdefault(stop, set()).add(word)
    following = {s: set(row) | ({""} if s in grammar.final else set()) for s, row in grammar.arcs.items()}
    return {(one, other) for state, ones in into.items() for one in ones for other in following[state]}


def test_phrases_hold_every_pair_of_words_and_only_sentences():
    """A few hundred sentences stand for all of them where only neighbouring words count."""
    grammar = compile_grammar(templates([sentences(family) for family in FAMILIES], {
        "name": ["light", "lamp", "living lamp"], "area": ["kitchen", "living room"],
    }))  # fmt: skip
    phrases = grammar.phrases()
    assert all(grammar.accepts(phrase) for phrase in phrases)
    said = {pair for phrase in phrases for pair in pairwise(["", *phrase.split(), ""])}
    assert said == pairs_of(grammar)
    assert len(set(phrases)) == len(phrases) <= len(said)
