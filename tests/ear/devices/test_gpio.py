"""Which package gives the GPIO interface: every machine there is, and what its owner is told."""

import itertools
import sys
import types

import pytest

from sottovoce.ear.devices import gpio
from sottovoce.ear.devices.gpio import ORIGINAL, SUCCESSOR, Machine, choose
from sottovoce.errors import SwitchError

PI_4, PI_5 = "Raspberry Pi 4 Model B Rev 1.5", "Raspberry Pi 5 Model B Rev 1.0"
KERNELS = {"6.1.21-v8+": False, "6.5.13": False, "6.6.20+rpt-rpi-v8": True, "6.12.25+rpt-rpi-2712": True}
"""Release -> whether the GPIO numbers have moved in it."""
CASES = [
    (model, kernel, moved or model is PI_5, packages)
    for (kernel, moved), model in itertools.product(KERNELS.items(), (PI_4, PI_5))
    for packages in ((), (ORIGINAL,), (SUCCESSOR,), (ORIGINAL, SUCCESSOR))
]


@pytest.mark.parametrize(
    ("model", "kernel", "moved", "packages"), CASES, ids=lambda value: str(value).replace(" ", "_")
)
def test_the_right_package_for_every_machine(model, kernel, moved, packages):
    """The original below 6.6 and not on a Pi 5; the successor anywhere; or what to do, in one line."""
    machine = Machine(model, kernel, dict.fromkeys(packages, "1.0"))
    if packages == (SUCCESSOR,):
        assert choose(machine) == SUCCESSOR
    elif packages == (ORIGINAL,) and not moved:
        assert choose(machine) == ORIGINAL
    else:
        with pytest.raises(SwitchError) as told:
            choose(machine)
        line = str(told.value)
        assert line.startswith("privacy switch: ")
        assert "\n" not in line
        assert "pip install" in told.value.hint
        if packages == (ORIGINAL,):
            assert model in line
            assert kernel in line
            assert told.value.hint.endswith(f"pip install {SUCCESSOR}")
        elif packages:
            assert "both installed" in line
            assert f"pip uninstall {ORIGINAL} {SUCCESSOR}" in told.value.hint
        else:
            assert "--simulate" in told.value.hint


@pytest.mark.parametrize("kernel", ["", "rolling", "6"])
def test_a_kernel_that_tells_no_number_is_an_old_one(kernel):
    """Nothing to go by is no error of its own: the edges themselves are tried, and refused if they fail."""
    assert choose(Machine("", kernel, {ORIGINAL: "0.7.1"})) == ORIGINAL


def test_this_machine_is_looked_at():
    """The kernel has a number; of what is not installed nothing is told."""
    machine = gpio.this_machine()
    assert gpio._version(machine.kernel) > (2, 0)
    assert machine.installed.keys() <= {ORIGINAL, SUCCESSOR}


def test_what_cannot_be_imported_is_told_with_its_own_words(tmp_path, monkeypatch):
    """The package is there and refuses, as the original does off a Pi: one line, with its reason."""
    monkeypatch.setattr(gpio, "_installed", lambda: {SUCCESSOR: "0.6"})
    monkeypatch.setenv("LG_WD", "")

    class Refusing:
        """An import that fails as RPi.GPIO's does."""

        def find_spec(self, name, path=None, target=None):
            if name == "RPi":
                raise RuntimeError("This module can only be run on a Raspberry Pi!")

    monkeypatch.delitem(sys.modules, "RPi", raising=False)
    monkeypatch.setattr(sys, "meta_path", [Refusing(), *sys.meta_path])
    with pytest.raises(SwitchError, match=r"rpi-lgpio cannot be used: This module .*--simulate"):
        gpio.load(tmp_path)


def test_what_was_chosen_is_told(tmp_path, monkeypatch):
    """Package, version and kernel are told, and lgpio's pipe gets a folder that is there."""
    package = types.ModuleType("RPi")
    package.GPIO = types.ModuleType("RPi.GPIO")
    monkeypatch.setitem(sys.modules, "RPi", package)
    monkeypatch.setitem(sys.modules, "RPi.GPIO", package.GPIO)
    monkeypatch.setattr(gpio, "_installed", lambda: {SUCCESSOR: "0.6"})
    monkeypatch.delenv("LG_WD", raising=False)
    module, facts = gpio.load(tmp_path / "state")
    assert module is package.GPIO
    assert (facts["package"], facts["version"]) == (SUCCESSOR, "0.6")
    assert facts["kernel"] == gpio.this_machine().kernel
    assert gpio.os.environ["LG_WD"] == str(tmp_path / "state")
    assert (tmp_path / "state").is_dir()
    monkeypatch.delenv("LG_WD")


def test_off_a_pi_it_says_so(tmp_path, monkeypatch):
    """On a machine without a package, the board is one clear error with both ways out."""
    monkeypatch.setattr(gpio, "_installed", dict)
    with pytest.raises(SwitchError, match=r"no package for GPIO .*sottovoce\[pi\].*--simulate"):
        gpio.load(tmp_path)
