"""`sottovoce bench learn`: how well words are learned, over people."""

import numpy as np
import pytest
import soundfile

from sottovoce.bench.learn import Learner, measure, people
from sottovoce.bench.speech import quiet, speak
from sottovoce.ear import build
from sottovoce.ear.learn import cohort
from sottovoce.ear.learn.teach import Teacher
from sottovoce.errors import InputError
from sottovoce.vocabulary import SAMPLE_RATE


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Two people with five recordings each, the last of them silent, and a third with two."""
    folder = tmp_path_factory.mktemp("corpus")
    for person, word, count in (("slt", "hey snowboy", 5), ("rms", "hey house", 5), ("awb", "computer", 2)):
        (folder / person).mkdir()
        for number in range(count):
            said = (speak(word, person) * (0.5 + number / 10)).astype(np.int16)
            sound = quiet(SAMPLE_RATE) if number == 4 else np.pad(said, (4000 + 300 * number, 4000))
            soundfile.write(folder / person / f"{number}.wav", sound, SAMPLE_RATE)
    return folder


def test_it_counts_misses_and_false_alarms_over_people(corpus, tmp_path):
    """The silent recordings are missed, the others heard; other speech counts once for each word."""
    samples = np.concatenate([speak("hey house, what time is it", "rms"), quiet(10 * SAMPLE_RATE)])
    soundfile.write(tmp_path / "other.wav", samples, SAMPLE_RATE)
    everybody = people(corpus, 3)
    assert [person.name for person in everybody] == ["rms", "slt"]
    teacher = Teacher(build.make_detector(), cohort.voices()[:2])
    learner = Learner(teacher.examples, teacher.listen(lambda: None), 0.8)
    ticks = []
    report = measure(learner, everybody, [tmp_path / "other.wav"], lambda: ticks.append(1))
    assert (report.people, report.examples, report.others) == (2, 3, 4)
    assert report.miss_rate == 0.5
    assert report.false_alarms == 1
    assert report.hours == pytest.approx(2 * len(samples) / SAMPLE_RATE / 3600)
    assert 0 < report.rtf < 1
    assert len(ticks) == 3


def test_a_person_whose_word_cannot_be_learned_counts_as_missed(tmp_path):
    """Silence in place of examples: nothing is heard of that person, and the others are still measured."""
    (tmp_path / "silent").mkdir()
    for number in range(5):
        soundfile.write(tmp_path / "silent" / f"{number}.wav", quiet(SAMPLE_RATE), SAMPLE_RATE)
    teacher = Teacher(build.make_detector(), cohort.voices()[:1])
    learner = Learner(teacher.examples, teacher.listen(lambda: None), 0.8)
    report = measure(learner, people(tmp_path, 3), [], lambda: None)
    assert (report.people, report.others, report.miss_rate) == (1, 2, 1.0)
    assert (report.false_alarms, report.hours) == (0, 0.0)


def test_a_corpus_without_people_is_told(corpus, tmp_path):
    """Nobody with more recordings than are learned from: one line that says what is needed."""
    for folder, count in ((tmp_path, 3), (corpus, 5)):
        with pytest.raises(InputError, match=f"nobody with more than {count} recordings"):
            people(folder, count)
