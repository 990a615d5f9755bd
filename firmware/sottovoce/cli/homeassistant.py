"""`sottovoce homeassistant`: what Home Assistant is told of the device."""

import json
from pathlib import Path

import click

from sottovoce.cli.options import config_option, json_option
from sottovoce.config import load
from sottovoce.errors import ConfigError


@click.group()
def homeassistant() -> None:
    """See what Home Assistant is told of this device, or have it forget the device.

    With [broker] in the configuration the device shows up there by itself.
    """


@homeassistant.command()
@config_option
@json_option
def discovery(config_path: Path | None, as_json: bool) -> None:
    """Print the message by which Home Assistant finds this device, and where it is published."""
    from sottovoce.courier.homeassistant import announcement, message

    config = load(config_path)
    if as_json:
        click.echo(json.dumps(message(config)))
        return
    click.echo(f"Published at {announcement(config).topic}, retained:")
    for entity in message(config)["components"].values():
        click.echo(f"  {entity['platform']:<14} {entity['name']:<21} {entity['default_entity_id']}")


@homeassistant.command()
@config_option
def remove(config_path: Path | None) -> None:
    """Have Home Assistant forget this device. A device that still runs with discovery on shows up again."""
    from sottovoce.courier.client import publish_once
    from sottovoce.courier.homeassistant import farewell

    config = load(config_path)
    if config.broker is None:
        raise ConfigError("no broker is named", 'add [broker] host = "..." to the configuration')
    publish_once(config.broker, f"{config.base_topic.replace('/', '-')}-remove", farewell(config))
    click.echo("Home Assistant is told to forget this device.")
    if config.home_assistant.discovery:
        click.echo("It shows up again at its next connection, unless [home_assistant] discovery = false.")


VERBS = (homeassistant,)
