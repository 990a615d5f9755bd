"""Speech played into a virtual sound card comes out of a real broker as a command."""

import contextlib
import json
import os
import subprocess
import sys

import pytest

from real.room import Room
from sottovoce.bench.broker import Broker
from sottovoce.bench.speech import speak
from sottovoce.demo.observers import Lines, Seen, Subscriber, trace_line
from sottovoce.pair import Pair

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


@pytest.fixture(params=["16000 x 1", "44100 x 2"])
def room(request, tmp_path):
    """A virtual sound card of some rate and so many channels."""
    rate, _, channels = request.param.partition(" x ")
    with Room(tmp_path, int(rate), int(channels)) as made:
        yield made


@pytest.fixture
def seen():
    """The trace of the processes."""
    return Seen()


def _happened(event, **facts):
    return lambda line: line["event"] == event and all(line.get(k) == v for k, v in facts.items())


class Listening:
    """An ear, a courier and a broker around the room's microphone. A context."""

    def __init__(self, room, seen, folder):
        self.room, self.seen, self.folder = room, seen, folder

    def __enter__(self):
        state, config = self.folder / "state", self.folder / "sottovoce.toml"
        options = ["--config", str(config), "--state", str(state)]
        with contextlib.ExitStack() as starting:
            broker = starting.enter_context(Broker())
            config.write_text(
                'site = "test"\n[microphone]\ndevice = "pulse"\n'
                f'[broker]\nhost = "127.0.0.1"\nport = {broker.port}\n'
            )
            subprocess.run([*_GRANT, *options], check=True)
            self.subscriber = Subscriber(broker.port)
            starting.callback(self.subscriber.close)
            trace = Lines(trace_line(self.seen))
            starting.callback(trace.close)
            starting.enter_context(
                Pair(
                    options,
                    ["--simulate", "--output", str(self.folder / "answers.wav")],
                    environment={**os.environ, **self.room.environment, "SOTTOVOCE_TRACE": str(trace.write)},
                    keep_descriptors=(trace.write,),
                )
            )
            self.seen.wait("the broker", _happened("broker", connected=True))
            self.wait_for(_OPEN)
            self._closing = starting.pop_all()
        return self

    def __exit__(self, *_):
        self._closing.close()

    def wait_for(self, message, mark=0):
        """Wait until the broker has a message, (topic, payload), after a mark."""
        return self.subscriber.seen.wait(str(message), lambda got: (got.topic, got.payload) == message, mark)

    def command(self, text, mark=0):
        """Say a command into the room; what the broker got of it."""
        self.room.play(speak(text, "slt"))
        got = self.subscriber.seen.wait(text, lambda got: got.topic == "sottovoce/test/command", mark)
        return json.loads(got.payload)


def test_speech_in_the_room_becomes_a_command_at_the_broker(room, seen, tmp_path):
    """Somebody speaks in the room; PyAudio hears it; a subscriber of the broker gets the command, once."""
    with Listening(room, seen, tmp_path) as ear:
        body = ear.command("computer, turn on the kitchen light")
        seen.wait("the receipt", _happened("sent"))
    assert body["intent"] == "HomeTurnOn"
    assert body["slots"] == {"area": "kitchen", "name": "light"}
    commands = [got for got in ear.subscriber.seen.since(0) if got.topic == "sottovoce/test/command"]
    assert len(commands) == 1


def test_a_microphone_that_is_pulled_out_and_put_back_hears_again(seen, tmp_path):
    """Gone in mid-stream, the state and one line of the journal say so; back, it hears, not restarted."""
    with Room(tmp_path) as room, Listening(room, seen, tmp_path) as ear:
        room.unplug()
        ear.wait_for(("sottovoce/test/state", "error"))
        mark = len(ear.subscriber.seen.since(0))
        room.plug_in()
        ear.wait_for(("sottovoce/test/state", "idle"), mark)
        assert ear.command("computer, turn off the fan", mark)["intent"] == "HomeTurnOff"
        events = [line["event"] for line in seen.since(0)]
    assert events.count("microphone_lost") == 1
    assert events.count("microphone_back") == 1
