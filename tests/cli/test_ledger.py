"""`sottovoce ledger`: the owner's, and an outsider's, look at what left."""

import json
import time

import pytest
from click.testing import CliRunner

from sottovoce.cli.main import cli
from sottovoce.ear.ledger import Ledger
from sottovoce.errors import InputError, StateError, UsageError

LAST_WEEK = time.time() - 6 * 24 * 3600
NOW = time.time()


@pytest.fixture
def state(tmp_path):
    """A state folder in which something was written last week, and now."""
    folder = tmp_path / "state"
    folder.mkdir()
    Ledger(folder, lambda: LAST_WEEK).append("switch", position="muted")
    Ledger(folder, lambda: NOW).append("mute", on="yes", reason="soft")
    return folder


def run(*args, state):
    """Run a verb; what it said, or the error it ends in."""
    result = CliRunner().invoke(cli, ["ledger", *args, "--state", str(state)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.stdout


def events(text):
    """The events of what --json printed."""
    return [entry["event"] for entry in json.loads(text)]


@pytest.mark.parametrize(
    ("options", "shown"),
    [
        ([], ["switch", "mute"]),
        (["--today"], ["mute"]),
        (["--since", "7d"], ["switch", "mute"]),
        (["--since", "12h"], ["mute"]),
        (["--since", time.strftime("%Y-%m-%d", time.localtime(NOW))], ["mute"]),
        (["--since", "2001-01-01"], ["switch", "mute"]),
    ],
)
def test_it_shows_what_was_asked_for(state, options, shown):
    """Everything, today's, or since a day or a while; for people and for programs."""
    assert events(run("show", "--json", *options, state=state)) == shown
    assert len(run("show", *options, state=state).splitlines()) == len(shown)


def test_nothing_is_told_as_nothing(state, tmp_path):
    """An empty ledger, and one with nothing in that time, are different things."""
    assert run("show", state=tmp_path) == "Nothing has left this device.\n"
    assert run("show", "--since", "2999-01-01", state=state) == "Nothing in that time.\n"


def test_a_time_that_is_none_is_refused(state):
    """With what to write instead."""
    with pytest.raises(UsageError, match="12h"):
        run("show", "--since", "yesterday", state=state)


def changed(folder):
    """Change an entry, as somebody with an editor would."""
    (path, *_) = sorted((folder / "ledger").glob("*.jsonl"))
    path.write_bytes(path.read_bytes().replace(b'"event": "switch"', b'"event": "nothing"'))


def test_a_changed_entry_ends_show_and_verify(state):
    """The first one that was changed is named, and what to think of it."""
    changed(state)
    for verb in ("show", "verify"):
        with pytest.raises(StateError, match=r"jsonl:1: the chain is broken here: entry 1: it was changed"):
            run(verb, state=state)


def test_half_an_entry_does_not_end_show(state):
    """What a crash leaves is told by verify; all before it is shown; the next entry mends and notes it."""
    (*_, path) = sorted((state / "ledger").glob("*.jsonl"))
    path.write_bytes(path.read_bytes() + b'{"at": 17')
    assert events(run("show", "--json", state=state)) == ["switch", "mute"]
    with pytest.raises(StateError, match=r"entry 3: only half of it is there.*a crash did this"):
        run("verify", state=state)
    Ledger(state, time.time).append("mute_mended")
    assert "entry 3 was only half written" in run("verify", state=state)


def test_verify_says_what_its_word_is_worth(state):
    """How many entries, the public key, what to note, and where the key lies."""
    text = run("verify", state=state)
    assert text.startswith("2 entries, the chain holds.\n")
    assert "The key lies in the state folder" in text


def noted(text):
    """What verify says to note."""
    return text.partition("--noted one day: ")[2].partition("\n")[0]


def test_what_was_noted_finds_a_ledger_that_was_written_anew(state, tmp_path):
    """Even by somebody who has the key: that is what noting is for."""
    note = noted(run("verify", state=state))
    assert "chain holds" in run("verify", "--noted", note, state=state)
    Ledger(state, lambda: NOW).append("mute_mended")
    assert "chain holds" in run("verify", "--noted", note, state=state)
    for path in (state / "ledger").iterdir():
        path.unlink()
    Ledger(state, lambda: NOW).append("mute_mended")
    with pytest.raises(StateError, match="entry 2, which you noted, is not there"):
        run("verify", "--noted", note, state=state)
    Ledger(state, lambda: NOW).append("mute_mended")
    with pytest.raises(StateError, match="entry 2 is not the one you noted"):
        run("verify", "--noted", note, state=state)
    with pytest.raises(UsageError, match="NUMBER:HASH"):
        run("verify", "--noted", "2", state=state)


def test_an_outsider_checks_an_export(state, tmp_path):
    """With the public key alone; without it, or with another, it proves nothing."""
    out = tmp_path / "out.jsonl"
    run("export", str(out), state=state)
    key = run("verify", state=state).partition("Public key: ")[2].partition("\n")[0]
    nowhere = tmp_path / "nowhere"
    assert "2 entries, the chain holds" in run("verify", "--export", str(out), "--key", key, state=nowhere)
    with pytest.raises(UsageError, match="--key"):
        run("verify", "--export", str(out), state=nowhere)
    with pytest.raises(InputError, match="not signed"):
        run("verify", "--export", str(out), "--key", "0" * 64, state=nowhere)
    out.write_bytes(out.read_bytes().replace(b'"mute"', b'"sent"'))
    with pytest.raises(InputError, match="entry 2"):
        run("verify", "--export", str(out), "--key", key, state=nowhere)


def test_a_grant_and_its_end_make_a_receipt(tmp_path):
    """After the grant was revoked too: the ledger remembers it."""

    def consent(*args):
        result = CliRunner().invoke(cli, ["consent", *args, "--state", str(tmp_path)])
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.stdout

    granted = consent("grant", "command", "--to", "home automation", "--yes")
    grant = granted.partition("Granted as ")[2].partition(".")[0]
    assert "revokedAt" not in json.loads(consent("receipt", grant))["sottovoce"]
    consent("revoke", grant)
    receipt = json.loads(consent("receipt", grant))
    assert receipt["sottovoce"]["grant"] == grant
    assert receipt["sottovoce"]["revokedAt"] >= receipt["consentTimestamp"]
    with pytest.raises(UsageError, match="no grant"):
        consent("receipt", "nope")
