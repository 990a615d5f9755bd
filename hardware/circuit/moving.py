"""The switch on its way: how soon the rail dies, how soon it is back, and contacts that bounce."""

import random
from collections.abc import Iterator
from typing import Final

from circuit.attack import RAIL, driven
from circuit.bench import Bench, node
from circuit.figure import ALIVE, SEED, VIH, VIL, Figure, Spread
from circuit.netlist import Netlist, quantity
from circuit.senses import PULLS, SENSES
from circuit.spice import Trace, each, transient

START: Final = 1e-3
"""When a contact first moves, seconds."""
TRAVEL: Final = 2e-3
"""How long the slider touches nothing, seconds."""
BOUNCE: Final = 6e-3
_STEP: Final = 20e-6


def figures(netlist: Netlist, spread: Spread) -> list[Figure]:
    """Times in milliseconds, from when a contact first leaves or makes."""
    few = Spread(min(spread.boards, 8))
    return [*_muting(netlist, few), *_returning(netlist, few), *_bouncing(netlist, few)]


def pwl(*points: tuple[float, int]) -> str:
    """Write a contact's control: closed (1) or open (0) from each time on."""
    steps, state = [f"0 {points[0][1]}"], points[0][1]
    for time, closed in points[1:]:
        steps += [f"{time:.9g} {state}", f"{time + 1e-6:.9g} {closed}"]
        state = closed
    return f"pwl({' '.join(steps)})"


def moves(leaving: str, reaching: str, travel: float | None = TRAVEL) -> dict[str, str]:
    """Both poles leave one throw at START and reach the other after `travel`, or never."""
    contacts = {}
    for pole in "ab":
        contacts[f"{leaving}_{pole}"] = pwl((0, 1), (START, 0))
        contacts[f"{reaching}_{pole}"] = "0" if travel is None else pwl((0, 0), (START + travel, 1))
    return contacts


def chatter(first: float, last_state: int, draw: random.Random) -> list[tuple[float, int]]:
    """Contact changes over BOUNCE seconds from `first`, ending in `last_state`."""
    points, time, state = [], first, last_state
    while time < first + BOUNCE:
        points.append((time, state))
        state = 1 - state
        time += draw.uniform(50e-6, 600e-6)
    return [*points, (first + BOUNCE, last_state)]


def _muting(netlist: Netlist, spread: Spread) -> Iterator[Figure]:
    for key, travel, what in (("fall", TRAVEL, ""), ("fall_open", None, ", slider stopped half way")):
        benches = spread.benches(
            netlist, contacts=moves("live", "mute", travel), pins=driven(netlist, "high")
        )
        traces = each(lambda bench: transient(netlist, bench, 0.03, _STEP, RAIL), benches)
        worst = max(trace.first(lambda volt: volt < ALIVE, RAIL, START) for trace in traces) - START
        yield Figure(
            key,
            f"rail below 1.65 V after the contact left{what}",
            1e3 * worst,
            "ms",
            at_most=_patience(netlist, travel),
        )
    if "R2" in netlist.parts:
        yield _emptying(netlist)


def _emptying(netlist: Netlist) -> Figure:
    """What the contact carries when a quick hand shorts the rail that is still full."""
    across = f"v({node(netlist['SW1'].pins['3'])},n_gnd)"
    trace = transient(netlist, Bench(contacts=moves("live", "mute", 100e-6)), 0.002, 1e-6, across)
    peak = max(trace.volts[across]) / quantity(netlist["R2"].value)
    return Figure("emptying", "not bounded: peak through the contact that shorts the rail", peak, "A")


def _patience(netlist: Netlist, travel: float | None) -> float:
    """Milliseconds. A USB microphone may hold 10 uF; with no clamp it is given longer."""
    return 20.0 if netlist.of("USB_A_SOCKET") and travel is None else 5.0


def _returning(netlist: Netlist, spread: Spread) -> Iterator[Figure]:
    benches = spread.benches(netlist, contacts=moves("mute", "live"), pins=PULLS)
    feed = "v(n_vbus,n_gnd)" if netlist["SW1"].pins["1"] == "VBUS" else "v(n_p3v3,n_gnd)"
    traces = each(lambda bench: transient(netlist, bench, 0.06, _STEP, RAIL, feed), benches)
    worst = max(_back(trace, 0.9 * trace.volts[feed][-1]) for trace in traces)
    yield Figure("restart", "rail back at 90 % after the contact made", 1e3 * worst, "ms", at_most=50)
    if netlist.of("ICS-43434"):
        rush = transient(netlist, benches[0], 0.004, 1e-6, "i(vsupply)")
        yield Figure(
            "inrush",
            "peak drawn from the Pi's 3.3 V when the contact makes",
            -1e3 * min(rush.volts["i(vsupply)"]),
            "mA",
            at_most=200,
        )


def _back(trace: Trace, volts: float) -> float:
    return trace.first(lambda volt: volt >= volts, RAIL, START) - START - TRAVEL


def _bouncing(netlist: Netlist, spread: Spread) -> Iterator[Figure]:
    draw = random.Random(SEED)
    died, told, steady = [], [], []
    for _ in range(max(1, spread.boards // 2)):
        muting = noisy("live", "mute", draw)
        trace = transient(netlist, Bench(contacts=muting, pins=PULLS), 0.04, _STEP, RAIL, *SENSES)
        left = START + BOUNCE
        died.append(trace.first(lambda volt: volt < ALIVE, RAIL, left) - left)
        told.append(
            min(
                trace.first(lambda v: v >= VIH, SENSES[0], left),
                trace.first(lambda v: v <= VIL, SENSES[1], left),
            )
            - left
        )
        trace = transient(
            netlist, Bench(contacts=noisy("mute", "live", draw), pins=PULLS), 0.06, _STEP, *SENSES
        )
        made = START + BOUNCE + TRAVEL
        steady.append(
            max(trace.first(lambda v: v <= VIL, SENSES[0]), trace.first(lambda v: v >= VIH, SENSES[1])) - made
        )
    yield Figure(
        "bounce_fall",
        "contacts bounce 6 ms: rail below 1.65 V after the last touch",
        1e3 * max(died),
        "ms",
        at_most=5,
    )
    yield Figure(
        "bounce_told",
        "contacts bounce 6 ms: a sense no longer says live, after the last touch",
        1e3 * max(told),
        "ms",
        at_most=5,
    )
    yield Figure(
        "bounce_steady",
        "contacts bounce 6 ms: both senses steady at live after the first make",
        1e3 * max(steady),
        "ms",
        at_most=50,
    )


def noisy(leaving: str, reaching: str, draw: random.Random) -> dict[str, str]:
    """Both poles go from one throw to the other, and bounce at each end."""
    contacts = {}
    for pole in "ab":
        contacts[f"{leaving}_{pole}"] = pwl((0, 1), *chatter(START, 0, draw))
        contacts[f"{reaching}_{pole}"] = pwl((0, 0), *chatter(START + BOUNCE + TRAVEL, 1, draw))
    return contacts
