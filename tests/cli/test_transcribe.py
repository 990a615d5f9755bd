"""`sottovoce transcribe`: the words of a recording on the owner's own terminal, by either engine."""

import json
import shutil
import subprocess
import sys

import pytest
import soundfile

from sottovoce.bench.speech import speak
from sottovoce.ear.engines import own_model
from sottovoce.vocabulary import SAMPLE_RATE


@pytest.fixture(scope="module")
def recording(tmp_path_factory):
    """A spoken sentence."""
    file = tmp_path_factory.mktemp("said") / "sentence.wav"
    soundfile.write(file, speak("computer, set timer for five minutes", "slt"), SAMPLE_RATE)
    return file


def transcribe(recording, folder, *words, engine="vosk", model="own"):
    """Run it with an engine; how it ended."""
    config = folder / "c.toml"
    config.write_text(f'[transcribe]\nengine = "{engine}"\nvosk_model = "{model}"\n')
    command = [sys.executable, "-m", "sottovoce", "transcribe", str(recording), *words]
    return subprocess.run(
        [*command, "--config", str(config), "--state", str(folder)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


@pytest.mark.parametrize("engine", ["vosk", "pocketsphinx"])
def test_either_engine_writes_it_down(recording, tmp_path, engine):
    """The words, how sure it is of them, and by whom; as text and as JSON."""
    ended = transcribe(recording, tmp_path, engine=engine)
    assert (ended.returncode, ended.stdout.split(maxsplit=1)[1]) == (0, "set timer for five minutes\n")
    [row] = json.loads(transcribe(recording, tmp_path, "--json", engine=engine).stdout)
    assert (row["text"], row["engine"]) == ("set timer for five minutes", engine)


def test_words_as_they_come_do_not_get_into_the_result(recording, tmp_path):
    """Partial results go to the terminal beside it; dictation hears the same."""
    ended = transcribe(recording, tmp_path, "--partial", "--free", "--json")
    assert json.loads(ended.stdout)[0]["text"] == "set timer for five minutes"
    shown = [line.removeprefix("...").split() for line in ended.stderr.splitlines()]
    assert len(shown) > 2
    assert len(shown[0]) < len(shown[-1])


def test_the_likeliest_are_shown_first(recording, tmp_path):
    """As many as asked for, or fewer."""
    rows = json.loads(transcribe(recording, tmp_path, "--best", "3", "--json").stdout)
    assert 1 <= len(rows) <= 3
    assert rows[0]["text"] == "set timer for five minutes"


def test_what_only_vosk_can_do_is_told(recording, tmp_path):
    """With PocketSphinx there is no dictation: one line, and what to do."""
    ended = transcribe(recording, tmp_path, "--free", engine="pocketsphinx")
    assert ended.returncode == 64
    assert "only Vosk can do that" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_model_that_makes_libvosk_abort_ends_in_one_line(recording, tmp_path):
    """The process that needs the model lives, and says what is wrong with it."""
    shutil.copytree(own_model.folder(), tmp_path / "m")
    (tmp_path / "m" / "conf" / "model.conf").write_text("")
    ended = transcribe(recording, tmp_path, model=tmp_path / "m")
    assert ended.returncode == 69
    assert ended.stderr.count("\n") == 1
    assert "m: not a Vosk model" in ended.stderr
