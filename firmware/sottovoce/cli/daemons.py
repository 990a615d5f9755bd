"""The two processes, as `sottovoce run` and the systemd units start them."""

from pathlib import Path

import click

from sottovoce.cli.options import config_option, position_option, settings, state_option
from sottovoce.cli.witness import Terminal
from sottovoce.config import load
from sottovoce.errors import UsageError
from sottovoce.house.file import load as load_house
from sottovoce.journal import open_journal
from sottovoce.vocabulary import Position

_orders = click.option("--orders-fd", type=int, hidden=True)


@click.command()
@config_option
@state_option
@click.option("--seam-fd", type=int, help="The listening Unix socket, as an inherited descriptor.")
@click.option("--simulate", is_flag=True, help="A simulated switch, button and light.")
@position_option
@click.option(
    "--input", "sound", default="", metavar="FILE", help="A recording, or - for raw sound on stdin."
)
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write answers into a WAV.")
@click.option("--allow-uncaged", is_flag=True, help="Run even where the kernel has no seccomp.")
@click.option("--show-words", is_flag=True, help="Print what was understood on standard output.")
@_orders
def ear(
    config_path: Path | None,
    state: Path | None,
    seam_fd: int | None,
    simulate: bool,
    position: str,
    sound: str,
    output: Path | None,
    allow_uncaged: bool,
    show_words: bool,
    orders_fd: int | None,
) -> None:
    """The process that hears and has no network. For units; people want `sottovoce run`."""
    from sottovoce.ear.build import Options
    from sottovoce.ear.daemon import main

    config, folder = settings(config_path, state)
    main(
        config,
        Options(
            folder,
            simulate=simulate,
            position=Position(position),
            input=sound,
            output=output,
            house=load_house(config, config_path),
        ),
        open_journal("ear"),
        seam=seam_fd,
        orders=orders_fd,
        uncaged=allow_uncaged,
        witness=Terminal() if show_words else None,
    )


@click.command()
@config_option
@state_option
@click.option("--seam", type=click.Path(path_type=Path), metavar="SOCKET", help="The ear's Unix socket.")
@_orders
def courier(config_path: Path | None, state: Path | None, seam: Path | None, orders_fd: int | None) -> None:
    """The process that has the network and cannot hear. For units; people want `sottovoce run`."""
    from sottovoce.courier.daemon import main

    del state  # the ear's; who starts both gives both the same options
    config = load(config_path)
    if seam is None:
        raise UsageError("the courier needs --seam SOCKET", "sottovoce run starts both processes for you")
    main(config, seam, open_journal("courier"), orders=orders_fd, house=load_house(config, config_path))


VERBS = (ear, courier)
