"""`python -m circuit check`: prove and simulate, print and write the figures; 1 when something does not hold."""

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
        print(f"\n{report.TITLE[name]}: {len(board.parts)} parts")
        verdict = judge(board, Spread())
        wrong = {title: judge(spoil(board), Spread(0, clocked_faults=False)) for title, spoil in WRONG[name].items()}
        found[name] = report.of_variant(name, verdict, wrong)
        for proof in verdict.proofs:
            print(f"  {'proved' if proof.holds else 'BROKEN'}  {proof.claim}{': ' * bool(proof.against)}{proof.against}")
        for f in found[name]["figures"]:
            print(f"  {'  ok  ' if f['holds'] else 'BROKEN'}  {f['value']:>8g} {f['unit']:3} {f['bound']:14} {f['what']} {f['note']}")
        for title, bad in wrong.items():
            print(f"  {'PASSES' if bad.holds else 'fails '}  wrong on purpose, {title}: {len(bad.reasons)} reasons, first: {next(iter(bad.reasons), '')}")
            faults += [f"{name}: the wrong circuit '{title}' passes"] if bad.holds else []
        faults += [f"{name}: {reason}" for reason in verdict.reasons]
    found["ladder"] = report.steps(variant("i2s"))
    report.write(found)
    print("\nFigures of a simulation with simple models: nobody has built or measured this board.")
    print("\n".join(["Everything holds."] if not faults else ["", "DOES NOT HOLD:", *faults]))
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
