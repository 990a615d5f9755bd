"""Killed at any moment, it loses nothing granted, doubles nothing, and its ledger holds.

`SOTTOVOCE_KILLS=1000` kills it so often; the quick suite kills it less.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

KILLS = int(os.environ.get("SOTTOVOCE_KILLS", "60"))
PROGRAM = Path(__file__).parent.parent / "real" / "killed.py"


def test_kill_nine_loses_nothing_and_doubles_nothing(tmp_path):
    """All that was shared waits or stands in the ledger, under one id; half an entry is told and mended."""
    command = [sys.executable, str(PROGRAM), str(tmp_path), str(KILLS), "7"]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    found = json.loads(run.stdout)
    sys.stdout.write(f"\n{run.stdout}")  # seen with -s
    assert found["kills"] == KILLS
    assert min(found["shared"], found["sent"]) > KILLS // 10
    wrong = {"lost", "sent_unwritten", "waiting_twice", "two_ids"}
    assert {name: found[name] for name in wrong} == dict.fromkeys(wrong, 0)
    assert found["torn_noted"] == found["torn"]
