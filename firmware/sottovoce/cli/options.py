"""Options that several verbs share."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import click

from sottovoce.config import Config, load, state_folder
from sottovoce.errors import UsageError
from sottovoce.vocabulary import Position

Command = Callable[..., Any]

config_option: Final = click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Configuration file (TOML). Default: ~/.config/sottovoce/sottovoce.toml, then /etc/sottovoce.",
)
state_option: Final = click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Folder for grants, outbox, ledger and timers. Default: ~/.local/state/sottovoce.",
)
position_option: Final = click.option(
    "--switch", "position", type=click.Choice([str(one) for one in Position]), default="live", hidden=True
)
"""What a simulated switch says at the start."""
json_option: Final = click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")

_UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def settings(config_path: Path | None, state: Path | None) -> tuple[Config, Path]:
    """Load what the two shared options mean. Raises ConfigError."""
    return load(config_path), state or state_folder()


def duration(text: str) -> float:
    """Read a length of time such as 30d, 12h or 45m, in seconds. Raises UsageError."""
    found = re.fullmatch(r"(\d{1,4})([mhdw])", text.strip())
    if found is None:
        raise UsageError(f"{text!r} is no length of time", "write 45m, 12h, 30d or 2w")
    return timedelta(**{_UNITS[found[2]]: int(found[1])}).total_seconds()
