"""`sottovoce engines`: what there is, and what it asks for."""

import json
import subprocess
import sys

from sottovoce.config import WAKE_ENGINES


def listed(*options, state):
    """Run `sottovoce engines list`."""
    command = [sys.executable, "-m", "sottovoce", "engines", "list", "--state", str(state), *options]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_every_engine_is_listed_with_words_and_contacts(tmp_path):
    """Each engine that can be configured is there; the keyed Porcupine alone contacts anybody."""
    entries = {entry["name"]: entry for entry in json.loads(listed("--json", state=tmp_path))}
    assert {*WAKE_ENGINES, "porcupine-key", "vosk", "pocketsphinx", "silero"} <= entries.keys()
    for name, entry in entries.items():
        assert entry["install"].startswith("pip install"), name
        assert bool(entry["contacts"]) == entry["account"] == (name == "porcupine-key")
        assert entry["installed"] == (entry["version"] is not None)
        has_words = entry["kind"] == "wake" and entry["installed"] and name != "learned"
        assert bool(entry["words"]) == has_words
    assert "computer" in entries["porcupine"]["words"]
    assert "hey jarvis" in entries["openwakeword"]["words"]
    assert entries["porcupine-key"]["contacts"] == ["kmp1.picovoice.net"]


def test_people_read_the_same(tmp_path):
    """For people too: version or how to install, words, account, contacts."""
    shown = listed(state=tmp_path)
    assert "porcupine (wake), 1.9." in shown
    assert "not installed: pip install 'pvporcupine>=3'" in shown
    assert "account: needed; contacts: kmp1.picovoice.net" in shown
    assert "hey jarvis" in shown


def test_looking_makes_nothing(tmp_path):
    """The list leaves no file behind and loads no network."""
    listed(state=tmp_path / "state")
    assert not (tmp_path / "state").exists()
