"""`sottovoce review`: what was kept for you. You listen, correct, approve or delete, one by one."""

import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import msgspec

from sottovoce.cli.options import config_option, json_option, settings, state_option
from sottovoce.config import Config
from sottovoce.ear.corrections import Corrections
from sottovoce.ear.hints import unknown_names
from sottovoce.errors import UsageError
from sottovoce.house.file import House
from sottovoce.house.file import load as load_house
from sottovoce.journal import open_journal

if TYPE_CHECKING:
    from sottovoce.ear.quarantine import Kept, Quarantine

_SHORT: Final = 8
"""So many letters of a snippet's name are shown, and so many at least tell which is meant."""
_OFF: Final = "Nothing is kept: it is turned off. [review] keep = true in the configuration turns it on."


@click.group(invoke_without_command=True)
@click.option(
    "--play-to", type=click.Path(path_type=Path), metavar="FILE", help="Play into a WAV, not the loudspeaker."
)
@config_option
@state_option
@click.pass_context
def review(
    context: click.Context, play_to: Path | None, config_path: Path | None, state: Path | None
) -> None:
    """Go through what was kept for you, sentence by sentence. Nobody else can."""
    if context.invoked_subcommand is not None:
        return
    config, folder = settings(config_path, state)
    quarantine = _open(config, folder)
    shelf = quarantine.kept()
    if not shelf:
        click.echo("Nothing waits for review." if config.review.keep else _OFF)
        return
    from sottovoce.cli.desk import Desk

    desk = Desk(config, folder, quarantine, play_to)
    for number, kept in enumerate(shelf, 1):
        click.echo(f"\n{number} of {len(shelf)}: {_told(kept)}")
        if not desk.see_to(kept.name):
            break


@review.command(name="list")
@json_option
@config_option
@state_option
def list_(as_json: bool, config_path: Path | None, state: Path | None) -> None:
    """Show what waits, and until when. No words."""
    config, folder = settings(config_path, state)
    shelf = _open(config, folder).kept()
    seconds = config.review.hours * 3600
    if as_json:
        rows = [
            {"id": kept.name, "at": kept.at, "until": kept.at + seconds, "bytes": kept.size} for kept in shelf
        ]
        click.echo(msgspec.json.encode(rows).decode())
        return
    if not shelf:
        click.echo("Nothing waits for review." if config.review.keep else _OFF)
    for kept in shelf:
        click.echo(f"{_told(kept)}, until {_moment(kept.at + seconds)}")


@review.command()
@click.argument("snippet", metavar="ID")
@config_option
@state_option
def delete(snippet: str, config_path: Path | None, state: Path | None) -> None:
    """Destroy one; its first letters will do."""
    config, folder = settings(config_path, state)
    quarantine = _open(config, folder)
    fitting = [kept.name for kept in quarantine.kept() if kept.name.startswith(snippet)]
    if len(fitting) != 1 or len(snippet) < min(_SHORT, len(fitting[0])):
        raise UsageError(f"no one snippet is {snippet}", "sottovoce review list shows them")
    quarantine.delete(fitting[0])
    click.echo("Deleted: its key is destroyed.")


@review.command()
@click.option("--forget", is_flag=True, help="Delete all of them.")
@json_option
@config_option
@state_option
def corrections(forget: bool, as_json: bool, config_path: Path | None, state: Path | None) -> None:
    """Show what you said that sentences were. It stays on this device, which hears better by it."""
    config, folder = settings(config_path, state)
    book = Corrections(folder)
    if forget:
        book.forget()
        click.echo("Forgotten.")
        return
    known = book.all()
    if as_json:
        click.echo(msgspec.json.encode(known).decode())
        return
    if not known:
        click.echo("No corrections yet: sottovoce review takes them.")
    for one in known:
        times = "once" if one.count == 1 else f"{one.count} times"
        what = (
            f'right: "{one.meant}"' if one.heard == one.meant else f'heard "{one.heard}", meant "{one.meant}"'
        )
        click.echo(f"{what} ({times})")
    for name in unknown_names(known, _words(config, load_house(config, config_path))) if known else []:
        click.echo(f'No sentence of mine has "{name}". If it is a device: add it under [home] devices.')


def _open(config: Config, folder: Path) -> "Quarantine":
    """Make the quarantine, swept. Raises StateError."""
    from sottovoce.ear import build

    quarantine = build.make_quarantine(config, folder, open_journal("review", quiet=True))
    quarantine.sweep()
    return quarantine


def _words(config: Config, house: House) -> frozenset[str]:
    from sottovoce.ear import build
    from sottovoce.ear.grammar import compile_grammar

    return compile_grammar(build.make_understanding(config, house=house).templates).words


def _told(kept: "Kept") -> str:
    return f"{kept.name[:_SHORT]}  {_moment(kept.at)}, {_ago(time.time() - kept.at)}"


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def _ago(seconds: float) -> str:
    hours, minutes = divmod(max(round(seconds / 60), 0), 60)
    return f"{hours} h {minutes} min ago" if hours else f"{minutes} min ago"


VERBS = (review,)
