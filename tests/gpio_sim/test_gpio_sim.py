"""The optional job on a real kernel: that it is there to be run. What it runs, it runs itself."""

import os
import re
import subprocess
from pathlib import Path

from contracts.board import BoardContract

HERE = Path(__file__).parent
TOP = HERE.parent.parent


def test_it_can_be_run():
    """`make gpio-sim` is in the help, and would run a script that bash can read."""
    assert re.search(r"^gpio-sim:.*## ", (TOP / "Makefile").read_text(), re.MULTILINE)
    asked = subprocess.run(
        ["make", "--dry-run", "gpio-sim"], cwd=TOP, capture_output=True, text=True, check=True
    )
    assert "tests/gpio_sim/run" in asked.stdout.splitlines()
    assert os.access(HERE / "run", os.X_OK)
    subprocess.run(["bash", "-n", HERE / "run"], check=True)


def test_both_run_the_same_contract():
    """The fake lines and the real ones inherit one class, and neither leaves out or bends any of it."""
    promises = {name for name in vars(BoardContract) if name.startswith("test_")}
    assert len(promises) >= 10
    for file in (HERE / "on_a_kernel.py", TOP / "tests/ear/devices/test_board_contract.py"):
        text = file.read_text()
        assert "(BoardContract):" in text
        assert not {name for name in promises if f"def {name}" in text}
        assert not re.search(r"skip|xfail|deselect", text)
