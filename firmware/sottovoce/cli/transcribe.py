"""`sottovoce transcribe`: what an engine makes of a recording, for the owner's own eyes."""

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from sottovoce.cli.options import config_option, json_option, settings, state_option
from sottovoce.errors import UsageError
from sottovoce.house.file import load as load_house

if TYPE_CHECKING:
    from sottovoce.ear.engines.vosk import Vosk
    from sottovoce.ear.transcribe import Transcriber
    from sottovoce.vocabulary import Transcript, Utterance


@click.command()
@click.argument("recording", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--free", is_flag=True, help="Any words, not only the device's own sentences. Needs Vosk.")
@click.option("--partial", is_flag=True, help="Show the words as they come. Needs Vosk.")
@click.option(
    "--best", type=click.IntRange(1, 20), default=1, metavar="N", help="The N likeliest. Needs Vosk."
)
@json_option
@config_option
@state_option
def transcribe(
    recording: Path,
    free: bool,
    partial: bool,
    best: int,
    as_json: bool,
    config_path: Path | None,
    state: Path | None,
) -> None:
    """Write down what is said in a recording. Kept nowhere, sent nowhere.

    The whole FILE (WAV, FLAC) is taken for one sentence, with a wake word before it or not. The engine
    is the configured one.
    """
    from sottovoce.ear import build
    from sottovoce.ear.devices.recording import read_samples
    from sottovoce.ear.grammar import compile_grammar
    from sottovoce.ear.sandbox import cage
    from sottovoce.errors import SandboxError
    from sottovoce.journal import open_journal
    from sottovoce.vocabulary import Utterance

    config, folder = settings(config_path, state)
    utterance = Utterance(read_samples(recording), 0, config.wake.words[0])
    with contextlib.suppress(SandboxError):  # as the ear, where the kernel can
        cage()
    understanding = build.make_understanding(config, house=load_house(config, config_path))
    grammar = compile_grammar(understanding.templates)
    engine = build.make_transcriber(config, folder, grammar, open_journal("ear"))
    if free or partial or best > 1:
        found = _by_vosk(_vosk(engine, free=free), utterance, partial=partial, best=best)
    else:
        found = [engine.transcribe(utterance)]
    rows = [{"text": one.text, "confidence": one.confidence, "engine": one.engine} for one in found]
    if as_json:
        click.echo(msgspec.json.encode(rows).decode())
        return
    for one in found:
        click.echo(f"{one.confidence:.2f}  {one.text}" if one.text else "nothing that it knows")


def _by_vosk(engine: "Vosk", utterance: "Utterance", *, partial: bool, best: int) -> "list[Transcript]":
    """Let Vosk hear it in the way that was asked for."""
    from sottovoce.ear.pipeline import FOLLOWED_FRAMES
    from sottovoce.vocabulary import FRAME_SAMPLES

    shown = ""
    for end in range(0, len(utterance.samples) if partial else 0, FOLLOWED_FRAMES * FRAME_SAMPLES):
        engine.follow(replace(utterance, samples=utterance.samples[:end]))
        if (words := engine.partial()) != shown:
            click.echo(f"...   {words}", err=True)
            shown = words
    return engine.alternatives(utterance, best) if best > 1 else [engine.transcribe(utterance)]


def _vosk(engine: "Transcriber", *, free: bool) -> "Vosk":
    """Take the engine for Vosk, held to no grammar if `free`. Raises UsageError."""
    from sottovoce.ear.engines.vosk import Vosk

    if not isinstance(engine, Vosk):
        raise UsageError(
            "only Vosk can do that, and it is not the engine here",
            "sottovoce models get en, or engine and vosk_model under [transcribe]",
        )
    return engine.free() if free else engine


VERBS = (transcribe,)
