"""A Vosk model's folder: is it whole, and can libvosk load it? Tried out in a child process first.

libvosk reads what it is given with little suspicion: a file that is cut short or garbled can end the
process that loads it. So another process does it first, in the same cage, and the ear only loads what
that one lived through.
"""

import subprocess
import sys
from pathlib import Path
from typing import Final

from sottovoce.errors import ModelError

_PATIENCE_SECONDS: Final = 120.0
"""A small model takes about a second to load, on a Pi a few; large ones take more."""

_HINT: Final = "take it away or install it again"


def check_model(folder: Path) -> None:
    """See that the files libvosk opens are there. Raises ModelError."""
    missing = [
        alternatives[0]
        for alternatives in (
            ("am/final.mdl", "final.mdl"),
            ("conf/mfcc.conf", "mfcc.conf"),
            ("graph/HCLr.fst", "HCLr.fst", "graph/HCLG.fst", "HCLG.fst"),
        )
        if not any((folder / name).is_file() for name in alternatives)
    ]
    if missing:
        raise ModelError(f"{folder}: not a whole Vosk model: no {missing[0]}", _HINT)


def has_run_time_graph(folder: Path) -> bool:
    """Whether libvosk can hold the model to a grammar: not where the whole graph is one file."""
    return not any((folder / name).is_file() for name in ("graph/HCLG.fst", "HCLG.fst"))


def try_out(folder: Path) -> None:
    """Have a child process load the model and decode a second with it. Raises ModelError."""
    check_model(folder)
    try:
        run = subprocess.run(  # noqa: S603  our own module
            [sys.executable, "-m", "sottovoce.ear.engines.vosk_trial", str(folder)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_PATIENCE_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ModelError(f"{folder}: not a Vosk model: loading it does not end", _HINT) from error
    if run.returncode or run.stdout.split() != ["whole"]:
        raise ModelError(f"{folder}: not a Vosk model: {_fault(run)}", _HINT)


def _fault(run: subprocess.CompletedProcess[str]) -> str:
    """Find what libvosk said last, or how its process ended."""
    said = [line for line in run.stderr.splitlines() if "ERROR" in line or "Error" in line]
    if said:
        return said[-1].partition(") ")[2] or said[-1]
    return f"loading it ends the process (status {run.returncode})"
