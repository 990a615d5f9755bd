"""The `sottovoce` command: its verbs, and how errors come out."""

import os
import sys
from typing import Final

import click

from sottovoce import __version__
from sottovoce.cli import (
    bench,
    configuration,
    consent,
    daemons,
    demo,
    devices,
    engines,
    forget,
    home,
    homeassistant,
    ledger,
    models,
    mute,
    review,
    transcribe,
    wake,
)
from sottovoce.cli import run as running
from sottovoce.errors import SottovoceError

EX_SOFTWARE: Final = 70
EX_USAGE: Final = 64
EX_INTERRUPTED: Final = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="sottovoce")
def cli() -> None:
    """Sottovoce: a voice assistant that hears, understands and acts on the device itself.

    \b
    Start here:
      sottovoce demo                      watch the whole story, no microphone needed
      sottovoce run                       hear, with the microphone and switch of a Pi
      sottovoce run --simulate            hear, with a switch on your keyboard
      sottovoce mute --for 8h             deaf in software; the switch is deafer
      sottovoce consent grant command     let your home automation have commands
      sottovoce forget --last             delete what was said last, here and where it went
      sottovoce review                    what was kept for you, if you want that
      sottovoce home wire                 let your sentences act on the devices of home.toml
      sottovoce ledger show               what has left this device
    """


for module in (
    running,
    demo,
    mute,
    consent,
    forget,
    review,
    home,
    ledger,
    homeassistant,
    devices,
    engines,
    wake,
    models,
    transcribe,
    configuration,
    bench,
    daemons,
):
    for verb in module.VERBS:
        cli.add_command(verb)


def run() -> None:
    """Run the command; an error is one line and a sysexits status."""
    try:
        cli(standalone_mode=False, prog_name="sottovoce")
    except SottovoceError as error:
        _fail(str(error), error.exit_status)
    except click.UsageError as error:
        where = f"; see {error.ctx.command_path} --help" if error.ctx else ""
        _fail(f"{error.format_message()}{where}", EX_USAGE)
    except click.ClickException as error:
        _fail(error.format_message(), EX_USAGE)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(EX_INTERRUPTED)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # the reader has seen enough


def _fail(text: str, status: int) -> None:
    click.echo(f"sottovoce: {text}", err=True)
    sys.exit(status)
