"""`sottovoce forget`: delete what was said, here at once, and ask whoever got it to delete it too."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import click

from sottovoce.cli.options import config_option, settings, state_option
from sottovoce.ear.forget import Forget, Forgotten
from sottovoce.ear.ledger import Ledger
from sottovoce.ear.store import open_store
from sottovoce.ear.words import counted, listed
from sottovoce.errors import UsageError
from sottovoce.journal import open_journal

_SURE: Final = {
    "last": "Delete what was said last?",
    "today": "Delete everything from today?",
    "all": "Delete EVERYTHING that is kept, waits, or was sent?",
}
UNREACHED: Final = (
    "What no device can reach: copies that a recipient passed on or keeps all the same. What was deleted here"
    " is overwritten in its file; an SD card may keep old blocks until it needs them."
)

ACTED: Final = (
    "and nobody is asked to delete that: they keep no words. Your broker may keep what went over it."
)


@click.command()
@click.option(
    "--last", "what", flag_value="last", help="What was said last of all that is kept or can be asked back."
)
@click.option("--today", "what", flag_value="today", help="Everything said since midnight.")
@click.option("--all", "what", flag_value="all", help="Everything.")
@click.option("--yes", is_flag=True, help="Do it without asking again.")
@config_option
@state_option
def forget(what: str | None, yes: bool, config_path: Path | None, state: Path | None) -> None:
    """Delete what was said: here at once, and ask everyone who got it.

    Grants stand: to end those, see `sottovoce consent revoke`. The ledger stays; it holds no words.
    """
    from sottovoce.ear.build import make_quarantine

    if what is None:
        raise UsageError("forget what?", "say --last, --today or --all")
    config, folder = settings(config_path, state)
    if not yes:
        click.confirm(_SURE[what], default=False, abort=True)
    kept = make_quarantine(config, folder, open_journal("forget", quiet=True))
    forgets = Forget(open_store(folder), Ledger(folder, time.time), kept, time.time)
    before = forgets.unanswered()
    done = {"last": forgets.last, "today": forgets.today, "all": forgets.all}[what]()
    for line in told(done, before, broker=config.broker is not None):
        click.echo(line)


def told(done: Forgotten, before: Mapping[str, int], *, broker: bool) -> list[str]:
    """Say what was deleted, who is asked, and what that does not reach; `before`: unanswered until now."""
    here = f"{counted(done.kept, 'kept sentence')} and {done.waiting} waiting"
    lines = ["There was nothing to delete."] if done.nothing else [f"Deleted here: {here}."]
    if done.ledger_broken:
        lines.append("The ledger is broken (sottovoce ledger verify): more may have been sent than it tells.")
    if done.wired:
        lines.append(f"{counted(done.wired, 'message')} to devices of home.toml: done, {ACTED}")
    if done.asked:
        lines += asking(done.asked, before, broker=broker)
    return lines


def asking(asked: Mapping[str, int], before: Mapping[str, int], *, broker: bool) -> list[str]:
    """Say who is asked to delete what they got, and what that does not reach."""
    who = [f"{recipient} ({counted(count, 'thing')})" for recipient, count in sorted(asked.items())]
    lines = [f"Being asked to delete what they got: {listed(who)}. Their answers: sottovoce ledger show"]
    silent = [recipient for recipient in sorted(asked) if before.get(recipient)]
    if silent:
        lines.append(f"Earlier requests are still without an answer from {listed(silent)}.")
    if not broker:
        lines.append("No broker is configured: the requests wait until there is one.")
    return [*lines, UNREACHED]


VERBS = (forget,)
