"""`sottovoce ledger`: what has left this device, and whether anybody changed what is written of it."""

import time
from datetime import datetime
from pathlib import Path
from typing import IO, Final

import click
import msgspec

from sottovoce.cli.options import duration, json_option, settings, state_option
from sottovoce.ear.audit import Report, check_export
from sottovoce.ear.ledger import Ledger
from sottovoce.ear.ledger_words import in_words
from sottovoce.errors import InputError, StateError, UsageError

_TELLING: Final = {"torn", "taken_over", "key_changed"}
_IN_STATE: Final = (
    "The key lies in the state folder: whoever may write there can write the ledger anew and sign it. "
    "Only a line noted elsewhere shows that."
)
_APART: Final = (
    "The key lies outside the state folder: whoever has only the folder can sign nothing. He can still "
    "put back an older copy of it whole; a line noted elsewhere shows that."
)


@click.group()
def ledger() -> None:
    """Read the ledger: what left this device, when, to whom, on your word."""


@ledger.command()
@click.option("--today", is_flag=True, help="Only today's entries.")
@click.option(
    "--since", default="", metavar="WHEN", help="Only those since 2027-01-31, or of the last 12h, 7d."
)
@json_option
@state_option
def show(today: bool, since: str, as_json: bool, state: Path | None) -> None:
    """Show the entries, oldest first, up to the first one that was tampered with."""
    _, folder = settings(None, state)
    book = Ledger(folder, time.time)
    report = book.audit()
    begin = max(_midnight() if today else 0.0, _moment(since) if since else 0.0)
    entries = [entry for entry in report.entries if not begin or entry.get("at", 0) >= begin]
    if as_json:
        click.echo(msgspec.json.encode(entries).decode())
    elif not entries and not report.fault:
        click.echo("Nothing in that time." if report.entries else "Nothing has left this device.")
    else:
        for entry in entries:
            click.echo(in_words(entry))
    if report.fault and report.fault.torn:
        click.echo(str(report.fault), err=True)
    elif report.fault:
        raise book.broken(report)


@ledger.command()
@click.option("--key", default="", metavar="HEX", help="The public key that must have signed.")
@click.option("--noted", default="", metavar="NUMBER:HASH", help="What you noted of an earlier check.")
@click.option(
    "--export", "exported", type=click.File("rb"), metavar="FILE", help="Check an export; needs --key alone."
)
@state_option
def verify(key: str, noted: str, exported: IO[bytes] | None, state: Path | None) -> None:
    """Check that no entry was changed, removed, moved or put in; tell the first that was."""
    if exported:
        if not key:
            raise UsageError(
                "an export proves nothing by the key it brings along", "give the owner's with --key"
            )
        report = check_export(exported.read(), key)
        if report.fault:
            raise InputError(f"{exported.name}: {report.fault.where}: {report.fault}", _lost(report))
    else:
        _, folder = settings(None, state)
        book = Ledger(folder, time.time)
        report = book.audit(key)
        if report.fault:
            raise book.broken(report)
    if noted:
        _hold_against(report, noted)
    _tell(report)
    if report.key and not exported:
        click.echo(_APART if book.key_apart else _IN_STATE)


@ledger.command()
@click.argument("file", type=click.File("wb"), default="-")
@state_option
def export(file: IO[bytes], state: Path | None) -> None:
    """Write the whole ledger into one FILE that others can check with the public key alone."""
    _, folder = settings(None, state)
    book = Ledger(folder, time.time)
    file.write(book.export())
    key = book.audit().key or "(nothing signed yet)"
    click.echo(f"Public key: {key}\nTo check it: sottovoce ledger verify --export FILE --key KEY", err=True)


def _tell(report: Report) -> None:
    count = len(report.entries)
    rest = f"; the last {report.unsigned} not signed yet" if report.unsigned else ""
    click.echo(f"{count} entries, the chain holds{rest}.")
    for entry in report.entries:
        if entry.get("event") in _TELLING:
            click.echo(in_words(entry))
    if count:
        click.echo(f"Public key: {report.key or 'none yet'}")
        click.echo(f"To note elsewhere, and to give to --noted one day: {count}:{report.hashes[-1]}")


def _hold_against(report: Report, noted: str) -> None:
    number, _, found = noted.partition(":")
    if not number.isdecimal() or not found:
        raise UsageError(f"{noted!r} is no note", "it is NUMBER:HASH, as verify printed it")
    if int(number) >= len(report.hashes):
        missing = int(number) + 1 - len(report.hashes)
        raise StateError(
            f"entry {number}, which you noted, is not there", f"{missing} are missing at the end"
        )
    if report.hashes[int(number)] != found:
        raise StateError(
            f"entry {number} is not the one you noted", "the ledger was written anew up to there"
        )


def _lost(report: Report) -> str:
    cut = report.fault.cut_off if report.fault else 0
    return f"{cut} cut off at the end" if cut else "somebody changed this file, or the key is another"


def _midnight() -> float:
    return datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0).timestamp()


def _moment(text: str) -> float:
    """Read a day, a moment, or how long ago, in seconds since the epoch. Raises UsageError."""
    try:
        return datetime.fromisoformat(text).astimezone().timestamp()
    except ValueError:
        return time.time() - duration(text)


VERBS = (ledger,)
