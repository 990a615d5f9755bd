"""What systemd is told: that the process is ready, and, again and again, that it goes on.

By sd_notify(3): a datagram to the socket that NOTIFY_SOCKET names. Where that is not set, nobody is told.
"""

import contextlib
import os
import socket
import time
from collections.abc import Callable, Mapping
from typing import Final

_SHARE: Final = 4
"""It is told so many times in each watchdog interval."""


class Supervisor:
    """Whoever started this process, and ends it when it falls silent."""

    def __init__(
        self,
        environment: Mapping[str, str] = os.environ,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Tell the socket that `environment` names; `now` gives seconds that only go forward."""
        self._address = environment.get("NOTIFY_SOCKET", "").replace("@", "\0", 1)  # @: an abstract socket
        self._now = now
        self._every = _interval(environment) / _SHARE
        self._told_at = now()

    def ready(self) -> None:
        """Tell that the process does its work from now on."""
        self._tell(b"READY=1")

    def alive(self) -> None:
        """Tell that the work goes on; may be called much oftener than somebody waits for it."""
        if self._every and self._now() - self._told_at >= self._every:
            self._told_at = self._now()
            self._tell(b"WATCHDOG=1")

    def _tell(self, what: bytes) -> None:
        if not self._address:
            return
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
            systemd.settimeout(0.0)  # the work does not wait for who watches it
            systemd.sendto(what, self._address)


def _interval(environment: Mapping[str, str]) -> float:
    """Seconds of silence after which this process is ended; 0 for any."""
    if environment.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return 0.0
    microseconds = environment.get("WATCHDOG_USEC", "")
    return int(microseconds) / 1e6 if microseconds.isdigit() else 0.0
