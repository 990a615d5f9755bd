"""The privacy switch, the button and the light on a Raspberry Pi, by the RPi.GPIO interface.

Not exercised on a real board yet. Off a Pi the package does not import, so it is imported when
this board is made, and the module can be given as an argument.
"""

import contextlib
import threading
import time
import tomllib
from collections.abc import Callable, Mapping
from importlib import resources
from typing import Any, Final

from sottovoce.ear.devices.debounce import DEBOUNCE_SECONDS, Button, Senses
from sottovoce.ear.light import Colour, Look
from sottovoce.errors import SwitchError
from sottovoce.vocabulary import Position, Press

POLL_SECONDS: Final = 0.25
"""The levels are read this often even without an edge: the level wins over a lost edge."""
_LIGHTS: Final = ("light_red", "light_green", "light_blue")
_PWM_HZ: Final = 200.0
_DIM_PERCENT: Final = 6.0
_RGB: Final[Mapping[Colour, tuple[bool, bool, bool]]] = {
    Colour.OFF: (False, False, False),
    Colour.BLUE: (False, False, True),
    Colour.WHITE: (True, True, True),
    Colour.GREEN: (False, True, False),
    Colour.CYAN: (False, True, True),
    Colour.RED: (True, False, False),
    Colour.AMBER: (True, True, False),
    Colour.VIOLET: (True, False, True),
}
_FAULTS: Final = Exception
"""lgpio's own error derives from nothing narrower; and whatever it is, a sense that is not read is muted."""


class RaspberryPiBoard:
    """Two sense lines, a button and an RGB light."""

    def __init__(self, gpio: Any, now: Callable[[], float] = time.monotonic) -> None:
        """Claim the pins of board.toml through `gpio` (the RPi.GPIO module). Raises SwitchError.

        The pulls are such that a broken wire reads as muted. `now` gives seconds that only go forward.
        """
        self._gpio, self._now, self._pins = gpio, now, pins()
        try:
            gpio.setmode(gpio.BCM)
            gpio.setup(self._pins["sense_switch"], gpio.IN, pull_up_down=gpio.PUD_UP)
            gpio.setup(self._pins["sense_rail"], gpio.IN, pull_up_down=gpio.PUD_DOWN)
            gpio.setup(self._pins["button"], gpio.IN, pull_up_down=gpio.PUD_UP)
            for name in _LIGHTS:
                gpio.setup(self._pins[name], gpio.OUT, initial=gpio.LOW)
        except _FAULTS as error:
            raise SwitchError(
                f"privacy switch: the GPIO pins cannot be used: {error}",
                "run as a member of group gpio; does another program use them?",
            ) from error
        self._pwm: list[Any] = []
        self._senses, self._button = Senses(), Button()
        self._turn, self._feeling = threading.Lock(), threading.Lock()
        self._edge = threading.Event()
        self._told: Position | None = None
        self._changed: Callable[[Position], None] = lambda _: None
        self._pressed: Callable[[Press], None] = lambda _: None

    def watch(self, changed: Callable[[Position], None]) -> None:
        """Call `changed` now and at every change; edges and a slow poll. Raises SwitchError."""
        self._changed = changed
        self.look()
        try:
            for name in ("sense_switch", "sense_rail", "button"):
                told = self._felt if name == "button" else self._moved
                self._gpio.add_event_detect(self._pins[name], self._gpio.BOTH, callback=told)
        except _FAULTS as error:
            raise SwitchError(
                f"privacy switch: no edge detection: {error}", "kernels from 6.6 on need rpi-lgpio"
            ) from error
        threading.Thread(target=self._poll, name="switch", daemon=True).start()

    def watch_button(self, pressed: Callable[[Press], None]) -> None:
        """Call `pressed` at every press of the button."""
        self._pressed = pressed

    def look(self, *, edge: bool = False) -> None:
        """Read both senses and tell a change; `edge`: one of them has moved, whatever it reads by now."""
        with self._turn:
            try:
                switch = bool(self._gpio.input(self._pins["sense_switch"]))
                rail = bool(self._gpio.input(self._pins["sense_rail"]))
            except _FAULTS:
                position = self._senses.lost()
            else:
                position = self._senses.feed(self._now(), switch_high=switch, rail_high=rail, edge=edge)
            news, self._told = position is not self._told, position
            if news:
                self._changed(position)

    def feel(self) -> None:
        """Read the button and tell a press; one that cannot be read is not pressed."""
        with self._feeling:
            try:
                down = not self._gpio.input(self._pins["button"])
            except _FAULTS:
                self._button.lost()
                return
            press = self._button.feed(self._now(), down=down)
        if press is not None:
            self._pressed(press)

    def show(self, look: Look) -> None:
        """Set the three colours of the light, faint ones by pulses; if it fails it stays as it is.

        The light is set by whoever tells of the switch: that must go on.
        """
        with contextlib.suppress(_FAULTS):
            self._paint(look)

    def _paint(self, look: Look) -> None:
        while self._pwm:
            self._pwm.pop().stop()  # and dropped: pulses that are kept anywhere hold their pin
        for name, on in zip(_LIGHTS, _RGB[look.colour], strict=True):
            pin = self._pins[name]
            self._gpio.output(pin, on and not look.dim)
            if on and look.dim:
                self._pwm.append(self._gpio.PWM(pin, _PWM_HZ))
                self._pwm[-1].start(_DIM_PERCENT)

    def _moved(self, _: int) -> None:
        self.look(edge=True)
        self._edge.set()

    def _felt(self, _: int) -> None:
        self.feel()

    def _poll(self) -> None:
        while True:
            self._edge.wait(DEBOUNCE_SECONDS if self._senses.settling else POLL_SECONDS)
            self._edge.clear()
            self.look()
            self.feel()


def pins() -> dict[str, int]:
    """Read the pin map: name to BCM number."""
    text = resources.files("sottovoce.ear.devices").joinpath("board.toml").read_text(encoding="utf-8")
    return {name: int(pin["gpio"]) for name, pin in tomllib.loads(text)["pins"].items()}
