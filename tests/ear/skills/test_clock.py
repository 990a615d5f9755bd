"""Time and date."""

import subprocess
import sys

import pytest

from sottovoce.ear.skills.clock import Clock
from sottovoce.vocabulary import Earcon, Intent

EVENING = 1_795_464_303
"""2026-11-23 21:05:03 in Berlin, 15:05 in New York, 2026-11-24 05:05 in Tokyo."""
ASK = (
    "from sottovoce.ear.skills.clock import Clock; from sottovoce.vocabulary import Intent;"
    f"clock = Clock(lambda: {EVENING}.0);"
    "print(*(clock.handle(Intent(name, {})).speech for name in ('ClockTime', 'ClockDate')))"
)


@pytest.mark.parametrize(
    ("zone", "spoken"),
    [
        ("CET-1", "It is 21:05. It is Monday, 23 November."),
        ("EST5", "It is 15:05. It is Monday, 23 November."),
        ("JST-9", "It is 05:05. It is Tuesday, 24 November."),
    ],
)
def test_it_tells_the_time_of_where_it_stands(zone, spoken):
    """Time and date are local ones, as one says them: no seconds, no zero before a day."""
    run = subprocess.run(
        [sys.executable, "-c", ASK], env={"TZ": zone}, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == spoken


def test_it_is_done_here():
    """Asking for the time is no command: there is nothing that anybody else would have to do."""
    outcome = Clock(lambda: float(EVENING)).handle(Intent("ClockTime", {}))
    assert (outcome.earcon, outcome.command) == (Earcon.DONE, None)


def test_a_day_below_ten_is_said_without_a_zero():
    """The second is "2", not "02"."""
    speech = Clock(lambda: EVENING - 21 * 86_400 - 8 * 3600).handle(Intent("ClockDate", {})).speech
    assert speech == "It is Monday, 2 November."
