"""Which of the libraries in Porcupine 1.9's wheel a processor takes. Deciding only.

The package's own look-up ends in an error, at its import, on every 64-bit ARM it does not know: a
Raspberry Pi 5 (Cortex-A76) is one. The instructions are those of the cores before it, so the library
made for the nearest of them runs there.
"""

import re
from dataclasses import dataclass
from typing import Final

from sottovoce.errors import EngineError

_SMALL_64: Final = frozenset({"0xd02", "0xd04", "0xd05", "0xd46", "0xd80"})
"""Cortex-A34, A35, A55, A510, A520: in-order cores, as the A53 is."""
_KNOWN: Final = {
    ("aarch64", "0xd03"): "raspberry-pi/cortex-a53-aarch64",
    ("aarch64", "0xd07"): "jetson/cortex-a57-aarch64",
    ("aarch64", "0xd08"): "raspberry-pi/cortex-a72-aarch64",
    ("arm", "0xb76"): "raspberry-pi/arm11",
    ("arm", "0xc07"): "raspberry-pi/cortex-a7",
    ("arm", "0xc08"): "beaglebone",
    ("arm", "0xd03"): "raspberry-pi/cortex-a53",
    ("arm", "0xd08"): "raspberry-pi/cortex-a72",
}


@dataclass(frozen=True, slots=True)
class Build:
    """One of the libraries in the wheel."""

    library: str
    """Its folder under `lib`."""
    keywords: str
    """The folder of its wake words under `resources/keyword_files`."""
    exact: bool
    """Whether it was made for this very processor; otherwise it is the nearest there is."""


def cpu_part(cpuinfo: str) -> str:
    """Find the first core's part number in the text of /proc/cpuinfo, such as "0xd08"; else ""."""
    found = re.search(r"^CPU part\s*:\s*(0x[0-9a-fA-F]+)", cpuinfo, re.MULTILINE)
    return found[1].lower() if found else ""


def build_for(machine: str, part: str) -> Build:
    """Choose by uname's machine and the core's part number. Raises EngineError where none can run."""
    if machine == "x86_64":
        return Build("linux/x86_64", "linux", exact=True)
    family = "aarch64" if machine in {"aarch64", "arm64"} else "arm"
    if family == "arm" and not machine.startswith("arm"):
        raise EngineError(f"porcupine: no library for a {machine}", "set another [wake] engine")
    library = _KNOWN.get((family, part)) or _nearest(family, machine, part)
    return Build(library, library.partition("/")[0], exact=(family, part) in _KNOWN)


def _nearest(family: str, machine: str, part: str) -> str:
    if family == "aarch64":
        return "raspberry-pi/cortex-a53-aarch64" if part in _SMALL_64 else "raspberry-pi/cortex-a72-aarch64"
    if part.startswith("0xd"):  # a 64-bit core in 32-bit dress
        return "raspberry-pi/cortex-a53" if part in _SMALL_64 else "raspberry-pi/cortex-a72"
    return "raspberry-pi/arm11" if machine.startswith("armv6") or not part else "raspberry-pi/cortex-a7"
