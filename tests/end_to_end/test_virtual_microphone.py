"""Speech played into a virtual sound card comes out of a real broker as a command."""

import json
import os
import shutil
import subprocess
import sys
import time

import pytest
import soundfile

from sottovoce.bench.broker import Broker
from sottovoce.bench.speech import speak
from sottovoce.demo.observers import Lines, Seen, Subscriber, trace_line
from sottovoce.pair import Pair
from sottovoce.vocabulary import SAMPLE_RATE

_GRANT = [
    sys.executable,
    "-m",
    "sottovoce",
    "consent",
    "grant",
    "command",
    "--to",
    "home automation",
    "--yes",
]
_OPEN = ("sottovoce/test/mic/open", "ON")


@pytest.fixture
def sound_card(tmp_path):
    """A PulseAudio of the test's own: what is played into its null sink is what the microphone hears."""
    home = tmp_path / "pulse"
    home.mkdir(mode=0o700)
    environment = {
        **os.environ,
        "XDG_RUNTIME_DIR": str(home),
        "HOME": str(home),
        "PULSE_SERVER": f"unix:{home}/native",
        "PULSE_RUNTIME_PATH": str(home),
    }
    server = subprocess.Popen(
        [
            shutil.which("pulseaudio") or "pulseaudio",
            "-n",
            "--daemonize=no",
            "--exit-idle-time=-1",
            "--use-pid-file=no",
            "--load=module-native-protocol-unix auth-anonymous=1 socket=" + str(home / "native"),
            f"--load=module-null-sink sink_name=room rate={SAMPLE_RATE} channels=1",
        ],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until = time.monotonic() + 20
        while subprocess.run(["pactl", "info"], env=environment, capture_output=True, check=False).returncode:
            assert time.monotonic() < until, "PulseAudio did not start"
            assert server.poll() is None, "PulseAudio ended at once"
        yield environment
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture
def seen():
    """The trace of the processes."""
    return Seen()


def _happened(event, **facts):
    return lambda line: line["event"] == event and all(line.get(k) == v for k, v in facts.items())


def test_speech_in_the_room_becomes_a_command_at_the_broker(sound_card, seen, tmp_path):
    """Somebody speaks in the room; PyAudio hears it; a subscriber of the broker gets the command, once."""
    soundfile.write(tmp_path / "said.wav", speak("computer, turn on the kitchen light", "slt"), SAMPLE_RATE)
    state, config = tmp_path / "state", tmp_path / "sottovoce.toml"
    with Broker() as broker:
        config.write_text(
            'site = "test"\n[microphone]\ndevice = "pulse"\n'
            f'[broker]\nhost = "127.0.0.1"\nport = {broker.port}\n'
        )
        subprocess.run(
            [*_GRANT, "--config", str(config), "--state", str(state)],
            check=True,
        )
        subscriber, trace = Subscriber(broker.port), Lines(trace_line(seen))
        try:
            with Pair(
                ["--config", str(config), "--state", str(state)],
                ["--simulate", "--output", str(tmp_path / "answers.wav")],
                environment={**sound_card, "SOTTOVOCE_TRACE": str(trace.write)},
                keep_descriptors=(trace.write,),
            ):
                seen.wait("the broker", _happened("broker", connected=True))
                subscriber.seen.wait("the open microphone", lambda got: (got.topic, got.payload) == _OPEN)
                subprocess.run(["paplay", str(tmp_path / "said.wav")], env=sound_card, check=True)
                command = subscriber.seen.wait(
                    "the command", lambda got: got.topic == "sottovoce/test/command"
                )
                seen.wait("the receipt", _happened("sent"))
        finally:
            trace.close()
            subscriber.close()
    body = json.loads(command.payload)
    assert body["intent"] == "HomeTurnOn"
    assert body["slots"] == {"area": "kitchen", "name": "light"}
    commands = [got for got in subscriber.seen.since(0) if got.topic == "sottovoce/test/command"]
    assert len(commands) == 1
