"""The first process of the little kernel: mounts what is needed, runs the contract, switches off.

tests/gpio_sim/run puts the interpreter's name above this, as /init of the private root folder.
"""

import ctypes
import os
import subprocess
import sys
from pathlib import Path

_READ_ONLY, _POWER_OFF = 1, 0x4321FEDC
_LIBC = ctypes.CDLL(None, use_errno=True)


def mount(kind: str, where: str, data: str = "") -> None:
    """Mount a file system of this kind. Raises OSError."""
    if _LIBC.mount(kind.encode(), where.encode(), kind.encode(), 0, data.encode()) != 0:
        raise OSError(ctypes.get_errno(), f"mount {kind} on {where}")


def main() -> int:
    """Run the contract and return pytest's exit status."""
    for kind, where in (("proc", "/proc"), ("sysfs", "/sys"), ("devtmpfs", "/dev"), ("tmpfs", "/tmp")):
        mount(kind, where)
    mount("configfs", "/sys/kernel/config")
    mount("hostfs", "/result", "/result")
    environment = {
        "HOME": "/tmp",
        "PYTHONPATH": "/site:/code",
        "PYTHONDONTWRITEBYTECODE": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "RPI_LGPIO_REVISION": "c03115",  # a Pi 4, which rpi-lgpio would read from the device tree
    }
    command = [sys.executable, "-m", "pytest", "--verbose", "--no-header", "-p", "no:cacheprovider", "-rN"]
    command += ["-p", "contracts.board"]  # so that its asserts tell what was not so
    command += ["--color=no", "--tb=short", "gpio_sim/on_a_kernel.py"]
    done = subprocess.run(command, env=environment, cwd="/code", check=False)
    return done.returncode


status = 70
try:
    status = main()
finally:
    Path("/result/status").write_text(f"{status}\n")
    os.sync()
    _LIBC.reboot(_POWER_OFF)
