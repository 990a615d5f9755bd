"""Plots of the simulation, as PNG, by gnuplot."""

import json
import random
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from circuit.attack import RAIL
from circuit.bench import Bench
from circuit.figure import ALIVE, SEED
from circuit.moving import noisy
from circuit.netlist import HARDWARE, Netlist, variant
from circuit.report import JSON
from circuit.senses import PULLS, SENSES
from circuit.spice import SpiceError, transient

PLOTS: Final = HARDWARE / "plots"
_STYLE: Final = """set terminal pngcairo noenhanced size 1000,520 font 'sans,13' background 'white'
set border 3 lc rgb '#444444'; set tics nomirror; set grid ytics lc rgb '#dddddd'
"""
_CURVES: Final = (
    (RAIL, "microphones' rail", "#b35900", 3),
    (SENSES[0], "SENSE_SWITCH (low: live)", "#0060a0", 2),
    (SENSES[1], "SENSE_RAIL (high: live)", "#509030", 2),
)


def draw() -> int:
    """Draw them all."""
    PLOTS.mkdir(exist_ok=True)
    board = variant("i2s")
    draw_one = random.Random(SEED)
    _switching(
        board,
        noisy("live", "mute", draw_one),
        "muting",
        "To mute, contacts bouncing for 6 ms (simulated, I2S)",
    )
    _switching(
        board,
        noisy("mute", "live", draw_one),
        "returning",
        "Back to live, contacts bouncing for 6 ms (simulated, I2S)",
    )
    _ladder(json.loads(JSON.read_text(encoding="utf-8"))["ladder"])
    return 0


def _switching(board: Netlist, contacts: dict[str, str], name: str, title: str) -> None:
    trace = transient(board, Bench(contacts=contacts, pins=PULLS), 0.022, 10e-6, RAIL, *SENSES)
    blocks, curves = [], []
    for i, (column, label, colour, width) in enumerate(_CURVES):
        rows = "\n".join(
            f"{1e3 * t:.4f} {volt:.4f}" for t, volt in zip(trace.time, trace.volts[column], strict=True)
        )
        blocks.append(f"$d{i} << EOD\n{rows}\nEOD")
        curves.append(f"$d{i} with lines lw {width} lc rgb '{colour}' title \"{label}\"")
    script = f"""{_STYLE}set title "{title}"; set xlabel 'milliseconds'; set ylabel 'volts'
set xrange [0:22]; set yrange [-0.1:4.6]; set key top center horizontal samplen 1.5
set arrow from 0,{ALIVE} to 22,{ALIVE} nohead dt 2 lc rgb '#cc0000'
set label "a microphone needs 1.65 V" at 21.8,{ALIVE + 0.15} right tc rgb '#cc0000'
"""
    _gnuplot(PLOTS / f"{name}.png", "\n".join([*blocks, script, f"plot {', '.join(curves)}"]))


def _ladder(rows: Sequence[Sequence[str | float]]) -> None:
    lines = "\n".join(f'"{name}" {sound} {opened} {short}' for name, sound, opened, short in rows)
    script = f"""$d << EOD
{lines}
EOD
{_STYLE}set title "Rail at mute while every header pin is driven high (simulated, I2S)"
set ylabel 'volts'; set yrange [0:3.9]; set style data histograms; set style histogram clustered gap 1
set style fill solid 0.9 noborder; set boxwidth 0.9; set key top right horizontal
set xtics font 'sans,10'; set bmargin 6
set arrow from -0.6,{ALIVE} to 5.6,{ALIVE} nohead dt 2 lc rgb '#cc0000' front
set label "a microphone needs 1.65 V" at 5.55,{ALIVE + 0.3} right tc rgb '#cc0000' front
wrap(s) = strlen(s) < 15 ? s : (n = strstrt(s[12:], " "), n ? s[1:n + 10] . "\\n" . wrap(s[n + 12:]) : s)
plot $d using 2:xtic(wrap(strcol(1))) lc rgb '#b35900' title "as drawn", \\
     '' using 3 lc rgb '#0060a0' title "clamp contact open", \\
     '' using 4 lc rgb '#999999' title "resistor in SENSE_RAIL short"
"""
    _gnuplot(PLOTS / "ladder.png", script)


def _gnuplot(path: Path, script: str) -> None:
    try:
        subprocess.run(["gnuplot"], input=f"set output '{path}'\n{script}\n", text=True, check=True)
    except FileNotFoundError:
        raise SpiceError("gnuplot is not installed; try: apt-get install gnuplot-nox") from None
