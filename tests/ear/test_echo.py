"""The stage that takes the device's own reply out of what the wake engine hears."""

import numpy as np
import pytest

from fakes.hearing import ScriptedMicrophone, TransparentCanceller, nothing
from sottovoce.ear.echo import EARLY_FRAMES, LATEST_SAMPLES, Echo
from sottovoce.ear.gate import BACKLOG_FRAMES, Gate
from sottovoce.ear.ring import Ring
from sottovoce.vocabulary import FRAME_SAMPLES, MuteReason

LONG = 100
"""Frames of a reply."""
FOUND_AT = 16
"""Frames of a reply after which two looks have agreed."""
WINDOW = 32
"""Frames that are looked at and heard again."""


class Scene:
    """An open gate, and the stage behind it; each frame holds the number of its index, times 100."""

    def __init__(self, canceller, before=0):
        self.gate = Gate(ScriptedMicrophone([100 * i for i in range(400)]), Ring(BACKLOG_FRAMES * 4), nothing)
        self.gate.unmute(MuteReason.STARTING)
        self.canceller = canceller
        self.echo = Echo(canceller, self.gate.since, self.gate.is_current)
        for _ in range(before):
            self.hear()

    def take(self):
        self.gate.step()
        return self.gate.frame(0)

    def hear(self):
        """Let one more frame come in; the numbers of the frames that the wake engine hears."""
        return [int(heard.samples[0]) // 100 for heard in self.echo.clean(self.take())]


def reply(frames=LONG):
    """Each sample of it is another."""
    return np.arange(frames * FRAME_SAMPLES).astype(np.int16)


def test_without_a_reply_not_a_sample_is_touched():
    """What is heard while nothing sounds is given as the very frame that came in, and nobody looks at it."""
    scene = Scene(TransparentCanceller(), before=3)
    frame = scene.take()
    assert list(scene.echo.clean(frame)) == [frame]
    scene.echo.begin(reply(1), scene.gate.written)
    over = 1 + LATEST_SAMPLES // FRAME_SAMPLES + 10 - 3
    for _ in range(over):
        scene.hear()
    looked = len(scene.canceller.cancelled)
    frame = scene.take()
    assert next(scene.echo.clean(frame)) is frame
    assert len(scene.canceller.cancelled) == looked


def test_without_a_canceller_nothing_is_touched():
    """Switched off, it gives each frame as it came, over a reply too."""
    scene = Scene(None)
    scene.echo.begin(reply(), 0)
    for _ in range(30):
        frame = scene.take()
        assert next(scene.echo.clean(frame)) is frame
    assert not scene.echo.is_leftover
    scene.echo.forget()


@pytest.mark.parametrize("late", [0, 300, LATEST_SAMPLES])
def test_once_found_all_of_the_reply_so_far_is_heard_again(late):
    """No frame is skipped, and each is paired with what was played when it was heard.

    With it the half second before, from which frames may still have been on their way.
    """
    before = EARLY_FRAMES + 5
    scene = Scene(TransparentCanceller(late), before)
    scene.echo.begin(reply(), scene.gate.written)
    for index in range(before, before + FOUND_AT - 1):
        assert scene.hear() == [index]
    assert scene.hear() == list(range(5, before + FOUND_AT))
    assert scene.hear() == [before + FOUND_AT]
    played = np.concatenate(scene.canceller.cancelled)
    assert np.array_equal(played, np.append(np.zeros(late, dtype=np.int16), reply())[: len(played)])


def test_in_doubt_it_is_left_as_it_is():
    """A delay that is not found, or another at each look, is none."""
    scene = Scene(TransparentCanceller(None))
    scene.echo.begin(reply(), 0)
    assert [scene.hear() for _ in range(80)] == [[index] for index in range(80)]
    wandering = Scene(TransparentCanceller())
    delays = iter(range(0, 8000, 100))
    wandering.canceller.find = lambda heard, played: next(delays)
    wandering.echo.begin(reply(), 0)
    assert [wandering.hear() for _ in range(80)] == [[index] for index in range(80)]


def test_after_a_piece_was_lost_it_is_found_anew():
    """Two looks that agree on another delay: what was learned is forgotten, the last second heard again."""
    scene = Scene(TransparentCanceller(300), before=EARLY_FRAMES)
    scene.echo.begin(reply(), scene.gate.written)
    for _ in range(FOUND_AT + 10):
        scene.hear()
    scene.canceller.late = 700
    heard = next(heard for heard in iter(scene.hear, []) if len(heard) > 1)
    last = heard[-1]
    assert heard == list(range(last + 1 - WINDOW, last + 1))
    assert last + 1 - (EARLY_FRAMES + FOUND_AT + 10) <= 16
    assert scene.canceller.resets == 1
    at = heard[0] * FRAME_SAMPLES - 700
    assert np.array_equal(scene.canceller.cancelled[-1], reply()[at : at + WINDOW * FRAME_SAMPLES])
    assert [scene.hear() for _ in range(20)] == [[last + 1 + more] for more in range(20)]
    assert scene.canceller.resets == 1


def test_interrupted_it_touches_nothing_more():
    """From the wake word on, the sentence is heard as it is said; the room stays known."""
    scene = Scene(TransparentCanceller(), before=EARLY_FRAMES)
    scene.echo.begin(reply(), scene.gate.written)
    for _ in range(FOUND_AT + 3):
        scene.hear()
    scene.echo.end()
    frame = scene.take()
    assert next(scene.echo.clean(frame)) is frame
    assert scene.canceller.resets == 0


def test_behind_a_gate_that_has_shut_nothing_is_heard():
    """A frame from before is not given; what was copied for the engine is overwritten with all else."""
    scene = Scene(TransparentCanceller(), before=EARLY_FRAMES)
    scene.echo.begin(reply(), scene.gate.written)
    for _ in range(FOUND_AT + 3):
        scene.hear()
    [given] = scene.echo.clean(scene.take())
    assert given.samples.any()
    late = scene.take()
    scene.gate.mute(MuteReason.HARDWARE)
    assert not given.samples.any()
    assert list(scene.echo.clean(late)) == []
    scene.echo.forget()
    assert scene.canceller.resets == 1


@pytest.mark.parametrize(("left", "leftover"), [(1.0, False), (0.5, False), (0.25, True), (0.0, True)])
def test_what_is_hardly_left_is_its_own_voice(left, leftover):
    """A wake word counts in what is less than 9 dB fainter than it was with the reply in it."""
    scene = Scene(TransparentCanceller(left=left), before=EARLY_FRAMES)
    scene.echo.begin(reply(), scene.gate.written)
    for _ in range(FOUND_AT - 1):
        scene.hear()
        assert not scene.echo.is_leftover
    scene.hear()
    assert scene.echo.is_leftover == leftover
