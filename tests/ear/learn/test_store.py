"""Where learned words are kept: whole or not at all, for the owner alone."""

import contextlib
import os
import stat
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from sottovoce.ear.learn import store
from sottovoce.errors import ModelError, StateError, UsageError

NAMES = st.from_regex(r"[A-Za-zäöüßéøж]{1,9}([ '-][A-Za-zäöü]{1,9}){0,3}", fullmatch=True)
END_OF_ARCHIVE = 22
"""Bytes of a ZIP archive's end record."""
same_folder = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])


def assert_same(one, other):
    """Compare two words number by number."""
    assert (one.name, one.examples) == (other.name, other.examples)
    assert (one.floor, one.height) == pytest.approx((other.floor, other.height))
    for part in ("centre", "whiten", "direction"):
        assert np.array_equal(getattr(one, part), getattr(other, part))


@same_folder
@given(NAMES)
def test_what_is_saved_is_loaded(tmp_path, word, name):
    """Whatever it is called: the same word comes back, is listed, and can be forgotten."""
    name = store.checked_name(name)
    kept = replace(word, name=name)
    store.save(tmp_path, kept)
    assert_same(store.load(tmp_path, name), kept)
    assert store.names(tmp_path) == (name,)
    store.forget(tmp_path, name)
    assert store.names(tmp_path) == ()


def test_it_is_for_the_owner_alone_and_holds_no_sound(tmp_path, word):
    """Mode 0600 in a folder of mode 0700; a fifth of a megabyte, however long was spoken."""
    path = store.save(tmp_path, word)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    with np.load(path, allow_pickle=False) as kept:
        assert set(kept) == {"centre", "whiten", "direction", "levels"}
    assert path.stat().st_size < 200_000


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_an_interrupted_write_leaves_the_word_as_it_was(tmp_path, word, monkeypatch, call):
    """A disk that fails before the end, or before the last step: the word before it stays, and no litter."""
    store.save(tmp_path, word)

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, call, fail)
    with pytest.raises(StateError, match="No space left"):
        store.save(tmp_path, replace(word, floor=0.99))
    monkeypatch.undo()
    assert_same(store.load(tmp_path, word.name), word)
    assert len(list(store.folder(tmp_path).iterdir())) == 1


@same_folder
@given(st.data())
def test_a_file_that_is_damaged_is_one_clear_error(tmp_path, word, data):
    """Cut off anywhere, or overwritten with anything: never a traceback, never half a word.

    What hits only the archive's last bytes, behind the word, may leave the word as it was.
    """
    path = store.save(tmp_path, word)
    whole = path.read_bytes()
    cut = data.draw(st.integers(0, len(whole) - 1))
    damaged = whole[:cut] + data.draw(st.binary(max_size=50))
    assume(damaged != whole)
    path.write_bytes(damaged)
    if cut <= len(whole) - END_OF_ARCHIVE:
        with pytest.raises(ModelError, match=r"not a learned word.*learn it again"):
            store.load(tmp_path, word.name)
    else:
        with contextlib.suppress(ModelError):
            assert_same(store.load(tmp_path, word.name), word)


def test_other_numbers_than_a_word_has_are_refused(tmp_path, word):
    """A file of the right kind with too few numbers, or with numbers that are none."""
    for broken in (replace(word, centre=word.centre[:5]), replace(word, direction=word.direction * np.nan)):
        store.save(tmp_path, broken)
        with pytest.raises(ModelError, match="not a learned word"):
            store.load(tmp_path, word.name)


@pytest.mark.parametrize("name", ["", " ", "../etc", "a/b", "hey  you", "r2d2", "a" * 41, "one\ntwo", "."])
def test_what_is_no_word_cannot_be_a_name(tmp_path, name):
    """No name leads out of the folder, and none is there that nobody could say."""
    with pytest.raises(UsageError, match="is no wake word"):
        store.checked_name(name)
    with pytest.raises(UsageError):
        store.forget(tmp_path, name)


def test_a_word_that_is_not_there_is_told(tmp_path, word):
    """Loading and forgetting name what to do, and which words there are."""
    store.save(tmp_path, word)
    with pytest.raises(ModelError, match=r"'nobody' was not learned \(sottovoce wake learn 'nobody'\)"):
        store.load(tmp_path, "nobody")
    with pytest.raises(UsageError, match=r"no learned word 'nobody' \(there is: hey snowboy\)"):
        store.forget(tmp_path, "nobody")
