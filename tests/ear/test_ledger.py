"""The ledger on disk: what left, in one chain over the months that no crash breaks."""

import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from fakes.sharing import NOW
from sottovoce.ear.chain import START, Head, hash_of, link, public
from sottovoce.ear.ledger import Ledger
from sottovoce.ear.ledger_files import LedgerFiles
from sottovoce.ear.ledger_key import Keys
from sottovoce.errors import StateError
from sottovoce.vocabulary import Envelope, Kind

CANARY = b'{"slots": {"name": "ornithorhynchus"}}'
JANUARY, FEBRUARY = "ledger/0001-2027-01.jsonl", "ledger/0002-2027-02.jsonl"
DAY = 24 * 3600
BEGIN_OF_FEBRUARY = datetime(2027, 2, 1, tzinfo=UTC).timestamp()


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
    return folder / JANUARY


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


def events(folder, **kwargs):
    """What the ledger holds, by event."""
    return [entry["event"] for entry in Ledger(folder, lambda: NOW, **kwargs).entries()]


@pytest.mark.parametrize("name", [JANUARY, "ledger/head"])
def test_a_file_that_is_gone_is_found(tmp_path, name):
    """Neither the ledger nor its head can be removed unseen, and writing on heals nothing."""
    written(tmp_path, 3)
    (tmp_path / name).unlink()
    for _ in range(2):
        with pytest.raises(StateError, match="the chain is broken"):
            Ledger(tmp_path, lambda: NOW).entries()
        Ledger(tmp_path, lambda: NOW).append("mute")


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"[]",
        b"null",
        b"{}",
        b"\xff",
        b'{"old": true}',
        b'{"end": {"entries": -1, "size": 0, "hash": ""}}',
    ],
)
def test_a_head_that_is_none_is_found(tmp_path, head):
    """Rubbish in place of the head is a broken chain, and stays one when more is written."""
    ledger = Ledger(tmp_path, lambda: NOW)
    written(tmp_path, 1)
    (tmp_path / "ledger" / "head").write_bytes(head)
    for _ in range(3):
        with pytest.raises(StateError, match="the chain is broken"):
            ledger.entries()
        ledger.append("mute")


def test_writing_on_hides_no_change(tmp_path):
    """A change stays found when the ledger grows after it."""
    path = written(tmp_path, 3)
    path.write_bytes(path.read_bytes().replace(b'"bytes": ', b'"bytes": 9'))
    written(tmp_path, 2)
    with pytest.raises(StateError, match=r"01\.jsonl:1: the chain is broken"):
        Ledger(tmp_path, lambda: NOW).entries()


def test_a_cut_off_tail_stays_found_when_written_on(tmp_path):
    """Nor does the ledger's own next entry close a gap that somebody cut."""
    path = written(tmp_path, 3)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:2]))
    written(tmp_path, 1)
    with pytest.raises(StateError, match=r"entry 3"):
        Ledger(tmp_path, lambda: NOW).entries()


def test_what_is_written_after_a_cut_stands_whole_in_a_file_of_its_own(tmp_path):
    """Cut off within an entry: the next ones are not written onto its half."""
    path = written(tmp_path, 2)
    path.write_bytes(path.read_bytes()[:-9])
    for number in range(2):
        Ledger(tmp_path, lambda: NOW).append("mute", number=number)
    (*_, new) = sorted((tmp_path / "ledger").glob("*.jsonl"))
    assert [json.loads(line)["number"] for line in new.read_bytes().splitlines()] == [0, 1]
    with pytest.raises(StateError, match="entry 2: "):
        Ledger(tmp_path, lambda: NOW).entries()


def test_a_head_without_the_key_stays_found_when_written_on(tmp_path):
    """Cut off together with a head that tells of fewer: found before the next entry, and after."""
    written(tmp_path, 2)
    cut = LedgerFiles(tmp_path).head().end
    written(tmp_path, 1)
    path = tmp_path / JANUARY
    path.write_bytes(path.read_bytes()[: cut.size])
    later = LedgerFiles(tmp_path).head()
    LedgerFiles(tmp_path).keep(Head(cut, later.signature, later.key))
    for _ in range(3):
        with pytest.raises(StateError, match="the chain is broken"):
            Ledger(tmp_path, lambda: NOW).entries()
        Ledger(tmp_path, lambda: NOW).append("mute")


@pytest.mark.parametrize("key", [None, SigningKey(b"o" * 32)])
def test_an_entry_put_in_stays_found_when_written_on(tmp_path, key):
    """Well bound behind the end, signed by nobody or by another: the device's own next entry hides it not."""
    path = written(tmp_path, 2)
    line = link(LedgerFiles(tmp_path).head().end, {"at": NOW, "event": "sent"}, key)
    path.write_bytes(path.read_bytes() + line)
    for _ in range(3):
        with pytest.raises(StateError, match=r"entry [34]: "):
            Ledger(tmp_path, lambda: NOW).entries()
        Ledger(tmp_path, lambda: NOW).append("mute")


@given(data=st.data())
def test_a_crash_in_mid_entry_breaks_nothing(data):
    """With power lost at any byte of an entry, in a new month's file too, all before holds and it goes on.

    The head may be of any moment before: it waits for no disk.
    """
    with _folder() as folder:
        moment = data.draw(st.sampled_from([NOW, BEGIN_OF_FEBRUARY]))
        written(folder, 1)
        heads = [(folder / "ledger" / "head").read_bytes()]
        written(folder, 1)
        heads.append((folder / "ledger" / "head").read_bytes())
        path = folder / (JANUARY if moment == NOW else FEBRUARY)
        before = path.stat().st_size if path.exists() else 0
        Ledger(folder, lambda: moment).append("switch", position="live")
        cut = data.draw(st.integers(before, path.stat().st_size))
        whole = cut == path.stat().st_size
        path.write_bytes(path.read_bytes()[:cut])
        (folder / "ledger" / "head").write_bytes(data.draw(st.sampled_from(heads)))
        expected = ["sent", "sent", *(["switch"] if whole else [])]
        assert events(folder) == expected
        fault = Ledger(folder, lambda: NOW).audit().fault
        assert (fault is not None and fault.torn and fault.entry == 3) == (not whole and cut != before)
        Ledger(folder, lambda: moment).append("mute")
        note = [] if whole or cut == before else ["torn"]
        assert events(folder) == [*expected, *note, "mute"]
        assert Ledger(folder, lambda: NOW).audit().fault is None


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


def test_months_are_files_of_one_chain(tmp_path):
    """A new month begins a new file; the chain goes on, and the old file is never touched again."""
    path = written(tmp_path, 2)
    january = path.read_bytes()
    Ledger(tmp_path, lambda: BEGIN_OF_FEBRUARY).append("mute")
    assert path.read_bytes() == january
    assert json.loads((tmp_path / FEBRUARY).read_bytes())["previous"] == hash_of(
        january.splitlines(keepends=True)[-1]
    )
    assert events(tmp_path) == ["sent", "sent", "mute"]


@given(st.lists(st.integers(-400, 400).map(lambda days: NOW + days * DAY), max_size=8))
def test_no_clock_breaks_the_chain(moments):
    """However the clock jumps, every entry is there, in the order it was written, and the chain holds."""
    with _folder() as folder:
        for moment in moments:
            Ledger(folder, lambda at=moment: at).append("mute")
        assert [entry["at"] for entry in Ledger(folder, lambda: NOW).entries()] == moments


def test_a_clock_set_right_begins_no_file(tmp_path):
    """Back by seconds at the turn of a month: the file stays. Back by a year: a file of that month."""
    for moment in (BEGIN_OF_FEBRUARY, BEGIN_OF_FEBRUARY - 5, BEGIN_OF_FEBRUARY - 365 * DAY):
        Ledger(tmp_path, lambda at=moment: at).append("mute")
    assert sorted(path.name for path in (tmp_path / "ledger").glob("*.jsonl")) == [
        "0001-2027-02.jsonl",
        "0002-2026-02.jsonl",
    ]


def an_old_ledger(folder, count=2, lag=0):
    """Write a ledger as it was before: unsigned, one file, its head `lag` entries behind."""
    lines, heads, last, size = [], [], START, 0
    for number in range(count):
        lines.append(
            json.dumps({"at": NOW, "event": "old", "number": number, "previous": last}).encode() + b"\n"
        )
        last, size = hash_of(lines[-1]), size + len(lines[-1])
        heads.append({"entries": number + 1, "size": size, "hash": last})
    (folder / "ledger.jsonl").write_bytes(b"".join(lines))
    (folder / "ledger.head").write_text(json.dumps(heads[count - 1 - lag]))


@pytest.mark.parametrize("lag", [0, 1])
@pytest.mark.parametrize("half", [b"", b'{"at": 17'])
def test_an_old_ledger_is_taken_over(tmp_path, lag, half):
    """It is read as it is; the first new entry says that those before were not signed; half an entry goes."""
    an_old_ledger(tmp_path, lag=lag)
    with (tmp_path / "ledger.jsonl").open("ab") as file:
        file.write(half)
    assert events(tmp_path) == ["old", "old"]
    Ledger(tmp_path, lambda: NOW).append("mute")
    assert events(tmp_path) == ["old", "old", *(["torn"] if half else []), "taken_over", "mute"]
    assert Ledger(tmp_path, lambda: NOW).entries()[-2]["entries"] == 2
    report = Ledger(tmp_path, lambda: NOW).audit()
    assert (report.fault, report.unsigned) == (None, 0)


def test_an_old_ledger_that_was_changed_is_found(tmp_path):
    """Before it is taken over, and after."""
    an_old_ledger(tmp_path, 3)
    path = tmp_path / "ledger.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"number": 1', b'"number": 7'))
    for _ in range(2):
        with pytest.raises(StateError, match=r"ledger\.jsonl:3: "):
            Ledger(tmp_path, lambda: NOW).entries()
        Ledger(tmp_path, lambda: NOW).append("mute")


def test_the_key_is_the_owners_alone(tmp_path):
    """Made at first use; nobody else may read the key, nor the ledger."""
    path = written(tmp_path, 1)
    for file in (tmp_path / "ledger.key", path, tmp_path / "ledger" / "head"):
        assert file.stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "ledger").stat().st_mode & 0o777 == 0o700


def apart(folder, key):
    """Keep a key as systemd gives it, outside the state folder."""
    (folder / "credentials").mkdir(exist_ok=True)
    (folder / "credentials" / "ledger.key").write_text(bytes(key).hex() + "\n")
    return Keys(folder / "state", folder / "credentials")


def test_a_key_from_systemd_is_used_and_none_is_made(tmp_path):
    """With the key outside, the state folder holds none, and what a process without it writes is told."""
    (tmp_path / "state").mkdir()
    key = SigningKey.generate()
    ear = Ledger(tmp_path / "state", lambda: NOW, apart(tmp_path, key))
    owner = Ledger(tmp_path / "state", lambda: NOW, Keys(tmp_path / "state", None))
    ear.append("switch", position="live")
    owner.append("revoked", grant="g1")
    report = owner.audit()
    assert (report.fault, report.unsigned, report.key) == (None, 1, public(key))
    ear.append("switch", position="muted")
    report = ear.audit()
    assert (report.fault, report.unsigned) == (None, 0)
    assert not (tmp_path / "state" / "ledger.key").exists()


def test_who_has_no_key_cannot_sign_anew(tmp_path):
    """A ledger written anew in whole, with another key, is found where the key is, and told for good."""
    for name in ("state", "other"):
        (tmp_path / name).mkdir()
    ear = Ledger(tmp_path / "state", lambda: NOW, apart(tmp_path, SigningKey.generate()))
    ear.append("sent")
    written(tmp_path / "other", 2)
    shutil.rmtree(tmp_path / "state" / "ledger")
    shutil.copytree(tmp_path / "other" / "ledger", tmp_path / "state" / "ledger")
    with pytest.raises(StateError, match="not signed by this device's key"):
        ear.entries()
    ear.append("mute")
    assert [entry["event"] for entry in ear.entries()] == ["sent", "sent", "key_changed", "mute"]


def test_a_ledger_of_another_key_stays_found(tmp_path):
    """With this device's key in the state folder: a ledger that it did not sign is none of its own."""
    for name in ("state", "other"):
        (tmp_path / name).mkdir()
        written(tmp_path / name, 1)
    shutil.rmtree(tmp_path / "state" / "ledger")
    shutil.copytree(tmp_path / "other" / "ledger", tmp_path / "state" / "ledger")
    for _ in range(3):
        with pytest.raises(StateError, match="not signed by this device's key"):
            events(tmp_path / "state")
        Ledger(tmp_path / "state", lambda: NOW).append("mute")


def test_a_key_that_is_none_is_one_clear_error(tmp_path):
    """Rubbish in place of the key: which file, and what to do."""
    (tmp_path / "ledger.key").write_text("rubbish")
    with pytest.raises(StateError, match=r"ledger\.key: no key"):
        Ledger(tmp_path, lambda: NOW).append("mute")


@pytest.mark.parametrize("name", ["ledger", "ledger/head", "ledger/lock"])
def test_a_ledger_that_cannot_be_used_is_one_clear_error(tmp_path, name):
    """A folder where a file should be, or the other way round: which, and what to do."""
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("") if name == "ledger" else path.mkdir()
    with pytest.raises(StateError, match=r"see that"):
        Ledger(tmp_path, lambda: NOW).append("mute")


_FULL = """
import resource, sys
from pathlib import Path
from sottovoce.ear.ledger import Ledger
from sottovoce.errors import StateError
ledger = Ledger(Path(sys.argv[1]), lambda: float(sys.argv[2]))
ledger.append("mute")
size = Path(sys.argv[1], sys.argv[3]).stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 40, resource.RLIM_INFINITY))
try:
    ledger.append("mute")
except StateError as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
ledger.append("switch")
"""


def test_a_full_disk_is_one_clear_error_and_then_it_goes_on(tmp_path):
    """What would not fit is told at once, taken away and noted once there is room; nothing else is lost."""
    written(tmp_path, 2)
    command = [sys.executable, "-c", _FULL, str(tmp_path), str(NOW), JANUARY]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "see that the folder is yours and the disk has room" in run.stdout
    assert events(tmp_path) == ["sent", "sent", "mute", "torn", "switch"]
    assert Ledger(tmp_path, lambda: NOW).audit().fault is None


@contextlib.contextmanager
def _folder():
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)
