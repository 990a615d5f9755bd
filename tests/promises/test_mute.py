"""The promise of the switch: flipped, the device is deaf within one frame, and forgets what it half heard.

Every sample of the sound here tells when it was captured, and whatever hears anything in the ear asks
each sample for its time, be it that the device shuts its gate while it speaks or that it can be
interrupted. First in one thread, with a clock that the test moves: the flips come at any
millisecond, in the middle of a read, of an engine's work, of a transcription, of an answer. Then in the
ear's real threads.
"""

import itertools
import random
import sqlite3
import threading
from contextlib import contextmanager
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from fakes.hearing import (
    FRAME_MS,
    Clock,
    CountingWake,
    Diary,
    KnowingTranscriber,
    ListeningSpeaker,
    MutteringVoice,
    ScriptedDetector,
    StampedMicrophone,
    TransparentCanceller,
    nothing,
    stamps,
)
from fakes.stages import make_stages
from sottovoce.config import Endpoint as Limits
from sottovoce.ear import echo
from sottovoce.ear.devices.simulated import SimulatedBoard, SimulatedMicrophone
from sottovoce.ear.gate import BACKLOG_FRAMES, Gate
from sottovoce.ear.mute import Mutes
from sottovoce.ear.pipeline import Pipeline
from sottovoce.ear.ring import Ring
from sottovoce.ear.sentinel import Sentinel
from sottovoce.ear.states import State
from sottovoce.ear.store import bring_up
from sottovoce.errors import MicrophoneCut
from sottovoce.vocabulary import FRAME_SAMPLES, MuteReason, Position

ENGINE_MS = 2
"""How long the fake engines take for a frame."""
OPENING_MS = 5
"""How long the microphone takes to open; it captures from the beginning."""
TRANSCRIBING_MS = 150
ACTING_MS = 20
"""How long it takes from the words to the answer."""
WAKES_EVERY = 6
"""Frames after which the fake wake engine hears its word."""
SPEECH = "S" * 8
"""What the fake detector hears after it: eight frames of speech, then a pause."""
LIMITS = Limits(pre_roll_ms=160, silence_ms=96, no_speech_ms=400, longest_ms=1000)
CYCLE_MS = 1400
"""From the first frame to the end of the first answer, and a little more."""
LONG = 30
WAYS = (None, 10, LONG)
"""Milliseconds a letter at which it says its answers, heard meanwhile and interrupted when they are long;
None: the gate is shut meanwhile."""
ON, OFF = "softly muted", "no longer softly muted"
MOVES = (Position.MUTED, Position.TAMPER, Position.FAULT, ON, *[Position.LIVE, OFF] * 2)
"""What comes at any moment: the switch in four positions, and a soft mute as MQTT and the button make it.
Back to live comes as often as away from it, or it would be deaf most of the time."""
PATIENCE = 30.0
"""Seconds after which a thread that should have come is taken for stuck."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A state folder that all worlds of this file share; nothing is ever written into it but its tables."""
    return tmp_path_factory.mktemp("state")


@pytest.fixture(autouse=True)
def _looks(monkeypatch):
    """Have the echo canceller at work from the second frame of each reply on."""
    monkeypatch.setattr(echo, "_FIRST_LOOK_FRAMES", 1)
    monkeypatch.setattr(echo, "_LOOK_EVERY", 1)


@contextmanager
def stages(folder, gate, now, ears, mutters=None):
    """Make the real stages around fake engines; `ears` gets all that they hear.

    Who `mutters`, so many milliseconds a letter, can be interrupted.
    """
    made = make_stages(
        folder,
        gate,
        now,
        LIMITS,
        wake=CountingWake(WAKES_EVERY, on_frame=ears.frame),
        detector=ScriptedDetector(SPEECH, on_frame=ears.frame, lead=WAKES_EVERY),
        transcriber=KnowingTranscriber("what time is it", on_utterance=ears.utterance),
        voice=MutteringVoice(mutters) if mutters else None,
        speaker=ListeningSpeaker(ears.play, now),
        earcons=not mutters,
        barge_in=bool(mutters),
        canceller=TransparentCanceller(on_heard=ears.cancelled),
    )
    yield made
    made.grants._store.close()


class World:
    """The ear from the switch to the answer in one thread: time goes by only where something takes time."""

    def __init__(self, mutters=None):
        self.mutters = mutters
        self.clock = Clock()
        self.board = SimulatedBoard(nothing)
        self.source = StampedMicrophone(self.clock, OPENING_MS)
        self.cut_off = SimulatedMicrophone(self.source, self.board)
        self.in_hand = []  # sound that an engine is busy with
        self.closed_at = []
        self.opened_at = 0
        self.was_open = False
        self.shut_times = 0
        self.transcribing_since = None
        self.heard_last = -1
        self.cancelled_frames = 0
        self.answers = 0
        self.pipeline = None
        self.ring = Ring(BACKLOG_FRAMES * 2)
        self.gate = Gate(self, self.ring, self.changed)
        store = sqlite3.connect(":memory:", isolation_level=None)
        bring_up(store)
        self.sentinel = Sentinel(
            self.gate,
            Mutes(store, self.clock),
            SimpleNamespace(captures=lambda: None),
            SimpleNamespace(append=nothing),
            SimpleNamespace(works=nothing, failed=nothing),
            nothing,
            nothing,
            Diary(),
            self.clock,
        )
        self.board.watch(self.sentinel.flip)

    # What the gate takes for its microphone: the simulated one, behind a watchman.
    live = True

    def open(self):
        assert not self.gate.reasons, "opened while it knows that it is muted"
        self.cut_off.open()

    def read(self):
        assert not self.gate.reasons, "read while it knows that it is muted"
        return self.cut_off.read()

    def close(self):
        self.cut_off.close()
        self.closed_at.append(self.clock.ms)

    # What the gate tells.
    def changed(self):
        is_open = not self.gate.reasons
        if is_open and not self.was_open:
            self.opened_at = self.clock.ms
        self.shut_times += self.was_open and not is_open
        self.was_open = is_open

    def move(self, what):
        """Flip the switch or mute softly, and look at once whether any sound is left."""
        if what in {ON, OFF}:
            reason, on = MuteReason.SOFT, what == ON
            left = self.gate.reasons - {reason}
            self.sentinel.soft(on=on)
        else:
            reason, on = MuteReason.HARDWARE, what is not Position.LIVE
            left = self.gate.reasons - {reason}
            self.board.flip(what)
        assert self.gate.reasons == (left | {reason} if on else left)
        if on:
            assert not self.ring._slots.any(), "the ring still holds sound"
            assert not any(sound.any() for sound in self.in_hand), "an engine's hands still hold sound"
            if self.source.is_open:
                edge = self.clock.ms
                self.clock.at(edge + FRAME_MS + 1, lambda: self.check_closed(edge))

    def flip(self, muted):
        self.move(Position.MUTED if muted else Position.LIVE)

    @property
    def deaf(self):
        return self.board.muted or MuteReason.SOFT in self.gate.reasons

    def check_closed(self, edge):
        assert any(edge <= at <= edge + FRAME_MS for at in self.closed_at), "the stream outlived the frame"

    # What the engines and the loudspeaker do with what they get.
    def frame(self, samples):
        self.check(samples)
        with self.busy_with(samples):
            self.clock.advance(ENGINE_MS)
            self.check(samples)

    def cancelled(self, samples):
        self.cancelled_frames += 1
        self.frame(samples)

    def utterance(self, utterance):
        self.check(utterance.samples)
        self.transcribing_since = self.shut_times
        with self.busy_with(utterance.samples):
            self.pass_time(TRANSCRIBING_MS)
            self.check(utterance.samples)

    def play(self, samples):
        assert (MuteReason.SPEAKING in self.gate.reasons) == (not self.mutters)
        self.answers += 1

    @contextmanager
    def busy_with(self, sound):
        self.in_hand.append(sound)
        yield
        self.in_hand.pop()

    def check(self, samples):
        """No sample that an engine looks at is from while it was deaf, or from before."""
        moments = stamps(samples)
        assert not (moments and self.deaf), "an engine hears while the switch is off"
        assert all(moment >= self.opened_at for moment in moments), "an engine hears what was before"
        self.heard_last = max([self.heard_last, *moments])

    # The owner's terminal.
    def heard(self, transcript, intent):
        assert self.shut_times == self.transcribing_since, "words were used that came from before the flip"
        self.pass_time(ACTING_MS)

    def answered(self, outcome):
        pass

    # Time.
    def read_on(self):
        """Do what the reading thread would do now; when it has nothing to do, a millisecond goes by."""
        waits = bool(self.gate.reasons)
        self.gate.step()
        if waits:
            self.clock.advance(1)

    def pass_time(self, ms):
        """Something takes time; the reading thread reads on meanwhile."""
        until = self.clock.ms + ms
        while self.clock.ms < until:
            self.read_on()

    def run(self, folder, until):
        """Let both threads' steps alternate until that millisecond."""
        with stages(folder, self.gate, self.clock, self, self.mutters) as made:
            self.diary = Diary()
            self.pipeline = Pipeline(self.gate, made, nothing, nothing, self.clock, self.diary, self)
            self.gate.unmute(MuteReason.STARTING)
            while self.clock.ms < until:
                self.read_on()
                self.pipeline.step(0)
                while self.gate._backlog():  # the pipeline is faster than sound
                    self.pipeline.step(0)
                assert self.gate.fault is None


@pytest.mark.parametrize("mutters", WAYS)
def test_it_hears_and_answers_when_nobody_flips(folder, mutters):
    """The world of these tests is a working one: without a flip, sentence after sentence is answered."""
    world = World(mutters)
    world.run(folder, 10 * CYCLE_MS)
    assert world.answers >= 8
    assert world.heard_last >= 9 * CYCLE_MS
    assert mutters != LONG or "interrupted" in world.diary.events
    assert not mutters or world.cancelled_frames > 8


@settings(max_examples=300, deadline=None)
@given(
    moves=st.lists(
        st.tuples(
            st.one_of(st.integers(0, 40), st.integers(0, 500), st.integers(0, CYCLE_MS)),
            st.sampled_from(MOVES),
        ),
        min_size=1,
        max_size=20,
    ),
    mutters=st.sampled_from(WAYS),
)
def test_no_flip_at_any_moment_lets_sound_through(folder, moves, mutters):
    """However it is muted: nothing captured since reaches an engine, nothing from before is used.

    By the switch, a switch that was tampered with or is broken, or softly: all sound held is overwritten
    before the flip is over, the stream is closed within 32 ms, the microphone is never touched while the
    gate knows, and after the last flip back it hears again.
    """
    world, at = World(mutters), 0

    def move(what):
        event(f"{what} while {world.pipeline.state}")
        world.move(what)

    for later, what in moves:
        at += later
        world.clock.at(at, lambda what=what: move(what))
    for what in (Position.LIVE, OFF):
        world.clock.at(at + 100, lambda what=what: move(what))
    end = at + 100 + 2 * CYCLE_MS
    world.run(folder, end)
    assert world.heard_last >= end - CYCLE_MS
    assert world.gate.reasons <= {MuteReason.SPEAKING}


@pytest.mark.parametrize("off_for", [None, 1, 15, 70], ids=lambda ms: f"off for {ms} ms" if ms else "off")
def test_every_moment_of_a_sentence_is_safe(folder, off_for):
    """From the first frame to the end of the answer, there is no moment in which a flip comes amiss."""
    met = set()

    def flip(world):
        met.add(world.pipeline.state)
        world.flip(muted=True)

    for moment in range(0, CYCLE_MS, 9):
        world = World(WAYS[moment % len(WAYS)])
        world.clock.at(moment, lambda world=world: flip(world))
        if off_for is not None:
            world.clock.at(moment + off_for, lambda world=world: world.flip(muted=False))
        world.run(folder, 2 * CYCLE_MS)
        assert (world.heard_last > moment) == (off_for is not None)
    assert met == set(State)


def test_the_answer_does_not_open_what_the_switch_shut(folder):
    """Flipped while the device speaks: the end of the answer leaves it deaf."""
    world = World()

    def flip_while_speaking():
        if MuteReason.SPEAKING in world.gate.reasons:
            world.flip(muted=True)
        elif not world.board.muted:
            world.clock.at(world.clock.ms + 20, flip_while_speaking)

    flip_while_speaking()
    world.run(folder, 3 * CYCLE_MS)
    assert world.gate.reasons == {MuteReason.HARDWARE}
    assert world.answers == 1
    assert not world.source.is_open


def test_a_microphone_that_is_cut_can_not_be_read():
    """The simulated microphone obeys the law of the real one: behind a switch that is off, it is dead."""
    clock = Clock()
    board = SimulatedBoard(nothing, position=Position.MUTED)
    microphone = SimulatedMicrophone(StampedMicrophone(clock), board)
    with pytest.raises(MicrophoneCut):
        microphone.open()
    board.flip(Position.LIVE)
    microphone.open()
    assert stamps(microphone.read())
    clock.at(clock.ms + 5, lambda: board.flip(Position.MUTED))
    with pytest.raises(MicrophoneCut):
        microphone.read()
    with pytest.raises(MicrophoneCut):
        microphone.read()


class Ticks:
    """Orders what happens in several threads: each number is given once, and none goes backward."""

    def __init__(self):
        self._count = itertools.count(1)

    def __call__(self):
        return next(self._count)


class RationedMicrophone:
    """A live source that gives as many frames as it was allowed; samples tell the number of their frame."""

    live = True

    def __init__(self, tick):
        self._tick = tick
        self._turn = threading.Condition()
        self._allowed = 0
        self._unlimited = False
        self.begun = []  # of frame i: the tick at which its capture began
        self.is_open = False

    def open(self):
        self._tell(is_open=True)

    def read(self):
        with self._turn:
            self.begun.append(self._tick())
            number = len(self.begun)
            self._turn.wait_for(lambda: self._allowed or self._unlimited, PATIENCE)
            self._allowed -= not self._unlimited
            self._turn.notify_all()
        return np.full(FRAME_SAMPLES, number, dtype=np.int16)

    def close(self):
        self._tell(is_open=False)

    def allow(self, frames):
        """Let `frames` more frames go by, and wait until they have."""
        with self._turn:
            self._allowed += frames
            self._turn.notify_all()
            assert self._turn.wait_for(lambda: self._allowed == 0, PATIENCE), "nobody reads"

    def end(self):
        with self._turn:
            self._unlimited = True
            self._turn.notify_all()

    def wait_until_closed(self):
        """End the frame that is being read, if one is, and wait for the stream to be closed after it."""
        with self._turn:
            self._allowed = 1
            self._turn.notify_all()
            assert self._turn.wait_for(lambda: not self.is_open, PATIENCE), "the stream stays open"
            self._allowed = 0

    def _tell(self, *, is_open):
        with self._turn:
            self.is_open = is_open
            self._turn.notify_all()


class Log:
    """Everything the engines heard: at which tick they began to look, and the frames they found."""

    def __init__(self, tick):
        self._tick = tick
        self.heard = []
        self.utterances = 0
        self.cancelled_frames = 0

    def frame(self, samples):
        at = self._tick()
        self.heard.append((at, np.unique(samples)))

    def cancelled(self, samples):
        self.cancelled_frames += 1
        self.frame(samples)

    def utterance(self, utterance):
        self.utterances += 1
        self.frame(utterance.samples)

    def play(self, samples):
        pass


@pytest.mark.parametrize("mutters", [None, 10])
def test_no_flip_lets_sound_through_in_real_threads(folder, mutters):
    """The same with the ear's own two threads and two hundred flips out of a third."""
    rng, tick = random.Random(20), Ticks()
    source, log, board = RationedMicrophone(tick), Log(tick), SimulatedBoard(nothing)
    gate = Gate(SimulatedMicrophone(source, board), Ring(BACKLOG_FRAMES * 2), nothing)
    board.watch(gate.follow)
    deaf = []  # from the tick after a flip to muted to the tick before the flip back
    with stages(folder, gate, Clock(), log, mutters) as made:
        pipeline = Pipeline(gate, made, nothing, nothing, Clock(), Diary())
        threads = [threading.Thread(target=gate.listen), threading.Thread(target=pipeline.run)]
        for thread in threads:
            thread.start()
        gate.unmute(MuteReason.STARTING)
        for _ in range(200):
            at_once, pieces = rng.choice([(rng.randint(1, 48), 1), (1, rng.randint(1, 48))])
            for _ in range(pieces):
                source.allow(at_once)
                if at_once == 1:  # each is heard before the next comes in, be it over a reply
                    with gate._turn:
                        assert gate._turn.wait_for(lambda: not gate._backlog(), PATIENCE), "nobody hears"
            board.flip(Position.MUTED)
            began = tick()
            assert not gate._ring._slots.any()
            if rng.random() < 0.7:
                source.wait_until_closed()
            deaf.append((began, tick()))
            board.flip(Position.LIVE)
        source.allow(40)
        gate.stop()
        source.end()
        for thread in threads:
            thread.join(PATIENCE)
            assert not thread.is_alive()
    assert gate.fault is None
    assert log.utterances > 10
    assert len(log.heard) > 800
    assert bool(log.cancelled_frames) == bool(mutters)
    _nothing_came_through(source.begun, log.heard, deaf)


def _nothing_came_through(begun, heard, deaf):
    for at, numbers in heard:
        for number in numbers[numbers > 0]:
            captured = begun[number - 1]
            assert not any(began < captured < ended for began, ended in deaf), "captured while deaf"
            assert not any(captured < began < at for began, _ in deaf), "from before, used after"
    for began, ended in deaf:
        assert sum(began < captured < ended for captured in begun) <= 1, "it read on"
