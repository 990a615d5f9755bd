"""The stage Wake, while its words change."""

import threading

import numpy as np

from fakes.hearing import CountingWake
from sottovoce.ear.engines.porcupine import Porcupine
from sottovoce.ear.wake import Wake
from sottovoce.vocabulary import FRAME_SAMPLES, OpenFrame

FRAMES = 20_000


def frame(number):
    """A frame that carries its number."""
    return OpenFrame(np.full(FRAME_SAMPLES, number % 30_000, dtype=np.int16), 1, number)


def test_another_engine_hears_from_the_next_frame_on():
    """What the one before had half heard is gone with it."""
    first, second = CountingWake(3, word="computer"), CountingWake(2, word="jarvis")
    wake = Wake(first)
    wake.hear(frame(0))
    wake.hear(frame(1))
    wake.change(second)
    assert first.closed
    assert [wake.hear(frame(number)) for number in range(2, 6)] == [None, "jarvis", None, "jarvis"]


def test_while_it_changes_every_frame_is_heard_once_and_in_order():
    """Changed from another thread as fast as it goes, no frame is lost, or heard twice, or too late."""
    heard = []

    def engine():
        return CountingWake(on_frame=lambda samples: heard.append(int(samples[0])))

    wake, done = Wake(engine()), threading.Event()
    changes = 0

    def change():
        nonlocal changes
        while not done.is_set():
            wake.change(engine())
            wake.forget()
            changes += 1

    changing = threading.Thread(target=change)
    changing.start()
    for number in range(1, FRAMES):
        wake.hear(frame(number))
    done.set()
    changing.join()
    assert heard == list(range(1, FRAMES))
    assert changes > 1


def test_a_real_engine_is_changed_under_sound_without_a_crash(said):
    """Porcupine's memory is given back while another thread feeds frames: none goes where nobody is."""
    sound = said("computer, turn on the kitchen light", "slt")
    frames = np.split(sound[: len(sound) // FRAME_SAMPLES * FRAME_SAMPLES], len(sound) // FRAME_SAMPLES)
    wake, done = Wake(Porcupine({"computer": 0.8})), threading.Event()

    def change():
        for number in range(100):
            wake.change(Porcupine({"computer": 0.5, "jarvis": number / 100}))
        done.set()

    changing = threading.Thread(target=change)
    changing.start()
    while not done.is_set():
        for number, samples in enumerate(frames):
            wake.hear(OpenFrame(samples, 1, number))
    changing.join()
    wake.forget()
    words = [
        word for number, samples in enumerate(frames) if (word := wake.hear(OpenFrame(samples, 1, number)))
    ]
    assert words == ["computer"]
