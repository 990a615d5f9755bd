"""Programs of Debian that the benchmarks, the demo and the end-to-end tests run."""

import os
import shutil
from typing import Final

from sottovoce.errors import SottovoceError

_SYSTEM_PATH: Final = "/usr/sbin:/usr/local/sbin:/sbin"
"""Where daemons are installed; often not on the PATH of a person."""


class MissingProgramError(SottovoceError, FileNotFoundError):
    """A program that is needed is not installed."""

    exit_status = 69


def find(name: str, package: str = "") -> str:
    """Find a program of a Debian package, of the same name if none is given. Raises MissingProgramError."""
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), _SYSTEM_PATH))
    found = shutil.which(name, path=path)
    if found is None:
        raise MissingProgramError(f"{name} is not installed", f"apt install {package or name}")
    return found
