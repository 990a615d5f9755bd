"""Ear and courier, started together: two processes and the seam between them.

Under systemd the units do this; here it is for `sottovoce run`, the demo, the benchmarks and the
end-to-end tests. Each process holds the reading end of a pipe: when whoever started the pair is
gone, the pipe ends, and so do they.
"""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

STOP_SECONDS: Final = 8.0


class Pair:
    """One ear and, if a broker is named, one courier."""

    def __init__(
        self,
        common: Sequence[str],
        ear: Sequence[str] = (),
        *,
        courier: bool = True,
        sound: int | None = None,
        output: IO[bytes] | int | None = None,
        environment: Mapping[str, str] | None = None,
        keep_descriptors: Sequence[int] = (),
    ) -> None:
        """Start both with the options `common`, the ear with `ear` too.

        `sound` is the ear's standard input, `output` the ear's standard output and both's standard
        error when given; `keep_descriptors` are handed down to both.
        """
        self._folder = tempfile.TemporaryDirectory(prefix="sottovoce-")
        self._seam = Path(self._folder.name) / "seam"
        self._environment = {**os.environ, **(environment or {})}
        self._common = list(common)
        self._kept = tuple(keep_descriptors)
        self._pipes: list[int] = []
        self._output = output
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(str(self._seam))
            self._seam.chmod(0o600)
            listening.listen(1)
            self.ear, self._orders = self._start(
                "ear", ["--seam-fd", str(listening.fileno()), *ear], (listening.fileno(),), sound
            )
        self.courier: subprocess.Popen[bytes] | None = None
        if courier:
            self.start_courier()

    def start_courier(self) -> None:
        """Start the courier, or start it again."""
        self.courier, _ = self._start("courier", ["--seam", str(self._seam)], (), None)

    def order(self, word: str) -> None:
        """Send a word to the ear's board: "mute" and "live" flip a simulated switch."""
        with contextlib.suppress(BrokenPipeError):
            os.write(self._orders, f"{word}\n".encode())

    def stop(self) -> None:
        """End both, as Ctrl-C would, and wait for them; the ear first, so that it can still deliver."""
        for process in (self.ear, self.courier):
            if process is None:
                continue
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for pipe in self._pipes:
            os.close(pipe)
        self._pipes.clear()
        self._folder.cleanup()

    def __enter__(self) -> Self:
        """Use as a context: stopped at the end."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop both."""
        self.stop()

    def _start(
        self, verb: str, options: Sequence[str], descriptors: tuple[int, ...], sound: int | None
    ) -> tuple[subprocess.Popen[bytes], int]:
        read, write = os.pipe()
        self._pipes.append(write)
        command = [sys.executable, "-m", "sottovoce", verb, *self._common, *options, "--orders-fd", str(read)]
        try:
            process = subprocess.Popen(  # noqa: S603  our own command
                command,
                stdin=subprocess.DEVNULL if sound is None else sound,
                stdout=self._output,
                stderr=self._output,
                pass_fds=(read, *descriptors, *self._kept),
                env=self._environment,
                start_new_session=True,  # Ctrl-C is for whoever started them, who then stops them in order
            )
        finally:
            os.close(read)
        return process, write
