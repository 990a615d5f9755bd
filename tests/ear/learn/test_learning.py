"""Learning a wake word from a few examples: on sound, and on what is no example."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sottovoce.bench.speech import quiet
from sottovoce.ear.engines.embedding import HOP_SAMPLES
from sottovoce.ear.engines.learned import Learned
from sottovoce.ear.learn.model import FEWEST, Example, expected, learn, left_out, likeness
from sottovoce.errors import InputError
from sottovoce.vocabulary import FRAME_SAMPLES, SAMPLE_RATE

SENSITIVITY = 0.8


@pytest.fixture
def engine(word):
    """The learned word, listening."""
    made = Learned({word.name: word}, {word.name: SENSITIVITY})
    yield made
    made.close()


def woken(engine, samples):
    """Play samples to an engine that has heard nothing yet; the words it names."""
    engine.reset()
    whole = np.concatenate([samples, quiet(SAMPLE_RATE // 2)])
    frames = np.split(whole[: len(whole) // FRAME_SAMPLES * FRAME_SAMPLES], len(whole) // FRAME_SAMPLES)
    return [found for frame in frames if (found := engine.detect(frame))]


def test_it_recognises_other_sayings(engine, render):
    """Ten sayings it has not learned from, and one with a command in the same breath: each heard once."""
    for number in range(100, 110):
        assert woken(engine, render("hey snowboy", number)) == ["hey snowboy"]
    assert woken(engine, render("hey snowboy, turn on the kitchen light", 110)) == ["hey snowboy"]


@pytest.mark.parametrize("text", [
    "hey jarvis", "good enough", "good evening", "computer", "what time is it", "turn on the kitchen light",
    "my sister is coming to visit us next week", "the children are playing in the snow",
])  # fmt: skip
def test_it_refuses_other_words(engine, render, text):
    """Other talk by the same voice wakes nobody, be it a word of the same length or a sentence."""
    assert woken(engine, render(text, 7)) == []


def test_it_tells_what_to_expect(word, examples, other):
    """By what was kept back: all examples are recognised, and no minute of synthetic speech wakes it."""
    found = expected(word, examples, other, SENSITIVITY)
    assert (found.examples, found.missed, found.false_alarms) == (6, 0, 0)
    assert found.minutes == pytest.approx(len(other.vectors) * HOP_SAMPLES / SAMPLE_RATE / 60)
    deaf = expected(word, examples, other, 0.0)
    assert deaf.missed > 0
    eager = expected(word, examples, other, 1.3)
    assert eager.false_alarms > 0


def test_what_is_expected_is_told_of_examples_it_did_not_learn_from(examples, other, teacher, render):
    """Among examples of one word, one of another word is least like the rest: it cannot vouch for itself."""
    stranger = teacher.examples.make(render("good morning", 1), "stranger")
    likeness = left_out([*examples, stranger], other)
    assert likeness.argmin() == len(examples)
    assert likeness[-1] < likeness[:-1].min() / 2


def test_no_example_vouches_for_itself(word, examples, other):
    """Examples that were left out are less like the word than those it was learned from, on average."""
    with_it = [likeness(word, word.direction, example.streams[0]).max() for example in examples]
    assert left_out(examples, other).mean() < np.mean(with_it) - 0.004


def test_sensitivity_moves_the_threshold(word):
    """1 is the floor, one half as like as the examples; less is stricter all the way."""
    limits = [word.threshold(step / 10) for step in range(11)]
    assert limits == sorted(limits, reverse=True)
    assert (limits[10], limits[5]) == pytest.approx((word.floor, word.height))


@pytest.mark.parametrize("count", range(FEWEST))
def test_too_few_examples_are_one_clear_error(examples, other, count):
    """Nothing is learned from two sayings."""
    with pytest.raises(InputError, match=rf"{count} examples of 'hey snowboy' are too few \(give 3"):
        learn("hey snowboy", examples[:count], other)


def test_examples_of_different_words_are_told(teacher, render, other):
    """Whoever says something else each time reads that they are not alike."""
    texts = ("good morning", "seventy five", "blue umbrella", "what is this")
    mixed = [teacher.examples.make(render(text, 3), text) for text in texts]
    with pytest.raises(InputError, match="not alike enough"):
        learn("anything", mixed, other)


NO_EXAMPLES = {
    "nothing": (lambda _: np.zeros(0, dtype=np.int16), "no word is heard"),
    "silence": (lambda _: np.zeros(2 * SAMPLE_RATE, dtype=np.int16), "no word is heard"),
    "a quiet room": (lambda _: quiet(2 * SAMPLE_RATE), "no word is heard"),
    "hiss": (
        lambda _: np.random.default_rng(1).normal(0, 5000, SAMPLE_RATE).astype(np.int16), "no word is heard"
    ),
    "clipped": (lambda say: np.clip(say("hey snowboy", 1) * 60.0, -32768, 32767).astype(np.int16), "clipped"),
    "a whole sentence": (
        lambda say: say("hey snowboy please turn on all the lights there are in the house", 1), "too long"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", NO_EXAMPLES)
def test_what_is_no_example_is_told(teacher, render, name):
    """Each fault of a recording is one line that names the recording, what is wrong, and what to do."""
    make, fault = NO_EXAMPLES[name]
    with pytest.raises(InputError, match=rf"^some\.wav: {fault}.* \(.+\)$"):
        teacher.examples.make(make(render), "some.wav")


def test_a_word_at_the_very_edge_of_a_recording_is_an_example(teacher, render, word, other):
    """A recording that is cut right before and after the word does as well."""
    samples = render("hey snowboy", 20)
    loud = np.flatnonzero(np.abs(samples) > 200)
    tight = teacher.examples.make(samples[loud[0] : loud[-1]], "tight")
    loose = teacher.examples.make(samples, "loose")
    assert len(tight.ends) == len(loose.ends)
    assert left_out([tight, loose, loose], other).min() > word.floor


def streams(draw_size):
    """Vectors of any size that is not too small to be of sound."""
    return st.integers(4, draw_size).map(
        lambda n: np.random.default_rng(n).normal(size=(n, 192)).astype(np.float32)
    )


@settings(max_examples=30)
@given(st.lists(st.tuples(streams(12), st.integers(-3, 20)), min_size=3, max_size=5))
def test_however_short_the_recordings_learning_ends_in_a_word_or_one_error(other, parts):
    """Ends before the beginning or behind the end of what was heard move no index out of bounds."""
    odd = [Example((stream,), (end,)) for stream, end in parts]
    try:
        found = learn("odd", odd, other)
    except InputError as error:
        assert "alike" in str(error)  # noqa: PT017  an error of this kind is one of the two good ends
    else:
        assert np.linalg.norm(found.direction) == pytest.approx(1.0, abs=1e-3)
