"""The ledger's audit: every change is found, and the first entry it touches is named."""

import hashlib
import json
from itertools import pairwise

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from nacl.signing import SigningKey

from sottovoce.ear.audit import check, check_export, export
from sottovoce.ear.chain import Head, Point, hash_of, link, public, sign

KEY, OTHER = SigningKey(b"k" * 32), SigningKey(b"o" * 32)
MONTHS = ["ledger/0001-2027-01.jsonl", "ledger/0002-2027-02.jsonl", "ledger/0003-2027-03.jsonl"]


def a_ledger(key=KEY, each=3, **facts):
    """Give the files of three months, a few entries each, and the signed head."""
    point, files = Point(), []
    for name in MONTHS:
        data = b""
        for number in range(each):
            line = link(point, {"at": 1.5, "event": "sent", "number": number, **facts}, key)
            data, point = data + line, point.after(line, name)
        files.append((name, data))
    return files, sign(point, key)


FILES, HEAD = a_ledger()
LINES = [line for _, data in FILES for line in data.splitlines(keepends=True)]


def with_lines(lines):
    """Put lines back into the files of three months."""
    return [(name, b"".join(lines[3 * n : 3 * n + (3 if n < 2 else 99)])) for n, name in enumerate(MONTHS)]


def found(files, head=HEAD, **kwargs):
    """What an audit by the device finds."""
    return check(files, head, public(KEY), every=True, **kwargs).fault


def test_a_ledger_that_nobody_touched_holds():
    """No fault, every entry there and signed."""
    report = check(FILES, HEAD, public(KEY), every=True)
    assert (report.fault, len(report.entries), report.unsigned) == (None, 9, 0)


@settings(max_examples=1000)
@given(st.integers(0, 8), st.data())
def test_any_changed_byte_names_its_entry(number, data):
    """Whichever byte is changed, in whichever month: the entry it is in is the one named."""
    line = LINES[number]
    at = data.draw(st.integers(0, len(line) - 1))
    changed = (
        line[:at]
        + bytes([data.draw(st.integers(0, 255).filter(lambda byte: byte != line[at]))])
        + line[at + 1 :]
    )
    fault = found(with_lines([*LINES[:number], changed, *LINES[number + 1 :]]))
    assert fault.entry == number + 1
    assert fault.where.split(":")[0] == MONTHS[number // 3]


@given(st.integers(0, 8))
def test_a_removed_entry_is_named(number):
    """At the end too: then it is told how many were cut off."""
    fault = found(with_lines(LINES[:number] + LINES[number + 1 :]))
    assert fault.entry == number + 1
    assert fault.cut_off == (1 if number == 8 else 0)


@given(st.integers(0, 8), st.integers(0, 8))
def test_swapped_entries_are_named(one, other):
    """The first of the two is named."""
    assume(one < other)
    lines = list(LINES)
    lines[one], lines[other] = lines[other], lines[one]
    assert found(with_lines(lines)).entry == one + 1


@given(st.integers(0, 9), st.integers(0, 8))
def test_an_entry_put_in_twice_is_named(at, which):
    """Wherever it is put in, behind the end too."""
    lines = [*LINES[:at], LINES[which], *LINES[at:]]
    assert found(with_lines(lines)).entry in {at, at + 1, at + 2}


@given(st.integers(0, 8))
def test_a_cut_off_end_tells_how_much(kept):
    """However much is cut off: the first that is missing, and how many are."""
    fault = found([(name, data) for name, data in with_lines(LINES[:kept]) if data])
    assert (fault.entry, fault.cut_off, fault.torn) == (kept + 1, 9 - kept, False)


@given(st.integers(1, sum(map(len, LINES)) - 1))
def test_bytes_cut_off_are_found(count):
    """Cut at any byte of the last file, or through several."""
    left, files = sum(map(len, LINES)) - count, []
    for name, data in FILES:
        files.append((name, data[: max(0, left)]))
        left -= len(data)
    fault = found(files)
    assert fault.cut_off >= 1
    assert not fault.torn


@pytest.mark.parametrize("gone", [0, 1, 2])
def test_a_month_that_is_gone_is_named(gone):
    """The first entry that is missing, and that a file is."""
    fault = found([file for number, file in enumerate(FILES) if number != gone])
    assert fault.entry == 3 * gone + 1
    assert ("1 file before it gone" in fault.why) == (gone < 2)
    assert fault.cut_off == (3 if gone == 2 else 0)


@pytest.mark.parametrize("key", [None, OTHER])
def test_an_appended_entry_without_the_key_is_found(key):
    """Well bound to the chain, and signed by nobody or by somebody else."""
    line = link(HEAD.end, {"at": 1.5, "event": "sent"}, key)
    assert hash_of(LINES[-1]).encode() in line
    assert found(with_lines([*LINES, line])).entry == 10


def test_half_an_entry_at_the_end_is_told_as_such():
    """It is what a crash leaves, and is named; anywhere else it is a fault like any other."""
    fault = found(with_lines([*LINES, LINES[0][:40]]))
    assert (fault.entry, fault.torn) == (10, True)
    assert not found(with_lines([*LINES[:6], LINES[6][:40] + LINES[7], LINES[8]])).torn


@pytest.mark.parametrize("key", [OTHER, None])
def test_a_ledger_written_anew_is_found(key):
    """All of it, head included, without the device's key."""
    files, head = a_ledger(OTHER, bytes=1)
    head = head if key else Head(head.end)
    assert "not signed" in found(files, head).why
    assert "not signed" in found(files, Head(head.end, HEAD.signature, HEAD.key)).why
    assert found(files, HEAD).entry == 1


@settings(max_examples=300)
@given(st.data())
def test_any_changed_byte_of_the_head_is_found(data):
    """In an export, where it stands as it was signed."""
    whole = export(FILES, HEAD)
    start = whole.rfind(b"\n", 0, -1) + 1
    at = data.draw(st.integers(start, len(whole) - 2))
    byte = data.draw(st.integers(33, 255).filter(lambda byte: byte != whole[at]))
    assert check_export(whole[:at] + bytes([byte]) + whole[at + 1 :], public(KEY)).fault


@pytest.mark.parametrize("change", [str.upper, lambda text: f"{text[:2]} {text[2:]}"])
def test_a_signature_is_written_in_one_way_only(change):
    """Capitals or spaces in it would hold as well: they are a change like any other."""
    assert "not signed" in found(FILES, Head(HEAD.end, change(HEAD.signature), HEAD.key)).why


def test_an_outsider_checks_an_export_with_the_public_key_alone():
    """It holds for the right key and for no other."""
    whole = export(FILES, HEAD)
    assert (check_export(whole, public(KEY)).fault, len(check_export(whole, public(KEY)).entries)) == (
        None,
        9,
    )
    assert check_export(whole, public(OTHER)).fault
    forged, head = a_ledger(OTHER, each=3)
    assert check_export(export(forged, head), public(KEY)).fault
    assert check_export(export(forged, Head(head.end, old=True)), public(KEY)).fault


@given(st.integers(0, 8))
def test_an_export_with_a_line_removed_or_changed_is_found(number):
    """And the line is named."""
    lines = export(FILES, HEAD).splitlines(keepends=True)
    fault = check_export(b"".join(lines[:number] + lines[number + 1 :]), public(KEY)).fault
    assert fault.entry == number + 1
    lines[number] = lines[number].replace(b'"sent"', b'"kept"')
    assert check_export(b"".join(lines), public(KEY)).fault.entry == number + 1


@given(st.binary(max_size=200))
@example(b"")
@example(b"\n\n")
@example(b'{"head":null}\n')
def test_an_export_that_is_none_proves_nothing(data):
    """Whatever it is, it is a fault, or an empty ledger; never a crash."""
    report = check_export(data, public(KEY))
    assert report.fault or report.entries == []


def test_the_signatures_are_plain_ed25519():
    """Whoever writes a check of his own needs SHA-256, Ed25519, and these few lines."""
    *lines, last = export(FILES, HEAD).splitlines(keepends=True)
    for before, line in pairwise(lines):
        assert json.loads(line)["previous"] == hashlib.sha256(before).hexdigest()
        body, _, signature = line.rpartition(b', "signature": ')
        KEY.verify_key.verify(body + b"}", bytes.fromhex(signature[1:129].decode()))
    head = json.loads(last)["head"]
    end = json.dumps(head["end"], separators=(",", ":")).encode()
    KEY.verify_key.verify(b"sottovoce ledger head\n" + end, bytes.fromhex(head["signature"]))
    assert head["end"]["hash"] == hashlib.sha256(lines[-1]).hexdigest()


def test_a_chain_rebuilt_behind_a_change_names_the_change():
    """Who binds all that follows anew, and has no key, is found at the first entry he touched."""
    point, lines = Point(), []
    for number, line in enumerate(LINES):
        entry = json.loads(line)
        entry["previous"] = point.hash
        if number == 4:
            entry["event"] = "kept"
        lines.append(line if number < 4 else json.dumps(entry).encode() + b"\n")
        point = point.after(lines[-1], MONTHS[number // 3])
    assert point.hash == hash_of(lines[-1])
    assert found(with_lines(lines)).entry == 5
