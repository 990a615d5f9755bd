"""One lesson: examples from recordings or from the microphone, learned, judged and kept."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sottovoce.config import Config
from sottovoce.ear import build
from sottovoce.ear.devices.recording import read_samples
from sottovoce.ear.gate import Gate
from sottovoce.ear.learn import store
from sottovoce.ear.learn.examples import Examples
from sottovoce.ear.learn.model import Example, Expected, check_enough, expected, learn
from sottovoce.ear.learn.recorder import Recorder
from sottovoce.ear.light import Colour, Look
from sottovoce.ear.sandbox import cage
from sottovoce.errors import InputError, SandboxError
from sottovoce.vocabulary import Position

_TRIES: Final = 3
"""How often one example may go wrong."""

Told = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Lesson:
    """What shall be learned, and from what."""

    word: str
    sensitivity: float
    count: int
    """Examples to take from the microphone."""
    files: Sequence[Path] = ()
    """Recordings in place of the microphone."""


def hold(lesson: Lesson, config: Config, options: build.Options, told: Told, *, uncaged: bool) -> Expected:
    """Hold a lesson, without network from its beginning on; `told` gets lines for the owner.

    Raises SottovoceError; then the word that was there before stays.
    """
    word = store.checked_name(lesson.word)
    try:
        cage()
    except SandboxError:
        if not uncaged:
            raise
    teacher = build.make_teacher()
    if lesson.files:
        examples = [teacher.examples.make(read_samples(file), str(file)) for file in lesson.files]
    else:
        with _recorder(config, options) as recorder:
            examples = list(_heard(lesson, recorder, teacher.examples, told))
    check_enough(word, len(examples))
    told("Learning. It takes twenty seconds on a PC, and longer on a Pi.")
    other = teacher.listen(lambda: None)
    learned = learn(word, examples, other)
    store.save(options.state, learned)
    return expected(learned, examples, other, lesson.sensitivity)


def _heard(lesson: Lesson, recorder: Recorder, examples: Examples, told: Told) -> Iterator[Example]:
    for number in range(1, lesson.count + 1):
        for tries in range(1, _TRIES + 1):
            told(f"Say {lesson.word!r} ({number} of {lesson.count}).")
            sound = recorder.saying()
            try:
                yield examples.make(sound, f"example {number}")
                break
            except InputError as error:
                if tries == _TRIES:
                    raise
                told(f"Once more: {error}.")
            finally:
                sound.fill(0)


@contextmanager
def _recorder(config: Config, options: build.Options) -> Iterator[Recorder]:
    board = build.make_board(config, options, lambda _: None)
    gate = Gate(board.microphone, build.make_ring(config), lambda: None)

    def flipped(position: Position) -> None:
        gate.follow(position)
        board.light.show(Look(Colour.BLUE if position is Position.LIVE else Colour.RED))

    board.switch.watch(flipped)
    gate.begin()
    reader = threading.Thread(target=gate.listen, name="reader", daemon=True)
    reader.start()
    try:
        yield Recorder(gate, build.make_detector())
    finally:
        gate.stop()
        reader.join(timeout=1.0)
        board.light.show(Look(Colour.OFF))
