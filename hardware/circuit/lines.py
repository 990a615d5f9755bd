"""The lights, and the sound lines."""

from collections.abc import Iterator

from circuit.attack import RAIL, driven
from circuit.bench import Bench
from circuit.figure import VIH, VIL, Figure, Spread
from circuit.netlist import Netlist
from circuit.pi import CLOCK_HZ
from circuit.senses import PULLS
from circuit.spice import each, operating_point, transient

HEARS, DEAF = "@dd1[id]", "@dd2[id]"


def figures(netlist: Netlist, spread: Spread) -> list[Figure]:
    """Currents of the lights; the clock and the sound where they cross the buffers."""
    found = [*_lights(netlist, spread), *_status(netlist, spread)]
    return found + ([_silence(netlist, spread), *_sound(netlist)] if netlist.of("ICS-43434") else [])


def _lights(netlist: Netlist, spread: Spread) -> Iterator[Figure]:
    """Both hard-wired lights, with every header pin driven high and with every one driven low."""

    def currents(switch: str, light: str) -> list[float]:
        benches = [
            b
            for how in ("high", "low")
            for b in spread.benches(netlist, switch=switch, pins=driven(netlist, how))
        ]
        return [
            1e3 * row[light] for row in each(lambda bench: operating_point(netlist, bench, light), benches)
        ]

    hears, deaf = currents("live", HEARS), currents("mute", DEAF)
    yield Figure("hears_least", "light 'hears' when live, whatever the pins do", min(hears), "mA", at_least=1)
    yield Figure("hears_most", "light 'hears' when live", max(hears), "mA", at_most=5)
    yield Figure("deaf_least", "light 'deaf' when muted, whatever the pins do", min(deaf), "mA", at_least=1)
    yield Figure("deaf_most", "light 'deaf' when muted", max(deaf), "mA", at_most=5)
    dark = max(currents("mute", HEARS) + currents("live", DEAF))
    yield Figure(
        "dark", "either light when it must be dark, whatever the pins do", 1e3 * dark, "uA", at_most=10
    )


def _status(netlist: Netlist, spread: Spread) -> Iterator[Figure]:
    colours = [f"@dd3{colour}[id]" for colour in "rgb"]
    pins = {f"LIGHT_{name}": "high" for name in ("RED", "GREEN", "BLUE")}
    nominal = operating_point(netlist, Bench(pins=pins), *colours)
    rows = each(lambda bench: operating_point(netlist, bench, *colours), spread.benches(netlist, pins=pins))
    yield Figure(
        "status_least",
        "status light, weakest colour, at 3.3 V",
        1e3 * min(nominal.values()),
        "mA",
        at_least=1,
    )
    most = max(value for row in rows for value in row.values())
    yield Figure("status_most", "status light, strongest colour, 3.0 to 3.6 V", 1e3 * most, "mA", at_most=5)


def _silence(netlist: Netlist, spread: Spread) -> Figure:
    line = "v(pi_38)"
    rows = each(lambda bench: operating_point(netlist, bench, line), spread.benches(netlist, pins=PULLS))
    return Figure(
        "silence", "I2S_DIN at mute, nobody driving it", max(row[line] for row in rows), "V", at_most=VIL
    )


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
        Figure(
            "clock_high",
            "bit clock at a microphone, high, of its supply",
            100 * max(clock) / min(rail),
            "%",
            at_least=70,
        ),
        Figure(
            "clock_low",
            "bit clock at a microphone, low, of its supply",
            100 * min(clock[len(clock) // 2 :]) / min(rail),
            "%",
            at_most=30,
        ),
        Figure(
            "sound",
            "sound at the Pi, level it is sure to read, half a bit after it was said",
            min(late),
            "V",
            at_least=VIH,
        ),
    ]
