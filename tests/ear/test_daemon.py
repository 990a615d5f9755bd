"""The ear as a process: how it starts, what it shows, and how it ends."""

import os
import random
import socket
import threading

import pytest
import soundfile

from fakes.diary import Diary
from fakes.hearing import ScriptedMicrophone, unplugged
from real.seam import End
from sottovoce.config import Config, Mute, Reply, Transcribe
from sottovoce.ear import build
from sottovoce.ear.daemon import Ear
from sottovoce.ear.state_folder import StateFolder
from sottovoce.errors import MissingInputError, ModelError, SpeakerError
from sottovoce.vocabulary import SAMPLE_RATE, Happening, MuteReason, Position
from sottovoce.wire import Acknowledged, Chime, Purge, Ready, Say, Sensitivity, SoftMute, Status, WakeWord

PATIENCE = 30.0
QUICK = Config(reply=Reply(voice="flite", earcons=True))


class Broken:
    """A witness with a bug in it."""

    def heard(self, transcript, intent):
        raise ZeroDivisionError("a bug")

    def answered(self, outcome):
        pass


@pytest.fixture
def diary():
    """What the ear writes down."""
    return Diary()


@pytest.fixture
def start(tmp_path, said, diary):
    """Make an ear that hears a sentence from a file."""
    made = []

    def make(text="computer, what time is it", witness=None, config=QUICK, position=Position.LIVE):
        soundfile.write(tmp_path / "said.wav", said(text, "slt"), SAMPLE_RATE)
        options = build.Options(
            tmp_path / "state",
            simulate=True,
            position=position,
            input=str(tmp_path / "said.wav"),
            output=tmp_path / "out.wav",
        )
        made.append(Ear(config, options, diary, witness))
        return made[-1]

    yield make
    for ear in made:
        if ear._link:
            ear._link._listening.close()


@pytest.fixture
def seam(tmp_path):
    """A listening Unix socket, handed down by its number."""
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "seam"))
        listening.listen(1)
        yield os.dup(listening.fileno())


def threads():
    """Name the ear's threads that still run."""
    return {thread.name for thread in threading.enumerate()} & {"reader", "link", "sentinel"}


def test_it_hears_a_recording_and_ends(start, diary):
    """From ready to stopped, with the light in between: blue while listening, green while answering."""
    start().run()
    names = [event for event, _ in diary.lines]
    assert names[0] == "switch"
    assert names.index("ready") < names.index("woken") < names.index("understood") < names.index("answered")
    assert diary.lines[-1] == ("stopped", {"dropped_frames": 0})
    colours = [facts["colour"] for event, facts in diary.lines if event == "light"]
    assert [colour for colour in colours if colour != "off"] == ["blue", "white", "green"]
    assert colours[-1] == "off"
    assert not threads()


def test_systemd_is_told_that_it_is_ready_and_then_that_it_goes_on(start, tmp_path, monkeypatch):
    """`Type=notify` and the watchdog hear of it through the socket that they name."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        monkeypatch.setenv("NOTIFY_SOCKET", systemd.getsockname())
        monkeypatch.setenv("WATCHDOG_USEC", "4")  # microseconds: at each turn
        start().run()
        assert systemd.recv(100) == b"READY=1"
        assert systemd.recv(100) == b"WATCHDOG=1"


def test_a_bug_in_the_pipeline_ends_the_ear_and_is_told(start, seam, diary):
    """A stage that breaks leaves no process that hangs, deaf and half alive."""
    ear = start(witness=Broken())
    ear.serve(seam)
    with pytest.raises(ZeroDivisionError):
        ear.run()
    assert not threads()
    assert diary.lines[-1][0] == "stopped"


def test_a_bug_in_the_microphone_ends_the_ear_and_is_told(start, seam, diary):
    """The same for the reading thread: whoever started the ear learns that it failed."""
    ear = start()
    ear.serve(seam)
    ear.gate._microphone = ScriptedMicrophone([1, 2, ZeroDivisionError("a bug")])
    with pytest.raises(ZeroDivisionError):
        ear.run()
    assert not threads()
    assert not ear.gate.stream_open


def test_the_light_shows_the_present(start, diary):
    """When two threads change things at once, the light ends up with how things are."""
    ear = start()
    flips = threading.Thread(target=ear.gate.mute, args=(MuteReason.SOFT,))

    class Interrupted:
        """A light that is flipped under while it shows its first colour."""

        def __init__(self):
            self.shown = []

        def show(self, look):
            if not self.shown and not flips.ident:
                flips.start()
                flips.join(0.2)  # it waits for its turn: go on without it
            self.shown.append(look.colour)

    light = ear._face._light = Interrupted()
    ear.gate.unmute(MuteReason.STARTING)
    flips.join(PATIENCE)
    assert light.shown[-1] == "red"


def test_orders_move_the_switch_and_their_end_ends_the_ear(start, diary):
    """Who started the ear flips its simulated switch by a word; gone, the ear goes too."""
    ear = start()
    read, write = os.pipe()
    with os.fdopen(write, "w") as starter:
        starter.write("mute\nwhat is this\n\u20ac\n")
    ear.obey(read)
    assert diary.lines[-1] == ("switch", {"position": "muted"})
    assert ear.gate.ended
    ear.run()
    assert "woken" not in [event for event, _ in diary.lines]
    assert [facts["colour"] for event, facts in diary.lines if event == "light"] == ["red", "off"]


def test_what_is_told_to_the_courier_holds_no_words(start):
    """The status is a state, reasons, what the switch says, and whether the microphone is open."""
    ear = start()
    status = ear._face.status()
    assert (status.state, status.reasons, status.microphone_open) == ("muted", ("starting",), False)
    assert status.switch == "live"
    ear.gate.begin()
    ear.gate.mute(MuteReason.SOFT)
    ear.gate.mute(MuteReason.HARDWARE)
    status = ear._face.status()
    assert (status.reasons, status.microphone_open) == (("hardware", "soft"), True)
    ear.gate.step()
    assert not ear._face.status().microphone_open


def test_a_fault_is_told_to_the_courier(start):
    """A microphone that went away is the state `error`, until it is back."""
    ear = start()
    ear.gate._microphone = ScriptedMicrophone([unplugged(), 1])
    ear.gate.begin()
    ear.gate.step()
    assert ear._face.status().state == "error"
    ear.gate.step()
    assert ear._face.status().state != "error"


def test_a_long_press_mutes_and_the_next_ends_it(start, diary):
    """The button's soft mute stands in the gate at once, and on disk; the switch is not its business."""
    ear = start()
    ear._orders("press long")
    assert MuteReason.SOFT in ear.gate.reasons
    ear._sentinel.look()  # its thread, which sees to the disk
    assert MuteReason.SOFT in start().gate.reasons  # as it would be after a restart
    ear._orders("mute")
    ear._orders("press long")
    ear._sentinel.look()
    assert ear.gate.reasons == {MuteReason.STARTING, MuteReason.HARDWARE}
    assert diary.count("button", press="long") == 2


def test_a_short_press_goes_to_the_pipeline(start):
    """It is the pipeline's to say what it means; no mute comes of it."""
    ear = start()
    ear.gate.begin()
    ear._orders("press short")
    ear._pipeline.step(0)
    ear._pipeline.step(0)
    assert ear._pipeline._called is not None
    assert ear.gate.reasons == frozenset()


@pytest.mark.parametrize("allowed", [False, True])
def test_the_broker_may_mute_and_only_as_allowed_end_it(start, diary, allowed):
    """ON is always obeyed; OFF only with [mute] remote_unmute, be it who muted whoever."""
    ear = start(config=Config(reply=QUICK.reply, mute=Mute(remote_unmute=allowed)))
    ear._asked(SoftMute(on=True))
    assert MuteReason.SOFT in ear.gate.reasons
    ear._asked(SoftMute(on=False))
    assert (MuteReason.SOFT in ear.gate.reasons) is not allowed
    assert diary.count("asked", soft_mute=False, obeyed=allowed) == 1


@pytest.mark.parametrize("allowed", [False, True])
def test_whatever_the_courier_asks_the_switch_and_the_schedule_stand(start, seam, tmp_path, allowed):
    """Over the real seam, whatever its messages: no reason but `soft` ever comes or goes."""
    config = Config(reply=QUICK.reply, mute=Mute(schedule=("00:00-00:00",), remote_unmute=allowed))
    ear = start(config=config, position=Position.MUTED)
    standing = ear.gate.reasons
    assert standing == {MuteReason.HARDWARE, MuteReason.SCHEDULE, MuteReason.STARTING}
    ear.serve(seam)
    link = threading.Thread(target=ear._link.serve)
    link.start()
    chance = random.Random(8)
    try:
        with End.courier(tmp_path / "seam").greet() as courier:
            for turn in range(200):
                courier.say(
                    chance.choice(
                        [
                            SoftMute(on=True),
                            SoftMute(on=False),
                            Acknowledged(id="unmute"),
                            Ready(connected=chance.random() < 0.5),
                        ]
                    )
                )
                assert ear.gate.reasons - {MuteReason.SOFT} == standing, turn
            courier.say(SoftMute(on=True), Ready(connected=True))
            (status,) = courier.hear_all(Status, 1)
            while "soft" not in status.reasons:
                (status,) = courier.hear_all(Status, 1)
            courier.socket.shutdown(socket.SHUT_WR)
            while courier.socket.recv(65_536):  # until it hangs up, having obeyed the last of them
                pass
    finally:
        ear._link.stop()
        link.join(PATIENCE)
    assert ear.gate.reasons == standing | {MuteReason.SOFT}
    assert not ear.gate.stream_open


def test_what_it_listens_with_is_changed_over_the_seam_and_told(start, seam, tmp_path):
    """A word and a sensitivity that a broker asks for are in force at once, and in the status."""
    ear = start()
    ear.serve(seam)
    link = threading.Thread(target=ear._link.serve)
    link.start()
    wishes = (Sensitivity(value=0.3), WakeWord(word="jarvis"), Sensitivity(value=1.0), WakeWord(word="alexa"))
    told = []
    try:
        with End.courier(tmp_path / "seam").greet() as courier:
            courier.say(Ready(connected=True))
            told += courier.hear_all(Status, 1)
            for wish in wishes[:3]:
                courier.say(wish)
                told += courier.hear_all(Status, 1)
            courier.say(wishes[3], SoftMute(on=True))
            told += courier.hear_all(Status, 1)
    finally:
        ear._link.stop()
        link.join(PATIENCE)
    assert [(status.sensitivity, status.wake_word) for status in told] == [
        (0.8, ""), (0.3, ""), (0.3, "jarvis"), (0.8, "jarvis"), (0.8, "jarvis"),
    ]  # fmt: skip
    engine = ear._pipeline._stages.wake._engine
    assert (engine._words, engine._sensitivities) == (("jarvis",), (0.8,))


def test_what_is_said_for_the_broker_stands_in_no_journal(start, seam, tmp_path, diary):
    """A text to say goes to the pipeline; the journal knows that something was asked for, and no word."""
    ear = start()
    ear._asked(Say(text="zqkitchen"))
    ear._asked(Chime())
    ear._asked(Purge())
    assert [ear._pipeline._announcements.get_nowait().speech for _ in range(2)] == ["zqkitchen", ""]
    assert [facts["what"] for event, facts in diary.lines if event == "asked"] == ["Say", "Chime", "Purge"]
    assert "zqkitchen" not in str(diary.lines)


@pytest.mark.parametrize("position", [one for one in Position if one is not Position.LIVE])
def test_it_starts_as_the_switch_says(start, diary, position):
    """Started behind a switch that is anything but live, it never opens the microphone."""
    ear = start(position=position)
    sounded = ear.gate._microphone = ScriptedMicrophone([1] * 100)
    ear.stop()
    ear.run()
    assert sounded.calls.count("open") == 0
    assert diary.lines[0] == ("switch", {"position": str(position)})


def test_a_soft_mute_stands_before_the_microphone_is_opened(start, tmp_path):
    """Muted by the command line while it was off, it starts deaf."""
    build.make_mutes(QUICK, StateFolder(tmp_path / "state", Diary())).set_soft()
    ear = start()
    ear.gate.begin()
    assert ear.gate.reasons == {MuteReason.SOFT}
    assert not ear.gate.stream_open


@pytest.mark.parametrize(
    ("options", "config", "error"),
    [
        ({"input": "missing.wav"}, QUICK, MissingInputError),
        ({"output": "no/such/folder/out.wav"}, QUICK, SpeakerError),
        ({}, Config(transcribe=Transcribe(engine="vosk")), ModelError),
    ],
    ids=["no recording", "no place for answers", "no model"],
)
def test_what_is_missing_is_told_before_anything_is_heard(tmp_path, diary, said, options, config, error):
    """An ear that cannot be built says so at once, and opens no microphone."""
    soundfile.write(tmp_path / "said.wav", said("computer", "slt"), SAMPLE_RATE)
    given = {"input": "said.wav", "output": "out.wav"} | options
    made = build.Options(
        tmp_path, simulate=True, input=str(tmp_path / given["input"]), output=tmp_path / given["output"]
    )
    with pytest.raises(error):
        Ear(config, made, diary, None)


@pytest.mark.parametrize("where", ["the switch", "the light", "the orders", "the sentinel"])
def test_whatever_breaks_leaves_it_deaf(start, monkeypatch, where):
    """An exception where nobody would see it does not leave a microphone open that nobody minds."""
    ear = start()

    def breaks(*_, **__):
        raise ZeroDivisionError("a bug")

    ear.gate.begin()
    if where == "the sentinel":
        monkeypatch.setattr(ear._sentinel, "look", breaks)
        ear._guarded(ear._sentinel.run)
    else:
        broken = {"the switch": ear._sentinel, "the light": ear._face, "the orders": ear}[where]
        monkeypatch.setattr(
            broken, {"the switch": "flip", "the light": "show", "the orders": "_orders"}[where], breaks
        )
        if where == "the orders":
            read, write = os.pipe()
            os.write(write, b"mute\n")
            os.close(write)
            ear.obey(read)
        else:
            ear._flipped(Position.LIVE)
    assert MuteReason.HARDWARE in ear.gate.reasons
    assert ear.gate.ended
    with pytest.raises(ZeroDivisionError):
        ear.run()


def test_what_happens_before_the_seam_is_told_once_it_is_there(start, seam):
    """A switch found broken while the engines load is an event like any other."""
    ear = start()
    ear._flipped(Position.FAULT)
    assert list(ear._early) == [Happening.SWITCH_FAULT]
    ear.serve(seam)
    assert [event.event for event in ear._link._events] == ["switch_fault"]
