"""`sottovoce bench` as a person or a program runs it."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from sottovoce.bench.speech import VOICES, quiet, speak
from sottovoce.vocabulary import SAMPLE_RATE

GRAMMAR = """
context:
  expressions:
    switchLight:
      - "[turn, switch] $state:state the $room:room light"
  slots:
    state: [on, off]
    room: [kitchen, bedroom, office]
"""
TEMPLATES = """
language: en
intents:
  SetBrightness:
    data:
      - sentences: ["set [the] {area} light to {brightness} percent", "turn (on|off) the {area} light"]
lists:
  area: {values: [kitchen, bedroom]}
  brightness: {range: {from: 0, to: 100}}
"""
TURN_ON = {"intent": "switchLight", "slots": {"state": "on", "room": "Kitchen "}}
TURN_OFF = {"intent": "switchLight", "slots": {"state": "off", "room": "bedroom"}}


def bench(*arguments, state):
    """Run it; a status, what it prints, and what it says of errors."""
    run = subprocess.run(
        [sys.executable, "-m", "sottovoce", "bench", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={**os.environ, "SOTTOVOCE_STATE": str(state)},
    )
    return run.returncode, run.stdout, run.stderr


@pytest.fixture(scope="module")
def corpora(tmp_path_factory):
    """Folders of spoken sentences, and what belongs to them."""
    folder = tmp_path_factory.mktemp("corpora")
    for name in ("wake", "other", "orders", "empty"):
        (folder / name).mkdir()
    for voice, kind in zip(VOICES, ("wav", "flac", "wav", "flac"), strict=True):
        soundfile.write(folder / "wake" / f"{voice}.{kind}", speak("computer", voice), SAMPLE_RATE)
    soundfile.write(folder / "wake" / "whistle.wav", quiet(SAMPLE_RATE), SAMPLE_RATE)
    other = speak("Good morning. The weather is fine, and so is the coffee.", "slt")
    soundfile.write(folder / "other" / "morning.wav", other, SAMPLE_RATE)
    (folder / "other" / "notes.txt").write_text("no sound", encoding="utf-8")
    soundfile.write(folder / "orders" / "on.wav", speak("turn on the kitchen light", "slt"), SAMPLE_RATE)
    soundfile.write(folder / "orders" / "off.wav", speak("switch off the bedroom light", "slt"), SAMPLE_RATE)
    soundfile.write(folder / "noise.wav", np.tile(quiet(5000), 8) * np.int16(100), SAMPLE_RATE)
    (folder / "sentences").mkdir()
    said = {"Set the Kitchen light to 50%": "set the kitchen light to fifty percent",
            "turn off the bedroom light": "turn off the bedroom light",
            "turn on the kitchen light": "set the bedroom light to ninety percent",
            "OOV weather": "good morning, the weather is fine, and so is the coffee"}  # fmt: skip
    for name, words in said.items():
        soundfile.write(folder / "sentences" / f"{name}.wav", speak(words, "slt"), SAMPLE_RATE)
    (folder / "templates.yaml").write_text(TEMPLATES, encoding="utf-8")
    (folder / "wrong.yaml").write_text("intents: {A: {data: [{sentences: ['turn [on']}]}}", encoding="utf-8")
    (folder / "grammar.yaml").write_text(GRAMMAR, encoding="utf-8")
    labels = {"on.wav": TURN_ON, "off.wav": TURN_OFF}
    (folder / "labels.json").write_text(json.dumps(labels), encoding="utf-8")
    return folder


def test_wake_counts_what_was_heard_and_what_was_not(corpora, tmp_path):
    """Spoken wake words are heard, other sound is not, and the JSON holds just what is promised."""
    status, printed, _ = bench(
        "wake", "--corpus", corpora / "wake", "--word", "computer",
        "--negative", corpora / "other", "--json", state=tmp_path,
    )  # fmt: skip
    report = json.loads(printed)
    assert status == 0
    assert list(report) == ["recordings", "detected", "miss_rate", "false_alarms", "hours", "rtf"]
    assert (report["recordings"], report["detected"], report["false_alarms"]) == (5, 4, 0)
    assert report["miss_rate"] == pytest.approx(0.2)
    spoken = soundfile.info(corpora / "other" / "morning.wav").duration
    assert report["hours"] == pytest.approx(spoken / 3600)
    assert 0 < report["rtf"] < 1


def test_a_false_alarm_is_one(corpora, tmp_path):
    """The wake word in a recording that should not hold it counts as heard wrongly."""
    status, printed, _ = bench(
        "wake", "--corpus", corpora / "wake", "--word", "computer",
        "--negative", corpora / "wake", "--json", state=tmp_path,
    )  # fmt: skip
    assert status == 0
    assert json.loads(printed)["false_alarms"] == 4


def test_wake_tells_a_person_in_words(corpora, tmp_path):
    """Without --json it reads as sentences; and in noise louder than speech nothing is heard."""
    status, printed, said = bench(
        "wake", "--corpus", corpora / "wake", "--word", "computer",
        "--noise", corpora / "noise.wav", "--snr", "-10", state=tmp_path,
    )  # fmt: skip
    assert status == 0
    assert printed.startswith("computer: heard in 0 of 5 recordings.")
    assert not said, "no bar where nobody watches"


def test_commands_counts_whole_commands(corpora, tmp_path):
    """Spoken commands come out with intent and slots, and the JSON holds just what is promised."""
    status, printed, _ = bench(
        "commands", "--corpus", corpora / "orders", "--labels", corpora / "labels.json",
        "--grammar", corpora / "grammar.yaml", "--json", state=tmp_path,
    )  # fmt: skip
    report = json.loads(printed)
    assert status == 0
    assert list(report) == ["commands", "accepted", "rate", "rtf"]
    assert (report["commands"], report["accepted"], report["rate"]) == (2, 2, 1.0)
    assert 0 < report["rtf"] < 2


def test_a_command_with_one_wrong_slot_does_not_count(corpora, tmp_path):
    """A label that says something else is not met; a recording without a label is left out, and told."""
    labels = tmp_path / "labels.json"
    labels.write_text(json.dumps({"off.wav": TURN_ON}), encoding="utf-8")
    status, printed, said = bench(
        "commands", "--corpus", corpora / "orders", "--labels", labels,
        "--grammar", corpora / "grammar.yaml", state=tmp_path,
    )  # fmt: skip
    assert status == 0
    assert printed.startswith("0 of 1 commands came out whole")
    assert said == "1 recordings have no label and are left out.\n"


@pytest.mark.parametrize("engine", [(), ("--engine", "vosk", "--model", "own")], ids=["default", "vosk"])
def test_sentences_counts_those_that_came_out_word_for_word(corpora, tmp_path, engine):
    """By either engine: the file's name is the sentence, 50% is fifty percent; no command gives nothing."""
    status, printed, _ = bench(
        "sentences", "--corpus", corpora / "sentences", "--templates", corpora / "templates.yaml",
        *engine, "--json", state=tmp_path,
    )  # fmt: skip
    report = json.loads(printed)
    assert status == 0
    assert list(report) == ["sentences", "right", "rate", "oov", "oov_refused", "rtf"]
    assert (report["sentences"], report["right"]) == (3, 2), "one file is named for what it does not hold"
    assert (report["oov"], report["oov_refused"]) == (1, 1)
    assert report["rate"] == pytest.approx(2 / 3)
    assert 0 < report["rtf"] < 2


WAKE = ("wake", "--word", "computer", "--corpus")
COMMANDS = ("commands", "--labels", "{}/labels.json", "--grammar", "{}/grammar.yaml", "--corpus")
SENTENCES = ("sentences", "--corpus", "{}/sentences", "--templates")
FAULTS = {
    "an empty corpus": (65, (*WAKE, "{}/empty"), "no recordings"),
    "no corpus": (66, (*WAKE, "{}/nowhere"), "no such folder"),
    "no negative recordings": (65, (*WAKE, "{}/wake", "--negative", "{}/empty"), "no recordings"),
    "a word nobody knows": (69, ("wake", "--word", "sesame", "--corpus", "{}/wake"), "sesame"),
    "noise without a ratio": (64, (*WAKE, "{}/wake", "--noise", "{}/noise.wav"), "--snr"),
    "a ratio without noise": (64, (*COMMANDS, "{}/orders", "--snr", "12"), "--noise"),
    "noise that is not there": (66, (*WAKE, "{}/wake", "--noise", "{}/no.wav", "--snr", "6"), "no.wav"),
    "noise that is no sound": (
        65, (*WAKE, "{}/wake", "--noise", "{}/grammar.yaml", "--snr", "6"), "grammar.yaml",
    ),
    "no label for any": (65, (*COMMANDS, "{}/wake"), "label"),
    "a model for an engine that takes none": (
        64, (*COMMANDS, "{}/orders", "--engine", "pocketsphinx", "--model", "own"), "--model is for Vosk",
    ),
    "a model that is not there": (
        69, (*COMMANDS, "{}/orders", "--model", "{}/nowhere"), "nowhere: no Vosk model there",
    ),
    "templates that are not there": (66, (*SENTENCES, "{}/no.yaml"), "no.yaml"),
    "templates without intents": (65, (*SENTENCES, "{}/labels.json"), "intents"),
    "a template with a bracket too few": (65, (*SENTENCES, "{}/wrong.yaml"), "wrong.yaml"),
    "a missing option": (64, ("commands", "--corpus", "{}/orders"), "--labels"),
    "sensitivity out of range": (64, (*WAKE, "{}/wake", "--sensitivity", "2"), "sensitivity"),
}  # fmt: skip


def test_mute_tells_how_soon_it_is_deaf(tmp_path):
    """Of a few flips in the virtual room: figures from the edge on, in the order in which things happen."""
    status, printed, _ = bench("mute", "--flips", 4, "--json", state=tmp_path)
    assert status == 0
    report = json.loads(printed)
    assert report["flips"] == 4
    assert report["period_ms"] == 32
    for times in (report["wiped_ms"], report["last_sample_ms"], report["closed_ms"]):
        assert 0 <= times["median"] <= times["p95"] <= times["max"]
    assert 0 < report["wiped_ms"]["median"] < report["closed_ms"]["median"]
    assert report["last_sample_ms"]["max"] <= report["closed_ms"]["max"]


def test_discovery_tells_how_soon_all_is_told(tmp_path):
    """A broker that came up knows the device after some milliseconds; for people and for programs."""
    status, printed, _ = bench("discovery", "--rounds", 1, "--json", state=tmp_path)
    report = json.loads(printed)
    assert status == 0
    assert report["rounds"] == 1
    assert 0 < report["median"] == report["p95"] == report["max"]
    _, printed, _ = bench("discovery", "--rounds", 1, state=tmp_path)
    assert "until all is told: median" in printed


def test_mute_tells_a_person_in_words(tmp_path):
    """Without --json it is sentences, and the mark is named."""
    status, printed, said = bench("mute", "--flips", 2, state=tmp_path)
    assert (status, said) == (0, "")
    assert "From the edge until the stream is closed: median " in printed
    assert "2 flips." in printed


def test_barge_in_counts_interruptions(tmp_path):
    """Of one call over a reply, and of one reply that nobody spoke over."""
    status, printed, _ = bench("barge-in", "--tries", 1, "--above", 10, "--json", state=tmp_path)
    assert status == 0
    report = json.loads(printed)
    [level] = report["levels"]
    assert (level["above_db"], level["tries"]) == (10.0, 1)
    assert level["interrupted"] in {0, 1}
    assert level["without_canceller"] in {0, 1}
    assert (report["replies"], report["own_wakes"]) == (1, 0)


@pytest.mark.parametrize("fault", FAULTS)
def test_bad_input_is_one_line_and_a_status(corpora, tmp_path, fault):
    """Whatever cannot be measured is told in one line, with the exit status of sysexits."""
    wanted, arguments, told = FAULTS[fault]
    status, printed, said = bench(*(part.format(corpora) for part in arguments), state=tmp_path)
    assert (status, printed) == (wanted, "")
    assert said.startswith("sottovoce: ")
    assert said.count("\n") == 1
    assert told in said


@pytest.mark.parametrize("key", ["intent", "slots"])
def test_a_label_that_lacks_its_intent_is_told(corpora, tmp_path, key):
    """A label without an intent, or with slots that are none, is one line that names the key."""
    labels = tmp_path / "labels.json"
    label = {"slots": TURN_ON["slots"]} if key == "intent" else {"intent": "switchLight", "slots": [1]}
    labels.write_text(json.dumps({"on.wav": label}), encoding="utf-8")
    status, _, said = bench(
        "commands", "--corpus", corpora / "orders", "--labels", labels,
        "--grammar", corpora / "grammar.yaml", state=tmp_path,
    )  # fmt: skip
    assert status == 65
    assert said.count("\n") == 1
    assert key in said
    assert str(labels) in said


def test_the_sharing_side_is_measured_on_a_disk(tmp_path):
    """Every figure is of something that was done."""
    status, out, err = bench("sharing", "--json", state=tmp_path)
    assert status == 0, err
    report = json.loads(out)
    assert report.pop("entries") == 100_000
    assert all(value > 0 for value in report.values())
    assert list(tmp_path.iterdir()) == []


def test_masking_counts_what_is_found_by_kind_and_language(tmp_path):
    """Both sets, the home's own commands, and the time: for a person, and as JSON."""
    status, out, errors = bench("masking", state=tmp_path)
    assert (status, errors) == (0, "")
    assert "in 200 sentences" in out
    assert "held out: " in out
    assert "Home commands: 0 of " in out
    report = json.loads(bench("masking", "--json", state=tmp_path)[1])
    rows = report["sets"]["planted"]["by_kind"]
    assert {row["language"] for row in rows} == {"en", "fr"}
    assert sum(row["planted"] for row in rows) == report["sets"]["planted"]["planted"]
    assert report["median_ms"] > 0


def test_rooms_are_simulated(tmp_path):
    """As many wakes as asked for, in houses of each number of devices; nobody answering is counted too."""
    asked = ("rooms", "--wakes", 60, "--devices", 2, "--devices", 4, "--loss", 0.1)
    status, out, err = bench(*asked, "--json", state=tmp_path)
    assert status == 0, err
    report = json.loads(out)
    assert report["network"]["loss"] == 0.1
    assert [(house["devices"], house["wakes"], house["none"]) for house in report["houses"]] == [
        (2, 30, 0),
        (4, 30, 0),
    ]
    assert all(house["one"] + house["more"] == 30 for house in report["houses"])
    status, out, err = bench(*asked, state=tmp_path)
    assert status == 0, err
    assert [line.split()[:2] for line in out.splitlines()[1:]] == [["2", "30"], ["4", "30"], ["total", "60"]]
