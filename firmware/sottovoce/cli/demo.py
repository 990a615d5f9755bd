"""`sottovoce demo`: the whole story, on real sound, with no microphone."""

import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import click

from sottovoce.errors import SottovoceError

_LAST_EVENTS: Final = 15


class LeftRunningError(SottovoceError):
    """Something survived the demo."""


@click.command()
@click.option(
    "--keep", type=click.Path(path_type=Path, file_okay=False), metavar="FOLDER",
    help="Keep state, answers and ledger there, to look at afterwards. Default: a folder that is deleted.",
)  # fmt: skip
def demo(keep: Path | None) -> None:
    """Watch it work: hear, understand, ask for consent, send, go deaf, answer.

    Runs the real two processes and a real MQTT broker on this machine. The sentences are spoken by
    Debian's flite into the microphone port; the answers go into a WAV. Takes less than a minute.
    """
    begun = time.monotonic()
    with TemporaryDirectory(prefix="sottovoce-demo-") as temporary:
        folder = keep.absolute() if keep else Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        _play(folder)
        from sottovoce.demo.scene import processes_of

        if left := processes_of(folder):
            raise LeftRunningError(f"demo: processes {left} are still running", "end them by kill")
    click.echo()
    click.secho(f"Done in {time.monotonic() - begun:.0f} s. Nothing is left running.", bold=True)


def _play(folder: Path) -> None:
    from sottovoce.demo import story
    from sottovoce.demo.scene import Scene

    teller = story.Teller(
        step=lambda text: click.secho(f"\n{text}", bold=True),
        says=lambda text: click.secho(f'  you say:  "{text}"', fg="cyan"),
        tell=lambda text: click.echo(f"  {text}"),
        show=lambda text: click.secho(f"  | {text}", fg="green"),
    )
    click.echo("Starting the ear (hears, has no network), the courier (has network, cannot hear), a broker.")
    with Scene(folder, lambda text: click.echo(text, err=True)) as scene:
        try:
            story.tell(scene, teller)
        except SottovoceError:
            click.echo("\nThe last things that happened:", err=True)
            for event in scene.trace.since(-_LAST_EVENTS):
                click.echo(f"  {event}", err=True)
            click.echo(f"  frames the ear did not take in time: {scene.microphone.lost}", err=True)
            raise


VERBS = (demo,)
