"""The ledger reads like a bank statement."""

import ast
import re
import time
from pathlib import Path

import pytest

import sottovoce
from fakes.sharing import NOW
from sottovoce.ear.ledger_words import WORDS, in_words

TOLD = [
    (
        {"event": "sent", "kind": "command", "bytes": 99, "recipient": "home automation", "grant": "g1"},
        "sent 1 command (99 bytes) to home automation, under grant g1",
    ),
    (
        {"event": "granted", "kind": "command", "recipient": "home automation", "grant": "g1"},
        "you let home automation have commands, grant g1",
    ),
    ({"event": "revoked", "grant": "g1", "deleted": 2}, "you revoked grant g1; 2 waiting deleted"),
    ({"event": "switch", "position": "live"}, "the privacy switch says live"),
    ({"event": "switch", "position": "muted"}, "the privacy switch says muted"),
    (
        {"event": "switch", "position": "tamper"},
        "ALARM: the privacy switch says muted, and the microphones have power. Taken for muted",
    ),
    ({"event": "mute", "on": "yes", "reason": "soft"}, "muted by you, in software"),
    ({"event": "mute", "on": "no", "reason": "schedule"}, "no longer muted by the schedule"),
    (
        {"event": "mute_broken", "open": "pcmC0D0c"},
        "ALARM: muted, and a microphone was open all the same (pcmC0D0c)",
    ),
    ({"event": "mute_mended", "finding": "closed"}, "the alarm is over; the microphones: closed"),
    (
        {"event": "torn", "entry": 7, "bytes": 31},
        "entry 7 was only half written (power cut, full disk, or somebody's hand): 31 bytes taken away",
    ),
    (
        {"event": "taken_over", "entries": 57},
        "the ledger goes on in a file a month, signed; the 57 entries before had not been signed",
    ),
    (
        {"event": "key_changed", "key": "ab12"},
        "ALARM unless you changed the key: the ledger had been signed with another (ab12)",
    ),
    ({"event": "something new"}, "something new"),
    ({"event": "sent"}, "sent 1 (no kind) ((no bytes) bytes) to (no recipient), under grant (no grant)"),
]


@pytest.mark.parametrize(("entry", "words"), TOLD, ids=[words[:30] for _, words in TOLD])
def test_it_reads_like_a_bank_statement(entry, words):
    """An entry is told in one line a person understands: when, in the owner's own time, and what."""
    at = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(NOW))
    assert in_words({"at": NOW, **entry}) == f"{at}  {words}"


@pytest.mark.parametrize("at", [None, "soon", float("inf"), 1e300, -1e300])
def test_a_moment_that_is_none_is_told_as_such(at):
    """Not even an entry somebody made up ends the telling."""
    assert (
        in_words({"at": at, "event": "mute_mended"})
        == "at no known time  the alarm is over; the microphones: (no finding)"
    )


def test_every_event_that_is_written_has_words():
    """Whatever part of the ear writes an event, it is told in words; and no words are for nothing."""
    assert events_written() == set(WORDS)


WRITES = re.compile(r".*ledger.*\.append|notes\.append|.*_entries\.put|self\.append")
"""Calls that write into the ledger, or queue for it."""


def events_written():
    """Find in the source the first word of what is appended, queued or noted."""
    found = set()
    for path in Path(sottovoce.__file__).parent.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if "ear.ledger import" in text or path.name == "ledger.py":
            calls = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call))
            found |= set().union(
                *(first_words(call) for call in calls if WRITES.fullmatch(ast.unparse(call.func).lower()))
            )
    return found


def first_words(call):
    """Give the strings that can be the first thing a call is given, in a tuple or by a condition too."""
    first = call.args[0] if call.args else None
    if isinstance(first, ast.Tuple):
        first = first.elts[0]
    choices = [first.body, first.orelse] if isinstance(first, ast.IfExp) else [first]
    return {one.value for one in choices if isinstance(one, ast.Constant) and isinstance(one.value, str)}
