"""The ledger: what left, in a chain that shows every change made to it."""

import contextlib
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import assume, given
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


def _changed_byte(draw, data):
    at = draw(st.integers(0, len(data) - 1))
    return data[:at] + bytes([draw(st.integers(0, 255))]) + data[at + 1 :]


def _cut_out(draw, data):
    start, stop = sorted(draw(st.lists(st.integers(0, len(data)), min_size=2, max_size=2)))
    return data[:start] + data[stop:]


def _put_in(draw, data):
    at = draw(st.integers(0, len(data)))
    return data[:at] + draw(st.binary(min_size=1, max_size=8)) + data[at:]


def _line_removed(draw, data):
    lines = data.splitlines(keepends=True)
    del lines[draw(st.integers(0, len(lines) - 1))]
    return b"".join(lines)


def _lines_swapped(draw, data):
    lines = data.splitlines(keepends=True)
    one, other = draw(st.lists(st.integers(0, len(lines) - 1), min_size=2, max_size=2, unique=True))
    lines[one], lines[other] = lines[other], lines[one]
    return b"".join(lines)


def _line_twice(draw, data):
    lines = data.splitlines(keepends=True)
    lines.insert(draw(st.integers(0, len(lines))), draw(st.sampled_from(lines)))
    return b"".join(lines)


def _tail_cut_off(draw, data):
    lines = data.splitlines(keepends=True)
    return b"".join(lines[: draw(st.integers(0, len(lines) - 1))])


CHANGES = [
    _changed_byte, _cut_out, _put_in, _line_removed, _lines_swapped, _line_twice, _tail_cut_off
]  # fmt: skip


@pytest.fixture(scope="module")
def ledger(tmp_path_factory):
    """A folder with a ledger of six entries."""
    folder = tmp_path_factory.mktemp("ledger")
    written(folder, 6)
    return folder


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__.strip("_"))
@given(data=st.data())
def test_any_change_is_found(ledger, change, data):
    """Whatever is changed, removed, swapped or put in, at the end of the file too, is told by line."""
    path = ledger / "ledger.jsonl"
    before = path.read_bytes()
    after = change(data.draw, before)
    assume(after != before)
    assume(not (after.startswith(before) and b"\n" not in after[len(before) :]))  # half an entry is none
    path.write_bytes(after)
    try:
        with pytest.raises(StateError, match=r"ledger\.jsonl:\d+: the chain is broken"):
            Ledger(ledger, lambda: NOW).entries()
    finally:
        path.write_bytes(before)


@pytest.mark.parametrize("at", range(1, 7))
def test_the_first_changed_entry_is_the_one_that_is_told(ledger, at):
    """The line told is the changed one, or the one after it, whose bond it broke."""
    path = ledger / "ledger.jsonl"
    before = path.read_bytes()
    lines = before.splitlines(keepends=True)
    lines[at - 1] = lines[at - 1].replace(b'"bytes": ', b'"bytes": 9')
    path.write_bytes(b"".join(lines))
    try:
        with pytest.raises(StateError, match=rf"ledger\.jsonl:{min(at + 1, 6)}: "):
            Ledger(ledger, lambda: NOW).entries()
    finally:
        path.write_bytes(before)


@pytest.mark.parametrize("name", ["ledger.jsonl", "ledger.head"])
def test_a_file_that_is_gone_is_found(tmp_path, name):
    """Neither the ledger nor its head can be removed unseen."""
    written(tmp_path, 3)
    (tmp_path / name).unlink()
    with pytest.raises(StateError, match="the chain is broken"):
        Ledger(tmp_path, lambda: NOW).entries()


@pytest.mark.parametrize(
    "head", [b"", b"[]", b"null", b"{}", b"\xff", b'{"entries": -1, "size": 0, "hash": ""}']
)
def test_a_head_that_is_none_is_found(tmp_path, head):
    """Rubbish in place of the head is a broken chain, and stays one when more is written."""
    ledger = Ledger(tmp_path, lambda: NOW)
    written(tmp_path, 1)
    (tmp_path / "ledger.head").write_bytes(head)
    for _ in range(2):
        with pytest.raises(StateError, match="the chain is broken"):
            ledger.entries()
        ledger.append("mute")


def test_writing_on_hides_no_change(tmp_path):
    """A change stays found when the ledger grows after it."""
    path = written(tmp_path, 3)
    path.write_bytes(path.read_bytes().replace(b'"bytes": ', b'"bytes": 9'))
    written(tmp_path, 2)
    with pytest.raises(StateError, match="the chain is broken"):
        Ledger(tmp_path, lambda: NOW).entries()


def test_a_cut_off_tail_stays_found_when_written_on(tmp_path):
    """Nor does the ledger's own next entry close a gap that somebody cut."""
    path = written(tmp_path, 3)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:2]))
    written(tmp_path, 1)
    with pytest.raises(StateError, match=":3: the chain is broken"):
        Ledger(tmp_path, lambda: NOW).entries()


@given(data=st.data())
def test_a_crash_in_mid_entry_breaks_nothing(data):
    """With power lost at any byte of an entry, or before its head, all before holds and it goes on."""
    with _folder() as folder:
        path = written(folder, 2)
        whole, head = path.read_bytes(), (folder / "ledger.head").read_bytes()
        written(folder, 1)
        cut = data.draw(st.integers(len(whole), path.stat().st_size))
        path.write_bytes(path.read_bytes()[:cut])
        (folder / "ledger.head").write_bytes(head)
        ledger = Ledger(folder, lambda: NOW)
        held = len(ledger.entries())
        assert held in {2, 3}
        ledger.append("mute")
        assert [entry["event"] for entry in ledger.entries()] == ["sent"] * held + ["mute"]


_WRITER = """
import sys
from pathlib import Path
from sottovoce.ear.ledger import Ledger
ledger = Ledger(Path(sys.argv[1]), lambda: 0.0)
sys.stdin.readline()
for number in range(int(sys.argv[3])):
    ledger.append("mute", who=sys.argv[2], number=number)
    print(number, flush=True)
"""


def _writer(folder, name, count=1_000_000):
    command = [sys.executable, "-c", _WRITER, str(folder), name, str(count)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _go(*writers):
    """Let writers begin, all at once."""
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()


def test_two_processes_write_one_chain(tmp_path):
    """The ear and the owner's commands write at the same time: no entry is lost and the chain holds."""
    with _writer(tmp_path, "ear", 100) as ear, _writer(tmp_path, "owner", 100) as owner:
        _go(ear, owner)
        assert len(ear.stdout.readlines()) == len(owner.stdout.readlines()) == 100
    entries = Ledger(tmp_path, lambda: NOW).entries()
    for who in ("ear", "owner"):
        assert [entry["number"] for entry in entries if entry["who"] == who] == list(range(100))


def test_kill_nine_loses_no_entry_and_breaks_no_chain(tmp_path):
    """Killed in the middle of writing, again and again: all that `append` had returned for is there."""
    told = []
    for life in range(10):
        with _writer(tmp_path, str(life)) as writer:
            _go(writer)
            told += [(str(life), writer.stdout.readline().strip()) for _ in range(1 + 4 * life)]
            writer.kill()
            told += [(str(life), line.strip()) for line in writer.stdout if line.endswith("\n")]
    entries = Ledger(tmp_path, lambda: NOW).entries()
    assert set(told) <= {(entry["who"], str(entry["number"])) for entry in entries}


def test_a_line_that_is_no_entry_is_told(tmp_path):
    """Rubbish in the file is a broken chain, not a crash."""
    path = written(tmp_path, 2)
    path.write_text(path.read_text() + "rubbish\n")
    with pytest.raises(StateError, match=":3:"):
        Ledger(tmp_path, lambda: NOW).entries()


WORDS = [
    (
        {"event": "sent", "kind": "command", "bytes": 99, "recipient": "home automation", "grant": "g1"},
        "sent 1 command (99 bytes) to home automation, under grant g1",
    ),
    (
        {"event": "granted", "kind": "command", "recipient": "home automation", "grant": "g1"},
        "you let home automation have commands, grant g1",
    ),
    ({"event": "revoked", "grant": "g1", "deleted": 2}, "you revoked grant g1; 2 waiting deleted"),
    ({"event": "something new"}, "something new"),
]


@pytest.mark.parametrize(("entry", "words"), WORDS, ids=[entry["event"] for entry, _ in WORDS])
def test_it_reads_like_a_bank_statement(entry, words):
    """An entry is told in one line a person understands: when, in the owner's own time, and what."""
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(NOW))
    assert in_words({"at": NOW, **entry}) == f"{at}  {words}"


def test_it_tells_what_it_wrote(tmp_path):
    """What is written when something was sent is what is told."""
    written(tmp_path, 1)
    line = in_words(Ledger(tmp_path, lambda: NOW).entries()[0])
    assert line.endswith(f"sent 1 command ({len(CANARY)} bytes) to home automation, under grant g1")


@pytest.mark.parametrize("name", ["ledger.jsonl", "ledger.head"])
def test_a_ledger_that_cannot_be_used_is_one_clear_error(tmp_path, name):
    """A folder where a file should be: which file, and what to do; for reading and for writing."""
    ledger = Ledger(tmp_path, lambda: NOW)
    (tmp_path / name).mkdir()
    with pytest.raises(StateError, match=name.replace(".", r"\.")):
        ledger.entries()
    with pytest.raises(StateError, match=r"ledger\."):
        ledger.append("mute")


@contextlib.contextmanager
def _folder():
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)
