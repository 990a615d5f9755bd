"""A real MQTT broker for as long as one needs it: mosquitto on a free port of the loopback."""

import contextlib
import os
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from sottovoce.bench.programs import find
from sottovoce.errors import SottovoceError

_HOST: Final = "127.0.0.1"
_TRIES: Final = 3
"""Another process may take the free port first; then the next is tried."""
_START_SECONDS: Final = 10.0
_STOP_SECONDS: Final = 3.0
_LOOK_SECONDS: Final = 0.01


class BrokerError(SottovoceError, ConnectionError):
    """The broker did not start."""

    exit_status = 69


class Broker:
    """One mosquitto that anyone on this machine may use, and nobody else. A context."""

    def __init__(self) -> None:
        """Find mosquitto; it starts when the context is entered. Raises MissingProgramError."""
        self._program = find("mosquitto")
        self._process: subprocess.Popen[bytes] | None = None
        self._folder = tempfile.TemporaryDirectory(prefix="sottovoce-broker-")
        self.port = 0
        """The TCP port on 127.0.0.1; the same one after a `start` that follows a `stop`."""

    def __enter__(self) -> Self:
        """Start it and wait until it takes connections. Raises BrokerError."""
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it and leave nothing behind."""
        self.stop()
        self._folder.cleanup()

    def start(self) -> None:
        """Start it, or start it again, and wait until it takes connections. Raises BrokerError."""
        for _ in range(_TRIES):
            port = self.port or _free_port()
            if self._listens(port):
                self.port = port
                return
            self.stop()
        log = (Path(self._folder.name) / "log").read_text(encoding="utf-8", errors="replace").strip()
        raise BrokerError(f"mosquitto did not start: {log.rpartition(chr(10))[2] or 'no reason given'}")

    def stop(self) -> None:
        """End it, now."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _listens(self, port: int) -> bool:
        """Start mosquitto on `port` and say whether it came to take connections."""
        folder = Path(self._folder.name)
        settings = folder / "mosquitto.conf"
        settings.write_text(_settings(port), encoding="utf-8")
        with (folder / "log").open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603  a fixed command
                [self._program, "-c", str(settings)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for whoever started it, who then stops it in order
            )
        until = time.monotonic() + _START_SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            with contextlib.suppress(OSError), socket.create_connection((_HOST, port), timeout=1.0):
                return self._process.poll() is None
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_LOOK_SECONDS)
        return False


def _settings(port: int) -> str:
    lines = [f"listener {port} {_HOST}", "allow_anonymous true", "persistence false", "log_dest stderr"]
    if os.geteuid() == 0:
        lines.append(
            "user root"
        )  # or it becomes the user `mosquitto`, who need not exist and sees no temp folder
    return "\n".join(lines) + "\n"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((_HOST, 0))
        port: int = probe.getsockname()[1]
    return port
