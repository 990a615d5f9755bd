"""`sottovoce run`: ear and courier together, for real use."""

import contextlib
import os
import select
import signal
import subprocess
import sys
import termios
import time
import tty
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from sottovoce.cli.options import config_option, settings, state_option
from sottovoce.pair import Pair

_TURN_SECONDS: Final = 0.1
_AGAIN_SECONDS: Final = 2.0
EX_OK: Final = 0


@click.command()
@config_option
@state_option
@click.option(
    "--input",
    "sound",
    default="",
    metavar="FILE",
    help="Hear a recording (WAV, FLAC) instead of the microphone; - for raw 16 kHz sound on stdin.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE.wav",
    help="Write the answers into a WAV instead of playing them.",
)
@click.option(
    "--simulate", is_flag=True, help="No GPIO: keys are switch and button, the light is a line of text."
)
@click.option(
    "--allow-uncaged", is_flag=True, help="Run even where the kernel cannot refuse the ear sockets."
)
@click.option("--show-words", is_flag=True, help="Show on this terminal what was understood. Kept nowhere.")
def run(
    config_path: Path | None,
    state: Path | None,
    sound: str,
    output: Path | None,
    simulate: bool,
    allow_uncaged: bool,
    show_words: bool,
) -> None:  # fmt: skip
    """Hear, understand, act. Ctrl-C ends it.

    Starts the ear (which has no network) and, when the configuration names a broker, the courier
    (which cannot hear). Nothing you say leaves unless you granted it: see `sottovoce consent`.
    """
    config, folder = settings(config_path, state)
    common = ["--state", str(folder.absolute())]
    if config_path is not None:
        common += ["--config", str(config_path.absolute())]
    ear = ["--simulate"] * simulate + ["--allow-uncaged"] * allow_uncaged + ["--show-words"] * show_words
    ear += ["--input", sound] if sound else []
    ear += ["--output", str(output)] if output else []
    if config.broker is None:
        click.echo("No broker is named in the configuration: nothing can leave, not even status.", err=True)
    standard_input = sys.stdin.fileno() if sound == "-" else None
    with (
        _stops() as stopped,
        Pair(common, ear, courier=config.broker is not None, sound=standard_input) as pair,
    ):
        status = _watch(pair, keys=simulate and sound != "-", stopped=stopped)
    if status != EX_OK:
        raise SystemExit(status)


def _watch(pair: Pair, *, keys: bool, stopped: list[int]) -> int:
    """Wait for the end of the ear; pass on keys; start a courier that died again. The exit status."""
    again_at, board = 0.0, _Keys(pair)
    with _raw_keys(keys) as keyboard:
        while not stopped and pair.ear.poll() is None:
            if keyboard is None:
                _wait(pair.ear, _TURN_SECONDS)
            elif select.select([keyboard], [], [], _TURN_SECONDS)[0]:
                board.press(os.read(keyboard, 1))
            if pair.courier is not None and (status := pair.courier.poll()) is not None:
                if status > 0:
                    return status  # it said why: a fault of the configuration does not pass by itself
                if time.monotonic() >= again_at:
                    again_at = time.monotonic() + _AGAIN_SECONDS
                    pair.start_courier()
    return pair.ear.returncode or EX_OK


_KEYS: Final = {
    b"b": "press short",
    b"l": "press long",
    b"v": "press very long",
    b"t": "tamper",
    b"f": "fault",
}


class _Keys:
    """The simulated switch under the key m, the button under b, l and v, its faults under t and f."""

    def __init__(self, pair: Pair) -> None:
        self._pair = pair
        self._live = True

    def press(self, key: bytes) -> None:
        if key == b"m":
            self._live = not self._live
            self._pair.order("live" if self._live else "mute")
        elif key in _KEYS:
            self._live &= key not in b"tf"
            self._pair.order(_KEYS[key])


@contextlib.contextmanager
def _stops() -> Iterator[list[int]]:
    """Collect SIGINT and SIGTERM in a list, so that both processes are ended in order."""
    seen: list[int] = []
    before = {
        number: signal.signal(number, lambda got, _: seen.append(got))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield seen
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _wait(process: subprocess.Popen[bytes], seconds: float) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(seconds)


@contextlib.contextmanager
def _raw_keys(wanted: bool) -> Iterator[int | None]:
    """Give single key presses from the terminal, if there is one."""
    if not wanted or not sys.stdin.isatty():
        yield None
        return
    keyboard = sys.stdin.fileno()
    before = termios.tcgetattr(keyboard)
    click.echo(
        "Keys: m flips the privacy switch; b, l, v press the button short, long, very long;\n"
        "t and f tamper with the switch and break it; Ctrl-C ends.",
        err=True,
    )
    try:
        tty.setcbreak(keyboard)
        yield keyboard
    finally:
        termios.tcsetattr(keyboard, termios.TCSADRAIN, before)


VERBS = (run,)
