"""The promise that a mute outlives the ear: killed at any point and started again, it opens nothing.

The real process is killed by SIGKILL, when its trace says that it has come to some point. The evidence is
not its own word: its microphone is a pipe that this test has filled to the brim, and to open that
microphone is to empty the pipe (ear/devices/pipe.py). While not one byte is gone, it was never opened.
"""

import array
import contextlib
import fcntl
import os
import select
import subprocess
import termios

import pytest

from real.owner import COMMAND, sottovoce
from sottovoce.demo.observers import Lines, Seen, trace_line

PATIENCE = 15
PIPE_BYTES = 4096
CONFIG = """
[reply]
voice = "none"
earcons = false
[transcribe]
engine = "pocketsphinx"
"""


class Bedside:
    """A device that loses its power whenever the test wants. A context."""

    def __init__(self, folder):
        self._folder = folder
        self._config = folder / "sottovoce.toml"
        self._config.write_text(CONFIG)
        self._sound, self._mouth = os.pipe()
        fcntl.fcntl(self._mouth, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        os.set_blocking(self._mouth, False)
        self._process = None

    def start(self, position):
        """Start the ear, with the switch at `position` and as much sound waiting as the pipe can hold."""
        self._fill()
        self.seen = Seen()
        self._trace = Lines(trace_line(self.seen))
        orders, self._orders = os.pipe()
        options = ["--simulate", "--switch", position, "--input", "-", "--orders-fd", str(orders)]
        options += ["--output", str(self._folder / "answers.wav")]
        self._process = subprocess.Popen(
            [*COMMAND, "ear", *options, *map(str, self.here)],
            stdin=self._sound,
            stderr=subprocess.DEVNULL,
            pass_fds=(orders, self._trace.write),
            env={**os.environ, "SOTTOVOCE_TRACE": str(self._trace.write)},
        )
        os.close(orders)

    @property
    def here(self):
        """What tells a command of which device it is."""
        return ("--config", self._config, "--state", self._folder / "state")

    def wait(self, event, mark=0, **facts):
        """Wait until its trace tells of an event with these facts."""

        def fits(line):
            return line["event"] == event and all(line.get(key) == value for key, value in facts.items())

        self.seen.wait(f"{event} {facts}", fits, mark)

    def order(self, line):
        """Move the switch or press the button; a mark in the trace from before that."""
        mark = self.seen.count
        os.write(self._orders, f"{line}\n".encode())
        return mark

    def kill(self):
        """Take its power away, in the middle of whatever it does."""
        self._process.kill()
        self._process.wait(PATIENCE)
        os.close(self._orders)
        self._trace.close()
        self._process = None

    @property
    def untouched(self):
        """Whether the microphone was never opened since the pipe was filled."""
        waiting = array.array("i", [0])
        fcntl.ioctl(self._sound, termios.FIONREAD, waiting)
        return waiting[0] == PIPE_BYTES

    def hears(self):
        """Wait until the sound that waits is taken; whether it is."""
        return bool(select.select([], [self._mouth], [], PATIENCE)[1])

    def _fill(self):
        with contextlib.suppress(BlockingIOError):
            while os.write(self._mouth, bytes([1, 0]) * (PIPE_BYTES // 2)):
                pass
        assert self.untouched

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self._process is not None:
            self.kill()
        os.close(self._sound)
        os.close(self._mouth)


@pytest.fixture
def device(tmp_path):
    """A device by the bed."""
    with Bedside(tmp_path) as made:
        yield made


def test_killed_at_any_point_of_its_start_it_opens_nothing_while_muted(device):
    """With the switch at muted no start gets as far as the microphone, and at live the last of them hears."""
    for point in ("switch", "wake_engine", "light", "ready", "microphones"):
        device.start("muted")
        device.wait(point)
        device.kill()
        assert device.untouched, point
    device.start("muted")
    device.kill()  # before it could say anything
    device.start("muted")
    device.wait("microphones")
    assert device.untouched
    device.order("live")
    assert device.hears()


@pytest.mark.parametrize("back", ["muted", "live"])
def test_killed_while_it_hears_it_goes_by_where_the_switch_is_then(device, back):
    """Killed at rest, while it listens, at the edge of the switch, muted: what counts is the switch."""
    device.start("live")
    for order, point, facts in (
        ("", "ready", {}),
        ("press short", "called", {}),
        ("mute", "switch", {"position": "muted"}),
        ("tamper", "light", {"colour": "violet"}),
    ):
        device.wait("ready")
        assert device.hears()
        device.wait(point, device.order(order) if order else 0, **facts)
        device.kill()
        device.start(back)
        device.wait("ready")
        assert device.untouched == (back == "muted"), point
        device.order("live")
    assert device.hears()


@pytest.mark.parametrize("way", ["button", "command"])
def test_a_soft_mute_outlives_any_kill(device, way):
    """Killed as soon as it is softly muted, and at any point of its next starts, it opens nothing until told.

    From the moment on at which it tells of it: by then it is on disk.
    """
    device.start("live")
    device.wait("ready")
    assert device.hears()
    if way == "button":
        device.wait("mute", device.order("press long"), reason="soft", on=True)
    else:
        assert sottovoce("mute", *device.here).returncode == 0
    device.kill()
    for again in ("switch", "wake_engine", "ready"):
        device.start("live")
        device.wait(again)
        device.kill()
        assert device.untouched, again
    device.start("live")
    device.wait("microphones")
    assert device.untouched
    assert sottovoce("unmute", *device.here).returncode == 0
    assert device.hears()
