"""`sottovoce mute`, `unmute` and `switch`, as their owner meets them."""

import json
import time

import pytest
from click.testing import CliRunner

from fakes.hearing import ScriptedMicrophone, nothing, unplugged
from real.owner import sottovoce
from sottovoce.cli.main import cli
from sottovoce.cli.mute import _TRIED_FRAMES
from sottovoce.ear import build
from sottovoce.ear.devices.simulated import SimulatedBoard
from sottovoce.ear.ledger import Ledger
from sottovoce.ear.mute import Mutes
from sottovoce.ear.proof import Capture
from sottovoce.ear.store import open_store
from sottovoce.errors import MicrophoneError
from sottovoce.vocabulary import FRAME_SAMPLES, MuteReason, Position


def standing(folder, at=0.0):
    """What stands on disk, `at` seconds from now."""
    return Mutes(open_store(folder), lambda: time.time() + at).look()


def test_mute_stands_until_unmute(tmp_path):
    """Without a time: until told. It is on disk, where the running device and the next one find it."""
    done = sottovoce("mute", "--state", tmp_path)
    assert (done.returncode, done.stdout) == (
        0, "Muted until you say otherwise. To end it: sottovoce unmute\n"
    )  # fmt: skip
    assert standing(tmp_path, at=1e8) == {MuteReason.SOFT}
    done = sottovoce("unmute", "--state", tmp_path)
    assert (done.returncode, done.stdout) == (0, "No longer muted in software.\n")
    assert standing(tmp_path) == frozenset()


def test_mute_for_a_time_ends_by_itself(tmp_path):
    """--for says how long; the answer says when that is over."""
    done = sottovoce("mute", "--for", "45m", "--state", tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("Muted until 20")
    assert standing(tmp_path, at=44 * 60) == {MuteReason.SOFT}
    assert standing(tmp_path, at=46 * 60) == frozenset()


def test_unmute_tells_of_the_schedule(tmp_path):
    """The schedule is not unmuted, and who expects it to be is told."""
    (tmp_path / "c.toml").write_text('[mute]\nschedule = ["00:00-00:00"]\n')
    done = sottovoce("unmute", "--state", tmp_path, "--config", tmp_path / "c.toml")
    assert done.stdout == "No longer muted in software. The schedule still mutes it.\n"


ERRORS = {
    "a length that is none": (["mute", "--for", "soon"], 64, "'soon' is no length of time"),
    "hours that are none": (["mute", "--config", "{tmp}/hours.toml"], 78, "hours such as 22:00-07:00"),
    "a state folder that is a file": (["mute", "--state", "{tmp}/hours.toml/x"], 73, "sottovoce.db"),
    "no GPIO here": (["switch", "show"], 69, "no package for GPIO is installed"),
    "no GPIO to test": (["switch", "test"], 69, "--simulate"),
    "a switch that says live": (["switch", "test", "--simulate"], 69, "the switch says live"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_is_one_line_and_a_status(tmp_path, name):
    """What is wrong, and what to do, in one line."""
    words, status, text = ERRORS[name]
    (tmp_path / "hours.toml").write_text('[mute]\nschedule = ["25:00-07:00"]\n')
    filled = [word.format(tmp=tmp_path) for word in words]
    done = sottovoce(*filled, *(() if "--state" in filled else ("--state", tmp_path / "state")))
    assert done.returncode == status, done.stderr
    assert text in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("position", Position)
def test_what_the_switch_says_is_shown(tmp_path, position):
    """Each of the five, as text and as JSON, beside what the kernel holds open."""
    words = ("switch", "show", "--simulate", "--switch", str(position), "--state", tmp_path)
    shown = sottovoce(*words)
    assert shown.returncode == 0
    assert shown.stdout.startswith(f"The switch says: {position}\nThe kernel ")
    told = json.loads(sottovoce(*words, "--json").stdout)
    assert told.keys() == {"switch", "open"}
    assert told["switch"] == str(position)


def test_what_the_kernel_holds_open_is_named(tmp_path, wired):
    """Each stream by its name."""
    wired(None, captures=(Capture("card1/pcm0c/sub0", ours=False), Capture("card2/pcm0c/sub0", ours=False)))
    shown = CliRunner().invoke(cli, ["switch", "show", "--state", str(tmp_path)])
    assert "The kernel holds open: card1/pcm0c/sub0, card2/pcm0c/sub0\n" in shown.output
    told = CliRunner().invoke(cli, ["switch", "show", "--json", "--state", str(tmp_path)])
    assert json.loads(told.output) == {"switch": "muted", "open": ["card1/pcm0c/sub0", "card2/pcm0c/sub0"]}


@pytest.fixture
def wired(monkeypatch):
    """A board whose switch says muted, with a microphone that was wired past it; and what the kernel says."""

    class Kernel:
        def __init__(self, captures):
            self.captures = lambda: captures

    def wire(microphone, captures=None):
        board = SimulatedBoard(nothing, position=Position.MUTED)
        made = build.Board(board, board, board, microphone, board.order)
        monkeypatch.setattr(build, "make_board", lambda *_: made)
        monkeypatch.setattr(build, "make_kernel", lambda: Kernel(captures))

    return wire


def switch_test(folder):
    """Run `switch test` in this process; its end, and what it said."""
    done = CliRunner().invoke(cli, ["switch", "test", "--state", str(folder)])
    return done.exception, done.output


def test_a_microphone_that_sounds_behind_a_muted_switch_is_tampering(tmp_path, wired):
    """One sample that is not zero in a second is enough: an error, and an entry in the ledger."""
    microphone = ScriptedMicrophone([0] * (_TRIED_FRAMES - 1) + [1])
    wired(microphone)
    error, said = switch_test(tmp_path)
    assert isinstance(error, MicrophoneError)
    assert f"TAMPER: {FRAME_SAMPLES} samples were not zero although the switch says muted" in str(error)
    assert error.exit_status == 69
    assert "Deaf" not in said
    assert [(entry["event"], entry["position"]) for entry in Ledger(tmp_path, time.time).entries()] == [
        ("switch", "tamper")
    ]
    assert not microphone.is_open


def test_a_microphone_that_is_silent_behind_a_muted_switch_is_deaf(tmp_path, wired):
    """A whole second of exact zeros."""
    microphone = ScriptedMicrophone([0] * _TRIED_FRAMES)
    wired(microphone)
    assert switch_test(tmp_path) == (
        None,
        "Deaf: a second of sound was asked for, and not one sample came that was not zero.\n",
    )
    assert not microphone.script
    assert Ledger(tmp_path, time.time).entries() == []


def test_no_sound_at_all_proves_nothing(tmp_path, wired):
    """Silence in place of sound that never came, as of a stopped clock, is no proof of deafness."""
    wired(ScriptedMicrophone([0] * _TRIED_FRAMES, brings=False))
    error, said = switch_test(tmp_path)
    assert "no sound came at all, which proves nothing" in str(error)
    assert "Deaf" not in said


def test_a_microphone_that_cannot_be_opened_is_told_as_that(tmp_path, wired):
    """One without power on the USB is not there at all; that one must be there otherwise is said."""
    wired(ScriptedMicrophone([], opens=[unplugged()]))
    error, said = switch_test(tmp_path)
    assert error is None
    assert "Deaf: no microphone can be opened (microphone: went away)." in said


def test_a_microphone_in_use_proves_nothing(tmp_path, wired):
    """While the device itself holds it open, the test says so, and does not pass."""
    microphone = ScriptedMicrophone([0] * _TRIED_FRAMES)
    wired(microphone, captures=(Capture("card1/pcm0c/sub0", ours=False),))
    error, said = switch_test(tmp_path)
    assert "in use: card1/pcm0c/sub0" in str(error)
    assert "Deaf" not in said
    assert microphone.calls == []


def test_the_simulated_microphone_obeys_the_law(tmp_path):
    """--simulate at muted: it cannot be opened, as a microphone without power cannot."""
    done = sottovoce("switch", "test", "--simulate", "--switch", "muted", "--state", tmp_path)
    assert done.returncode == 0
    assert done.stdout.startswith("Deaf: no microphone can be opened (simulated microphone: read while")
