"""A machine with Debian's systemd on which the units are booted, in QEMU; what happened there, as told."""

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

HERE = Path(__file__).parent
TOP = HERE.parent.parent
CACHE = TOP / ".systemd-guest"
UNITS = TOP / "systemd"
PATIENCE_SECONDS = 900
PLACES = {
    ".service": "systemd/system/{}",
    ".socket": "systemd/system/{}",
    ".target": "systemd/system/{}",
    ".sysusers.conf": "sysusers.d/sottovoce.conf",
    ".tmpfiles.conf": "tmpfiles.d/sottovoce.conf",
}
"""Where a file of systemd/ goes under /usr/lib, by the end of its name."""
COMMAND_LINE = (
    "rdinit=/usr/lib/systemd/systemd console=ttyS0 quiet systemd.mask=serial-getty@ttyS0.service "
    "systemd.journald.forward_to_console=1"
)
ENABLED = ("sottovoce.target", "sottovoce-courier.service", "story.service")


def boot():
    """Boot the units as they stand, and give what was told: a dictionary for each thing."""
    subprocess.run([HERE / "image"], check=True)
    with TemporaryDirectory(dir=CACHE) as folder:
        initrd, told, console = (Path(folder, name) for name in ("initrd", "told", "console"))
        with initrd.open("wb") as whole:
            for part in (CACHE / "root.cpio", _overlay(Path(folder, "overlay"))):
                with part.open("rb") as one:
                    shutil.copyfileobj(one, whole)
        begun = time.monotonic()
        try:
            subprocess.run(_qemu(initrd, told, console), timeout=PATIENCE_SECONDS, check=True)
        finally:
            shutil.copy(console, CACHE / "console.log")  # for who wants to know what went wrong
            shutil.copy(told, CACHE / "told.log")
        lines = told.read_text(errors="replace").splitlines()
        return [
            *(json.loads(line) for line in lines if line.startswith("{")),
            {"what": "wall", "seconds": round(time.monotonic() - begun, 1)},
        ]


def _qemu(initrd, told, console):
    """One processor, no network. The name of the machine makes its kernel drive a GPIO chip."""
    return [
        "qemu-system-x86_64", "-accel", "tcg", "-cpu", "max", "-m", "3000", "-smp", "1",
        "-nic", "none", "-display", "none", "-no-reboot",
        "-serial", f"file:{console}", "-serial", f"file:{told}",
        "-smbios", "type=1,manufacturer=PC Engines", "-smbios", "type=2,product=apu2",
        "-kernel", str(CACHE / "vmlinuz"), "-initrd", str(initrd),
        "-append", COMMAND_LINE,
    ]  # fmt: skip


def _overlay(root):
    """Pack what may differ from run to run: the units, our code, the story."""
    shutil.copytree(HERE / "guest", root, symlinks=True)
    for file in UNITS.glob("sottovoce*"):
        place = next(place for end, place in PLACES.items() if file.name.endswith(end))
        target = root / "usr/lib" / place.format(file.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)
    (root / "etc/credstore/sottovoce.broker-password").chmod(0o600)
    subprocess.run(["systemctl", "--quiet", f"--root={root}", "enable", *ENABLED], check=True)
    _install(root / "opt/sottovoce")
    packed = root.with_suffix(".cpio")
    subprocess.run(
        [
            "bsdtar",
            "--create",
            "--file",
            packed,
            "--format",
            "newc",
            "--uid",
            "0",
            "--gid",
            "0",
            "-C",
            root,
            ".",
        ],
        check=True,
    )
    return packed


def _install(prefix):
    """Put our own package into the guest's environment, as pip does, with the guest's interpreter."""
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
         "--ignore-installed", "--no-warn-script-location", "--root-user-action=ignore", "--prefix", prefix,
         TOP],
        check=True,
    )  # fmt: skip
    shutil.rmtree(
        TOP / "build", ignore_errors=True
    )  # what setuptools leaves, and would put into the next one
    script = prefix / "bin/sottovoce"
    _, rest = script.read_text().split("\n", 1)
    script.write_text(f"#!/opt/sottovoce/bin/python\n{rest}")
