"""`sottovoce wake`: words you teach it yourself."""

from dataclasses import asdict
from pathlib import Path

import click
import msgspec

from sottovoce.cli.options import config_option, json_option, settings, state_option
from sottovoce.config import state_folder


@click.group()
def wake() -> None:
    """Teach it a wake word of your own, on the device alone."""


@wake.command()
@click.argument("word")
@click.option(
    "--from", "sources", multiple=True, type=click.Path(path_type=Path), metavar="FILE_OR_FOLDER",
    help="Recordings (WAV, FLAC) of one saying each, in place of the microphone. May be given often.",
)  # fmt: skip
@click.option(
    "--examples", type=click.IntRange(3, 50), default=8, show_default=True,
    help="How often you are asked to say it.",
)  # fmt: skip
@config_option
@state_option
@click.option("--simulate", is_flag=True, help="No GPIO: a simulated switch.")
@click.option(
    "--input", "sound", default="", metavar="FILE", help="A recording of all sayings, or - for stdin."
)
@click.option("--allow-uncaged", is_flag=True, help="Learn even where the kernel has no seccomp.")
@json_option
def learn(
    word: str,
    sources: tuple[Path, ...],
    examples: int,
    config_path: Path | None,
    state: Path | None,
    simulate: bool,
    sound: str,
    allow_uncaged: bool,
    as_json: bool,
) -> None:
    """Learn WORD from a few spoken examples.

    Say it 8 times, as you will say it later: a little louder, a little softer, from where you will stand. No
    sound is kept and nothing is sent. While the device is muted it refuses. Two to four syllables are
    best. It is compared with words that the device's own voices read (espeak-ng, flite); then you read
    what to expect. The learned word is a file of mode 0600 in the state folder, under `wake`.

    To wake the device with it, write into the configuration:

    \b
      [wake]
      engine = "learned"
      words = ["hey house"]

    Its sensitivity: 1 is just above what other speech comes to, 0.5 as like as your examples are on average.
    """
    from sottovoce.bench.corpus import recordings
    from sottovoce.ear.build import Options
    from sottovoce.ear.learn.session import Lesson, hold

    config, folder = settings(config_path, state)
    files = [file for source in sources for file in (recordings(source) if source.is_dir() else [source])]
    sensitivity = config.wake.sensitivities.get(word, config.wake.sensitivity)
    lesson = Lesson(word, sensitivity, examples, files)
    options = Options(state=folder, simulate=simulate, input=sound)
    found = hold(lesson, config, options, lambda line: click.echo(line, err=True), uncaged=allow_uncaged)
    if as_json:
        click.echo(msgspec.json.encode({"word": word.lower()} | asdict(found)).decode())
        return
    click.echo(f"Learned {word.lower()!r} from {found.examples} examples.")
    click.echo(
        f"To expect: {found.missed} of {found.examples} examples are missed when it has not learned them; "
        f"{found.false_alarms} false alarms in {found.minutes:.0f} minutes of synthetic speech."
    )
    click.echo(f'To use it: [wake] engine = "learned", words = ["{word.lower()}"]')


@wake.command("list")
@state_option
@json_option
def list_(state: Path | None, as_json: bool) -> None:
    """List the words it has learned."""
    from sottovoce.ear.learn.store import names

    known = names(state or state_folder())
    if as_json:
        click.echo(msgspec.json.encode(known).decode())
        return
    click.echo("\n".join(known) if known else "It has learned no word yet: sottovoce wake learn WORD")


@wake.command()
@click.argument("word")
@state_option
def forget(word: str, state: Path | None) -> None:
    """Delete what it has learned of WORD."""
    from sottovoce.ear.learn import store

    store.forget(state or state_folder(), word)
    click.echo(f"Forgotten: {word.lower()}")


VERBS = (wake,)
