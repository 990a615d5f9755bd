"""Speech to words on real sound; every transcriber keeps the port's promises."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.hearing import nothing
from sottovoce.bench.speech import VOICES, quiet
from sottovoce.config import Home
from sottovoce.ear.act import sentences
from sottovoce.ear.engines import own_model
from sottovoce.ear.engines.pocketsphinx import (
    WHOLE_MIDDLE,
    WORDS_MIDDLE,
    Path,
    Piece,
    PocketSphinx,
    confidence,
    warped,
)
from sottovoce.ear.engines.pronounce import flite_phones
from sottovoce.ear.engines.vosk import Vosk
from sottovoce.ear.grammar import compile_grammar
from sottovoce.ear.pipeline import CONFIDENT
from sottovoce.ear.transcribe import without_wake_word
from sottovoce.ear.understand import Understanding, templates
from sottovoce.errors import EngineError
from sottovoce.vocabulary import SAMPLE_RATE, Transcript, Utterance

FAMILIES = ("home", "clock", "timers", "stop", "privacy")
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


PHONES = (
    "AA AE AH AO AW AY B CH D DH EH ER EY F G HH IH IY JH K L M N NG OW OY P R S SH T TH UH UW V W Y Z ZH"
)
"""CMU's set, which the model is made of."""


def understanding(devices=None):
    """The assistant's own sentences, with these devices."""
    names = {"name": devices or Home().devices, "area": Home().areas}
    return Understanding(templates([sentences(family) for family in FAMILIES], names))


@pytest.fixture(scope="module")
def house():
    """The assistant's own sentences."""
    return understanding()


@pytest.fixture(scope="module")
def pocketsphinx(house):
    """The embedded default, with the assistant's own sentences."""
    return PocketSphinx(compile_grammar(house.templates), ("computer", "jarvis"), flite_phones)


@pytest.fixture(scope="module")
def vosk(house):
    """Vosk with the model that comes along, held to the same sentences."""
    return Vosk(own_model.folder(), compile_grammar(house.templates), ("computer", "jarvis"), nothing)


def heard(transcriber, samples, wake_word="computer"):
    """Have an utterance written down."""
    return transcriber.transcribe(Utterance(samples, 1, wake_word))


class Contract:
    """What the pipeline may count on, whatever the engine. A subclass gives the fixture `transcriber`."""

    def test_it_writes_down_what_was_said_after_the_wake_word(self, transcriber, said):
        """The text is in lower case and without the wake word; the confidence is a share."""
        transcript = heard(transcriber, said("Computer, turn on the kitchen light.", "slt"))
        assert transcript.text == "turn on the kitchen light"
        assert CONFIDENT <= transcript.confidence <= 1.0
        assert transcript.engine

    def test_its_other_guesses_are_others(self, transcriber, house, said):
        """What else it may have been: sentences of the house, each once, without the wake word."""
        graph = compile_grammar(house.templates)
        for voice in VOICES:
            transcript = heard(transcriber, said("computer, set a timer for fifty minutes", voice))
            others = transcript.others
            assert len({transcript.text, *others}) == 1 + len(others)
            assert all(graph.accepts(other) for other in others)
            assert 0 <= transcript.near <= len(others)

    def test_one_utterance_leaves_nothing_for_the_next(self, transcriber, said):
        """The same sound gives the same words, whatever was heard before it."""
        first = heard(transcriber, said("computer, turn the fan off", "awb"))
        heard(transcriber, said("computer, what time is it", "rms"))
        assert heard(transcriber, said("computer, turn the fan off", "awb")) == first

    def test_what_it_followed_comes_to_the_same(self, transcriber, said):
        """Heard while it is said, piece by piece, the sentence has the words it has when heard at once."""
        samples = said("computer, set timer for five minutes", "awb")
        for end in range(0, len(samples), 8 * 512):
            transcriber.follow(Utterance(samples[:end], 3, "computer", 70))
        followed = transcriber.transcribe(Utterance(samples, 3, "computer", 70))
        assert followed.text == heard(transcriber, samples).text == "set timer for five minutes"

    def test_what_it_forgot_is_no_part_of_the_next(self, transcriber, said):
        """Half a sentence that was dropped, or followed by another one, leaves no word behind."""
        for follower in (Utterance, lambda *given: transcriber.forget() or Utterance(*given)):
            transcriber.follow(Utterance(said("computer, turn the fan off", "slt"), 3, "computer", 70))
            text = transcriber.transcribe(
                follower(said("computer, what time is it", "slt"), 4, "computer", 9)
            ).text
            assert text == "what time is it"

    def test_a_sentence_that_goes_on_after_a_draft_is_heard_whole(self, transcriber, said):
        """Written down in a pause, and once more when it went on: both from their beginning."""
        samples = said("computer, turn the fan off", "slt")
        pause = np.concatenate([samples, quiet(SAMPLE_RATE // 2)])
        for sound in (samples, pause, pause):
            assert transcriber.transcribe(Utterance(sound, 3, "computer", 70)).text == "turn the fan off"

    def test_it_leaves_the_sound_as_it_is(self, transcriber, said):
        """The pipeline overwrites the sound; the engine does not touch it."""
        samples = said("computer, what time is it", "slt")
        before = samples.copy()
        heard(transcriber, samples)
        assert np.array_equal(samples, before)

    @pytest.mark.parametrize("length", [0, 1, 512, SAMPLE_RATE])
    def test_silence_holds_no_command(self, transcriber, length):
        """No sound, hardly any, a second of it: nothing that would be taken for a command, and no error."""
        for samples in (np.zeros(length, dtype=np.int16), quiet(length)):
            transcript = heard(transcriber, samples)
            assert not transcript.text or transcript.confidence < CONFIDENT

    @pytest.mark.parametrize("seed", range(4))
    def test_noise_is_no_error_and_no_command(self, transcriber, seed):
        """Loud noise, clicks, sound that is clipped: there is an answer, and it is no command."""
        random = np.random.default_rng(seed)
        noise = random.normal(0, 3000, SAMPLE_RATE).clip(-32768, 32767).astype(np.int16)
        square = np.where(np.arange(SAMPLE_RATE) // (20 + 40 * seed) % 2, 32767, -32768).astype(np.int16)
        clicks = np.where(random.random(SAMPLE_RATE) < 0.001, 32767, 0).astype(np.int16)
        for samples in (noise, square, clicks, noise[: 300 + seed]):
            transcript = heard(transcriber, samples)
            assert not transcript.text or transcript.confidence < CONFIDENT

    def test_a_transcript_prints_no_words(self, transcriber, said):
        """What was said cannot slip into a log with its transcript."""
        transcript = heard(transcriber, said("computer, turn the fan off", "slt"))
        assert isinstance(transcript, Transcript)
        assert transcript.text
        assert "fan" not in repr(transcript)


class TestPocketSphinx(Contract):
    """The embedded default keeps the port's promises."""

    @pytest.fixture
    def transcriber(self, pocketsphinx):
        return pocketsphinx


class TestVosk(Contract):
    """Vosk, with the model that comes along, keeps them too."""

    @pytest.fixture
    def transcriber(self, vosk):
        return vosk


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize("text", SENTENCES)
def test_every_sentence_is_written_down_word_for_word(pocketsphinx, said, text, voice):
    """Sentences of every family, in every voice: the exact words, and sure of them."""
    transcript = heard(pocketsphinx, said(f"computer, {text}", voice))
    assert transcript.text == text
    assert transcript.confidence >= CONFIDENT


def test_a_small_person_is_understood_by_hearing_again(pocketsphinx, house, said):
    """A voice from a short vocal tract: heard once, words get lost; heard three times, hardly any do."""
    once = PocketSphinx(compile_grammar(house.templates), ("computer",), flite_phones, hearings=1)
    small = {text: warped(said(f"computer, {text}", "slt"), 1.24) for text in SENTENCES}
    right = [
        sum(heard(engine, small[text]).text == text for text in small) for engine in (once, pocketsphinx)
    ]
    assert right[1] >= 8
    assert right[1] - right[0] >= 5


@given(factor=st.floats(0.8, 1.25), frequency=st.integers(200, 4000))
def test_a_warp_multiplies_frequencies(factor, frequency):
    """A tone comes out as one of `factor` times its frequency, as loud as before, and the sound is left."""
    tone = np.rint(8000 * np.sin(2 * np.pi * frequency * np.arange(8000) / SAMPLE_RATE)).astype(np.int16)
    before = tone.copy()
    found = warped(tone, factor)
    assert len(found) == pytest.approx(len(tone) / factor, abs=1)
    spectrum = np.abs(np.fft.rfft(found * np.hanning(len(found))))
    assert spectrum.argmax() * SAMPLE_RATE / len(found) == pytest.approx(frequency * factor, abs=4)
    assert found[1000:-1000].max() == pytest.approx(8000, rel=0.05)
    assert np.array_equal(tone, before)


@pytest.mark.parametrize("voice", VOICES)
def test_stop_is_understood(pocketsphinx, house, said, voice):
    """The shortest sentence of all: be it heard as "stop" or as "stop that", it stops."""
    assert house.understand(heard(pocketsphinx, said("computer, stop", voice))).name == "Stop"


@pytest.mark.parametrize("voice", VOICES)
def test_other_talk_is_no_command(pocketsphinx, house, said, voice):
    """Of eight things people say that are no commands, at most one is taken for one."""
    taken = []
    for text in TALK:
        transcript = heard(pocketsphinx, said(f"computer, {text}", voice))
        if transcript.confidence >= CONFIDENT and house.understand(transcript):
            taken.append(f"{text} -> {transcript.text}")
    assert len(taken) <= 1, taken


@pytest.mark.parametrize("voice", VOICES)
def test_the_other_wake_word_does_as_well(pocketsphinx, said, voice):
    """The wake word is taken off, whichever it was; without it in the sound, the words are the same."""
    assert heard(pocketsphinx, said("jarvis, turn the fan off", voice), "jarvis").text == "turn the fan off"
    assert heard(pocketsphinx, said("turn the fan off", voice)).text == "turn the fan off"


@pytest.mark.parametrize("voice", VOICES)
def test_a_name_that_no_dictionary_has_is_pronounced_and_understood(said, voice):
    """The owner may call a device as he likes: flite's rules say how it sounds."""
    named = understanding(["zigbee lamp", "lamp", "shelly", "light"])
    engine = PocketSphinx(compile_grammar(named.templates), ("computer",), flite_phones)
    for name in ("zigbee lamp", "shelly"):
        transcript = heard(engine, said(f"computer, turn on the {name}", voice))
        assert transcript.text == f"turn on the {name}"
        assert dict(named.understand(transcript).slots) == {"name": name}


def test_phones_are_those_the_model_has():
    """Whatever the name: the phones are of the model's own set, and known words sound as they should."""
    known = set(PHONES.split())
    for name in ("zigbee", "shelly", "tasmota", "lüfter", "o'brien", "x", "qwrtz", "button", "bottle"):
        assert set(flite_phones(name)) <= known, name
    assert flite_phones("lamp") == ["L", "AE", "M", "P"]


def test_a_name_that_cannot_be_said_is_one_clear_error():
    """A name without a sound is told, with the way out."""
    with pytest.raises(EngineError, match=r"no pronunciation for '\.\.\.' \(spell it as it is said\)"):
        flite_phones("...")


def fit(whole, words, wake=0.0):
    """Reckon the confidence of a sentence of ten frames a word; ratios per frame, against silent phones."""
    said = (Piece("computer", 0, 10, wake * 10), Piece("lamp", 10, 20, words * 10))
    sentence = Path("computer lamp", whole * 20, 20, said)
    return confidence(sentence, Path("SIL", 0.0, 20, (Piece("SIL", 0, 20, 0.0),)), frozenset({"computer"}))


def test_confidence_is_a_share_that_rises():
    """However good or bad the fit, the confidence is between 0 and 1 and rises with either ratio."""
    ratios = (-1e9, -90.0, WORDS_MIDDLE, -3.0, WHOLE_MIDDLE, -1.0, 50.0, 1e9)
    for shares in ([fit(ratio, 100.0) for ratio in ratios], [fit(100.0, ratio) for ratio in ratios]):
        assert all(0.0 <= share <= 1.0 for share in shares)
        assert shares == sorted(shares)
        assert shares[0] < 0.01
        assert shares[-1] > 0.99
    assert fit(WHOLE_MIDDLE, 100.0) == fit(100.0, WORDS_MIDDLE) == CONFIDENT


def test_a_well_said_wake_word_does_not_speak_for_what_came_after_it():
    """Only the sentence's own words count in the second ratio; with none of them nothing is sure of it."""
    assert fit(100.0, -90.0, wake=1e6) == fit(100.0, -90.0, wake=-1e6) < CONFIDENT


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("computer turn on the light", "turn on the light"),
        ("the computer turn on the light", "turn on the light"),
        ("turn on the light", "turn on the light"),
        ("computer", ""),
        ("", ""),
    ],
)
def test_the_wake_word_is_taken_off_the_front(text, words):
    """It, and what an engine thought to hear before it."""
    assert without_wake_word(text, "computer") == words
