"""`sottovoce mute`, `unmute`, `switch`: deaf by software, and what the privacy switch says."""

import math
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import msgspec

from sottovoce.cli.options import (
    config_option,
    duration,
    json_option,
    position_option,
    settings,
    state_option,
)
from sottovoce.config import Config
from sottovoce.ear.ledger import Ledger
from sottovoce.ear.mute import UNTIL_TOLD, Mutes
from sottovoce.ear.store import open_store
from sottovoce.errors import MicrophoneError, SwitchError
from sottovoce.vocabulary import MuteReason, Position

if TYPE_CHECKING:
    from sottovoce.ear.build import Board

_TRIED_FRAMES: Final = 32
"""A second of sound."""

_simulate = click.option("--simulate", is_flag=True, help="A simulated switch.")


@click.command()
@click.option(
    "--for", "length", default="", metavar="TIME", help="Such as 45m or 8h. Without it: until told."
)
@config_option
@state_option
def mute(length: str, config_path: Path | None, state: Path | None) -> None:
    """Mute the microphone in software, now and over a restart; the running device obeys within a second."""
    config, folder = settings(config_path, state)
    until = time.time() + duration(length) if length else UNTIL_TOLD
    Mutes(open_store(folder), time.time, config.mute.schedule).set_soft(until=until)
    click.echo(f"Muted {_until(until)}. To end it: sottovoce unmute")


@click.command()
@config_option
@state_option
def unmute(config_path: Path | None, state: Path | None) -> None:
    """End a mute made in software. The privacy switch and the schedule stay as they are."""
    config, folder = settings(config_path, state)
    mutes = Mutes(open_store(folder), time.time, config.mute.schedule)
    mutes.clear_soft()
    left = " The schedule still mutes it." if MuteReason.SCHEDULE in mutes.look() else ""
    click.echo(f"No longer muted in software.{left}")


@click.group()
def switch() -> None:
    """See what the privacy switch says, and whether the microphones are truly dead."""


@switch.command()
@_simulate
@position_option
@config_option
@json_option
@state_option
def show(simulate: bool, position: str, as_json: bool, config_path: Path | None, state: Path | None) -> None:
    """Show what the switch's two senses say, and which microphones the kernel holds open."""
    from sottovoce.ear.build import make_kernel

    config, folder = settings(config_path, state)
    says = _told_by(config, folder, simulate, position)
    captures = make_kernel().captures()
    names = None if captures is None else [one.name for one in captures]
    if as_json:
        click.echo(msgspec.json.encode({"switch": says, "open": names}).decode())
        return
    click.echo(f"The switch says: {says}")
    if names is None:
        click.echo("The kernel tells nothing of microphones here.")
    else:
        click.echo(f"The kernel holds open: {', '.join(names) or 'no microphone'}")


@switch.command()
@_simulate
@position_option
@config_option
@state_option
def test(simulate: bool, position: str, config_path: Path | None, state: Path | None) -> None:
    """Listen for a second with the switch at muted: every sample must be exactly zero.

    The one time that a microphone is opened behind a muted switch, and only on this command. Stop the
    device first: systemctl stop sottovoce-ear.
    """
    from sottovoce.ear.build import make_kernel
    from sottovoce.ear.meter import sounding

    config, folder = settings(config_path, state)
    board = _board(config, folder, simulate, position)
    if (says := _says(board)) is Position.LIVE:
        raise MicrophoneError("switch test: the switch says live", "set it to muted, and test again")
    if held := make_kernel().captures():
        raise MicrophoneError(
            f"switch test: in use: {', '.join(one.name for one in held)}",
            "systemctl stop sottovoce-ear, and test again",
        )
    try:
        found = sounding(board.microphone, _TRIED_FRAMES)
    except MicrophoneError as error:
        click.echo(f"Deaf: no microphone can be opened ({error.what}). One must with the switch at live.")
        return
    if found is None:
        raise MicrophoneError("switch test: no sound came at all, which proves nothing", "try it at live")
    if found:
        Ledger(folder, time.time).append("switch", position=str(Position.TAMPER))
        raise MicrophoneError(
            f"switch test: TAMPER: {found} samples were not zero although the switch says {says}",
            "hardware/ASSEMBLY.md, the check with a meter",
        )
    click.echo("Deaf: a second of sound was asked for, and not one sample came that was not zero.")


def _board(config: Config, folder: Path, simulate: bool, position: str) -> "Board":
    from sottovoce.ear.build import Options, make_board

    options = Options(folder, simulate=simulate, position=Position(position))
    return make_board(config, options, lambda _: None)


def _told_by(config: Config, folder: Path, simulate: bool, position: str) -> str:
    """What the switch says; while the device runs, which has the pins, what it last wrote down."""
    try:
        return str(_says(_board(config, folder, simulate, position)))
    except SwitchError:
        flips = [entry for entry in Ledger(folder, time.time).entries() if entry["event"] == "switch"]
        if not flips:
            raise
        at = datetime.fromtimestamp(flips[-1]["at"]).astimezone()
        return f"{flips[-1]['position']}, as the device wrote down on {at:%Y-%m-%d %H:%M:%S}"


def _says(board: "Board") -> Position:
    from sottovoce.ear.meter import SETTLING_SECONDS

    told: list[Position] = []
    board.switch.watch(told.append)
    threading.Event().wait(SETTLING_SECONDS)
    return told[-1]


def _until(until: float) -> str:
    if math.isinf(until):
        return "until you say otherwise"
    return f"until {datetime.fromtimestamp(until).astimezone():%Y-%m-%d %H:%M}"


VERBS = (mute, unmute, switch)
