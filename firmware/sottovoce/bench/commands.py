"""How many spoken commands are understood, by the ear's own stages: transcribe and understand."""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hassil import Intents

from sottovoce.bench.corpus import Label
from sottovoce.bench.mixing import Noise
from sottovoce.config import Config
from sottovoce.ear import build
from sottovoce.ear.devices.recording import read_samples
from sottovoce.ear.grammar import compile_grammar
from sottovoce.ear.pipeline import CONFIDENT
from sottovoce.ear.understand import Understanding
from sottovoce.vocabulary import (
    FRAME_SAMPLES,
    SAMPLE_RATE,
    Intent,
    Samples,
    SlotValue,
    Transcript,
    Utterance,
)

MARGIN: Final = 10 * FRAME_SAMPLES
"""Samples (0.32 s) left before and after the speech: in a pause that long the pipeline writes down."""


@dataclass(frozen=True, slots=True)
class CommandsReport:
    """What came of it."""

    commands: int
    """Recordings, each of one command."""
    accepted: int
    """Those of them whose intent and slots are all as the label says, and no others."""
    rate: float
    """The share of them, 0 to 1."""
    rtf: float
    """Real-time factor: seconds of CPU a second of sound."""


class Interpreter:
    """The ear from a whole utterance to its intent."""

    def __init__(self, grammar: Intents, config: Config, state: Path) -> None:
        """Understand the sentences of `grammar`. Raises ConfigError, EngineError.

        `state` is the state folder, in which a Vosk model may be installed.
        """
        self._graph = compile_grammar(grammar)
        self._transcriber = build.make_transcriber(config, state, self._graph)
        self._understanding = Understanding(grammar)
        self._detector = build.make_detector()
        self._threshold = config.endpoint.speech_threshold
        self.language = grammar.language
        """Of the grammar, a code such as "en"."""
        self._wake_word = config.wake.words[0]
        self.cpu_seconds = 0.0
        """CPU seconds spent in the stages so far."""
        self.heard_samples = 0
        """Samples that went through them so far."""

    def interpret(self, samples: Samples) -> Intent | None:
        """Say what a recording asks for; None when that is unclear, as in the pipeline."""
        with self._counted(samples):
            transcript = self._transcribe(samples)
            return self._understanding.understand(transcript) if transcript else None

    def write_down(self, samples: Samples) -> str:
        """Give the sentence of the grammar that a recording holds; empty when that is unclear."""
        with self._counted(samples):
            transcript = self._transcribe(samples)
            return transcript.text if transcript and self._graph.accepts(transcript.text) else ""

    def _transcribe(self, samples: Samples) -> Transcript | None:
        said = self._spoken_part(samples)
        transcript = self._transcriber.transcribe(Utterance(said, epoch=0, wake_word=self._wake_word))
        return transcript if transcript.confidence >= CONFIDENT else None

    def _spoken_part(self, samples: Samples) -> Samples:
        """Cut off the silence before and after the speech, as the endpoint does; MARGIN stays."""
        self._detector.reset()
        starts = range(0, len(samples) - FRAME_SAMPLES + 1, FRAME_SAMPLES)
        speech = [
            start
            for start in starts
            if self._detector.probability(samples[start : start + FRAME_SAMPLES]) >= self._threshold
        ]
        if not speech:
            return samples
        return samples[max(0, speech[0] - MARGIN) : speech[-1] + FRAME_SAMPLES + MARGIN]

    @contextlib.contextmanager
    def _counted(self, samples: Samples) -> Iterator[None]:
        self.heard_samples += len(samples)
        begun = time.process_time()
        yield
        self.cpu_seconds += time.process_time() - begun


def measure(
    interpreter: Interpreter,
    corpus: Sequence[Path],
    labels: Mapping[str, Label],
    noise: Noise | None,
    heard: Callable[[], None],
) -> CommandsReport:
    """Let `interpreter` hear the recordings, with `noise` under them; `heard` is called after each.

    Raises AudioFormatError.
    """
    accepted = 0
    for file in corpus:
        samples = read_samples(file)
        intent = interpreter.interpret(noise.under(samples, file.name) if noise else samples)
        accepted += intent is not None and fits(intent, labels[file.name])
        heard()
    return CommandsReport(
        commands=len(corpus),
        accepted=accepted,
        rate=accepted / len(corpus),
        rtf=interpreter.cpu_seconds * SAMPLE_RATE / max(interpreter.heard_samples, 1),
    )


def fits(intent: Intent, label: Label) -> bool:
    """Whether intent and slots are those of the label, but for letter case and spaces around them."""
    return _plain(intent.name) == _plain(label.intent) and _all_plain(intent.slots) == _all_plain(label.slots)


def _all_plain(slots: Mapping[str, SlotValue]) -> dict[str, str]:
    return {name: _plain(value) for name, value in slots.items()}


def _plain(value: SlotValue) -> str:
    return str(value).strip().lower()
