"""`python -m circuit check`: prove, simulate, print and write the figures; 1 when something does not hold."""

import argparse
import sys
from collections.abc import Callable, Mapping

from circuit import plots, render, report
from circuit.figure import Spread
from circuit.netlist import VARIANTS, variant
from circuit.spice import SpiceError
from circuit.verdict import judge
from circuit.wrong import WRONG


def check() -> int:
    """Check both variants, and that every wrong circuit fails."""
    found: report.Report = {}
    faults = []
    for name in VARIANTS:
        board = variant(name)
        verdict = judge(board, Spread())
        quick = Spread(0, thorough=False)
        wrong = {title: judge(spoil(board), quick) for title, spoil in WRONG[name].items()}
        found[name] = report.of_variant(name, verdict, wrong)
        print(f"\n{report.TITLE[name]}: {len(board.parts)} parts")
        print("\n".join(report.printed(found[name])))
        faults += [f"{name}: {reason}" for reason in verdict.reasons]
        faults += [f"{name}: the wrong circuit '{title}' passes" for title, bad in wrong.items() if bad.holds]
    found["ladder"] = report.steps(variant("i2s"))
    report.write(found)
    print("\nFigures of a simulation with simple models: nobody has built or measured this board.")
    print("\n".join(["Does not hold:", *faults] if faults else ["Everything holds."]))
    return int(bool(faults))


COMMANDS: Mapping[str, Callable[[], int]] = {
    "check": check,
    "plots": plots.draw,
    "render": render.render,
    "stamp": render.stamp,
}


def main() -> int:
    """Run one command."""
    parser = argparse.ArgumentParser(prog="python -m circuit", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    try:
        return COMMANDS[parser.parse_args().command]()
    except (SpiceError, render.RenderError) as error:
        print(f"circuit: {error}", file=sys.stderr)
        return 69


if __name__ == "__main__":
    sys.exit(main())
