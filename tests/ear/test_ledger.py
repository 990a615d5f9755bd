"""The ledger: what left, in a chain that shows every change made to it."""

import contextlib
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.sharing import NOW
from sottovoce.ear.ledger import Ledger, in_words
from sottovoce.errors import StateError
from sottovoce.vocabulary import Envelope, Kind

CANARY = b'{"slots": {"name": "ornithorhynchus"}}'


def an_envelope(number=0):
    """Make something that was sent."""
    return Envelope(
        id=f"e{number}",
        kind=Kind.COMMAND,
        grant_id="g1",
        recipient="home automation",
        topic="sottovoce/home/command",
        body=CANARY,
        expires_at=NOW + 900,
    )


def written(folder, count):
    """Write a ledger of `count` entries and give its path."""
    ledger = Ledger(folder, lambda: NOW)
    for number in range(count):
        ledger.sent(an_envelope(number))
    return folder / "ledger.jsonl"


def test_entries_come_back_in_order(tmp_path):
    """What was sent is read back: what, to whom, under which grant, how many bytes."""
    written(tmp_path, 3)
    entries = Ledger(tmp_path, lambda: NOW).entries()
    assert [entry["envelope"] for entry in entries] == ["e0", "e1", "e2"]
    assert {entry["bytes"] for entry in entries} == {len(CANARY)}


def test_nothing_sent_is_an_empty_ledger(tmp_path):
    """A device that has sent nothing has nothing to show."""
    assert Ledger(tmp_path, lambda: NOW).entries() == []


def test_it_holds_no_content(tmp_path):
    """Only a salted hash of what was sent: not its words, and not the same hash for the same words."""
    text = written(tmp_path, 2).read_text()
    assert "ornithorhynchus" not in text
    first, second = (json.loads(line) for line in text.splitlines())
    assert first["content"] != second["content"]


@given(st.data())
@settings(deadline=None)
def test_any_change_but_at_the_tail_is_found(data):
    """A changed, removed, swapped or added entry before the last breaks the chain, and is told by line."""
    lines = [json.dumps(entry) for entry in _chain(6)]
    kind = data.draw(st.sampled_from(["change", "remove", "swap", "add"]))
    at = data.draw(st.integers(0, 4))
    if kind == "change":
        entry = json.loads(lines[at])
        entry["bytes"] = entry["bytes"] + 1
        lines[at] = json.dumps(entry)
    elif kind == "remove":
        del lines[at]
    elif kind == "swap":
        lines[at], lines[at + 1] = lines[at + 1], lines[at]
    else:
        lines.insert(at, lines[data.draw(st.integers(0, 5).filter(lambda other: other != at))])
    with _folder() as folder:
        (folder / "ledger.jsonl").write_text("\n".join(lines) + "\n")
        with pytest.raises(StateError, match=r"ledger\.jsonl:\d+: the chain is broken"):
            Ledger(folder, lambda: NOW).entries()


def test_a_line_that_is_no_entry_is_told(tmp_path):
    """Rubbish in the file is a broken chain, not a crash."""
    path = written(tmp_path, 2)
    path.write_text(path.read_text() + "rubbish\n")
    with pytest.raises(StateError, match=":3:"):
        Ledger(tmp_path, lambda: NOW).entries()


def test_it_reads_like_a_bank_statement(tmp_path):
    """An entry is told in one line a person understands."""
    written(tmp_path, 1)
    line = in_words(Ledger(tmp_path, lambda: NOW).entries()[0])
    assert line.endswith(f"sent 1 command ({len(CANARY)} bytes) to home automation, under grant g1")


def _chain(count):
    with _folder() as folder:
        written(folder, count)
        return Ledger(folder, lambda: NOW).entries()


@contextlib.contextmanager
def _folder():
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)
