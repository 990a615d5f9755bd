"""A GPIO chip that the kernel simulates: made through configfs, moved and read through sysfs."""

import time
from pathlib import Path

from sottovoce.ear.devices.rpi import pins

_MADE = Path("/sys/kernel/config/gpio-sim")
_LINES = 54
"""As many as a Raspberry Pi 4 has."""
_LOOK_SECONDS = 0.3


class Chip:
    """Its lines go by the names of board.toml."""

    def __init__(self):
        """Make it, with every line an input that floats."""
        self._folder = _MADE / "board"
        bank = self._folder / "bank"
        bank.mkdir(parents=True)
        (bank / "num_lines").write_text(f"{_LINES}\n")
        (bank / "label").write_text("pinctrl-bcm2711\n")
        (self._folder / "live").write_text("1\n")
        device, name = (self._folder / "dev_name", bank / "chip_name")
        self.name = name.read_text().strip()
        self._lines = Path("/sys/devices/platform", device.read_text().strip(), self.name)
        self._pins = pins()

    @property
    def number(self):
        """The N of gpiochipN."""
        return int(self.name.removeprefix("gpiochip"))

    def drive(self, name, level):
        """Pull a line up or down, as what is wired to it would."""
        self._of(name, "pull").write_text("pull-up" if level else "pull-down")

    def pull(self, name):
        """Say to where the line is pulled: "up" or "down"."""
        return self._of(name, "pull").read_text().strip().removeprefix("pull-")

    def level(self, name):
        """Read the level as it is now, 0 or 1."""
        return int(self._of(name, "value").read_text())

    def share(self, name):
        """Say for which share of the time the line is high, by looking for a while."""
        until, levels = time.monotonic() + _LOOK_SECONDS, []
        while time.monotonic() < until:
            levels.append(self.level(name))
            time.sleep(0)  # the pulses are another process's, and there is one processor
        return sum(levels) / len(levels)

    def vanish(self):
        """Unplug the chip, even while its lines are in use."""
        (self._folder / "live").write_text("0\n")

    def remove(self):
        """Take it apart."""
        if (self._folder / "live").read_text().strip() == "1":
            self.vanish()
        (self._folder / "bank").rmdir()
        self._folder.rmdir()

    def _of(self, name, what):
        return self._lines / f"sim_gpio{self._pins[name]}" / what
