"""`sottovoce config`: what is known, and what is in force."""

from pathlib import Path

import click

from sottovoce.cli.options import config_option
from sottovoce.config import as_toml_like, load


@click.command()
@config_option
def config(config_path: Path | None) -> None:
    """Print the configuration in force, as TOML with every key. Checks the file on the way."""
    click.echo(as_toml_like(load(config_path)), nl=False)


VERBS = (config,)
