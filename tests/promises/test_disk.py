"""With a disk that fails it goes on hearing and acting here, shares nothing, and says so; mutes stand."""

import subprocess
import sys

import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.diary import Diary
from fakes.sharing import a_grant
from real.owner import sottovoce
from sottovoce.bench.speech import speak
from sottovoce.ear.consent import is_live
from sottovoce.ear.grants import Grants
from sottovoce.ear.ledger import Ledger
from sottovoce.ear.mute import Mutes
from sottovoce.ear.state_folder import StateFolder
from sottovoce.ear.store import FILE, open_store
from sottovoce.errors import DamagedStateError
from sottovoce.vocabulary import SAMPLE_RATE, MuteReason

NOW = 1_800_000_000.0


@pytest.fixture
def state(tmp_path):
    """A state folder in which a grant stands."""
    folder = tmp_path / "state"
    store = open_store(folder)
    Grants(store).add(a_grant(NOW, 86_400))
    store.close()
    return folder


FULL = """
mount -t tmpfs -o size=200k tmpfs {state}/../disk
cp {state}/* {state}/../disk/
dd if=/dev/zero of={state}/../disk/filler bs=4k 2>/dev/null || true
mount --bind {state}/../disk {state}
"""
READ_ONLY = "mount --bind {state} {state} && mount -o remount,bind,ro {state}"


def hear(state, disk, sentence):
    """Have a real ear hear one sentence, with such a disk in a mount namespace of its own; what it says."""
    (state.parent / "disk").mkdir()
    recording = state.parent / "said.wav"
    soundfile.write(recording, speak(sentence, "slt"), SAMPLE_RATE)
    command = [sys.executable, "-m", "sottovoce", "run", "--simulate", "--show-words", "--state", str(state)]
    command += ["--input", str(recording), "--output", str(state.parent / "answer.wav")]
    script = f'set -e\n{disk.replace("{state}", str(state))}\nexec "$@"'
    run = subprocess.run(
        ["unshare", "--mount", "--map-root-user", "sh", "-c", script, "sh", *command],
        capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL, timeout=60,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return run.stdout + run.stderr


@pytest.mark.parametrize("disk", [FULL, READ_ONLY], ids=["full", "read-only"])
def test_with_a_disk_that_takes_nothing_it_answers_and_says_what_is_wrong(state, disk):
    """Full, or read-only as SD cards turn when worn out: the time is told, the light is amber."""
    told = hear(state, disk, "computer, what time is it.")
    assert "-> ClockTime" in told
    assert 'answered "It is' in told
    assert "state_folder_fault" in told
    assert "light colour=amber" in told


@pytest.mark.parametrize("disk", [FULL, READ_ONLY], ids=["full", "read-only"])
def test_with_a_disk_that_takes_nothing_nothing_is_shared(state, disk):
    """What cannot be written into the ledger does not leave: the command stays here."""
    told = hear(state, disk, "computer, turn on the kitchen light.")
    assert "-> HomeTurnOn" in told
    assert "kept recipients=0" in told
    assert "Traceback" not in told


def test_a_damaged_file_is_moved_aside_and_it_starts_deaf(state):
    """Nobody knows what was muted: so it is; what was there is kept, and the owner is told in the ledger."""
    (state / FILE).write_bytes(b"no database at all" * 400)
    command = [sys.executable, "-m", "sottovoce", "run", "--simulate", "--state", str(state), "--input", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as run:
        told = []
        for line in run.stderr:
            told.append(line)
            if "light colour=red" in line:
                break
        run.terminate()
    assert any("state_damaged" in line for line in told)
    assert any("reason=soft on=True" in line for line in told)
    (aside,) = state.glob("damaged-*")
    assert (aside / FILE).read_bytes().startswith(b"no database")
    shown = sottovoce("ledger", "show", "--state", state)
    assert "was damaged and moved aside" in shown.stdout
    assert "No grants" in sottovoce("consent", "list", "--state", state).stdout


def test_the_owners_commands_say_what_is_wrong_in_one_line(state):
    """A damaged file is told, and who mends it."""
    (state / FILE).write_bytes(b"no database at all" * 400)
    done = sottovoce("consent", "list", "--state", state)
    assert done.returncode == DamagedStateError.exit_status
    assert done.stderr.count("\n") == 1
    assert "damaged (the ear moves it aside when it starts, and begins anew)" in done.stderr


@settings(max_examples=150)
@given(data=st.data())
def test_a_file_damaged_anywhere_lets_nothing_out_that_was_not_granted(tmp_path_factory, data):
    """Whatever bytes are overwritten: it is moved aside and deaf, or whole; no grant comes out changed."""
    folder = tmp_path_factory.mktemp("state")
    store = open_store(folder)
    grant = a_grant(NOW, 86_400)
    Grants(store).add(grant)
    Mutes(store, lambda: NOW).set_soft()
    store.close()
    path = folder / FILE
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    piece = data.draw(st.binary(min_size=1, max_size=4096))
    content[at : at + len(piece)] = piece[: len(content) - at]
    path.write_bytes(content)
    opened = StateFolder(folder, Diary(), lambda: NOW).store("sharing")
    assert MuteReason.SOFT in Mutes(opened, lambda: NOW).look() or not list(folder.glob("damaged-*"))
    assert [one for one in Grants(opened).all() if is_live(one, NOW)] in ([grant], [])
    opened.close()


@pytest.mark.parametrize("muted", [True, False])
def test_a_spare_store_knows_what_was_muted(tmp_path, muted):
    """A folder that takes nothing more is done without, and a soft mute stands all the same."""
    store, diary = open_store(tmp_path), Diary()
    if muted:
        Mutes(store, lambda: NOW).set_soft()
    store.close()
    folder = StateFolder(tmp_path, diary, lambda: NOW)
    spare = folder._spare()
    assert (MuteReason.SOFT in Mutes(spare, lambda: NOW).look()) == muted
    assert Grants(spare).all() == []
    (tmp_path / FILE).write_bytes(b"torn")
    assert MuteReason.SOFT in Mutes(folder._spare(), lambda: NOW).look()


def test_trouble_is_told_once_and_ends(tmp_path):
    """One line each time, however often it fails; each part of the ear for itself."""
    diary = Diary()
    folder = StateFolder(tmp_path, diary)
    for _ in range(3):
        folder.failed("ledger", OSError())
    folder.failed("mutes", OSError())
    assert diary.count("state_folder_fault") == 2
    folder.works("ledger")
    assert folder.fails
    folder.works("mutes")
    assert not folder.fails
    assert Ledger(tmp_path, lambda: NOW).entries() == []
