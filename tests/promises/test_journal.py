"""No log line holds what was said, and no file of the state folder does without a grant."""

import subprocess
import sys

import soundfile

from sottovoce.bench.speech import speak
from sottovoce.vocabulary import SAMPLE_RATE

WORDS = ("bedroom", "lamp", "fifty", "brightness")


def test_what_was_said_is_in_no_log_and_no_file(tmp_path):
    """Speak, be understood, be answered: the words are on no terminal and on no disk."""
    samples = speak("computer, dim the bedroom lamp to fifty percent.", "slt")
    soundfile.write(tmp_path / "said.wav", samples, SAMPLE_RATE)
    state = tmp_path / "state"
    command = [sys.executable, "-m", "sottovoce", "run", "--simulate", "--state", str(state)]
    command += ["--input", str(tmp_path / "said.wav"), "--output", str(tmp_path / "answer.wav")]
    run = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert run.returncode == 0, run.stderr
    assert "understood intent=HomeDim" in run.stderr
    written = (run.stdout + run.stderr).lower().replace(str(tmp_path).lower(), "")
    assert [word for word in WORDS if word in written] == []
    kept = b"".join(path.read_bytes() for path in state.rglob("*") if path.is_file()).lower()
    assert [word for word in WORDS if word.encode() in kept] == []


def test_the_owner_can_ask_to_see_the_words(tmp_path):
    """With --show-words they are shown on standard output, and still in no log line."""
    soundfile.write(tmp_path / "said.wav", speak("computer, turn on the kitchen light.", "slt"), SAMPLE_RATE)
    command = [sys.executable, "-m", "sottovoce", "run", "--simulate", "--show-words"]
    command += ["--state", str(tmp_path / "state")]
    command += ["--input", str(tmp_path / "said.wav"), "--output", str(tmp_path / "answer.wav")]
    run = subprocess.run(command, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert 'heard    "turn on the kitchen light" -> HomeTurnOn' in run.stdout
    assert "kitchen" not in run.stderr
