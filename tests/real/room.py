"""A room without walls: a PulseAudio of the test's own, whose null sink's echo is the microphone."""

import os
import shutil
import subprocess
import time

import soundfile

from sottovoce.vocabulary import SAMPLE_RATE


class Room:
    """What is played into the sink is what the microphone hears. A context."""

    def __init__(self, folder, rate=SAMPLE_RATE, channels=1):
        self._home = folder / "pulse"
        self._home.mkdir(mode=0o700, exist_ok=True)
        self._folder = folder
        self._form = f"rate={rate} channels={channels}"
        self._server = None
        self.environment = {
            "XDG_RUNTIME_DIR": str(self._home),
            "HOME": str(self._home),
            "PULSE_SERVER": f"unix:{self._home}/native",
            "PULSE_RUNTIME_PATH": str(self._home),
        }

    def __enter__(self):
        self.plug_in()
        return self

    def __exit__(self, *_):
        self.unplug()

    def plug_in(self):
        """Start the sound server with its sink."""
        self._server = subprocess.Popen(
            [
                shutil.which("pulseaudio") or "pulseaudio",
                "-n",
                "--daemonize=no",
                "--exit-idle-time=-1",
                "--use-pid-file=no",
                f"--load=module-native-protocol-unix auth-anonymous=1 socket={self._home}/native",
                f"--load=module-null-sink sink_name=room {self._form}",
            ],
            env={**os.environ, **self.environment},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + 20
        while self._pactl("info", check=False).returncode:
            assert time.monotonic() < until, "PulseAudio did not start"
            assert self._server.poll() is None, "PulseAudio ended at once"

    def unplug(self):
        """End the sound server, as a microphone that is pulled out ends: in mid-stream."""
        self._server.kill()
        self._server.wait(10)
        (self._home / "native").unlink(missing_ok=True)

    def play(self, samples, rate=SAMPLE_RATE):
        """Play samples into the room, to their end."""
        self.begin_to_play(samples, rate).wait(30)

    def begin_to_play(self, samples, rate=SAMPLE_RATE):
        """Play samples into the room, without waiting."""
        path = self._folder / "said.wav"
        soundfile.write(path, samples, rate)
        return subprocess.Popen(["paplay", str(path)], env={**os.environ, **self.environment})

    def _pactl(self, *words, check=True):
        environment = {**os.environ, **self.environment}
        return subprocess.run(["pactl", *words], env=environment, capture_output=True, check=check)
