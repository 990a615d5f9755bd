"""`sottovoce bench`: how well it hears, and what that costs, measured on this machine."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from sottovoce.cli.options import json_option
from sottovoce.config import WAKE_ENGINES, Config, Transcribe, Wake, WakeEngineName, state_folder
from sottovoce.errors import UsageError

if TYPE_CHECKING:
    from sottovoce.bench.mixing import Noise

_file = click.Path(path_type=Path)
_corpus_option = click.option(
    "--corpus", type=_file, required=True, metavar="FOLDER", help="Recordings, WAV or FLAC."
)
_noise_option = click.option("--noise", type=_file, metavar="FILE", help="Mix this noise under each.")
_engine_option = click.option(
    "--engine", type=click.Choice(["auto", "vosk", "pocketsphinx"]), default="auto", show_default=True,
    help="Which engine writes down.",
)  # fmt: skip
_model_option = click.option("--model", type=_file, metavar="FOLDER", help="A Vosk model; for --engine vosk.")
_snr_option = click.option(
    "--snr", type=float, metavar="DB", help="How far speech stands above it, loudest frame to loudest frame."
)

_times = click.IntRange(0, 1000)


@click.group()
def bench() -> None:
    """Measure how well it hears, and what that costs on this machine."""


@bench.command()
@_corpus_option
@click.option("--word", required=True, help="The wake word that is said in each of them.")
@click.option("--negative", type=_file, metavar="FOLDER", help="Recordings in which nobody says it.")
@_noise_option
@_snr_option
@click.option(
    "--engine",
    type=click.Choice(WAKE_ENGINES),
    default=Wake().engine,
    show_default=True,
    help="Which engine listens; `sottovoce engines list` tells their words.",
)
@click.option(
    "--sensitivity", type=click.FloatRange(0.0, 1.0), default=Wake().sensitivity, show_default=True,
    help="Higher misses less and wakes wrongly more often.",
)  # fmt: skip
@json_option
def wake(
    corpus: Path,
    word: str,
    negative: Path | None,
    noise: Path | None,
    snr: float | None,
    engine: WakeEngineName,
    sensitivity: float,
    as_json: bool,
) -> None:
    """Count how often a wake word is heard, rightly and wrongly."""
    from sottovoce.bench.corpus import recordings
    from sottovoce.bench.wake import Listener, measure

    positive = recordings(corpus)
    others = recordings(negative) if negative else []
    mixed = _noise(noise, snr)
    listener = Listener(Wake(engine=engine, words=(word,), sensitivity=sensitivity), state_folder())
    with _progress("hearing", len(positive) + len(others)) as heard:
        report = measure(listener, positive, others, mixed, heard)
    if as_json:
        _print_json(asdict(report))
        return
    click.echo(f"{word}: heard in {report.detected} of {report.recordings} recordings.")
    click.echo(f"Missed: {report.miss_rate:.1%}. CPU: {report.rtf:.4f} s a second of sound.")
    if others:
        click.echo(f"Heard wrongly {report.false_alarms} times in {report.hours:.2f} hours of other speech.")


@bench.command()
@_corpus_option
@click.option(
    "--labels", "label_file", type=_file, required=True, metavar="FILE.json",
    help="What each asks for: file name to intent and slots.",
)  # fmt: skip
@click.option(
    "--grammar", "grammar_file", type=_file, required=True, metavar="FILE.yaml",
    help="What may be said: a Rhino context.",
)  # fmt: skip
@_noise_option
@_snr_option
@_engine_option
@_model_option
@json_option
def commands(
    corpus: Path,
    label_file: Path,
    grammar_file: Path,
    noise: Path | None,
    snr: float | None,
    engine: str,
    model: Path | None,
    as_json: bool,
) -> None:
    """Count spoken commands that come out whole.

    A command counts when the intent and every slot are as its label says. Each recording is taken
    for one whole command, without a wake word.
    """
    from sottovoce.bench.commands import Interpreter, measure
    from sottovoce.bench.corpus import labelled, labels, recordings
    from sottovoce.bench.rhino import read_grammar

    known = labels(label_file)
    files = labelled(corpus, known)
    if left := len(recordings(corpus)) - len(files):
        click.echo(f"{left} recordings have no label and are left out.", err=True)
    mixed = _noise(noise, snr)
    interpreter = Interpreter(read_grammar(grammar_file), _with(engine, model), state_folder())
    with _progress("understanding", len(files)) as heard:
        report = measure(interpreter, files, known, mixed, heard)
    if as_json:
        _print_json(asdict(report))
        return
    click.echo(f"{report.accepted} of {report.commands} commands came out whole: {report.rate:.1%}.")
    click.echo(f"CPU: {report.rtf:.3f} s a second of sound.")


@bench.command()
@_corpus_option
@click.option(
    "--templates", "template_file", type=_file, required=True, metavar="FILE.yaml",
    help="What may be said: hassil's YAML with intents and lists.",
)  # fmt: skip
@_engine_option
@_model_option
@json_option
def sentences(corpus: Path, template_file: Path, engine: str, model: Path | None, as_json: bool) -> None:
    """Count spoken sentences that come out word for word.

    A recording's file name is the sentence said in it. Letter case does not count, and "50" is
    "fifty". A name that begins with "oov" is of a recording that must give nothing.
    """
    from sottovoce.bench.commands import Interpreter
    from sottovoce.bench.corpus import recordings
    from sottovoce.bench.sentences import measure, read_templates

    files = recordings(corpus)
    interpreter = Interpreter(read_templates(template_file), _with(engine, model), state_folder())
    with _progress("writing down", len(files)) as heard:
        report = measure(interpreter, files, heard)
    if as_json:
        _print_json(asdict(report))
        return
    click.echo(f"{report.right} of {report.sentences} sentences came out word for word: {report.rate:.1%}.")
    if report.oov:
        click.echo(f"{report.oov_refused} of {report.oov} that are no command gave nothing.")
    click.echo(f"CPU: {report.rtf:.3f} s a second of sound.")


@bench.command()
@json_option
def pipeline(as_json: bool) -> None:
    """Measure CPU, time to publish and memory.

    CPU is compared with the bare wake engine, both fed as fast as they take it. Takes about two
    minutes: sixteen commands are spoken in real time to the real two processes, with
    a real broker on this machine. Needs flite and mosquitto.
    """
    from sottovoce.bench.pipeline import STEPS, measure

    with _progress("measuring", STEPS) as done:
        report = measure(done)
    if as_json:
        _print_json(asdict(report))
        return
    publish, sound, memory = report.publish_ms, report.publish_from_sound_ms, report.peak_memory_mib
    click.echo(
        f"CPU a second: {report.cpu_per_second_silence * 1000:.1f} ms in silence, "
        f"{report.cpu_per_second_speech * 1000:.1f} ms while commands are said."
    )
    click.echo(
        f"The bare wake engine in silence: {report.bare_cpu_per_second * 1000:.1f} ms. "
        f"Ratio: {report.overhead_ratio:.2f}."
    )
    click.echo(
        f"From endpoint to subscriber: median {publish.median:.0f} ms, 95 % within {publish.p95:.0f} ms "
        f"({publish.n} commands)."
    )
    click.echo(
        f"From the last sound, with the {report.endpoint_silence_ms} ms of pause that end a sentence: "
        f"median {sound.median:.0f} ms, 95 % within {sound.p95:.0f} ms."
    )
    click.echo(f"Peak memory: ear {memory.ear:.0f} MiB, courier {memory.courier:.0f} MiB.")


@bench.command()
@json_option
def sharing(as_json: bool) -> None:
    """Measure what consent, redaction, outbox and ledger cost, on the disk of TMPDIR."""
    from sottovoce.bench.sharing import TRIES, measure

    with _progress("sharing", TRIES) as done:
        report = measure(done)
    if as_json:
        _print_json(asdict(report))
        return
    click.echo(
        f"To weigh and redact a transcript: median {report.decide_ms:.2f} ms. To have it in the outbox: "
        f"{report.put_ms:.2f} ms. To have an entry in the ledger: {report.ledger_ms:.2f} ms."
    )
    click.echo(f"A ledger of {report.entries} entries is verified in {report.verify_seconds:.1f} s.")


@bench.command()
@click.option("--flips", type=click.IntRange(1), default=40, show_default=True, help="How often.")
@json_option
def mute(flips: int, as_json: bool) -> None:
    """Measure how soon it is deaf after the edge of its switch.

    Speech is played in real time into a virtual microphone, and the switch flipped at random moments.
    What a GPIO edge takes to the program is not in the figures, and nothing cuts the sound. Takes
    half a minute. Needs flite, pulseaudio, pulseaudio-utils, libasound2-plugins.
    """
    from sottovoce.bench.mute import MARK_FRAMES, measure

    with _progress("flipping", flips) as done:
        report = measure(flips, done)
    if as_json:
        _print_json(asdict(report))
        return
    for what, times in (
        ("all sound held is overwritten", report.wiped_ms),
        ("the last sample comes in", report.last_sample_ms),
        ("the stream is closed", report.closed_ms),
    ):
        click.echo(
            f"From the edge until {what}: median {times.median:.1f} ms, 95 % within {times.p95:.1f} ms, "
            f"longest {times.max:.1f} ms."
        )
    click.echo(
        f"{report.flips} flips. The mark for the last sample is one frame and one period of the sound card: "
        f"{MARK_FRAMES * report.period_ms:.0f} ms."
    )


@bench.command()
@json_option
def masking(as_json: bool) -> None:
    """Count the planted personal data that the mask finds in transcripts.

    One set of sentences was there while the mask was made; it was never tuned to the other, held-out one.
    """
    from sottovoce.bench.masking import measure

    report = measure()
    if as_json:
        _print_json(asdict(report))
        return
    for name, one in report.sets.items():
        click.echo(
            f"{name.replace('_', ' ')}: {one.found} of {one.planted} items masked whole ({one.recall:.1%}), "
            f"in {one.sentences} sentences; "
            f"of other words, {one.words_around_masked} of {one.words_around} masked."
        )
        for row in one.by_kind:
            click.echo(f"  {row.language}  {row.kind:8} {row.found:3} of {row.planted}")
    click.echo(f"Home commands: {report.home_words_masked} of {report.home_words} words masked.")
    click.echo(
        f"Time for a transcript: median {report.median_ms:.3f} ms, longest {report.longest_ms:.3f} ms."
    )


@bench.command("barge-in")
@click.option(
    "--tries", type=click.IntRange(1), default=16, show_default=True, help="How often at each loudness."
)
@click.option(
    "--above", type=float, multiple=True, metavar="DB",
    help="How much louder the voice is than the reply; may be given often.  [default: -6, 0, 6, 10]",
)  # fmt: skip
@json_option
def barge_in(tries: int, above: tuple[float, ...], as_json: bool) -> None:
    """Count how often a reply can be interrupted by the wake word.

    Replies and a voice over them are played in real time through a virtual sound card. Takes a minute
    for each of the tries. Needs espeak-ng, flite, pulseaudio, pulseaudio-utils, libasound2-plugins.
    """
    from sottovoce.bench.barge_in import LEVELS, measure, steps

    levels = above or LEVELS
    with _progress("interrupting", steps(tries, levels)) as done:
        report = measure(tries, levels, done)
    if as_json:
        _print_json(asdict(report))
        return
    for level in report.levels:
        click.echo(
            f"A voice {level.above_db:+.0f} dB above the reply interrupted {level.interrupted} "
            f"of {level.tries}, without the echo canceller {level.without_canceller}."
        )
    click.echo(
        f"Of {report.replies} replies that nobody spoke over, {report.own_wakes} interrupted themselves."
    )


@bench.command()
@click.option("--rounds", type=click.IntRange(1), default=20, show_default=True, help="How often.")
@json_option
def discovery(rounds: int, as_json: bool) -> None:
    """Measure how soon Home Assistant can know the device once the broker comes up.

    The broker is stopped for up to 8 seconds and started, knowing nothing, again and again. Takes two
    minutes. Needs mosquitto.
    """
    from sottovoce.bench.discovery import measure

    with _progress("coming up", rounds) as done:
        report = measure(rounds, done)
    if as_json:
        _print_json(asdict(report))
        return
    click.echo(
        f"From the broker's coming up until all is told: median {report.median:.0f} ms, 95 % within "
        f"{report.p95:.0f} ms, longest {report.max:.0f} ms ({report.rounds} times)."
    )


def _with(engine: Any, model: Path | None) -> Config:
    """Make a configuration with this engine and, for Vosk, this model. Raises UsageError."""
    if model is not None and engine == "pocketsphinx":
        raise UsageError("--model is for Vosk", "leave one of --model and --engine out")
    if model is None:
        return Config(transcribe=Transcribe(engine=engine))
    return Config(transcribe=Transcribe(engine="vosk", vosk_model=str(model)))


@bench.command()
@_corpus_option
@click.option("--negatives", type=_file, required=True, metavar="FOLDER", help="Other speech.")
@click.option(
    "--examples",
    type=click.IntRange(3),
    default=8,
    show_default=True,
    help="How many of each person's recordings are learned from.",
)
@click.option(
    "--sensitivity",
    type=click.FloatRange(0.0, 1.0),
    default=Wake().sensitivity,
    show_default=True,
    help="Higher misses less and wakes wrongly more often.",
)
@json_option
def learn(corpus: Path, negatives: Path, examples: int, sensitivity: float, as_json: bool) -> None:
    """Learn a wake word of each of many people.

    The corpus holds a folder a person, with recordings of one word each. The first ones are learned from,
    the others tried; the negatives are heard with each person's word, and counted for each.
    """
    from sottovoce.bench.corpus import recordings
    from sottovoce.bench.learn import Learner, measure, people
    from sottovoce.ear.build import make_teacher

    everybody, others = people(corpus, examples), recordings(negatives)
    teacher = make_teacher()
    with _progress("learning", len(teacher.voices) + len(everybody) + len(others)) as heard:
        learner = Learner(teacher.examples, teacher.listen(heard), sensitivity)
        report = measure(learner, everybody, others, heard)
    if as_json:
        _print_json(asdict(report))
        return
    click.echo(f"{report.people} people, {report.examples} examples each, {report.others} sayings tried.")
    click.echo(f"Missed: {report.miss_rate:.1%}. CPU: {report.rtf:.4f} s a second of sound.")
    click.echo(f"Heard wrongly {report.false_alarms} times in {report.hours:.2f} hours of other speech.")


@bench.command()
@click.option(
    "--wakes", type=click.IntRange(1), default=10_000, show_default=True, help="How many wake words."
)
@click.option(
    "--devices",
    type=click.IntRange(1, 100),
    multiple=True,
    default=(2, 3, 5, 10, 20, 50),
    show_default=True,
    help="How many devices hear each; more than one may be given.",
)
@click.option(
    "--delay-ms", type=_times, default=80, show_default=True, help="From one device to another, at most."
)
@click.option(
    "--loss",
    type=click.FloatRange(0.0, 1.0),
    default=0.01,
    show_default=True,
    help="Share of messages lost on the way to the broker, and again from it.",
)
@click.option(
    "--spread-ms",
    type=_times,
    default=64,
    show_default=True,
    help="How far apart devices recognise the same word, at most.",
)
@click.option("--broker-dies", is_flag=True, help="It does, at any moment of each round.")
@click.option("--seed", type=int, default=0, help="Another one makes other houses.")
@json_option
def rooms(
    wakes: int,
    devices: tuple[int, ...],
    delay_ms: int,
    loss: float,
    spread_ms: int,
    broker_dies: bool,
    seed: int,
    as_json: bool,
) -> None:  # fmt: skip
    """Simulate houses in which several devices hear a wake word: how many of them answer?"""
    from sottovoce.bench.rooms import Network, simulate

    network = Network(delay_ms / 1000, loss, spread_ms / 1000, dies=broker_dies)
    with _progress("waking", wakes) as heard:
        counts = simulate(wakes, devices, network, seed, heard)
    if as_json:
        _print_json({"network": asdict(network), "houses": [asdict(count) for count in counts]})
        return
    click.echo("devices   wakes  one answers  more  none  messages a wake  decided within")
    for count in counts:
        click.echo(
            f"{count.devices:7}{count.wakes:8}{count.one / max(1, count.wakes):13.3%}{count.more:6}"
            f"{count.none:6}{count.messages / max(1, count.wakes):17.1f}{count.decided * 1000:12.0f} ms"
        )
    one = sum(count.one for count in counts)
    click.echo(
        f"  total{wakes:8}{one / wakes:13.3%}{sum(c.more for c in counts):6}{sum(c.none for c in counts):6}"
    )


def _noise(path: Path | None, snr: float | None) -> "Noise | None":
    from sottovoce.bench.mixing import read_noise

    if path is None and snr is None:
        return None
    if path is None or snr is None:
        raise UsageError("--noise and --snr go together", "give both, such as --noise kitchen.wav --snr 12")
    return read_noise(path, snr)


@contextlib.contextmanager
def _progress(label: str, length: int) -> Iterator[Callable[[], None]]:
    """Show a bar on standard error if that is a terminal; it moves at each call of what this gives."""
    hidden = not sys.stderr.isatty()
    with click.progressbar(length=length, label=label, file=sys.stderr, hidden=hidden) as bar:
        yield lambda: bar.update(1)


def _print_json(report: dict[str, Any]) -> None:
    click.echo(msgspec.json.encode(report).decode())


VERBS = (bench,)
