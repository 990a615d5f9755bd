"""What decides which tests run where, and how patiently."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# Speed is measured by `sottovoce bench`, never by a test: machines are noisy.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

pytest.register_assert_rewrite("contracts.board")  # so that its asserts tell what was not so

_REAL_TIME = ("end_to_end/", "bench/", "ear/devices/test_portaudio.py", "promises/test_restart.py")
"""Tests that keep time with something that does not wait for them: these run one at a time."""
_TESTS = Path(__file__).parent
_MODEL = Path("/proc/device-tree/model")


def pytest_collection_modifyitems(config, items):
    """Skip what needs a Raspberry Pi with the board on any other machine, and Home Assistant unless asked."""
    if "homeassistant" not in config.option.markexpr:
        items[:] = [item for item in items if not item.get_closest_marker("homeassistant")]
    on_a_pi = _MODEL.is_file() and "Raspberry Pi" in _MODEL.read_text(errors="replace")
    for item in items:
        if str(item.path.relative_to(_TESTS)).startswith(_REAL_TIME):
            item.add_marker(pytest.mark.real_time)
        if item.get_closest_marker("on_device") and not on_a_pi:
            item.add_marker(pytest.mark.skip(reason="needs a Raspberry Pi with the board"))
