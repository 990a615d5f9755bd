"""Renders each schematic with KiCad, and keeps what each rendering was made from."""

import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Final

from circuit.netlist import HARDWARE, VARIANTS
from circuit.report import digest, netlist_path

STAMP: Final = HARDWARE / "rendered.json"
LIBRARY: Final = HARDWARE / "library" / "sottovoce.kicad_sym"


class RenderError(RuntimeError):
    """KiCad is missing, or found a fault."""


def schematic(variant: str) -> Path:
    """Where a variant's schematic is: the source of everything else."""
    return HARDWARE / variant / f"sottovoce-{variant}.kicad_sch"


def pictures(variant: str) -> list[Path]:
    """Where a variant's pictures are."""
    return [schematic(variant).with_suffix(suffix) for suffix in (".svg", ".pdf")]


def render() -> int:
    """Check the electrical rules; export netlist, SVG and PDF."""
    for variant in VARIANTS:
        source, (svg, pdf) = schematic(variant), pictures(variant)
        erc(source)
        netlist_path(variant).write_text(export(source), encoding="utf-8")
        _kicad("export", "svg", "--output", str(svg.parent), str(source))
        svg.write_text(re.sub(r" date [\d/]+ [\d:]+ ", "", svg.read_text(encoding="utf-8")), encoding="utf-8")
        _kicad("export", "pdf", "--output", str(pdf), str(source))
        print(f"rendered {source.relative_to(HARDWARE)}: no violations of the electrical rules")
    return 0


def erc(source: Path) -> None:
    """Run KiCad's electrical rule check, warnings counted. Raises RenderError."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "erc.rpt"
        try:
            _kicad("erc", "--severity-all", "--exit-code-violations", "--output", str(report), str(source))
        except RenderError as error:
            found = report.read_text(encoding="utf-8") if report.exists() else ""
            raise RenderError(f"{error}\n{found}") from error


def export(source: Path) -> str:
    """Export the netlist, less what differs from machine to machine."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "netlist.xml"
        _kicad("export", "netlist", "--format", "kicadxml", "--output", str(made), str(source))
        text = made.read_text(encoding="utf-8")
    text = re.sub(r"<(source|uri)>[^<]*/", r"<\1>", text)
    return re.sub(r"\s*<(date|tool)>[^<]*</\1>(?=\s*<(tool|sheet))", "", text)


def stamp() -> int:
    """Keep what every rendering was made from."""
    STAMP.write_text(json.dumps(stamps(), indent=1) + "\n", encoding="utf-8")
    return 0


def stamps() -> dict[str, str]:
    """A fingerprint of each rendering together with its sources, and of the figures' plots with theirs."""
    made = {}
    for variant in VARIANTS:
        for path in (netlist_path(variant), *pictures(variant)):
            made[str(path.relative_to(HARDWARE))] = digest(schematic(variant), LIBRARY, path)
    models = HARDWARE / "circuit" / "models.lib"
    for path in sorted((HARDWARE / "plots").glob("*.png")):
        made[str(path.relative_to(HARDWARE))] = digest(*map(netlist_path, VARIANTS), models, path)
    return made


def _kicad(*arguments: str) -> None:
    if shutil.which("kicad-cli") is None:
        raise RenderError("KiCad 9 is needed: apt-get install -t bookworm-backports kicad")
    done = subprocess.run(["kicad-cli", "sch", *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RenderError(f"kicad-cli sch {' '.join(arguments)}:\n{done.stdout}{done.stderr}")
