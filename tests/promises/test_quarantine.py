"""What you said is kept only if you want it, sealed, for some hours; and what is deleted opens no more."""

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from fakes.sharing import NOW, a_grant
from fakes.shelf import HOUR, OTHERS, WORDS, Shelf, a_clip, a_sentence
from sottovoce.bench.speech import quiet, speak
from sottovoce.config import Review
from sottovoce.ear.clip import encode
from sottovoce.ear.day_keys import find_keys
from sottovoce.ear.grants import Grants
from sottovoce.ear.ledger import Ledger
from sottovoce.ear.mask import Masker
from sottovoce.ear.outbox import Outbox
from sottovoce.ear.quarantine import Quarantine
from sottovoce.ear.redact import Redactor
from sottovoce.ear.share import Share
from sottovoce.ear.state_folder import StateFolder
from sottovoce.ear.store import open_store
from sottovoce.errors import StateError, UsageError
from sottovoce.vocabulary import SAMPLE_RATE, Form, Intent, Kind

SAID = {word.encode() for sentence in (WORDS, *OTHERS) for word in sentence.split() if len(word) > 5}
SAID |= {b"HomeTurnOn"}


@pytest.fixture
def shelf(tmp_path):
    """A quarantine with the keys in a folder that stands for memory."""
    return Shelf(tmp_path)


def a_share(shelf, quarantine, grants=()):
    """The stage that is given every snippet, over a real store."""
    store = open_store(shelf.state)
    for grant in grants:
        Grants(store).add(grant)
    redactor = Redactor(Masker([]), b"secret" * 3)
    outbox = Outbox(store, lambda: shelf.now)
    folder = StateFolder(shelf.state, shelf.diary)
    return Share(Grants(store), outbox, redactor, None, quarantine, folder, lambda: shelf.now, shelf.diary)


def opens(state, shelf, name):
    """Whether anything opens a snippet with a state folder and the keys as they are now."""
    keys = find_keys(shelf.state, shelf.environment)
    copy = Quarantine(
        state, shelf.review, keys, Ledger(state, lambda: NOW), shelf.diary, lambda: NOW, lambda: 0.0
    )
    try:
        return copy.open(name) is not None
    except UsageError:
        return False


def test_with_review_off_nothing_is_kept(shelf):
    """What no grant covers is gone when the sentence ends: no file, no key, no word on disk."""
    a_share(shelf, None).share(a_sentence(clip=a_clip()))
    assert shelf.key_files() == set()
    assert not (shelf.state / "quarantine").exists()
    assert not any(word in shelf.bytes_on_disk() for word in SAID)


def test_it_is_off_until_you_turn_it_on():
    """An empty configuration keeps nothing; and no configuration keeps longer than a day."""
    assert Review().keep is False
    assert Review().hours <= 24


def test_what_a_grant_lets_out_is_not_kept_as_well(shelf):
    """Words that a grant covers go where it says, and nowhere else."""
    share = a_share(shelf, shelf.quarantine, [a_grant(kind=Kind.TRANSCRIPT, form=Form.VERBATIM)])
    share.share(a_sentence("covered"))
    assert shelf.names == []
    share.share(a_sentence("uncovered").__class__("uncovered", NOW, a_sentence().transcript, None, a_clip()))
    assert shelf.names == ["uncovered"]


def test_what_is_between_you_and_the_device_is_never_kept(shelf):
    """A sentence such as "delete what I just said" is not itself kept for review."""
    sentence = a_sentence()
    private = type(sentence)("p1", NOW, sentence.transcript, Intent("PrivacyForgetLast", {}), a_clip())
    a_share(shelf, shelf.quarantine).share(private)
    assert shelf.names == []


def test_nothing_of_it_can_be_read_on_disk(shelf):
    """No word, intent, slot or sample of what is kept stands in the state folder; and no key."""
    clip = a_clip(seconds=1.0)
    shelf.quarantine.keep(a_sentence(clip=clip))
    disk = shelf.bytes_on_disk()
    assert not any(word in disk for word in SAID)
    sound = [clip.tobytes(), encode(clip)]
    pieces = [data[at : at + 8] for data in sound for at in range(64, len(data) - 8, 997)]
    assert not any(piece in disk for piece in pieces)
    keys = [path.read_bytes() for path in shelf.run.rglob("*") if path.is_file()]
    assert len(keys) == 2
    assert not any(key in disk or key.hex().encode() in disk for key in keys)


def test_what_is_kept_comes_back_whole(shelf):
    """Words, guesses, intent, time and sound are what they were, after a restart too."""
    sentence = a_sentence(clip=a_clip(), at=NOW - 5)
    shelf.quarantine.keep(sentence)
    found = shelf.start().open("a1")
    assert (found.id, found.at, found.transcript, found.intent) == (
        sentence.id,
        sentence.at,
        sentence.transcript,
        sentence.intent,
    )
    assert np.array_equal(found.clip, sentence.clip)
    shelf.quarantine.keep(a_sentence("a2"))
    assert shelf.quarantine.open("a2").clip is None


def test_the_hour_deletes_it(shelf):
    """A moment before its time it is there, at its time it is not; the ledger says why."""
    shelf.quarantine.keep(a_sentence(clip=a_clip()))
    shelf.pass_by(24 * HOUR - 1)
    shelf.quarantine.sweep()
    assert shelf.names == ["a1"]
    shelf.pass_by(1)
    shelf.quarantine.sweep()
    assert shelf.names == []
    assert shelf.key_files() == set()
    assert [entry["why"] for entry in shelf.told("deleted")] == ["age"]


def test_the_hour_deletes_it_even_if_the_power_was_off(shelf):
    """Off for two days, with the keys on a disk that outlives it: gone at the first look after the start."""
    shelf.quarantine.keep(a_sentence(clip=a_clip()))
    shelf.now += 48 * HOUR
    shelf.ticks = 20.0  # the system has just started
    shelf.start().tend()
    assert shelf.names == []
    assert shelf.key_files() == set()


def test_a_power_cut_ends_what_was_kept(shelf):
    """With the keys in memory nothing opens afterwards; it is deleted, and told once."""
    for number in range(3):
        shelf.quarantine.keep(a_sentence(f"a{number}", clip=a_clip()))
    shutil.rmtree(shelf.run)
    shelf.ticks = 20.0
    shelf.start().tend()
    assert shelf.names == []
    assert not list((shelf.state / "quarantine").glob("*.sealed*"))
    shelf.quarantine.sweep()
    assert shelf.diary.count("review_lost", snippets=3) == 1
    assert [entry["why"] for entry in shelf.told("deleted")] == ["lost"] * 3


@pytest.mark.parametrize("back", [60.0, 23 * HOUR, 400 * 24 * HOUR])
def test_a_clock_set_back_does_not_keep_it_longer(shelf, back):
    """Whatever the clock says, it is gone when the device has run for its hours since."""
    shelf.quarantine.keep(a_sentence())
    shelf.pass_by(HOUR)
    shelf.now -= back
    shelf.quarantine.sweep()
    assert shelf.names == ["a1"]
    shelf.pass_by(23 * HOUR)
    shelf.quarantine.sweep()
    assert shelf.names == []


def test_what_is_dated_in_the_future_goes_at_the_start(shelf):
    """A clock that was set back while the power was off: nobody knows how old it is."""
    shelf.quarantine.keep(a_sentence())
    shelf.now -= HOUR
    shelf.start().tend()
    assert shelf.names == []
    assert [entry["why"] for entry in shelf.told("deleted")] == ["clock"]


def test_what_is_deleted_opens_no_more(shelf, tmp_path):
    """With a whole copy of the state folder from before, and the keys from after: nothing; the rest does."""
    shelf.quarantine.keep(a_sentence("a1", clip=a_clip()))
    shelf.quarantine.keep(a_sentence("a2", clip=a_clip()))
    copy = tmp_path / "copy"
    shutil.copytree(shelf.state, copy)
    assert opens(copy, shelf, "a1")
    shutil.rmtree(copy)
    shutil.copytree(shelf.state, copy)
    shelf.quarantine.delete("a1")
    assert not opens(copy, shelf, "a1")
    assert opens(copy, shelf, "a2")
    assert shelf.quarantine.open("a2").transcript.text == WORDS
    assert not (shelf.state / "quarantine" / "a1.sealed").exists()


def test_deleting_the_last_of_a_day_destroys_the_key_of_the_day(shelf):
    """Nothing is left of the keys when nothing is left to open."""
    for name, at in (("a1", NOW), ("a2", NOW), ("b1", NOW - 10 * HOUR)):
        shelf.quarantine.keep(a_sentence(name, at=at))
    assert len(shelf.key_files()) == 5
    for name, left in (("b1", 3), ("a1", 2), ("a2", 0)):
        shelf.quarantine.delete(name)
        assert len(shelf.key_files()) == left


def test_a_key_is_overwritten_before_it_is_removed(shelf, tmp_path):
    """Whoever holds the key's file open, or a second name of it, finds zeros."""
    shelf.quarantine.keep(a_sentence())
    for number, path in enumerate(path for path in shelf.run.rglob("*") if path.is_file()):
        os.link(path, tmp_path / f"second{number}")
    parcel = next((shelf.state / "quarantine").glob("*.sealed"))
    os.link(parcel, tmp_path / "second2")
    shelf.quarantine.delete("a1")
    assert all(not any((tmp_path / f"second{number}").read_bytes()) for number in range(3))


def test_too_much_lets_the_oldest_go(tmp_path):
    """Over its size the shelf lets go of the oldest, and says so."""
    shelf = Shelf(tmp_path, megabytes=1)
    for number in range(5):
        shelf.quarantine.keep(a_sentence(f"a{number}", at=NOW - number, clip=a_clip(10.0, number)))
    assert shelf.names == ["a2", "a1", "a0"]
    assert {entry["snippet"] for entry in shelf.told("deleted")} == {"a3", "a4"}
    assert {entry["why"] for entry in shelf.told("deleted")} == {"size"}


def test_less_room_lets_the_oldest_go_at_the_next_look(shelf):
    """Whoever allows less from now on has less at the next sweep."""
    for number in range(3):
        shelf.quarantine.keep(a_sentence(f"a{number}", at=NOW - number, clip=a_clip(15.0, number)))
    shelf.review = Review(keep=False, megabytes=1)
    shelf.start().sweep()
    assert shelf.names == ["a1", "a0"]


def test_a_key_that_vanishes_meanwhile_ends_its_snippet_at_the_next_look(shelf):
    """The session's folder in memory goes when one logs out, while the ear may run on."""
    shelf.quarantine.keep(a_sentence())
    shutil.rmtree(shelf.run)
    shelf.quarantine.sweep()
    assert shelf.names == []
    assert shelf.diary.count("review_lost", snippets=1) == 1


def test_another_label_opens_nothing(shelf):
    """Whoever changes what a file says of its age, or puts it under another's name, has broken it."""
    for number in range(5):
        shelf.quarantine.keep(a_sentence(f"a{number}"))
    younger, short, one, other, _ = (shelf.state / "quarantine" / f"a{n}.sealed" for n in range(5))
    data = bytearray(younger.read_bytes())
    data[11] ^= 1  # the last byte of its moment: a part of a second
    younger.write_bytes(data)
    short.write_bytes(short.read_bytes()[:-1])
    data = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(data)
    shelf.pass_by(1)
    shelf.start().tend()
    assert shelf.names == ["a4"]
    assert shelf.diary.count("review_lost", snippets=4) == 1


def test_with_a_credential_the_keys_alone_open_nothing(tmp_path):
    """Both are needed: the keys in memory, and the credential that systemd gave."""
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "quarantine.key").write_text("5f" * 32)
    environment = {"RUNTIME_DIRECTORY": str(tmp_path / "run"), "CREDENTIALS_DIRECTORY": str(credentials)}
    shelf = Shelf(tmp_path, environment=environment)
    shelf.quarantine.keep(a_sentence())
    assert shelf.start().open("a1").transcript.text == WORDS
    (credentials / "quarantine.key").write_text("5e" * 32)
    with pytest.raises(UsageError, match="credential"):
        shelf.start().open("a1")
    shelf.quarantine.tend()
    assert shelf.names == ["a1"]  # somebody else's to open: it only grows old
    shelf.pass_by(24 * HOUR)
    shelf.quarantine.sweep()
    assert shelf.names == []


@pytest.mark.parametrize(
    ("environment", "place"),
    [
        ({"RUNTIME_DIRECTORY": "{0}/unit", "XDG_RUNTIME_DIR": "{0}"}, "unit/keys-"),
        ({"XDG_RUNTIME_DIR": "{0}"}, "sottovoce/keys-"),
        ({"XDG_RUNTIME_DIR": "{0}/gone"}, "state.keys"),
        ({}, "state.keys"),
    ],
)
def test_where_the_keys_lie(tmp_path, environment, place):
    """The unit's own place in memory, or the session's, or beside the state folder: never in it."""
    given = {name: value.format(tmp_path) for name, value in environment.items()}
    folder = find_keys(tmp_path / "state", given).folder
    assert str(folder.relative_to(tmp_path)).startswith(place)
    other = find_keys(tmp_path / "other", given).folder
    assert other != folder


def test_the_keys_are_their_owners_alone(shelf):
    """Folder and files let nobody else in, whatever the process's umask."""
    before = os.umask(0)
    try:
        shelf.quarantine.keep(a_sentence(clip=a_clip()))
    finally:
        os.umask(before)
    keys = find_keys(shelf.state, shelf.environment).folder
    for path in (keys, *keys.iterdir(), shelf.state / "quarantine", *shelf.state.glob("quarantine/*")):
        assert not path.stat().st_mode & 0o077, path


def test_the_owners_command_finds_the_keys_where_the_ear_put_them(shelf):
    """Another environment, such as that of sudo, looks where the line in the state folder says."""
    shelf.quarantine.keep(a_sentence())
    shelf.environment = {}
    assert shelf.start().open("a1").transcript.text == WORDS
    shelf.quarantine.sweep(thorough=True)
    assert shelf.names == ["a1"]


def test_a_full_disk_keeps_nothing_and_ends_nothing(shelf):
    """What cannot be kept is a StateError, which the stage tells of; no key is left over."""
    (shelf.state / "quarantine").write_text("in the way")
    with pytest.raises(StateError):
        shelf.quarantine.keep(a_sentence())
    assert shelf.key_files() == set()
    assert a_share(shelf, shelf.quarantine).share(a_sentence()) == 0
    assert shelf.diary.count("state_folder_fault") == 1


def test_a_sentence_spoken_to_the_device_is_kept_and_counted_and_swept(tmp_path):
    """The whole ear on a recording: on, one waits, sealed; off, nothing does, and what waited still ends."""
    sound = tmp_path / "said.wav"
    parts = [
        quiet(SAMPLE_RATE, 1),
        speak("computer, turn on the kitchen light", "slt"),
        quiet(2 * SAMPLE_RATE),
    ]
    soundfile.write(sound, np.concatenate(parts), SAMPLE_RATE)
    config, state = tmp_path / "sottovoce.toml", tmp_path / "state"
    run = [sys.executable, "-m", "sottovoce", "ear", "--simulate", "--allow-uncaged"]
    run += ["--input", sound, "--output", tmp_path / "answer.wav", "--config", config, "--state", state]
    environment = {**os.environ, "XDG_RUNTIME_DIR": str(tmp_path)}
    for keep, waiting in (("false", 0), ("true", 1)):
        config.write_text(f"[review]\nkeep = {keep}\n")
        done = subprocess.run(run, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "understood" in done.stderr
        assert len(list(state.glob("quarantine/*.sealed"))) == waiting
    everything = b"".join(path.read_bytes() for path in state.rglob("*") if path.is_file())
    assert b"kitchen" not in everything
    assert sqlite3.connect(state / "sottovoce.db").execute("SELECT count(*) FROM outbox").fetchone() == (0,)
    shutil.rmtree(tmp_path / "sottovoce")  # the power was cut: the keys were in memory
    config.write_text("[review]\nkeep = false\n")
    subprocess.run(run, env=environment, capture_output=True, check=True)
    assert not list(Path(state).glob("quarantine/*.sealed"))
