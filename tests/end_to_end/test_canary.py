"""A canary is said through the whole system at DEBUG level: it is nowhere but where a grant says so."""

import json
import signal
import subprocess
from pathlib import Path

import numpy as np
import pytest

from real.owner import sottovoce
from sottovoce.bench.broker import Broker
from sottovoce.bench.speech import PacedMicrophone, speak
from sottovoce.demo.observers import Lines, Seen, trace_line
from sottovoce.pair import Pair

CANARY = "zanzibar"
SENTENCE = f"computer, turn on the {CANARY} lamp"
PIECE = 64
PATIENCE = 20


class Tap:
    """tshark on the loopback: every packet to and from the broker."""

    def __init__(self, port, path):
        self._port, self.path = port, path
        command = ["tshark", "-i", "lo", "-f", f"tcp port {port}", "-w", str(path), "-q"]
        self._run = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        for line in self._run.stderr:
            if line.startswith("Capturing on"):
                break

    def close(self):
        """Stop, and see that nothing was missed."""
        self._run.send_signal(signal.SIGINT)
        _, told = self._run.communicate(timeout=PATIENCE)
        assert "dropped" not in told.replace("0 packets dropped", "")

    def messages(self):
        """Give every publication, as (topic, payload)."""
        command = [
            "tshark",
            "-r",
            str(self.path),
            "-d",
            f"tcp.port=={self._port},mqtt",
            "-Y",
            "mqtt.msgtype == 3",
        ]
        command += ["-T", "json", "-J", "mqtt", "--no-duplicate-keys"]
        packets = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
        for packet in packets:
            found = packet["_source"]["layers"]["mqtt"]
            for one in found if isinstance(found, list) else [found]:
                if "mqtt.topic" in one:
                    yield one["mqtt.topic"], _bytes(one.get("mqtt.msg", ""))


def _bytes(shown):
    """Undo how tshark shows a payload: as text where it is some, else as aa:bb:cc."""
    try:
        return bytes.fromhex(shown.replace(":", ""))
    except ValueError:
        return shown.encode()


class House:
    """The pair at DEBUG level with a broker that is tapped, and a temporary folder of its own."""

    def __init__(self, folder, **options):
        self.folder, self.state, self.temporary = folder, folder / "state", folder / "tmp"
        self.config, self.log = folder / "sottovoce.toml", folder / "log"
        for one in (self.state, self.temporary):
            one.mkdir()
        self.options, self.trace = options, Seen()

    def say(self, kinds=()):
        """Have the kinds granted, say the sentence, and wait until all that leaves has left."""
        with Broker() as broker:
            more = "".join(f"{line}\n" for line in self.options.get("config", ()))
            self.config.write_text(
                f'site = "canary"\n{more}[broker]\nhost = "127.0.0.1"\nport = {broker.port}\n'
                f'[home]\ndevices = ["{CANARY} lamp", "light"]\n'
            )
            for kind in kinds:
                words = ("consent", "grant", kind, "--to", "home automation", "--for", "1d", "--yes")
                done = sottovoce(*words, "--state", self.state, "--config", self.config)
                assert done.returncode == 0, done.stderr
            self.tap = Tap(broker.port, self.folder / "packets.pcapng")
            self._run(len(kinds))
            self.tap.close()

    def _run(self, sent):
        microphone, trace = PacedMicrophone(), Lines(trace_line(self.trace))
        with (
            self.log.open("wb") as log,
            Pair(
                ["--config", str(self.config), "--state", str(self.state)],
                ["--simulate", "--input", "-", "--output", str(self.folder / "answers.wav")],
                sound=microphone.descriptor,
                output=log,
                environment={
                    "SOTTOVOCE_TRACE": str(trace.write),
                    "SOTTOVOCE_LOG": "debug",
                    "TMPDIR": str(self.temporary),
                    "XDG_RUNTIME_DIR": str(self.folder / "runtime"),
                },
                keep_descriptors=(trace.write,),
            ) as pair,
        ):
            self.expect("broker", connected=True)
            self.core = Path(f"/proc/{pair.ear.pid}/limits").read_text()
            microphone.say(speak(SENTENCE, "slt"))
            self.expect("answered")
            for number in range(sent):
                self.expect("sent", number)
        trace.close()
        microphone.close()

    def expect(self, event, before=0, **facts):
        def fits(seen):
            return seen["event"] == event and all(seen.get(key) == value for key, value in facts.items())

        mark = 0
        for _ in range(before + 1):
            self.trace.wait(event, fits, mark)
            mark = 1 + next(at for at, seen in enumerate(self.trace.since(0)) if at >= mark and fits(seen))

    def places(self):
        """Give every place in which the canary could be, and what is there."""
        files = [path for one in (self.state, self.temporary) for path in one.rglob("*") if path.is_file()]
        named = {str(path.relative_to(self.folder)): path.read_bytes() for path in files}
        return {**named, "the log": self.log.read_bytes(), "the wire": self.tap.path.read_bytes()}


def pieces(samples):
    """Give some bytes out of the loud parts of a recording."""
    raw, loud = samples.tobytes(), np.flatnonzero(np.abs(samples.astype(int)) > 2_000)
    return [
        raw[2 * at : 2 * at + PIECE] for at in loud[:: max(1, len(loud) // 200)] if at + PIECE < len(samples)
    ]


def holding(house):
    """Name the places that hold the canary's name or a piece of its sound."""
    sound = pieces(speak(SENTENCE, "slt"))
    assert len(sound) > 100
    return {
        place
        for place, data in house.places().items()
        if CANARY.encode() in data.lower() or any(piece in data for piece in sound)
    }


@pytest.fixture
def house(tmp_path):
    """A house in a folder."""
    return House(tmp_path)


def test_with_no_grant_the_canary_is_nowhere(house):
    """No log, no packet, no temporary file, no file of the state folder, no core dump holds what was said."""
    house.say()
    assert "understood" in house.log.read_text()  # it was heard, and at DEBUG level: so the log is full
    assert "Sending PUBLISH" in house.log.read_text()
    assert holding(house) == set()
    (limit,) = (line for line in house.core.splitlines() if line.startswith("Max core file size"))
    assert limit.split()[4:6] == ["0", "0"]
    assert list(house.tap.messages()) != []


def test_with_a_grant_for_commands_it_is_in_the_command_alone(house):
    """The packets that hold it are the publication that was granted; nothing else has it."""
    house.say(["command"])
    assert holding(house) == {"the wire"}
    topics = {topic for topic, payload in house.tap.messages() if CANARY.encode() in payload}
    assert topics == {"sottovoce/canary/command"}


def test_with_a_grant_for_words_it_is_in_the_transcript_alone(house):
    """As for commands; and a clip that was re-spoken holds none of the sound."""
    house.say(["transcript", "audio"])
    assert holding(house) <= {"the wire"}
    messages = list(house.tap.messages())
    assert {topic for topic, payload in messages if CANARY.encode() in payload} <= {
        "sottovoce/canary/transcript"
    }
    assert any(topic.startswith("sottovoce/canary/snippet/") for topic, _ in messages)
