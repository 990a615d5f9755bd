"""The privacy switch and the light on a Raspberry Pi, by the RPi.GPIO interface.

Not exercised on a real board yet. Off a Pi the package does not import, so it is imported when
this board is made, and the module takes it as an argument.
"""

import threading
import time
import tomllib
from collections.abc import Callable, Mapping
from importlib import resources
from typing import Any, Final

from sottovoce.ear.light import Colour
from sottovoce.errors import SwitchError

DEBOUNCE_SECONDS: Final = 0.05
"""Both senses must say `live` for this long before the device is un-muted; muting waits for nothing."""
POLL_SECONDS: Final = 0.25
"""The levels are read this often even without an edge: the level wins over a lost edge."""

_RGB: Final[Mapping[Colour, tuple[bool, bool, bool]]] = {
    Colour.OFF: (False, False, False),
    Colour.BLUE: (False, False, True),
    Colour.WHITE: (True, True, True),
    Colour.GREEN: (False, True, False),
    Colour.RED: (True, False, False),
    Colour.AMBER: (True, True, False),
}


class Debounce:
    """Turns the two senses into muted or not. Deciding only: time is passed in."""

    def __init__(self) -> None:
        """Begin muted."""
        self.muted = True
        self._live_since: float | None = None

    def feed(self, now: float, *, switch_high: bool, rail_high: bool) -> bool:
        """Take both levels at `now` (seconds, monotonic); whether the device is muted.

        Only switch low with the rail high is live (see hardware/board.toml); all else is muted.
        """
        if switch_high or not rail_high:
            self.muted, self._live_since = True, None
        elif self._live_since is None:
            self._live_since = now
        elif now - self._live_since >= DEBOUNCE_SECONDS:
            self.muted = False
        return self.muted

    @property
    def settling(self) -> bool:
        """Whether it waits for the senses to stay live."""
        return self.muted and self._live_since is not None


class RaspberryPiBoard:
    """Two sense lines and an RGB light."""

    def __init__(self, gpio: Any | None = None, now: Callable[[], float] = time.monotonic) -> None:
        """Claim the pins of board.toml through `gpio` (the RPi.GPIO module). Raises SwitchError.

        `now` gives seconds that only go forward.
        """
        self._pins = pins()
        self._now = now
        try:
            self._gpio = gpio if gpio is not None else _gpio()
            self._gpio.setmode(self._gpio.BCM)
            for name in ("sense_switch", "sense_rail"):
                self._gpio.setup(self._pins[name], self._gpio.IN)
            for name in ("light_red", "light_green", "light_blue"):
                self._gpio.setup(self._pins[name], self._gpio.OUT, initial=self._gpio.LOW)
        except (ImportError, RuntimeError, OSError, ValueError) as error:
            raise SwitchError(
                f"privacy switch: the GPIO pins cannot be used: {error}",
                "run on a Raspberry Pi as a member of group gpio, or give --simulate",
            ) from error
        self._debounce = Debounce()
        self._turn = threading.Lock()
        self._edge = threading.Event()
        self._told: bool | None = None
        self._changed: Callable[[bool], None] = lambda _: None

    def watch(self, changed: Callable[[bool], None]) -> None:
        """Call `changed(muted)` now and at every change; edges and a slow poll. Raises SwitchError."""
        self._changed = changed
        self.look()
        try:
            for name in ("sense_switch", "sense_rail"):
                self._gpio.add_event_detect(self._pins[name], self._gpio.BOTH, callback=lambda _: self.look())
        except (RuntimeError, OSError, ValueError) as error:
            raise SwitchError(
                f"privacy switch: no edge detection: {error}", "kernels from 6.6 on need rpi-lgpio"
            ) from error
        threading.Thread(target=self._poll, name="switch", daemon=True).start()

    def look(self) -> None:
        """Read both levels and tell a change; a pin that cannot be read is muted."""
        with self._turn:
            try:
                switch = bool(self._gpio.input(self._pins["sense_switch"]))
                rail = bool(self._gpio.input(self._pins["sense_rail"]))
            except (RuntimeError, OSError):
                switch, rail = True, False
            muted = self._debounce.feed(self._now(), switch_high=switch, rail_high=rail)
            news, self._told = muted != self._told, muted
            if news:
                self._changed(muted)
        self._edge.set()

    def show(self, colour: Colour) -> None:
        """Set the three colours of the light."""
        for name, on in zip(("light_red", "light_green", "light_blue"), _RGB[colour], strict=True):
            self._gpio.output(self._pins[name], on)

    def _poll(self) -> None:
        while True:
            self._edge.wait(DEBOUNCE_SECONDS if self._debounce.settling else POLL_SECONDS)
            self._edge.clear()
            if self._debounce.settling:
                time.sleep(DEBOUNCE_SECONDS)
            self.look()
            self._edge.clear()


def pins() -> dict[str, int]:
    """Read the pin map: name to BCM number."""
    text = resources.files("sottovoce.ear.devices").joinpath("board.toml").read_text(encoding="utf-8")
    return {name: int(pin["gpio"]) for name, pin in tomllib.loads(text)["pins"].items()}


def _gpio() -> Any:
    from RPi import GPIO  # noqa: PLC0415  raises at import anywhere but on a Pi

    return GPIO
