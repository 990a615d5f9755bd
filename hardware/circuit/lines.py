"""What the board tells: senses, lights, sound."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from circuit.attack import RAIL, driven
from circuit.deck import CLOCK_HZ, Bench
from circuit.figure import VIH, VIL, Figure, Spread
from circuit.netlist import Netlist
from circuit.spice import each, operating_point, transient

PULLS: Final = {"SENSE_SWITCH": "up", "SENSE_RAIL": "down"}
"""What software must set on the two sense pins."""
SENSES: Final = ("v(pi_11)", "v(pi_13)")
HEARS, DEAF = "@dd1[id]", "@dd2[id]"
_STATE: Final = {(False, True): "live", (True, False): "muted", (False, False): "FAULT", (True, True): "TAMPER"}


def figures(netlist: Netlist, spread: Spread) -> list[Figure]:
    """Levels of the senses, currents of the lights, broken wires, and the sound lines."""
    found = [*_senses(netlist, spread), *_lights(netlist, spread), *_status(netlist, spread), *_told(netlist), _wires(netlist)]
    return found + ([_silence(netlist, spread), *_sound(netlist)] if netlist.of("ICS-43434") else [])


def _senses(netlist: Netlist, spread: Spread) -> Iterator[Figure]:
    volts = {}
    for switch in ("live", "mute"):
        benches = spread.benches(netlist, switch=switch, pins=PULLS)
        rows = each(lambda bench: operating_point(netlist, bench, *SENSES), benches)
        for line in SENSES:
            volts[switch, line] = [row[line] for row in rows]
    switch, rail = SENSES
    yield Figure("switch_low", "SENSE_SWITCH low (live), 3.0 to 3.6 V", max(volts["live", switch]), "V", at_most=VIL)
    yield Figure("switch_high", "SENSE_SWITCH high (muted)", min(volts["mute", switch]), "V", at_least=VIH)
    yield Figure("rail_low", "SENSE_RAIL low (muted)", max(volts["mute", rail]), "V", at_most=VIL)
    yield Figure("rail_high", "SENSE_RAIL high (live)", min(volts["live", rail]), "V", at_least=VIH)
    over = f"{rail}-v(pi_supply)"
    rows = each(lambda bench: operating_point(netlist, bench, over), spread.benches(netlist, switch="live"))
    what = "SENSE_RAIL above the Pi's own 3.3 V, no pull set"
    yield Figure("rail_top", what, max(row[over] for row in rows), "V", at_most=0.3)


def _lights(netlist: Netlist, spread: Spread) -> Iterator[Figure]:
    """Both hard-wired lights, with every header pin driven high and with every one driven low."""

    def currents(switch: str, light: str) -> list[float]:
        benches = [b for how in ("high", "low") for b in spread.benches(netlist, switch=switch, pins=driven(netlist, how))]
        return [1e3 * row[light] for row in each(lambda bench: operating_point(netlist, bench, light), benches)]

    hears, deaf = currents("live", HEARS), currents("mute", DEAF)
    yield Figure("hears_least", "light 'hears' when live, whatever the pins do", min(hears), "mA", at_least=1)
    yield Figure("hears_most", "light 'hears' when live", max(hears), "mA", at_most=5)
    yield Figure("deaf_least", "light 'deaf' when muted, whatever the pins do", min(deaf), "mA", at_least=1)
    yield Figure("deaf_most", "light 'deaf' when muted", max(deaf), "mA", at_most=5)
    dark = max(currents("mute", HEARS) + currents("live", DEAF))
    yield Figure("dark", "either light when it must be dark, whatever the pins do", 1e3 * dark, "uA", at_most=10)


def _status(netlist: Netlist, spread: Spread) -> Iterator[Figure]:
    colours = [f"@dd3{colour}[id]" for colour in "rgb"]
    pins = {f"LIGHT_{name}": "high" for name in ("RED", "GREEN", "BLUE")}
    nominal = operating_point(netlist, Bench(pins=pins), *colours)
    rows = each(lambda bench: operating_point(netlist, bench, *colours), spread.benches(netlist, pins=pins))
    yield Figure("status_least", "status light, weakest colour, at 3.3 V", 1e3 * min(nominal.values()), "mA", at_least=1)
    most = max(value for row in rows for value in row.values())
    yield Figure("status_most", "status light, strongest colour, 3.0 to 3.6 V", 1e3 * most, "mA", at_most=5)


def readings(netlist: Netlist, benches: Iterable[Bench]) -> set[str]:
    """Every state the software may read: a level between the sure ones may be read either way."""
    found = set()
    for bench in benches:
        row = operating_point(netlist, bench, *SENSES)
        switch, rail = (_levels(row[line]) for line in SENSES)
        found |= {_STATE[high, alive] for high in switch for alive in rail}
    return found


def _levels(volt: float) -> set[bool]:
    return {high for high, sure in ((False, volt <= VIL), (True, volt >= VIH)) if sure} or {False, True}


def _told(netlist: Netlist) -> Iterator[Figure]:
    """The states as they should be read, and the two faults no switch can prevent: they must be told."""
    live, mute = Bench("live", pins=PULLS), Bench("mute", pins=PULLS)
    stuck = replace(mute, contacts={"live_a": "1", "mute_a": "0"})
    feed = "VBUS" if netlist["SW1"].pins["1"] == "VBUS" else "+3V3"
    wanted = [
        (netlist, live, "live"),
        (netlist, mute, "muted"),
        (netlist, replace(mute, cut=frozenset({"all"})), "muted"),
        (netlist, stuck, "TAMPER"),
        (netlist.shorted("VMIC", feed), mute, "TAMPER"),
    ]
    names = ("live", "muted", "not plugged in", "pole A stays behind", f"rail bridged to {feed}")
    wrong = [
        f"{name}: {', '.join(sorted(read))}"
        for name, (board, bench, state) in zip(names, wanted, strict=True)
        if (read := readings(board, [bench])) != {state}
    ]
    what = "states read wrongly: live, muted, not plugged in (muted), pole A stuck and rail bridged (TAMPER)"
    yield Figure("told", what, len(wrong), "", at_most=0, note="; ".join(wrong))


def broken(netlist: Netlist) -> list[tuple[str, Netlist, Bench]]:
    """Every wire that can break: each of the header's, all of its grounds, all of it, each of the switch's."""
    mute = Bench("mute", pins=PULLS)
    pins = netlist.header.pins
    cuts = {f"header {pin}": {pin} for pin in pins} | {
        "every ground of the header": {pin for pin, net in pins.items() if net == "GND"},
        "not plugged in": {"all"},
    }
    at_header = [(name, netlist, replace(mute, cut=frozenset(cut))) for name, cut in cuts.items()]
    at_switch = [(f"switch {pin}", netlist.moved("SW1", pin, f"open{pin}"), mute) for pin in "123456"]
    return at_header + at_switch


def _wires(netlist: Netlist) -> Figure:
    def ever_live(wire: tuple[str, Netlist, Bench]) -> bool:
        _, board, bench = wire
        ends = [replace(bench, supply=supply, pull_ohm=pull) for supply in (3.0, 3.6) for pull in (33e3, 73e3)]
        return "live" in readings(board, ends)

    wires = broken(netlist)
    bad = [name for (name, _, _), live in zip(wires, each(ever_live, wires), strict=True) if live]
    what = f"broken wires ({len(wires)} tried) with which a muted board may read live"
    return Figure("wires", what, len(bad), "", at_most=0, note=", ".join(bad))


def _silence(netlist: Netlist, spread: Spread) -> Figure:
    line = "v(pi_38)"
    rows = each(lambda bench: operating_point(netlist, bench, line), spread.benches(netlist, pins=PULLS))
    return Figure("silence", "I2S_DIN at mute, nobody driving it", max(row[line] for row in rows), "V", at_most=VIL)


def _sound(netlist: Netlist) -> list[Figure]:
    """Live: the bit clock at a microphone, and its sound at the Pi, half a bit after it was said."""
    period = 1 / CLOCK_HZ
    data = f"pulse(0 1 0 5n 5n {period - 5e-9:.6g} {2 * period:.6g})"
    bench = Bench("live", pins={**PULLS, "I2S_BCLK": "clock", "I2S_LRCLK": "low"}, data=data)
    names = ("v(n_sck,n_gnd)", RAIL, "v(pi_38)", "v(data)")
    trace = transient(netlist, bench, 12 * period, 4e-9, *names)
    clock, rail, heard, said = (trace.volts[name] for name in names)
    late = [
        h if s > 0.5 else VIH + VIL - h  # mirrored, so that one bound does for both levels
        for t, h, s in zip(trace.time, heard, said, strict=True)
        if t > 4 * period and 0.4 < (t / period) % 1 < 0.9
    ]
    return [
        Figure("clock_high", "bit clock at a microphone, high, of its supply", 100 * max(clock) / min(rail), "%", at_least=70),
        Figure("clock_low", "bit clock at a microphone, low, of its supply", 100 * min(clock[len(clock) // 2 :]) / min(rail), "%", at_most=30),
        Figure("sound", "sound at the Pi, level it is sure to read, half a bit after it was said", min(late), "V", at_least=VIH),
    ]
