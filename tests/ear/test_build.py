"""The composition root: which parts an ear is made of."""

import os
import time

import numpy as np
import pytest

from fakes.hearing import Diary, nothing
from fakes.house import CHANGED, HOUSE
from fakes.sharing import a_wiring
from sottovoce.config import Config, Endpoint, Home, Microphone, Reply, Review, Transcribe
from sottovoce.ear import build
from sottovoce.ear.corrections import Corrections
from sottovoce.ear.devices.pipe import PipeMicrophone
from sottovoce.ear.devices.pyaudio import PyAudioSpeaker
from sottovoce.ear.devices.recording import FileSpeaker, Recording
from sottovoce.ear.devices.simulated import SimulatedMicrophone
from sottovoce.ear.gate import BACKLOG_FRAMES, Gate
from sottovoce.ear.grants import Grants
from sottovoce.ear.ring import Ring
from sottovoce.ear.state_folder import StateFolder
from sottovoce.ear.store import open_store
from sottovoce.errors import EngineError, MicrophoneError, SwitchError
from sottovoce.house.file import House
from sottovoce.vocabulary import FRAME_SECONDS, Intent, Snippet, Transcript


def options(folder, **given):
    """Make options for a run that writes its answers into a file."""
    return build.Options(folder, **({"output": folder / "out.wav"} | given))


def test_the_simulated_switch_cuts_the_microphone(tmp_path):
    """Whatever the source, with --simulate it stands behind the simulated switch."""
    board = build.make_board(Config(), options(tmp_path, simulate=True, input="-"), nothing)
    assert isinstance(board.microphone, SimulatedMicrophone)
    assert isinstance(board.microphone._source, PipeMicrophone)
    board.orders("mute")
    with pytest.raises(MicrophoneError, match="switch is off"):
        board.microphone.open()


def test_without_simulate_there_must_be_a_switch(tmp_path):
    """No GPIO is an error, and never an ear without a switch."""
    with pytest.raises(SwitchError):
        build.make_board(Config(), options(tmp_path, input="-"), nothing)


def test_no_microphone_of_that_name(tmp_path):
    """The real microphone is the one that is configured; it is not looked for before it is opened."""
    config = Config(microphone=Microphone(device="no such microphone"))
    board = build.make_board(config, options(tmp_path, simulate=True), nothing)
    with pytest.raises(MicrophoneError, match="no such microphone"):
        board.microphone.open()


def test_the_ring_holds_the_longest_sentence_and_the_backlog():
    """However long the sentence and however far behind the pipeline, no frame of it is overwritten."""
    for limits in (Endpoint(), Endpoint(longest_ms=20_000, pre_roll_ms=3_000)):
        ring = build.make_ring(Config(endpoint=limits))
        sentence = (limits.longest_ms + limits.pre_roll_ms) / 1000 / FRAME_SECONDS
        assert len(ring) >= sentence + BACKLOG_FRAMES


@pytest.mark.parametrize(("name", "speaks"), [("none", False), ("flite", True)])
def test_the_reply_is_as_configured(tmp_path, name, speaks):
    """The voice that is named, or none; the answers go into the file, or else to the loudspeaker."""
    config = Config(reply=Reply(voice=name))
    gate = Gate(Recording(np.zeros(0, dtype=np.int16)), Ring(BACKLOG_FRAMES + 1), nothing)
    stages = build.make_stages(config, options(tmp_path), gate, StateFolder(tmp_path, Diary()), Diary())
    assert isinstance(stages.reply._speaker, FileSpeaker)
    assert (stages.reply._voice is not None) == speaks
    loud = build.make_stages(
        config, options(tmp_path, output=None), gate, StateFolder(tmp_path, Diary()), Diary()
    )
    assert isinstance(loud.reply._speaker, PyAudioSpeaker)


@pytest.mark.parametrize("why", ["nobody asks", "review is on", "there are corrections"])
def test_guesses_are_made_for_who_uses_them(tmp_path, why):
    """What else a sentence may have been is found out with review on or with corrections, and else not."""
    if why == "there are corrections":
        Corrections(tmp_path).add(Transcript("a", 1.0, "fake"), "b", typed=True)
    config = Config(
        reply=Reply(voice="none"),
        transcribe=Transcribe(engine="vosk", vosk_model="own"),
        review=Review(keep=why == "review is on"),
    )
    gate = Gate(Recording(np.zeros(0, dtype=np.int16)), Ring(BACKLOG_FRAMES + 1), nothing)
    stages = build.make_stages(config, options(tmp_path), gate, StateFolder(tmp_path, Diary()), Diary())
    assert stages.transcriber._engine._guesses == (why != "nobody asks")


def test_the_wiring_that_was_agreed_to_stands_until_home_toml_changes(tmp_path):
    """With the same file a start finds it live; with another it has lapsed; then it holds again."""
    gate = Gate(Recording(np.zeros(0, dtype=np.int16)), Ring(BACKLOG_FRAMES + 1), nothing)
    grant = a_wiring(HOUSE, float(int(time.time())))
    Grants(open_store(tmp_path)).add(grant)
    command = Snippet(
        "s", 0.0, Transcript("", 1.0, "fake"), Intent("HomeTurnOn", {"name": "light", "area": "kitchen"})
    )
    for house, stands in ((HOUSE, True), (House(), False), (CHANGED, False), (HOUSE, True)):
        given = options(tmp_path, house=house)
        stages = build.make_stages(
            Config(reply=Reply(voice="none")), given, gate, StateFolder(tmp_path, Diary()), Diary()
        )
        assert (stages.grants.all() == [grant]) == stands
        assert stages.share.share(command) == stands
        assert stages.grants.every() == [grant]


def test_a_name_that_needs_flite_says_so_without_it(tmp_path):
    """A device whose name no dictionary has needs flite's rules: without flite that is one clear error."""
    config = Config(home=Home(devices=("shellywelly",)), reply=Reply(voice="none"))
    gate = Gate(Recording(np.zeros(0, dtype=np.int16)), Ring(BACKLOG_FRAMES + 1), nothing)
    before = os.environ["PATH"]
    os.environ["PATH"] = str(tmp_path)
    try:
        with pytest.raises(EngineError, match=r"'shellywelly'\) \(install flite\)"):
            build.make_stages(config, options(tmp_path), gate, StateFolder(tmp_path, Diary()), Diary())
    finally:
        os.environ["PATH"] = before
