"""What the sharing side costs: consent, redaction, outbox, ledger; on a disk, in a folder of its own."""

import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

from sottovoce.ear.chain import Point, link, public, sign
from sottovoce.ear.consent import LONGEST_SECONDS, weigh
from sottovoce.ear.grants import Grants, draw_up
from sottovoce.ear.ledger import Ledger
from sottovoce.ear.ledger_files import LedgerFiles
from sottovoce.ear.ledger_key import find_keys
from sottovoce.ear.mask import Masker
from sottovoce.ear.outbox import Outbox
from sottovoce.ear.redact import Redactor
from sottovoce.ear.store import open_store
from sottovoce.vocabulary import FORMS, Grant, Intent, Kind, Snippet, Transcript

TRIES: Final = 300
ENTRIES: Final = 100_000
_WARM_UP: Final = 20
_SENTENCE: Final = "turn on the lamp for sophie martin her number is oh six twelve thirty four fifty six"


@dataclass(frozen=True, slots=True)
class SharingReport:
    """Medians, in milliseconds; `verify_seconds` for the whole ledger."""

    tries: int
    decide_ms: float
    """To weigh a transcript against three grants, and to redact it."""
    put_ms: float
    """To have it on disk in the outbox."""
    ledger_ms: float
    """To have an entry on disk in the ledger."""
    entries: int
    verify_seconds: float


def measure(done: Callable[[], None], entries: int = ENTRIES) -> SharingReport:
    """Measure on the disk of the folder for temporary files; `done` is called TRIES times."""
    with tempfile.TemporaryDirectory(prefix="sottovoce-bench-") as name:
        folder, now = Path(name), time.time()
        store = open_store(folder)
        grants, outbox, ledger = Grants(store), Outbox(store, time.time), Ledger(folder, time.time)
        for kind in Kind:
            grants.add(draw_up(_grant(kind, now)))
        redactor = Redactor(Masker(["lamp", "kitchen"]), b"secret" * 3)
        snippet = Snippet(
            "s", now, Transcript(_SENTENCE, 1.0, "none"), Intent("HomeTurnOn", {"name": "lamp"})
        )
        decide, put, wrote = [], [], []
        for _ in range(_WARM_UP + TRIES):
            begun = time.perf_counter()
            consented = weigh(snippet, grants.all(), now)
            (redacted,) = (
                kept
                for one in consented
                if one.grant.kind is Kind.TRANSCRIPT and (kept := redactor.redact(one, now))
            )
            decided = time.perf_counter()
            outbox.put(redacted)
            stored = time.perf_counter()
            ledger.append("sent", kind="transcript", bytes=1)
            written = time.perf_counter()
            decide.append(decided - begun)
            put.append(stored - decided)
            wrote.append(written - stored)
        for _ in range(TRIES):
            done()
        store.close()
        return SharingReport(
            tries=TRIES,
            decide_ms=_median_ms(decide),
            put_ms=_median_ms(put),
            ledger_ms=_median_ms(wrote),
            entries=entries,
            verify_seconds=_verify(folder / "long", entries),
        )


def _median_ms(seconds: list[float]) -> float:
    return 1000 * median(seconds[_WARM_UP:])


def _verify(folder: Path, entries: int) -> float:
    """Write a long ledger, as `Ledger.append` would but in one go, and check it; seconds."""
    folder.mkdir()
    key = find_keys(folder).to_sign(None)
    assert key is not None  # noqa: S101  made just now
    files, point, lines = LedgerFiles(folder), Point(), []
    name = files.name_for(point, time.time())
    for number in range(entries):
        line = link(point, {"at": round(time.time(), 3), "event": "sent", "number": number}, key)
        point = point.after(line, name)
        lines.append(line)
    with files.locked(write=True):
        files.begin()
        files.add(name, b"".join(lines))
        files.keep(sign(point, key))
    begun = time.perf_counter()
    report = Ledger(folder, time.time).audit(public(key))
    seconds = time.perf_counter() - begun
    assert report.fault is None, report.fault  # noqa: S101  else the figure is of something else
    assert len(report.entries) == entries  # noqa: S101
    return seconds


def _grant(kind: Kind, now: float) -> Grant:
    return Grant(
        id="",
        kind=kind,
        recipient="home automation",
        topic="sottovoce/home",
        purpose="to measure",
        humans_listen=False,
        retention="not at all",
        intents=(),
        granted_at=now - 1,
        ends_at=now + LONGEST_SECONDS - 10,
        text_hash="",
        form=FORMS[kind][0],
    )
