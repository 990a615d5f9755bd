"""What the benchmarks are played on: broker, microphones, the stages at full speed, the real pair."""

import os
import socket

import numpy as np
import pytest

from sottovoce.bench.broker import Broker
from sottovoce.bench.cost import Rig, bare_cost, commands
from sottovoce.bench.microphone import MemoryMicrophone
from sottovoce.bench.programs import MissingProgramError
from sottovoce.bench.publish import UTTERANCES, _command, _peak_memory
from sottovoce.bench.speech import PacedMicrophone, quiet, speak
from sottovoce.config import Config, Reply
from sottovoce.demo.scene import Scene
from sottovoce.ear.engines.porcupine import Porcupine
from sottovoce.errors import EngineError
from sottovoce.vocabulary import FRAME_SAMPLES, FRAME_SECONDS, SAMPLE_RATE

CONFIG = Config(reply=Reply(voice="none", earcons=False))


def answers(port):
    """Whether somebody takes connections on a port of the loopback."""
    with socket.socket() as knock:
        return knock.connect_ex(("127.0.0.1", port)) == 0


def test_a_broker_comes_goes_and_comes_back_at_its_port():
    """While its context lasts it takes connections on the loopback, and after it none."""
    with Broker() as broker:
        port = broker.port
        assert answers(port)
        broker.stop()
        assert not answers(port)
        broker.start()
        assert broker.port == port
        assert answers(port)
    assert not answers(port)


def test_two_brokers_do_not_meet():
    """Each has a port of its own."""
    with Broker() as one, Broker() as other:
        assert one.port != other.port


def test_a_program_that_is_missing_is_told_with_its_package(monkeypatch):
    """Without mosquitto or flite one reads what to install."""
    monkeypatch.setattr("sottovoce.bench.programs._SYSTEM_PATH", "")
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(MissingProgramError, match="apt install mosquitto"):
        Broker()
    with pytest.raises(MissingProgramError, match="apt install flite"):
        speak("hello", "slt")


def test_a_voice_that_flite_has_not_is_told():
    """An unknown voice is an error that names those there are."""
    with pytest.raises(EngineError, match="rms"):
        speak("hello", "nobody")


def test_what_is_said_into_the_paced_microphone_comes_out_whole_and_in_time():
    """Every sample that is said is heard, over the noise floor, as fast as time goes by."""
    said = np.full(5 * FRAME_SAMPLES + 100, 1000, dtype=np.int16)
    microphone = PacedMicrophone()
    first, second = microphone.say(said), microphone.say(said)
    heard = b""
    while not second.ended_at:
        heard += os.read(microphone.descriptor, FRAME_SAMPLES * 2)
    samples = np.frombuffer(heard, dtype="<i2")
    microphone.close()
    assert first.wait(0)
    assert np.count_nonzero(np.abs(samples.astype(int) - 1000) < 50) == 2 * len(said)
    assert second.ended_at - first.ended_at >= 4 * FRAME_SECONDS
    assert microphone.lost == 0


def test_the_memory_microphone_gives_whole_frames_and_then_ends():
    """What is played comes in frames, the last filled up with zeros; its end is told, and then it ends."""
    microphone = MemoryMicrophone()
    assert microphone.play(np.ones(FRAME_SAMPLES + 1, dtype=np.int16)) == 2
    played = microphone.played()
    microphone.end()
    assert microphone.read().sum() == FRAME_SAMPLES
    assert microphone.read().sum() == 1
    assert not played.is_set()
    with pytest.raises(EOFError):
        microphone.read()
    assert played.is_set()


def test_the_stages_at_full_speed_hear_what_they_hear_in_real_time(tmp_path):
    """The rig that CPU is measured on understands a spoken command, and costs something."""
    command = speak("computer, turn on the kitchen light.", "slt")
    with Rig(CONFIG, tmp_path) as rig:
        idle = rig.cost(quiet(5 * SAMPLE_RATE))
        busy = rig.cost(np.concatenate([command, quiet(2 * SAMPLE_RATE)]))
        assert rig.commands == 1
    assert 0 < idle < busy


def test_the_bare_engine_is_fed_the_same_sound():
    """The yardstick costs something too, and takes sound of any whole number of frames."""
    porcupine = Porcupine({"computer": 0.8})
    assert 0 < bare_cost(porcupine._engine, quiet(100 * FRAME_SAMPLES)) < 1


def test_enough_is_said_for_stable_figures():
    """CPU while commands are said is measured on over a minute, publishing on twelve commands or more."""
    assert len(commands()) >= 60 * SAMPLE_RATE
    assert UTTERANCES >= 12


def test_a_spoken_command_is_timed_from_endpoint_to_subscriber(tmp_path):
    """With the real processes and a real broker, a granted command arrives, and its time is told."""
    with Scene(tmp_path, lambda _: None) as scene:
        scene.grant()
        delay = _command(scene, speak("computer, turn on the kitchen light.", "slt"))
        peaks = [_peak_memory(process.pid) for process in (scene.pair.courier, scene.pair.ear)]
        assert _command(scene, speak("computer, what time is it?", "slt")) is None, "nothing for others"
    assert delay is not None
    assert 0 < delay.from_endpoint < delay.from_sound < 5000
    assert 10 < peaks[0] < peaks[1] < 1000
