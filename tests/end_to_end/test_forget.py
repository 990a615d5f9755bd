"""Deletion across the whole device: a real broker, and the recipient that firmware/SHARING.md shows."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

import sottovoce
from sottovoce.demo.scene import COMMAND_TOPIC, Scene, processes_of

SENTENCE = "computer, turn on the kitchen light"
GUIDE = Path(sottovoce.__file__).parent.parent / "SHARING.md"
PREFIX = COMMAND_TOPIC.rpartition("/")[0]
PATIENCE = 15


@pytest.fixture
def scene(tmp_path):
    """The pair, a broker, a microphone to speak into, and a grant."""
    with Scene(tmp_path, lambda _: None) as made:
        made.grant()
        yield made
    assert processes_of(tmp_path) == []


@pytest.fixture
def recipient(scene, tmp_path):
    """The recipient out of the guide, running; its folder."""
    script, folder = tmp_path / "recipient", tmp_path / "received"
    folder.mkdir()
    script.write_text(GUIDE.read_text().partition("<!-- example -->")[2].split("```")[1].partition("\n")[2])
    command = ["sh", script, "127.0.0.1", str(scene.broker.port), PREFIX, folder]
    running = subprocess.Popen(command, start_new_session=True)
    yield folder
    os.killpg(running.pid, signal.SIGTERM)
    running.wait(PATIENCE)


def say(scene, text, event):
    """Say something and wait until that has come of it, and it was answered."""
    mark = scene.trace.count
    scene.speak(text, "slt")
    scene.expect(event, mark)
    scene.expect("answered", mark)


def ledger(scene, what):
    """Give the lines of the ledger that hold a text."""
    return [line for line in scene.owner("ledger", "show") if what in line]


def test_what_is_deleted_here_is_deleted_there(scene, recipient):
    """By voice: what the recipient kept as a file is gone, and its answer is in the ledger."""
    mark = scene.arrivals.count
    subprocess.run(
        ["mosquitto_pub", "-p", str(scene.broker.port), "-q", "1", "-t", f"{PREFIX}/snippet/none/delete",
         "-m", '{"id": "none"}', "--repeat", "20", "--repeat-delay", "0.1"],
        check=True,
    )  # fmt: skip
    scene.arrivals.wait("a recipient that is there", lambda got: got.topic.endswith("none/receipt"), mark)
    say(scene, SENTENCE, "sent")
    (received,) = recipient.iterdir()
    assert "HomeTurnOn" in received.read_text()
    mark = scene.trace.count
    words = scene.terminal.count
    scene.speak("computer, delete what i just said", "slt")
    scene.expect("receipt", mark, deleted=True)
    scene.expect("answered", mark)
    assert list(recipient.iterdir()) == []
    assert scene.terminal.wait("the answer", lambda line: "home automation" in line, words)
    assert len(ledger(scene, f"asked home automation to delete {received.name}")) == 1
    assert len(ledger(scene, f"home automation says of {received.name}: deleted")) == 1
    request = scene.arrivals.wait("the request", lambda got: got.topic.endswith(f"{received.name}/delete"))
    for word in ("kitchen", "light", "HomeTurnOn"):
        assert word not in request.payload
    assert scene.owner("forget", "--all", "--yes")[0] == "There was nothing to delete."


def test_a_recipient_that_never_answers_is_told_as_such(scene):
    """By command, with the broker away: the broker gets it when it is back; that nobody answered is said."""
    say(scene, SENTENCE, "sent")
    mark = scene.trace.count
    scene.broker.stop()
    scene.expect("broker", mark, connected=False)
    lines = scene.owner("forget", "--last", "--yes")
    assert lines[0] == "Deleted here: 0 kept sentences and 0 waiting."
    assert lines[1].startswith("Being asked to delete what they got: home automation (1 thing).")
    mark = scene.trace.count
    scene.broker.start()
    scene.expect("broker", mark, connected=True)
    scene.expect("deletion_asked", mark)
    assert len(ledger(scene, "asked home automation to delete")) == 1
    lines = scene.owner("forget", "--all", "--yes")
    assert "Earlier requests are still without an answer from home automation." in lines
    assert lines[-1].startswith("What no device can reach: copies")
    assert ledger(scene, "home automation says") == []
