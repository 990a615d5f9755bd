"""The shelf against a model: crashes at any step, clocks that jump, keys that vanish, too much of it."""

import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from fakes.sharing import NOW
from fakes.shelf import HOUR, Shelf, a_clip, a_sentence
from sottovoce.ear.parcel import Label, seal
from sottovoce.ear.quarantine import SWEEP_SECONDS

CAP = 1_000_000
HOURS = 3
_TOUCHES = {"open", "os.rename", "os.remove", "os.mkdir", "os.truncate"}


class PowerCut(BaseException):
    """The process is gone, in the middle of what it did."""


class Power:
    """Cuts the process off at one of its steps on the disk; after that it does nothing any more."""

    def __init__(self):
        self.left = None
        self._hooked = False

    def cut_after(self, steps):
        """Let so many steps be done still; None for all."""
        if not self._hooked:
            sys.addaudithook(self.step)  # the interpreter's own: it cannot be taken out again
            self._hooked = True
        self.left = steps

    def step(self, event, _):
        if self.left is not None and event in _TOUCHES:
            if not self.left:
                raise PowerCut
            self.left -= 1


POWER = Power()


def size_of(sentence):
    """Reckon how big the file of a sentence is."""
    return len(seal(sentence, bytes(32), Label(sentence.at, 0.0, bytes(8))))


class Reviewing(RuleBasedStateMachine):
    """Everything that can happen to what is kept."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.shelf = Shelf(Path(self.folder.name), hours=HOURS, megabytes=1)
        self.number = 0
        self.model = {}
        """Name -> (at, ticks, bytes) of what must be there."""
        self.unsure = {}
        """The same of what a crash caught half way: there or not, but from then on one of them."""
        self.gone = set()

    def teardown(self):
        self.folder.cleanup()

    def forget(self, names):
        for name in list(names):
            self.model.pop(name, None)
            self.unsure.pop(name, None)
            self.gone.add(name)

    def too_old(self):
        both = {**self.model, **self.unsure}
        now, ticks, limit = self.shelf.now, self.shelf.ticks, HOURS * HOUR
        return [name for name, (at, then, _) in both.items() if now - at >= limit or ticks - then >= limit]

    def oldest_beyond_the_cap(self, kept):
        over, names = sum(size for _, _, size in kept.values()) - CAP, []
        for name, (_, _, size) in sorted(kept.items(), key=lambda one: one[1][:2]):
            if over <= 0:
                break
            over -= size
            names.append(name)
        return names

    def do(self, work, cut):
        """Do some work, or begin it; whether it came to its end."""
        POWER.cut_after(cut)
        try:
            work()
        except PowerCut:
            return False
        finally:
            POWER.cut_after(None)
        return True

    @rule(seconds=st.sampled_from([0.05, 6.0, 20.0]), cut=st.none() | st.integers(0, 40))
    def keep(self, seconds, cut):
        self.number += 1
        self.shelf.pass_by(0.01)  # two things are never said at once
        sentence = a_sentence(f"s{self.number}", self.shelf.now, a_clip(seconds, self.number))
        entry = (sentence.at, self.shelf.ticks, size_of(sentence))
        whole = self.do(lambda: self.shelf.quarantine.keep(sentence), cut)
        (self.model if whole else self.unsure)[sentence.id] = entry
        if whole:
            self.forget(self.oldest_beyond_the_cap({**self.model, **self.unsure}))
        else:  # making room may have begun
            self.waver(self.oldest_beyond_the_cap({**self.model, **self.unsure}))
            self.restart()

    def waver(self, names):
        for name in names:
            if name in self.model:
                self.unsure[name] = self.model.pop(name)

    @precondition(lambda self: self.model)
    @rule(which=st.integers(0, 100), cut=st.none() | st.integers(0, 25))
    def delete(self, which, cut):
        name = sorted(self.model)[which % len(self.model)]
        whole = self.do(lambda: self.shelf.quarantine.delete(name), cut)
        if whole:
            self.forget([name])
        else:
            self.waver([name])
            self.restart()

    @rule(cut=st.none() | st.integers(0, 40))
    def sweep(self, cut):
        if self.do(self.shelf.quarantine.sweep, cut):
            self.forget(self.too_old())
        else:
            self.waver(self.too_old())
            self.restart()

    @rule(seconds=st.floats(0, 2 * HOUR))
    def time_goes_by(self, seconds):
        self.shelf.pass_by(seconds)

    @rule(seconds=st.floats(-30 * HOUR, 30 * HOUR))
    def the_clock_jumps(self, seconds):
        self.shelf.now += seconds

    @rule()
    def restart(self):
        self.shelf.start().tend()
        future = [name for name, (at, _, _) in {**self.model, **self.unsure}.items() if at > self.shelf.now]
        self.forget([*self.too_old(), *future])
        found = set(self.shelf.names)
        for name in list(self.unsure):
            if name in found:
                self.model[name] = self.unsure.pop(name)
            else:
                self.forget([name])
        days = {kept.label.day for kept in self.shelf.quarantine.kept()}
        assert self.shelf.key_files() == {*self.model, *days}
        told = {
            event: {entry["snippet"] for entry in self.shelf.told(event)} for event in ("kept", "deleted")
        }
        assert told["kept"] - told["deleted"] == set(self.model)

    @rule()
    def the_power_is_cut(self):
        shutil.rmtree(self.shelf.run)
        self.shelf.run.mkdir()
        self.shelf.ticks = 20.0
        self.forget([*self.model, *self.unsure])
        self.restart()

    @invariant()
    def what_should_be_there_opens(self):
        for name in self.model:
            assert self.shelf.quarantine.open(name).id == name

    @invariant()
    def nothing_else_is_there(self):
        assert set(self.shelf.names) == set(self.model)
        assert self.shelf.quarantine.count() == len(self.model)
        assert not self.gone & self.shelf.key_files()

    @invariant()
    def it_is_never_too_much(self):
        assert sum(kept.size for kept in self.shelf.quarantine.kept()) <= CAP

    @invariant()
    def each_has_its_key_and_no_other_is_there(self):
        of_days = {name for name in self.shelf.key_files() if "-" in name}
        assert self.shelf.key_files() - of_days == set(self.model)


Reviewing.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
test_what_is_kept_is_what_should_be = Reviewing.TestCase
del Reviewing


def keep(shelf):
    """Keep one more."""
    shelf.quarantine.keep(a_sentence("a3"))


def delete(shelf):
    """Delete one of them."""
    shelf.quarantine.delete("a1")


@pytest.mark.parametrize("work", [keep, delete])
def test_every_step_can_be_the_last(tmp_path, work):
    """Cut off at each step on the disk in turn: that one is there whole or not at all, the others open."""
    for cut in range(100):
        folder = tmp_path / f"{cut}"
        folder.mkdir()
        shelf = Shelf(folder)
        for name in ("a1", "a2"):
            shelf.quarantine.keep(a_sentence(name))
        POWER.cut_after(cut)
        try:
            work(shelf)
        except PowerCut:
            whole = False
        else:
            whole = True
        finally:
            POWER.cut_after(None)
        shelf.start().tend()
        names = set(shelf.names)
        assert names >= ({"a2"} if work is delete else {"a1", "a2"})
        assert all(shelf.quarantine.open(name) for name in names)
        assert len(shelf.key_files()) == len(names) + 1
        assert not list(shelf.state.glob("quarantine/*.new"))
        if whole:
            assert names == ({"a2"} if work is delete else {"a1", "a2", "a3"})
            assert cut > 5
            return
    raise AssertionError("it never came to its end")


def test_it_is_looked_at_every_minute_and_not_more_often(tmp_path):
    """The sentinel comes by four times a second; the disk is asked once a minute."""
    shelf = Shelf(tmp_path, hours=1)
    shelf.quarantine.keep(a_sentence())
    shelf.quarantine.tend()
    shelf.pass_by(HOUR - 1)
    shelf.quarantine.tend()
    shelf.pass_by(SWEEP_SECONDS - 1)
    shelf.quarantine.tend()
    assert shelf.names == ["a1"]
    shelf.pass_by(1)
    shelf.quarantine.tend()
    assert shelf.names == []


def test_a_fault_of_the_disk_ends_no_thread(tmp_path):
    """A sweep that fails is told in the journal, and tried again."""
    shelf = Shelf(tmp_path)
    shelf.quarantine.keep(a_sentence())
    (shelf.state / "quarantine" / "lock").unlink()
    (shelf.state / "quarantine" / "lock").mkdir()
    shelf.quarantine.tend()
    assert shelf.diary.count("state_folder_fault") == 1


def test_it_is_kept_and_deleted_in_words(tmp_path):
    """The ledger tells what was kept and what was deleted, and holds no word of it."""
    shelf = Shelf(tmp_path)
    shelf.quarantine.keep(a_sentence(at=NOW))
    shelf.quarantine.delete("a1")
    assert [entry["event"] for entry in shelf.ledger.entries()] == ["kept", "deleted"]
    assert shelf.told("deleted")[0]["why"] == "you"
