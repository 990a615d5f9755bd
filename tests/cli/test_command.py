"""The command as its owner meets it: help that reads, errors that say what to do, ends that are clean."""

import os
import signal
import subprocess
import sys
import time

import click
import numpy as np
import pytest
import soundfile

from sottovoce.bench.speech import quiet
from sottovoce.cli.main import cli
from sottovoce.vocabulary import SAMPLE_RATE

SOTTOVOCE = [sys.executable, "-m", "sottovoce"]


def run(*words, **more):
    """Run the command with nothing on its standard input."""
    return subprocess.run(
        [*SOTTOVOCE, *words],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=60,
        **more,
    )


def verbs(group=cli, path=()):
    """Give every verb, by its path of words."""
    yield path, group
    if isinstance(group, click.Group):
        for name, verb in group.commands.items():
            yield from verbs(verb, (*path, name))


@pytest.mark.parametrize("path", [path for path, _ in verbs()], ids=" ".join)
def test_every_verb_explains_itself(path):
    """--help of every verb says what it is for, and ends well."""
    shown = run(*path, "--help")
    assert shown.returncode == 0
    assert shown.stdout.startswith("Usage: sottovoce")
    assert len(shown.stdout.splitlines()) > 4
    assert not shown.stderr


@pytest.mark.parametrize(
    ("path", "verb"), list(verbs()), ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_every_verb_has_a_sentence_to_it(path, verb):
    """No verb is without words in the list of verbs."""
    assert verb.help, path
    assert verb.help[0].isupper()


def test_help_comes_without_loading_an_engine():
    """--help loads neither engines nor sound: it is there at once."""
    heavy = ("pvporcupine", "pocketsphinx", "vosk", "pyaudio", "soundfile", "paho", "pymicro_wakeword")
    script = f"import sys, sottovoce.cli.main; print([name for name in {heavy} if name in sys.modules])"
    shown = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "[]"


def write(path, text):
    """Write a file and give its name."""
    path.write_text(text)
    return str(path)


ERRORS = {
    "unknown verb": (["sing"], 64, "sing"),
    "unknown option": (["run", "--loud"], 64, "--loud"),
    "no such recording": (["run", "--simulate", "--input", "{tmp}/none.wav"], 66, "none.wav: no such file"),
    "not a recording": (["run", "--simulate", "--input", "{text}"], 65, "not a sound file"),
    "no such configuration": (["run", "--config", "{tmp}/none.toml"], 66, "none.toml"),
    "unknown key": (["run", "--config", "{toml}"], 78, "bad.toml:2: wake.wrods"),
    "unknown wake word": (
        ["run", "--simulate", "--config", "{word}", "--input", "{wav}"],
        69,
        "it has alexa",
    ),
    "unknown recipient": (["consent", "grant", "command", "--to", "the moon"], 64, "home automation"),
    "too long a grant": (
        ["consent", "grant", "command", "--to", "home automation", "--for", "91d", "--yes"],
        64,
        "90 days",
    ),
    "no length of time": (
        ["consent", "grant", "command", "--to", "home automation", "--for", "soon"],
        64,
        "30d",
    ),
    "unknown grant": (["consent", "revoke", "nosuch"], 64, "consent list"),
    "a state folder that is a file": (["consent", "list", "--state", "{text}"], 64, "is a file"),
    "no seam": (["courier"], 64, "sottovoce run"),
    "no switch": (["run", "--input", "{wav}"], 69, "--simulate"),
    "no Vosk model": (["run", "--simulate", "--config", "{vosk}", "--input", "{wav}"], 69, "no Vosk model"),
    "half a Vosk model": (
        ["run", "--simulate", "--config", "{half}", "--input", "{wav}"],
        69,
        "not a whole Vosk model",
    ),
}


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_is_one_line_with_what_to_do_and_a_status(name, tmp_path):
    """Each mistake is told in one line that names it and a way out; the exit status is a sysexits one."""
    words, status, part = ERRORS[name]
    soundfile.write(tmp_path / "quiet.wav", quiet(SAMPLE_RATE), SAMPLE_RATE)
    (tmp_path / "model").mkdir()
    places = {
        "tmp": tmp_path,
        "text": write(tmp_path / "text.wav", "this is no sound\n"),
        "toml": write(tmp_path / "bad.toml", "[wake]\nwrods = []\n"),
        "word": write(tmp_path / "word.toml", '[wake]\nwords = ["abracadabra"]\n'),
        "vosk": write(tmp_path / "vosk.toml", '[transcribe]\nengine = "vosk"\n'),
        "half": write(
            tmp_path / "half.toml", f'[transcribe]\nengine = "vosk"\nvosk_model = "{tmp_path}/model"\n'
        ),
        "wav": tmp_path / "quiet.wav",
    }
    environment = {**os.environ, "SOTTOVOCE_STATE": str(tmp_path / "state")}
    ended = run(*(word.format(**places) for word in words), env=environment)
    assert ended.returncode == status, ended.stderr
    told = [line for line in ended.stderr.splitlines() if line.startswith("sottovoce: ")]
    assert len(told) == 1
    assert part in told[0]
    assert "Traceback" not in ended.stderr


def test_no_microphone_is_told_with_the_devices_there_are(tmp_path):
    """On a machine without one, the ear does not start, and says which devices it found."""
    config = write(tmp_path / "c.toml", '[microphone]\ndevice = "no such thing"\n[reply]\nvoice = "none"\n')
    ended = run(
        "run",
        "--simulate",
        "--config",
        config,
        "--state",
        str(tmp_path / "s"),
        "--output",
        str(tmp_path / "o.wav"),
    )
    assert ended.returncode == 69
    assert "input devices: " in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_is_ended_cleanly(tmp_path, number):
    """Ctrl-C, or a service manager's word, ends ear and all in order, with status 0."""
    read, write_end = os.pipe()
    running = subprocess.Popen(
        [
            *SOTTOVOCE,
            "run",
            "--simulate",
            "--input",
            "-",
            "--output",
            str(tmp_path / "o.wav"),
            "--state",
            str(tmp_path),
        ],
        stdin=read,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(read)
    for line in running.stderr:
        if " ready" in line:
            break
    running.send_signal(number)
    rest = running.stderr.read()
    assert running.wait(20) == 0
    assert " stopped" in rest
    assert "Traceback" not in rest
    running.stderr.close()
    os.close(write_end)


def test_a_recording_of_another_rate_with_two_channels_is_heard(tmp_path):
    """44.1 kHz in stereo is converted; the run ends with the recording."""
    sound = np.repeat(quiet(44_100)[:, None], 2, axis=1)
    soundfile.write(tmp_path / "stereo.wav", sound, 44_100)
    begun = time.monotonic()
    ended = run("run", "--simulate", "--input", str(tmp_path / "stereo.wav"), "--state", str(tmp_path / "s"))
    assert ended.returncode == 0, ended.stderr
    assert time.monotonic() - begun < 30
