"""The ledger's audit: does it hold, and if not, at which entry first? Deciding only.

The same check serves the device and an outsider, who needs an export and the public key alone.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec

from sottovoce.ear.chain import START, Head, entry_of, hash_of, is_forged, signature_of

Files = Sequence[tuple[str, bytes]]
"""Names and contents, oldest first."""
OLD = "ledger.jsonl"
"""Holds what was written before entries were signed."""


@dataclass(frozen=True, slots=True)
class Fault:
    """The first thing that does not hold."""

    entry: int
    """Counted from 1 over all files."""
    where: str
    """File and line."""
    why: str
    cut_off: int = 0
    """How many entries the head tells of that are not there."""
    torn: bool = False
    """Whether it is half an entry at the very end: what a crash leaves."""

    def __str__(self) -> str:
        """Which entry, and why."""
        return f"entry {self.entry}: {self.why}"


@dataclass(slots=True)
class Report:
    """What an audit found."""

    entries: list[dict[str, Any]] = field(default_factory=list)
    """All of them, or those before the fault."""
    hashes: list[str] = field(default_factory=lambda: [START])
    """Of the lines; the first is what entry 1 is bound to."""
    fault: Fault | None = None
    unsigned: int = 0
    """How many entries no signature covers: at the end, or all."""
    key: str = ""
    """The public key that signed, in hex."""

    @property
    def trusted(self) -> list[dict[str, Any]]:
        """The entries before the fault; all of them where there is none."""
        return self.entries[: self.fault.entry - 1] if self.fault else self.entries

    @property
    def broken(self) -> bool:
        """Whether more may have been written than can be trusted: not so of half an entry at the end."""
        return self.fault is not None and not self.fault.torn


def check(files: Files, head: Head | None, key: str = "", *, every: bool = False) -> Report:
    """Check a whole ledger against its head.

    `key` is the public key that must have signed, if known. `every`: all who may write have that key,
    so that an entry without a signature is a fault.
    """
    lines = [
        (f"{name}:{number}", line)
        for name, data in files
        for number, line in enumerate(data.splitlines(keepends=True), 1)
    ]
    report = Report(key=key or (head.key if head else ""))
    report.fault = _walk(report, lines, every=every) or _against(report, lines, head, key)
    if report.fault is None and every:
        report.fault = _first_unsigned(lines)
    if report.fault is None and lines and not lines[-1][1].endswith(b"\n"):
        why = "only half of it is there: a crash while it was written, or somebody's hand"
        report.fault = Fault(len(lines), lines[-1][0], why, torn=True)
    report.key = head.key if head else ""
    return report


def export(files: Files, head: Head | None) -> bytes:
    """Put a ledger into one file: every line as it is, then one line with the signed head."""
    whole = (data[: data.rfind(b"\n") + 1] for _, data in files)
    return b"".join((*whole, msgspec.json.encode({"head": head}), b"\n"))


def check_export(data: bytes, key: str) -> Report:
    """Check an exported ledger by nothing but the public key, in hex, that its owner told you."""
    start = data.rfind(b"\n", 0, -1) + 1
    try:
        head = msgspec.json.decode(data[start:], type=dict[str, Head | None]).get("head")
    except (msgspec.MsgspecError, ValueError):
        head = None
    return check([("line", data[:start])], head, key)


def _walk(report: Report, lines: list[tuple[str, bytes]], *, every: bool) -> Fault | None:
    """Follow the chain; half an entry at the very end is left aside."""
    for number, (_, line) in enumerate(lines, 1):
        is_whole = line.endswith(b"\n")
        if not is_whole and number == len(lines):
            return None
        entry = entry_of(line) if is_whole else {}
        if entry.get("previous") != report.hashes[-1]:
            return _changed_before(report, lines, number, every=every) or _unbound(
                lines, number, is_entry=bool(entry)
            )
        report.entries.append(entry)
        report.hashes.append(hash_of(line))
    return None


def _changed_before(
    report: Report, lines: list[tuple[str, bytes]], number: int, *, every: bool
) -> Fault | None:
    """Where the chain breaks between two entries, see by its signature whether the first was changed."""
    if number == 1 or not report.key:
        return None
    where, line = lines[number - 2]
    is_bare = every and not where.startswith(OLD) and not signature_of(line)[1]
    if not is_bare and not is_forged(line, report.key):
        return None
    report.entries.pop()
    return Fault(number - 1, where, "it was changed")


def _unbound(lines: list[tuple[str, bytes]], number: int, *, is_entry: bool) -> Fault:
    """Say what is wrong with an entry that does not follow the one before."""
    where, _ = lines[number - 1]
    if not is_entry:
        return Fault(number, where, "this is no entry")
    before = lines[number - 2][0] if number > 1 else ""
    gone = _number(where) - _number(before) - 1
    if _number(where) and gone > 0:
        return Fault(number, where, f"{gone} {'files' if gone > 1 else 'file'} before it gone")
    why = "it does not follow the one before: one of the two was changed, moved or put in, or one removed"
    return Fault(number, where, why)


def _against(report: Report, lines: list[tuple[str, bytes]], head: Head | None, key: str) -> Fault | None:
    """Hold what was read against the head."""
    count, last = len(report.entries), lines[-1][0] if lines else OLD
    if head is None:
        return Fault(1, last, "the head is gone") if lines else None
    if (key or not head.old) and not head.holds(key):
        return Fault(max(1, count), last, "the head is not signed by this device's key")
    end = head.end
    if count < end.entries:
        missing = end.entries - count
        return Fault(count + 1, end.file, f"{missing} were cut off from here on", cut_off=missing)
    if report.hashes[end.entries] != end.hash:
        return _rewritten(lines, head)
    for number in range(end.entries, count):
        if head.key and is_forged(lines[number][1], head.key):
            return Fault(number + 1, lines[number][0], "it was put in or changed: its signature is not valid")
    signed = (n for n in range(count, end.entries, -1) if signature_of(lines[n - 1][1])[1])
    report.unsigned = count - (0 if head.old else next(signed, end.entries)) if count else 0
    return None


def _rewritten(lines: list[tuple[str, bytes]], head: Head) -> Fault:
    """Find the first entry of a chain that holds and does not lead to the head."""
    end = head.end.entries
    forged = (n for n in range(1, end + 1) if head.key and is_forged(lines[n - 1][1], head.key))
    number = next(forged, max(1, end))
    return Fault(number, lines[number - 1][0] if lines else OLD, "it is not what was signed")


def _first_unsigned(lines: list[tuple[str, bytes]]) -> Fault | None:
    for number, (where, line) in enumerate(lines, 1):
        if line.endswith(b"\n") and not where.startswith(OLD) and not signature_of(line)[1]:
            return Fault(number, where, "it is not signed: somebody without the key put it in")
    return None


def _number(where: str) -> int:
    found = re.search(r"/(\d+)-", where)
    return int(found[1]) if found else 0
