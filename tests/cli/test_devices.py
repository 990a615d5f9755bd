"""`sottovoce devices`: what there is, and how loud it is."""

import json
import os
import subprocess
import sys

import numpy as np
import pytest
import soundfile

from sottovoce.bench.room import Room
from sottovoce.vocabulary import SAMPLE_RATE


def run(*words, environment=None):
    """Run the verb as an owner would."""
    return subprocess.run(
        [sys.executable, "-m", "sottovoce", "devices", *words],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
        timeout=60,
        env={**os.environ, **(environment or {})},
    )


def test_a_real_sound_server_s_devices_are_listed(tmp_path):
    """Each with its channels and rate, and which one the configuration means; as text and as JSON."""
    config = tmp_path / "c.toml"
    config.write_text('[microphone]\ndevice = "pulse"\n')
    with Room(tmp_path, 44_100, 2) as room:
        told = json.loads(run("list", "--config", str(config), "--json", environment=room.environment).stdout)
        shown = run("list", "--config", str(config), environment=room.environment).stdout
        plain = run(environment=room.environment)
    assert [one["name"] for one in told["microphones"] if one["configured"]] == ["pulse"]
    assert [one["name"] for one in told["loudspeakers"] if one["configured"]] == ["default"]
    assert all(one["rate"] > 0 and one["inputs"] > 0 for one in told["microphones"])
    assert "  * pulse  (" in shown
    assert plain.returncode == 0
    assert plain.stdout.startswith("Microphones:")


def test_without_any_it_says_none(tmp_path):
    """No sound server, no card: no error and no page of ALSA's."""
    shown = run(environment={"PULSE_SERVER": f"unix:{tmp_path}/none", "HOME": str(tmp_path)})
    assert shown.returncode == 0
    assert "Microphones:" in shown.stdout
    assert not shown.stderr


@pytest.fixture
def tone(tmp_path):
    """Two seconds at a tenth of full scale, a sample of it clipped."""
    sound = (0.1 * 32_768 * np.sign(np.sin(np.arange(2 * SAMPLE_RATE)))).astype(np.int16)
    sound[20_000] = 32_767
    path = tmp_path / "tone.wav"
    soundfile.write(path, sound, SAMPLE_RATE)
    return str(path)


def test_how_loud_it_is_as_text(tone):
    """Not on a terminal: a line each half second, and the sum."""
    shown = run("test", "--simulate", "--input", tone, "--seconds", "1.5")
    *lines, whole = shown.stdout.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("[#") and "dBFS" in line for line in lines)
    assert "1 samples clipped" in whole
    assert "\r" not in shown.stdout


def test_how_loud_it_is_as_json(tone):
    """For programs: one object."""
    told = json.loads(run("test", "--simulate", "--input", tone, "--seconds", "1", "--json").stdout)
    assert told == {"dbfs": -20.0, "peak_dbfs": -20.0, "clipped": 0, "lost": 0}


def test_how_loud_it_is_in_a_room(tmp_path):
    """At a real microphone: silence is silent."""
    config = tmp_path / "c.toml"
    config.write_text('[microphone]\ndevice = "pulse"\n')
    with Room(tmp_path, 48_000, 2) as room:
        words = ("test", "--simulate", "--seconds", "0.5", "--json", "--config", str(config))
        told = json.loads(run(*words, environment=room.environment).stdout)
    assert told["dbfs"] == -96.0


def test_without_a_microphone_it_is_one_line(tmp_path):
    """The name that was wanted and those there are."""
    config = tmp_path / "c.toml"
    config.write_text('[microphone]\ndevice = "no such thing"\n')
    shown = run("test", "--simulate", "--config", str(config))
    assert shown.returncode == 69
    assert shown.stderr.startswith("sottovoce: microphone: 'no such thing' cannot be opened")
