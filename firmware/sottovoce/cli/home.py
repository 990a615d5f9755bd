"""`sottovoce home`: the devices of home.toml, and the grant by which they are reached."""

import time
from pathlib import Path

import click

from sottovoce.cli.options import config_option, duration, settings, state_option
from sottovoce.ear.consent import WIRED_NAME, text_of
from sottovoce.ear.grants import Grants, draw_up
from sottovoce.ear.ledger import Ledger
from sottovoce.ear.receipt import terms
from sottovoce.ear.store import open_store
from sottovoce.errors import ConfigError, UsageError
from sottovoce.house.device import Device
from sottovoce.house.file import House, load, place
from sottovoce.house.wiring import fingerprint, listing
from sottovoce.vocabulary import Form, Grant, Kind

_SECONDS = click.FloatRange(0.1, 60)


@click.group()
def home() -> None:
    """Act on devices without home automation: home.toml says how each is reached."""


@home.command()
@config_option
def check(config_path: Path | None) -> None:
    """Check home.toml, and say what it comes to."""
    config, _ = settings(config_path, None)
    where = place(config, config_path)
    house = _there(load(config, config_path), where)
    told = sum(device.state_topic is not None for device in house.device)
    wired = sum(
        device.topic_for(action) is not None for device in house.device for action in device.is_a.actions
    )
    click.echo(f"{where}: {len(house.device)} devices, {wired} commands wired, {told} tell a state.")


@home.command(name="list")
@config_option
def list_(config_path: Path | None) -> None:
    """Show areas, devices, their other names, and what can be asked of each."""
    config, _ = settings(config_path, None)
    house = _there(load(config, config_path), place(config, config_path))
    for area in (*house.all_areas, ""):
        devices = [device for device in house.device if device.area.lower() == area]
        if devices or area:
            click.echo(area or "(in no area)")
        for device in devices:
            click.echo(f"  {_line(device)}")


@home.command()
@click.option("--for", "length", default="90d", show_default=True, metavar="TIME", help="At most 90d.")
@click.option("--yes", is_flag=True, help="Agree without being asked again.")
@config_option
@state_option
def wire(length: str, yes: bool, config_path: Path | None, state: Path | None) -> None:
    """Let your sentences act on the devices of home.toml. Shows every message before you agree.

    Whenever home.toml changes in what is sent, where, or on whose word, this is to be done again.
    """
    config, folder = settings(config_path, state)
    house = load(config, config_path)
    if not fingerprint(house):
        where = place(config, config_path)
        raise UsageError(f"{where}: no device there is wired", "sottovoce home discover proposes some")
    now = time.time()
    drawn = _drawn(house, now, duration(length))
    click.echo(f"{listing(house)}\n\n{text_of(drawn)}")
    if not yes:
        click.confirm("Do you agree?", default=False, abort=True)
    grants, ledger = Grants(open_store(folder)), Ledger(folder, time.time)
    for before in grants.every():  # one that has lapsed, too
        if before.form is Form.WIRED:
            ledger.append("revoked", grant=before.id, deleted=grants.revoke(before.id))
    grants.add(drawn)
    ledger.append("granted", **terms(drawn))
    click.echo(f"Granted as {drawn.id}. To end it: sottovoce consent revoke {drawn.id}")
    click.echo("A device that runs reads home.toml at its next start.")


@home.command()
@click.option("--seconds", type=_SECONDS, default=5.0, show_default=True, help="How long to listen.")
@config_option
def discover(seconds: float, config_path: Path | None) -> None:
    """Propose a home.toml from what zigbee2mqtt and Home Assistant's discovery tell at the broker.

    Prints it; nothing is written and nothing is published. Read it before you use it: whoever can write to
    the broker can put a device into it.
    """
    from sottovoce.courier.browse import browse
    from sottovoce.house.discover import TOPICS, propose

    config, _ = settings(config_path, None)
    if config.broker is None:
        raise ConfigError("no broker is named", 'add [broker] host = "..." to the configuration')
    proposal, devices = propose(browse(config.broker, TOPICS, seconds))
    click.echo(proposal, nl=False)
    click.echo(
        f"{devices} devices found. Save them as {place(config, config_path)}, and mend the names.", err=True
    )


def _there(house: House, where: Path) -> House:
    if not house.device:
        raise UsageError(f"{where}: no devices there", "sottovoce home discover proposes some")
    return house


def _line(device: Device) -> str:
    also = f", or {', '.join(device.names[1:])}" if device.aliases else ""
    can = [action for action in device.is_a.actions if device.topic_for(action)]
    does = ", ".join(can) or ("not wired" if device.is_a.actions else "")
    tells = (
        ("tells its state" if device.is_a.states else f"tells {device.spoken_unit}")
        if device.state_topic
        else ""
    )
    asks = "asks first" if device.asks else ""
    return f"{device.said}{also} ({device.type}): {'; '.join(part for part in (does, tells, asks) if part)}"


def _drawn(house: House, now: float, seconds: float) -> Grant:
    return draw_up(
        Grant(
            id="",
            kind=Kind.COMMAND,
            recipient=WIRED_NAME,
            topic=fingerprint(house),
            purpose="to act on the devices that I wired",
            humans_listen=False,
            retention="as the broker and the devices do",
            intents=(),
            granted_at=now,
            ends_at=now + seconds,
            text_hash="",
            form=Form.WIRED,
        )
    )


VERBS = (home,)
