"""Law 9: what was said cannot print itself, in whatever noun or message it travels."""

import dataclasses
import enum
import inspect
import typing

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce import vocabulary, wire

PRINTED = {
    "Consented": {"grant", "snippet"},
    "Erasure": {"id", "recipient", "topic"},
    "Envelope": {"grant_id", "id", "recipient", "snippet_id", "topic"},
    "Grant": {"id", "intents", "purpose", "recipient", "retention", "snippet", "text_hash", "topic"},
    "Intent": {"name"},
    "Loudness": set(),
    "OpenFrame": set(),
    "Outcome": {"command", "happening"},
    "Redacted": {"grant_id", "snippet_id", "topic"},
    "Snippet": {"id", "intent", "transcript"},
    "Transcript": {"engine"},
    "Utterance": {"wake_word"},
}
"""The fields that could hold a text and may be printed: names of parts, of recipients and of intents.

Whoever adds a field to a noun decides here whether it can hold words.
"""
HARMLESS = (bool, int, float)
NOUNS = [noun for _, noun in inspect.getmembers(vocabulary, dataclasses.is_dataclass)]
MESSAGES = [kind for _, kind in inspect.getmembers(wire, inspect.isclass) if issubclass(kind, wire.Message)]
SAID = st.text("abcdefghijklmnopqrstuvwxyz", min_size=8, max_size=16).map(lambda word: f"zq{word}")


def could_hold_words(field_type):
    """Whether a value of this type could be, or hold, what was said."""
    is_harmless = field_type in HARMLESS or (
        inspect.isclass(field_type) and issubclass(field_type, enum.Enum)
    )
    return not is_harmless


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: noun.__name__)
def test_every_field_that_could_hold_words_is_kept_from_printing(noun):
    """A field that can hold a text, a sound or anything unknown is on the list above, or not printed."""
    types = typing.get_type_hints(noun)
    printed = {
        field.name for field in dataclasses.fields(noun) if field.repr and could_hold_words(types[field.name])
    }
    assert printed <= PRINTED[noun.__name__]


def filled(noun, word):
    """Make a noun whose every field that is not printed holds a word."""
    sound = np.frombuffer(word.encode() * 2, np.int16)
    by_type = {str: word, bytes: word.encode(), vocabulary.Samples: sound}

    def value(field, kind):
        if field.repr:
            return "part"
        return by_type.get(kind, {word: word, "name": [word]})

    types = typing.get_type_hints(noun)
    return noun(**{field.name: value(field, types[field.name]) for field in dataclasses.fields(noun)})


@given(SAID)
def test_no_noun_prints_what_was_said(word):
    """However a noun is printed, alone, in a list, or in an error, there is no word in it."""
    for noun in NOUNS:
        made = filled(noun, word)
        for printed in (repr(made), str(made), f"{made}", f"{[made]}", str(ValueError(made))):
            assert word not in printed, noun


@given(SAID)
def test_no_noun_prints_the_nouns_in_it(word):
    """A command on its way out, with its consent, prints its name and not its slots."""
    intent = vocabulary.Intent("HomeTurnOn", {"name": word})
    outcome = vocabulary.Outcome(vocabulary.Earcon.DONE, f"Turning on the {word}.", intent)
    snippet = vocabulary.Snippet("s1", 0.0, vocabulary.Transcript(word, 1.0, "vosk", (word,)), intent)
    consented = vocabulary.Consented(snippet, filled(vocabulary.Grant, word))
    assert word not in repr(outcome) + repr(consented)


@pytest.mark.parametrize("kind", MESSAGES, ids=lambda kind: kind.__name__)
def test_no_message_prints_what_it_carries(kind):
    """A message of the seam prints its kind, and nothing else, whatever is in it."""
    made = kind(**{field.name: "zqkitchenlight" for field in msgspec.structs.fields(kind)})
    assert repr(made) == str(made) == f"<{kind.__name__}>"
    assert "zqkitchenlight" not in str(ValueError(made))
