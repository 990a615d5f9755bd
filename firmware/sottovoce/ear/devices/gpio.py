"""Which package gives the RPi.GPIO interface here, and whether it can work on this Pi and kernel.

Two give the same module and exclude each other in one environment: the original `RPi.GPIO`, which
fails at edges from kernel 6.6 on (the GPIO numbers moved) and on the Pi 5, and `rpi-lgpio`.
"""

import contextlib
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from sottovoce.errors import SwitchError

ORIGINAL: Final = "RPi.GPIO"
SUCCESSOR: Final = "rpi-lgpio"
_MOVED: Final = (6, 6)
"""The kernel in which the GPIO numbers moved, away from what the original package asks for."""
_MODEL: Final = Path("/proc/device-tree/model")


@dataclass(frozen=True, slots=True)
class Machine:
    """What decides which package can work."""

    model: str
    """Such as "Raspberry Pi 5 Model B Rev 1.0"; empty where the kernel tells none."""
    kernel: str
    """Its release, such as "6.12.25+rpt-rpi-v8"."""
    installed: Mapping[str, str]
    """Package -> version, of the two there are."""


def this_machine() -> Machine:
    """Look at the machine this runs on."""
    try:
        model = _MODEL.read_text(encoding="utf-8", errors="replace").rstrip("\0\n")
    except OSError:
        model = ""
    return Machine(model, os.uname().release, _installed())


def choose(machine: Machine) -> str:
    """Name the package to use. Raises SwitchError, which says what to install."""
    moved = _version(machine.kernel) >= _MOVED or "Raspberry Pi 5" in machine.model
    if {SUCCESSOR, ORIGINAL} <= machine.installed.keys():  # each has overwritten files of the other
        raise SwitchError(
            f"privacy switch: {ORIGINAL} and {SUCCESSOR} are both installed, each as RPi.GPIO",
            f"pip uninstall {ORIGINAL} {SUCCESSOR} && pip install {SUCCESSOR}",
        )
    if SUCCESSOR in machine.installed:
        return SUCCESSOR
    if ORIGINAL not in machine.installed:
        raise SwitchError(
            "privacy switch: no package for GPIO is installed",
            "on a Raspberry Pi: pip install 'sottovoce[pi]'; elsewhere give --simulate",
        )
    if moved:
        raise SwitchError(
            f"privacy switch: {ORIGINAL} cannot see edges on {machine.model or 'this machine'} "
            f"with kernel {machine.kernel}",
            f"pip uninstall {ORIGINAL} && pip install {SUCCESSOR}",
        )
    return ORIGINAL


def load(state: Path) -> tuple[Any, Mapping[str, str]]:
    """Import RPi.GPIO, and tell which package it is. Raises SwitchError.

    `rpi-lgpio` makes a pipe in the working folder when it is imported; it gets the state folder for it,
    goes there and would stay: the working folder is then as before.
    """
    machine = this_machine()
    package = choose(machine)
    os.environ.setdefault("LG_WD", str(state))
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        with contextlib.chdir("."):
            from RPi import GPIO  # noqa: PLC0415  raises at import anywhere but on a Pi
    except (ImportError, RuntimeError, OSError) as error:
        raise SwitchError(
            f"privacy switch: {package} cannot be used: {error}",
            "run on a Raspberry Pi as a member of group gpio, or give --simulate",
        ) from error
    return GPIO, {"package": package, "version": machine.installed[package], "kernel": machine.kernel}


def _installed() -> dict[str, str]:
    found = {}
    for package in (ORIGINAL, SUCCESSOR):
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def _version(release: str) -> tuple[int, ...]:
    found = re.match(r"(\d+)\.(\d+)", release)
    return tuple(map(int, found.groups())) if found else (0, 0)
