"""The units as systemd itself judges them, without booting them."""

import subprocess
from pathlib import Path

import pytest

UNITS = Path(__file__).parent.parent.parent / "systemd"
FILES = sorted(path for path in UNITS.glob("sottovoce*") if path.suffix in {".service", ".socket", ".target"})
EXPOSURE = {"sottovoce-ear.service": 4, "sottovoce-courier.service": 10}
"""Ten times the exposure level that `systemd-analyze security` may find at most."""


@pytest.mark.parametrize("unit", EXPOSURE)
def test_its_exposure_stays_low(unit):
    """At most 0.4 for what hears and 1.0 for what has network; most services have 9.6."""
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", f"--threshold={EXPOSURE[unit]}",
         UNITS / unit],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert judged.returncode == 0, judged.stdout
    assert "ignoring" not in judged.stderr


def test_systemd_understands_every_line(tmp_path):
    """`systemd-analyze verify` has nothing to say, but that nothing is installed where the test runs."""
    programs = tmp_path / "opt/sottovoce/bin"
    programs.mkdir(parents=True)
    (programs / "sottovoce").symlink_to("/bin/true")
    for file in FILES:
        text = file.read_text().replace("/opt/sottovoce/bin", str(programs))
        (tmp_path / file.name).write_text(text)
    verified = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(tmp_path / file.name for file in FILES)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    ours = [line for line in verified.stderr.splitlines() if "sottovoce" in line]
    assert (verified.returncode, ours) == (0, []), verified.stderr


@pytest.mark.parametrize("file", sorted(UNITS.glob("sottovoce*")), ids=lambda file: file.name)
def test_every_line_says_why(file):
    """A comment stands above each line, or above the lines of its paragraph."""
    explained = False
    for number, line in enumerate(file.read_text().splitlines(), 1):
        if line.startswith("#"):
            explained = True
        elif not line or line.startswith("["):
            explained = line.startswith("[")
        else:
            assert explained, f"{file.name}:{number}: {line}"
