"""A room without walls: a PulseAudio of one's own, whose null sink's echo is the microphone."""

import contextlib
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import soundfile

from sottovoce.bench.programs import find
from sottovoce.errors import SottovoceError
from sottovoce.vocabulary import SAMPLE_RATE, Samples

DEVICE: Final = "pulse"
"""What the microphone in the room is called, for `[microphone] device`."""
_START_SECONDS: Final = 20.0
_PLAY_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 10.0


class RoomError(SottovoceError, ConnectionError):
    """The sound server did not start."""

    exit_status = 69


class Room:
    """What is played into the sink is what the microphone hears. A context."""

    def __init__(self, folder: Path, rate: int = SAMPLE_RATE, channels: int = 1) -> None:
        """Keep the server's files in `folder`; `rate` in Hz. Raises MissingProgramError."""
        self._home = folder / "pulse"
        self._home.mkdir(mode=0o700, exist_ok=True)
        self._folder = folder
        self._form = f"rate={rate} channels={channels}"
        self._program, self._player = find("pulseaudio"), find("paplay", "pulseaudio-utils")
        self._asker = find("pactl", "pulseaudio-utils")
        self._server: subprocess.Popen[bytes] | None = None
        self.environment = {
            "XDG_RUNTIME_DIR": str(self._home),
            "HOME": str(self._home),
            "PULSE_SERVER": f"unix:{self._home}/native",
            "PULSE_RUNTIME_PATH": str(self._home),
        }
        """What a process needs to be in this room."""

    def __enter__(self) -> Self:
        """Start the server. Raises RoomError."""
        self.plug_in()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it."""
        self.unplug()

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """Be in the room with this process itself."""
        before = {name: os.environ.get(name) for name in self.environment}
        os.environ.update(self.environment)
        try:
            yield
        finally:
            for name, value in before.items():
                os.environ.pop(name)
                if value is not None:
                    os.environ[name] = value

    def plug_in(self) -> None:
        """Start the sound server with its sink. Raises RoomError."""
        self._server = self._run(
            self._program,
            "-n",
            "--daemonize=no",
            "--exit-idle-time=-1",
            "--use-pid-file=no",
            f"--load=module-native-protocol-unix auth-anonymous=1 socket={self._home}/native",
            f"--load=module-null-sink sink_name=room {self._form}",
        )
        until = time.monotonic() + _START_SECONDS
        while self._run(self._asker, "info").wait(_START_SECONDS):
            if time.monotonic() > until or self._server.poll() is not None:
                self.unplug()
                raise RoomError("pulseaudio did not start")

    def unplug(self) -> None:
        """End the sound server, as a microphone that is pulled out ends: in mid-stream."""
        if self._server is not None:
            self._server.kill()
            self._server.wait(_STOP_SECONDS)
        (self._home / "native").unlink(missing_ok=True)

    def play(self, samples: Samples, rate: int = SAMPLE_RATE) -> None:
        """Play samples into the room, to their end."""
        self.begin_to_play(samples, rate).wait(_PLAY_SECONDS)

    def begin_to_play(
        self, samples: Samples, rate: int = SAMPLE_RATE, latency_ms: int = 0
    ) -> subprocess.Popen[bytes]:
        """Play samples into the room, without waiting.

        The server mixes sound ahead, for two seconds if it is let, and gives none of what is mixed already to
        a microphone that opens then; `latency_ms` holds it to so much.
        """
        path = self._folder / "said.wav"
        soundfile.write(path, samples, rate)
        return self._run(self._player, *[f"--latency-msec={latency_ms}"] * bool(latency_ms), str(path))

    def _run(self, program: str, *words: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603  our own command
            [program, *words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, **self.environment},
        )
