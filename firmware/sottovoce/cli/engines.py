"""`sottovoce engines`: what can hear here, and what that asks for."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from sottovoce.cli.options import json_option, state_option
from sottovoce.config import state_folder

if TYPE_CHECKING:
    from sottovoce.ear.catalogue import Entry


@click.group()
def engines() -> None:
    """See which engines there are for wake words and speech."""


@engines.command("list")
@state_option
@json_option
def list_(state: Path | None, as_json: bool) -> None:
    """List every engine: installed or not, its words, account and contacts.

    `[wake] engine` and `[wake] words` in the configuration take a name and words from here. An engine
    that contacts somebody does so with a key of yours, never with sound.
    """
    from sottovoce.ear.catalogue import entries

    found = entries(state or state_folder())
    if as_json:
        told = [asdict(entry) | {"installed": entry.version is not None} for entry in found]
        click.echo(msgspec.json.encode(told).decode())
        return
    for entry in found:
        click.echo("\n".join(_told(entry)))


def _told(entry: "Entry") -> list[str]:
    have = entry.version or f"not installed: {entry.install}"
    account, contacts = "needed" if entry.account else "none", ", ".join(entry.contacts) or "nobody"
    lines = [f"{entry.name} ({entry.kind}), {have}", f"  account: {account}; contacts: {contacts}"]
    if entry.words:
        lines.append(f"  words: {', '.join(entry.words)}")
    if entry.note:
        lines.append(f"  {entry.note}")
    return lines


VERBS = (engines,)
