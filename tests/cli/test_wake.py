"""`sottovoce wake`: a word is taught, used and forgotten, by the command line alone."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from sottovoce.bench.speech import VOICES, quiet, speak
from sottovoce.vocabulary import SAMPLE_RATE


def sottovoce(*words, state, **more):
    """Run the command with nothing on its standard input."""
    return subprocess.run(
        [sys.executable, "-m", "sottovoce", *map(str, words)],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=300,
        env={**os.environ, "SOTTOVOCE_STATE": str(state)}, **more,
    )  # fmt: skip


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """A folder of four recordings of "hey house", and one recording of all of them with pauses."""
    folder = tmp_path_factory.mktemp("said")
    pause = quiet(round(1.5 * SAMPLE_RATE))
    spoken = [np.concatenate([pause, speak("hey house", voice), pause]) for voice in VOICES]
    for voice, samples in zip(VOICES, spoken, strict=True):
        soundfile.write(folder / f"{voice}.wav", samples, SAMPLE_RATE)
    soundfile.write(folder.parent / "all.wav", np.concatenate(spoken), SAMPLE_RATE)
    return folder


def test_a_word_is_taught_used_and_forgotten(said, tmp_path):
    """At the microphone, one prompt an example; the ear then wakes by the word; after `forget` it is gone."""
    state = tmp_path / "state"
    learned = sottovoce(
        "wake", "learn", "Hey House", "--examples", 4, "--simulate",
        "--input", said.parent / "all.wav", "--json", state=state,
    )  # fmt: skip
    assert learned.returncode == 0, learned.stderr
    assert "Say 'Hey House' (4 of 4)." in learned.stderr
    report = json.loads(learned.stdout)
    assert list(report) == ["word", "examples", "missed", "false_alarms", "minutes"]
    assert (report["word"], report["examples"], report["false_alarms"]) == ("hey house", 4, 0)
    assert sottovoce("wake", "list", "--json", state=state).stdout.strip() == '["hey house"]'
    (tmp_path / "c.toml").write_text(
        '[wake]\nengine = "learned"\nwords = ["hey house"]\n[reply]\nvoice = "none"\n'
    )
    ran = sottovoce(
        "run", "--simulate", "--config", tmp_path / "c.toml",
        "--input", said / "slt.wav", "--output", tmp_path / "o.wav", state=state,
    )  # fmt: skip
    assert "woken word=hey_house" in ran.stderr
    assert sottovoce("wake", "forget", "hey house", state=state).returncode == 0
    assert "no word yet" in sottovoce("wake", "list", state=state).stdout


ERRORS = {
    "no such recording": (["--from", "{tmp}/none.wav"], 66, "no such file"),
    "too few": (["--from", "{said}/slt.wav", "--from", "{said}/awb.wav"], 65, "2 examples"),
    "silence": (["--from", "{tmp}/silence.wav"], 65, "no word is heard"),
    "no sound": (["--from", "{tmp}/text.wav"], 65, "not a sound file"),
    "an empty folder": (["--from", "{tmp}/empty"], 65, "no recordings"),
    "no switch": ([], 69, "--simulate"),
    "a recording with too few sayings": (["--simulate", "--input", "{said}/slt.wav"], 65, "sound ended"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_a_lesson_that_fails_is_one_line_and_leaves_nothing(said, tmp_path, name):
    """Each fault is one line with what to do, a sysexits status, and no word is learned."""
    options, status, part = ERRORS[name]
    soundfile.write(tmp_path / "silence.wav", quiet(SAMPLE_RATE), SAMPLE_RATE)
    (tmp_path / "text.wav").write_text("no sound")
    (tmp_path / "empty").mkdir()
    words = [option.format(tmp=tmp_path, said=said) for option in options]
    ended = sottovoce("wake", "learn", "hey house", *words, state=tmp_path / "state")
    assert ended.returncode == status, ended.stderr
    told = [line for line in ended.stderr.splitlines() if line.startswith("sottovoce: ")]
    assert len(told) == 1
    assert part in told[0]
    assert not list((tmp_path / "state").rglob("*.npz"))


def test_a_name_nobody_can_say_is_refused(tmp_path):
    """Before anything is recorded."""
    ended = sottovoce("wake", "learn", "r2/d2", "--simulate", state=tmp_path)
    assert (ended.returncode, ended.stdout) == (64, "")
    assert "is no wake word" in ended.stderr
