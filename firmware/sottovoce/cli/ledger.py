"""`sottovoce ledger`: what has left this device."""

import time
from datetime import datetime
from pathlib import Path

import click
import msgspec

from sottovoce.cli.options import json_option, settings, state_option
from sottovoce.ear.ledger import Ledger, in_words


@click.group()
def ledger() -> None:
    """Read the ledger: what left this device, when, to whom, on your word."""


@ledger.command()
@click.option("--today", is_flag=True, help="Only today's entries.")
@json_option
@state_option
def show(today: bool, as_json: bool, state: Path | None) -> None:
    """Show the entries, oldest first. Fails at the first one that was tampered with."""
    _, folder = settings(None, state)
    entries = Ledger(folder, time.time).entries()
    if today:
        midnight = datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
        entries = [entry for entry in entries if entry["at"] >= midnight.timestamp()]
    if as_json:
        click.echo(msgspec.json.encode(entries).decode())
        return
    if not entries:
        click.echo("Nothing has left this device.")
    for entry in entries:
        click.echo(in_words(entry))


@ledger.command()
@state_option
def verify(state: Path | None) -> None:
    """Check that no entry was changed, removed or put in."""
    _, folder = settings(None, state)
    click.echo(f"{len(Ledger(folder, time.time).entries())} entries, the chain holds.")


VERBS = (ledger,)
