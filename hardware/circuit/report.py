"""The table of figures: made by the check, kept as JSON, shown in each page that has its markers."""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from circuit.attack import RAIL, driven
from circuit.bench import Bench
from circuit.figure import Figure
from circuit.netlist import HARDWARE, Netlist
from circuit.spice import operating_point
from circuit.verdict import Verdict
from circuit.wrong import ladder

JSON: Final = HARDWARE / "figures.json"
PAGES: Final = (HARDWARE / "figures.md", HARDWARE / "README.md", HARDWARE.parent / "README.md")
SHORT: Final = ("rail_driven", "rail_clocked", "rail_fault", "fall_open", "deaf_least", "wires")
"""Keys of the figures on the first page."""
TITLE: Final = {"i2s": "Variant A: I2S microphones", "usb": "Variant B: USB microphone"}
Report = dict[str, Any]


def netlist_path(variant: str) -> Path:
    """Where a variant's committed netlist is."""
    return HARDWARE / variant / f"sottovoce-{variant}.net.xml"


def digest(*paths: Path) -> str:
    """A fingerprint of some files."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


def of_variant(name: str, verdict: Verdict, wrong: Mapping[str, Verdict]) -> Report:
    """What is kept of one variant."""
    return {
        "netlist": digest(netlist_path(name)),
        "proofs": [asdict(proof) for proof in verdict.proofs],
        "figures": [_kept(figure) for figure in verdict.figures],
        "wrong": {circuit: found.reasons for circuit, found in wrong.items()},
    }


def _kept(figure: Figure) -> Report:
    value = float(f"{figure.value:.3g}")
    kept = {
        "key": figure.key,
        "what": figure.what,
        "value": value,
        "unit": figure.unit,
        "bound": figure.bound,
    }
    return kept | {"note": figure.note, "holds": figure.holds}


def steps(netlist: Netlist) -> list[list[str | float]]:
    """The rail in volts at mute, pins driven high: as drawn, clamp open, SENSE_RAIL's resistor short."""

    def rail(circuit: Netlist) -> float:
        bench = Bench(pins=driven(netlist, "high"), supply=3.3)
        return float(f"{operating_point(circuit, bench, RAIL)[RAIL]:.3g}")

    rows: list[list[str | float]] = []
    for name, circuit in ladder(netlist).items():
        open_clamp = circuit.without("R2") if "R2" in circuit.parts else circuit
        rows.append([name, rail(circuit), rail(open_clamp), rail(circuit.valued(R8="0.01"))])
    return rows


def printed(kept: Report) -> list[str]:
    """One variant for the terminal."""
    lines = [
        f"{'BROKEN' if proof['against'] else 'proved'}  {proof['claim']} {proof['against']}".rstrip()
        for proof in kept["proofs"]
    ]
    for f in kept["figures"]:
        found = f"{f['value']:>8g} {f['unit']:3} {f['bound']:14} {f['what']} {f['note']}"
        lines.append(f"{'  ok  ' if f['holds'] else 'BROKEN'}  {found}".rstrip())
    for circuit, reasons in kept["wrong"].items():
        why = f"{len(reasons)} reasons, the first: {reasons[0]}" if reasons else ""
        lines.append(f"{'fails ' if reasons else 'PASSES'}  wrong on purpose, {circuit}: {why}")
    return lines


def sections(report: Report) -> dict[str, str]:
    """Each table by the name of its marker."""
    short = [figure for figure in report["i2s"]["figures"] if figure["key"] in SHORT]
    made = {"ladder": _ladder(report["ladder"]), "short": _figures(short)}
    for name in TITLE:
        made[name] = _figures(report[name]["figures"])
        made[f"{name}-proofs"] = "\n".join(
            f"- {'holds' if not proof['against'] else 'BROKEN'}: {proof['claim']}"
            for proof in report[name]["proofs"]
        )
        made[f"{name}-wrong"] = _wrong(report[name]["wrong"])
    return made


def _figures(figures: list[Report]) -> str:
    rows = ["| what | found | bound | |", "|---|---|---|---|"]
    for f in figures:
        verdict = ("holds" if f["holds"] else "BROKEN") if f["bound"] else "told"
        what = f"{f['what']} ({f['note']})" if f["note"] else f["what"]
        bound = f"{f['bound']} {f['unit']}" if f["bound"] else ""
        rows.append(re.sub(" +", " ", f"| {what} | {f['value']:g} {f['unit']} | {bound} | {verdict} |"))
    return "\n".join(rows)


def _wrong(wrong: Mapping[str, list[str]]) -> str:
    rows = ["| wrong circuit | fails because |", "|---|---|"]
    return "\n".join(
        rows + [f"| {name} | {'<br>'.join(reasons) or 'PASSES'} |" for name, reasons in wrong.items()]
    )


def _ladder(rows: list[list[str | float]]) -> str:
    head = ["| circuit | rail | clamp contact open | resistor in SENSE_RAIL short |", "|---|---|---|---|"]
    return "\n".join(
        head + [f"| {name} | {' | '.join(f'{volt:g} V' for volt in volts)} |" for name, *volts in rows]
    )


def fill(page: str, made: Mapping[str, str]) -> str:
    """Put each table between its markers, `<!-- figures: NAME -->` and `<!-- end -->`."""

    def table(match: re.Match[str]) -> str:
        return f"<!-- figures: {match[1]} -->\n{made[match[1]]}\n<!-- end -->"

    return re.sub(r"<!-- figures: (\S+) -->\n.*?<!-- end -->", table, page, flags=re.DOTALL)


def write(report: Report) -> None:
    """Write the figures, and every page that shows them."""
    JSON.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    made = sections(report)
    for page in PAGES:
        page.write_text(fill(page.read_text(encoding="utf-8"), made), encoding="utf-8")
