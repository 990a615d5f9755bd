"""What systemd is told, by a real datagram socket."""

import os
import socket

import pytest

from sottovoce.supervisor import Supervisor


class Clock:
    """Seconds, moved by the test."""

    def __init__(self):
        self.seconds = 1000.0

    def __call__(self):
        return self.seconds


@pytest.fixture
def systemd(tmp_path):
    """Who listens where systemd would."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "notify"))
        listening.settimeout(0.0)
        yield listening


def told(systemd):
    """Take in all that was told so far."""
    said = []
    while True:
        try:
            said.append(systemd.recv(100))
        except BlockingIOError:
            return said


def watched(systemd, clock, **more):
    """Make a supervisor that waits 60 s."""
    return Supervisor({"NOTIFY_SOCKET": systemd.getsockname(), "WATCHDOG_USEC": "60000000", **more}, clock)


def test_it_is_told_once_that_the_process_is_ready(systemd):
    """`Type=notify` waits for just that."""
    watched(systemd, Clock()).ready()
    assert told(systemd) == [b"READY=1"]


def test_life_is_told_four_times_an_interval_however_often_it_is_said(systemd):
    """A pipeline turns 31 times a second; process 1 has better things to do."""
    clock = Clock()
    supervisor = watched(systemd, clock)
    for _ in range(60 * 32):
        clock.seconds += 1 / 32
        supervisor.alive()
    assert told(systemd) == [b"WATCHDOG=1"] * 4


def test_what_says_nothing_lets_nothing_be_told(systemd):
    """There is no thread that goes on telling for one that hangs."""
    clock = Clock()
    watched(systemd, clock)
    clock.seconds += 3600
    assert told(systemd) == []


@pytest.mark.parametrize(
    "environment",
    [{}, {"WATCHDOG_USEC": ""}, {"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getppid())}],
)
def test_nobody_is_told_who_does_not_wait(systemd, environment):
    """Without a watchdog, or with one that minds another process, life is not told."""
    clock = Clock()
    supervisor = Supervisor({"NOTIFY_SOCKET": systemd.getsockname(), **environment}, clock)
    clock.seconds += 3600
    supervisor.alive()
    assert told(systemd) == []


def test_without_systemd_or_with_one_that_is_gone_nothing_happens():
    """On a desk nobody waits; and who watches is no reason to stop hearing."""
    Supervisor({}).ready()
    Supervisor({"NOTIFY_SOCKET": "/nowhere/notify"}).ready()
