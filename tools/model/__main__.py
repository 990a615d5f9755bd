"""The command line of `tools/make-model`."""

import argparse
import time
from pathlib import Path

from model.make import FULL, SMALL, make
from model.manifest import write_manifest
from model.measure import measured
from sottovoce.ear.engines.own_model import folder


def main() -> None:
    """Make the model, measure it and note what was made."""
    parser = argparse.ArgumentParser(
        prog="tools/make-model", description="Make the Vosk model from synthetic voices."
    )
    parser.add_argument("folder", nargs="?", type=Path, default=folder(), help="where to (%(default)s)")
    parser.add_argument("--small", action="store_true", help="a quick one, that hardly hears: for tests")
    parser.add_argument("--measure", action="store_true", help="only measure the one that is there")
    given = parser.parse_args()
    begun = time.monotonic()
    if not given.measure:
        make(given.folder, SMALL if given.small else FULL)
    minutes = (time.monotonic() - begun) / 60
    figures = {} if given.small else measured(given.folder)
    if not given.measure:
        write_manifest(given.folder, SMALL if given.small else FULL, figures, minutes)
    print(f"{given.folder}: {minutes:.1f} minutes; {figures}")


main()
