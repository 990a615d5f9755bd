"""Rhino's grammar files as templates of our own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.bench.commands import fits
from sottovoce.bench.corpus import Label
from sottovoce.bench.rhino import read_grammar
from sottovoce.ear.grammar import compile_grammar
from sottovoce.ear.understand import Understanding
from sottovoce.errors import InputError, MissingInputError
from sottovoce.vocabulary import Intent, Transcript

BLINDS = """
context:
  expressions:
    moveBlinds:
      - "[raise, lower, I'd like to move] (@which) blinds (in the $room:room)"
      - "[let, may I have] [a, an, some] $amount:howMuch (of) light in"
    stopBlinds:
      - stop
  slots:
    room: [bath room, office, on]
    amount:
      - " little bit"
      - 10
  macros:
    which:
      - "the (other)"
      - all [the, my]
"""

SAID = {
    "raise the blinds": ("moveBlinds", {}),
    "lower all my blinds in the bath room": ("moveBlinds", {"room": "bath room"}),
    "i'd like to move the other blinds in the office": ("moveBlinds", {"room": "office"}),
    "raise blinds in the on": ("moveBlinds", {"room": "on"}),
    "let a little bit of light in": ("moveBlinds", {"howMuch": "little bit"}),
    "may i have some 10 light in": ("moveBlinds", {"howMuch": "10"}),
    "stop": ("stopBlinds", {}),
}


@pytest.fixture
def grammar(tmp_path):
    """Reads a grammar from a text, by way of a file."""

    def read(text):
        file = tmp_path / "grammar.yaml"
        file.write_text(text, encoding="utf-8")
        return read_grammar(file)

    return read


@pytest.mark.parametrize("sentence", SAID)
def test_labelled_sentences_come_out_with_their_slots(grammar, sentence):
    """What a Rhino grammar means by a sentence, ours means too, and the speech engine may hear it."""
    templates = grammar(BLINDS)
    intent = Understanding(templates).understand(Transcript(sentence, 1.0, "test"))
    name, slots = SAID[sentence]
    assert intent is not None
    assert fits(intent, Label(name, slots))
    assert compile_grammar(templates).accepts(sentence)


@pytest.mark.parametrize("sentence", ["raise all blinds", "let light in", "lower", "may i have 10 light in"])
def test_a_choice_must_be_made(grammar, sentence):
    """Brackets are a choice in Rhino, not an option as in our own templates."""
    assert not compile_grammar(grammar(BLINDS)).accepts(sentence)


def join(pairs):
    """One phrase after the other: as it is written, and as it is said."""
    return " ".join(text for text, _ in pairs), " ".join(said for _, said in pairs if said)


WORDS = st.sampled_from(["up", "down", "the", "o'clock", "blind"]).map(lambda word: (word, word))
PHRASES = st.recursive(
    WORDS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(join),
        st.tuples(st.lists(inner, min_size=1, max_size=3), st.integers(0, 2)).map(
            lambda drawn: (
                "[" + ", ".join(text for text, _ in drawn[0]) + "]",
                drawn[0][drawn[1] % len(drawn[0])][1],
            )
        ),
        st.tuples(inner, st.booleans()).map(
            lambda drawn: (f"({drawn[0][0]})", drawn[0][1] if drawn[1] else "")
        ),
    ),
    max_leaves=8,
)


@given(PHRASES)
def test_every_sentence_of_an_expression_may_be_said(tmp_path_factory, phrase):
    """However choices and options are nested, each sentence one can make of them is in the grammar."""
    text, said = phrase
    file = tmp_path_factory.mktemp("rhino") / "grammar.yaml"
    file.write_text(f'context:\n  expressions:\n    move:\n      - "go {text}"\n', encoding="utf-8")
    assert compile_grammar(read_grammar(file)).accepts(f"go {said}")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("$room:room", "$rooms:room", "$rooms"),
        ("@which", "@whose", "@whose"),
        ("@which", "{which}", "column"),
        ("I'd like to move]", "I'd like to move", "] is missing"),
        ("I'd like to move]", "I'd like to move)", "column 32"),
        ("- stop", "- stop]", "column 5"),
        ("expressions:", "phrases:", "expressions"),
        ("slots:", "slots: [", "line"),
    ],
)
def test_a_broken_grammar_is_one_error_that_says_where(grammar, old, new, told):
    """A grammar that cannot be read is a fault of the input, told in one line."""
    with pytest.raises(InputError) as caught:
        grammar(BLINDS.replace(old, new, 1))
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_grammar_that_is_not_there_is_said_so(tmp_path):
    """A missing file is told as missing."""
    with pytest.raises(MissingInputError):
        read_grammar(tmp_path / "none.yaml")


def test_letter_case_and_spaces_around_do_not_count():
    """Labels are compared as people read them; a slot too many or too few does count."""
    label = Label("orderDrink", {"size": " Small ", "shots": 2})
    assert fits(Intent("orderdrink", {"size": "small", "shots": "2"}), label)
    assert not fits(Intent("orderDrink", {"size": "small"}), label)
    assert not fits(Intent("orderDrink", {"size": "small", "shots": 2, "roast": "dark"}), label)
