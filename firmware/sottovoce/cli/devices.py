"""`sottovoce devices`: which microphones and loudspeakers there are, and how loud it is."""

import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from sottovoce.cli.options import config_option, json_option
from sottovoce.config import load

_BAR: Final = 40
"""Letters of the meter, for 60 dB."""
_FAINTEST: Final = -60.0
_SHOWN_FRAMES: Final = {True: 4, False: 16}
"""How many frames of 32 ms a terminal's meter sums up, and a line of text."""


@click.group(invoke_without_command=True)
@click.pass_context
def devices(context: click.Context) -> None:
    """See microphones and loudspeakers, and try the microphone."""
    if context.invoked_subcommand is None:
        context.invoke(list_, config_path=None, as_json=False)


@devices.command("list")
@config_option
@json_option
def list_(config_path: Path | None, as_json: bool) -> None:
    """List them, with channels and the rate each prefers; * is what the configuration means.

    `[microphone] device` and `[reply] device` take a name, a part of one, or ALSA's hw:1,0.
    """
    from sottovoce.ear.devices import portaudio

    config = load(config_path)
    library = portaudio.start()
    there = portaudio.devices(library)
    portaudio.end(library, None)
    told = {
        "microphones": _told(portaudio.microphones(there), config.microphone.device),
        "loudspeakers": _told(portaudio.loudspeakers(there), config.reply.device),
    }
    if as_json:
        click.echo(msgspec.json.encode(told).decode())
        return
    for kind, channels in (("microphones", "inputs"), ("loudspeakers", "outputs")):
        click.echo(f"{kind.capitalize()}:" + ("" if told[kind] else " none"))
        for one in told[kind]:
            mark = "*" if one["configured"] else " "
            click.echo(f"  {mark} {one['name']}  ({one[channels]} channels, {one['rate']} Hz)")


@devices.command()
@click.option("--seconds", type=click.FloatRange(0.1, 3600), default=10.0, show_default=True)
@click.option("--simulate", is_flag=True, help="No GPIO: there is no switch to ask.")
@click.option("--input", "sound", default="", metavar="FILE", help="Measure a recording instead.")
@config_option
@json_option
def test(seconds: float, simulate: bool, sound: str, config_path: Path | None, as_json: bool) -> None:
    """Show how loud it is at the microphone, in dB of full scale (dBFS). Refused while it is muted.

    Speech near the device is best between -40 and -10 dBFS and never clips. No sound is kept.
    """
    from sottovoce.ear import build, meter
    from sottovoce.ear.endpoint import frames

    losses: list[None] = []
    options = build.Options(Path(tempfile.gettempdir()), simulate=simulate, input=sound)
    board = build.make_board(load(config_path), options, lambda _: None, lambda: losses.append(None))
    live = sys.stdout.isatty() and not as_json
    levels = meter.measure(board.microphone, board.switch, frames(round(seconds * 1000)))
    shown: list[meter.Level] = []
    for some in _batched(levels, _SHOWN_FRAMES[live]):
        shown.append(meter.loudest(some))
        if not as_json:
            click.echo(("\r" if live else "") + _line(shown[-1]), nl=not live)
    whole = meter.loudest(shown)
    if as_json:
        click.echo(msgspec.json.encode(asdict(whole) | {"lost": len(losses)}).decode())
        return
    click.echo(
        ("\n" if live else "")
        + f"loudest {whole.dbfs:.1f} dBFS, peak {whole.peak_dbfs:.1f} dBFS, "
        + f"{whole.clipped} samples clipped, sound lost {len(losses)} times"
    )


def _told(among: Any, wanted: str) -> list[dict[str, Any]]:
    from sottovoce.ear.devices.portaudio import find

    try:
        configured = find(wanted, among).index
    except LookupError:
        configured = None
    return [asdict(one) | {"configured": one.index == configured} for one in among]


def _batched(levels: Iterator[Any], count: int) -> Iterator[list[Any]]:
    while some := list(islice(levels, count)):
        yield some


def _line(level: Any) -> str:
    full = round(_BAR * (1 - max(_FAINTEST, min(0.0, level.dbfs)) / _FAINTEST))
    clipped = " CLIPPED" if level.clipped else ""
    return f"[{'#' * full:<{_BAR}}] {level.dbfs:6.1f} dBFS  peak {level.peak_dbfs:6.1f}{clipped:<8}"


VERBS = (devices,)
