"""Runs ngspice and reads what it found."""

import os
import re
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from circuit.bench import Bench
from circuit.deck import deck
from circuit.netlist import Netlist

_NUMBER = re.compile(r"^(\S+) = (\S+)$", re.MULTILINE)
Case = TypeVar("Case")
Found = TypeVar("Found")


class SpiceError(RuntimeError):
    """ngspice is missing, or found no solution."""


@dataclass(frozen=True)
class Trace:
    """Voltages over time: seconds, and a column of volts for each name asked for."""

    time: Sequence[float]
    volts: dict[str, Sequence[float]]

    def first(self, holds: Callable[[float], bool], name: str, after: float = 0.0) -> float:
        """When it holds of a voltage from then on to the end; infinity if it does not at the end."""
        found = float("inf")
        for t, volt in zip(reversed(self.time), reversed(self.volts[name]), strict=True):
            if t < after or not holds(volt):
                break
            found = t
        return found


def operating_point(netlist: Netlist, bench: Bench, *wanted: str) -> dict[str, float]:
    """Settled values of some expressions, such as `v(n_vmic,n_gnd)` or `@dd1[id]`."""
    prints = [f"let x{i} = {expression}\nprint x{i}" for i, expression in enumerate(wanted)]
    output = _run([*deck(netlist, bench), ".control", "op", *prints, ".endc"])
    found = dict(_NUMBER.findall(output))
    try:
        return {name: float(found[f"x{i}"]) for i, name in enumerate(wanted)}
    except KeyError:
        raise SpiceError(f"ngspice found no operating point:\n{output}") from None


def transient(netlist: Netlist, bench: Bench, stop: float, step: float, *wanted: str) -> Trace:
    """Values over time, up to `stop` seconds in steps of at most `step`."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "trace"
        lets = [f"let x{i} = {expression}" for i, expression in enumerate(wanted)]
        names = " ".join(f"x{i}" for i in range(len(wanted)))
        output = _run(
            [*deck(netlist, bench), ".options method=gear", ".control", f"tran {step} {stop} 0 {step}", *lets,
             "set wr_singlescale", f"wrdata {out} {names}", ".endc"]
        )  # fmt: skip
        if not out.exists():
            raise SpiceError(f"ngspice did not get to the end:\n{output}")
        rows = [[float(cell) for cell in row.split()] for row in out.read_text().splitlines()]
    columns = list(zip(*rows, strict=True))
    if columns[0][-1] < stop * 0.999:
        raise SpiceError(f"ngspice stopped at {columns[0][-1]} s of {stop} s:\n{output}")
    return Trace(columns[0], dict(zip(wanted, columns[1:], strict=True)))


def each(work: Callable[[Case], Found], cases: Iterable[Case]) -> list[Found]:
    """Do it for every case, as many at once as there are processors."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(work, cases))


def _run(lines: list[str]) -> str:
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "deck.cir"
        source.write_text("\n".join(["* privacy switch", *lines, ".end", ""]))
        try:
            done = subprocess.run(
                ["ngspice", "-n", "-b", source.name],
                cwd=folder,
                capture_output=True,
                text=True,
                check=False,
                timeout=120,
            )
        except FileNotFoundError:
            raise SpiceError("ngspice is not installed; try: apt-get install ngspice") from None
    return done.stdout + done.stderr
