"""What the owner said a sentence was decides the next time; and nothing else does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.ear.hints import MOST, Correction, choose, learn, unknown_names
from sottovoce.vocabulary import Transcript

FIFTEEN, FIFTY, SIXTY = (f"set a timer for {number} minutes" for number in ("fifteen", "fifty", "sixty"))
_texts = st.sampled_from(["", FIFTEEN, FIFTY, SIXTY, "stop"])
_corrections = st.lists(st.builds(Correction, _texts, _texts.filter(bool), st.integers(1, 3), st.booleans()))


def heard(text=FIFTEEN, others=(FIFTY, SIXTY), near=1):
    """Make a transcript with other guesses, the first `near` of them about as likely."""
    return Transcript(text, 0.6, "fake", tuple(others), near)


def picked(*pairs):
    """Learn from somebody who picked, one after the other, what each transcript was."""
    known = []
    for transcript, meant in pairs:
        known = learn(known, transcript, meant, typed=False)
    return known


def test_without_corrections_what_was_heard_stands():
    """The device does not guess by itself."""
    assert choose(heard(), []) == heard()


def test_a_confirmed_sentence_wins_among_near_equals():
    """Once said to be right, it is taken where it fits about as well; the other stays a guess."""
    chosen = choose(heard(), picked((heard(FIFTY), FIFTY)))
    assert chosen == Transcript(FIFTY, 0.6, "fake", (FIFTEEN, SIXTY), 0)


def test_it_does_not_win_where_it_fits_less_well():
    """A confirmed sentence that is only the third guess is no hint."""
    assert choose(heard(), picked((heard(SIXTY), SIXTY))) == heard()


def test_between_two_confirmed_sentences_the_sound_decides():
    """Whoever says both is heard as before."""
    known = picked((heard(FIFTY), FIFTY), (heard(FIFTEEN), FIFTEEN))
    assert choose(heard(), known) == heard()


def test_what_was_picked_twice_is_meant_from_then_on():
    """Picked once it is a hint, twice it is a rule, even where the sound says otherwise."""
    far = heard(others=(SIXTY, FIFTY), near=0)
    once = picked((far, FIFTY))
    assert choose(far, once) == far
    assert choose(far, learn(once, far, FIFTY, typed=False)).text == FIFTY


def test_what_was_written_in_full_is_meant_at_once():
    """Somebody who takes the trouble to write it is believed."""
    known = learn([], heard(others=()), "start the samovar", typed=True)
    assert choose(heard(others=(), near=0), known).text == "start the samovar"


def test_nothing_heard_is_never_filled_in():
    """Noise in which no words were made out does not become what such noise once was."""
    nothing = heard("", (FIFTY,), 1)
    assert choose(nothing, learn([], nothing, FIFTY, typed=True)) == nothing


def test_how_sure_it_is_stays_as_it_was():
    """A correction is no proof that anybody spoke: what the sound was worth still counts."""
    known = learn([], heard(), FIFTY, typed=True)
    assert choose(heard(), known).confidence == heard().confidence


def test_a_correction_that_led_astray_is_taken_back():
    """If it was heard right after all, the earlier correction goes, and both stand by themselves."""
    known = learn([], heard(), FIFTY, typed=True)
    misled = choose(heard(), known)
    assert misled.text == FIFTY
    known = learn(known, misled, FIFTEEN, typed=False)
    assert choose(heard(), known).text == FIFTEEN
    assert choose(heard(FIFTY, (FIFTEEN,), 1), known).text == FIFTY


@given(_texts, st.lists(_texts, unique=True, max_size=3), st.integers(0, 3), _corrections)
def test_what_is_chosen_was_heard_near_or_said_by_the_owner(text, others, near, known):
    """Whatever was corrected: the choice is what was heard, a near guess, or the owner's own words."""
    others = [one for one in others if one != text]
    transcript = heard(text, others, min(near, len(others)))
    chosen = choose(transcript, known)
    own = {one.meant for one in known if one.heard == text}
    assert chosen.text in {text, *transcript.others[: transcript.near], *own}
    assert set(chosen.others) | {chosen.text} >= {text, *others} - {""}
    assert choose(chosen, known).text == chosen.text
    assert (chosen.text == "") == (text == "")


@given(
    st.lists(st.tuples(_texts, st.lists(_texts, max_size=2), _texts.filter(bool), st.booleans()), max_size=8)
)
def test_each_correction_stands_once(sayings):
    """However often the owner reviews, a pair is there once, with its count; and not without end."""
    known = []
    for text, others, meant, typed in sayings:
        known = learn(known, heard(text, others, 0), meant, typed=typed)
    pairs = [(one.heard, one.meant) for one in known]
    assert len(pairs) == len(set(pairs))
    assert sum(one.count for one in known) <= len(sayings)


def test_the_oldest_go_when_there_are_too_many():
    """It is no diary."""
    known = []
    for number in range(MOST + 10):
        known = learn(known, heard(f"h{number}"), f"m{number}", typed=True)
    assert len(known) == MOST
    assert known[0].heard == "h10"


@pytest.mark.parametrize(
    ("meant", "names"),
    [
        ("turn on the zigbee samovar", ["zigbee samovar"]),
        ("turn on the samovar in the pantry", ["samovar", "pantry"]),
        ("turn on the light", []),
    ],
)
def test_names_that_no_sentence_has_are_found(meant, names):
    """Words in a row that the device has in none of its sentences may be one name."""
    words = frozenset(["turn", "on", "the", "light", "in"])
    assert unknown_names([Correction("x", meant)], words) == names


def test_it_does_not_print_itself():
    """What was said stands in no message by accident."""
    assert "samovar" not in repr(Correction("samovar", "samovar"))
