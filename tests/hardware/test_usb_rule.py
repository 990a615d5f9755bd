"""The udev rule that lets no microphone in by USB."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

RULES = Path(__file__).parent.parent.parent / "systemd/70-sottovoce-microphones.rules"
LINES = RULES.read_text().splitlines()


def can_verify():
    """Whether this udevadm has `verify` (systemd 254; Debian 12 has 252)."""
    udevadm = shutil.which("udevadm")
    return (
        bool(udevadm)
        and subprocess.run([udevadm, "verify", "--help"], capture_output=True, check=False).returncode == 0
    )


@pytest.mark.skipif(not can_verify(), reason="udevadm verify is not there before systemd 254")
def test_udev_understands_it():
    """`udevadm verify` finds neither an error nor a matter of style."""
    done = subprocess.run(
        ["udevadm", "verify", "--resolve-names=never", RULES], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_every_line_says_why():
    """Each rule stands under a comment of its own."""
    rules = [at for at, line in enumerate(LINES) if "==" in line and not line.startswith("#")]
    assert len(rules) == 4
    assert [LINES[at] for at in rules if not LINES[at - 1].startswith("# ")] == []


def test_a_usb_capture_device_is_shut_and_refused():
    """The same condition takes away all rights to the capture device, and the card's interface."""
    condition = 'SUBSYSTEM=="sound", KERNEL=="pcmC*D*c", SUBSYSTEMS=="usb", '
    done = " ".join(line.removeprefix(condition) for line in LINES if line.startswith(condition))
    assert set(re.findall(r'(\S+?)="([^"]*)"', done)) == {
        ("OWNER", "root"),
        ("GROUP", "root"),
        ("MODE", "0000"),
        ("ATTR{device/device/authorized}", "0"),
    }
