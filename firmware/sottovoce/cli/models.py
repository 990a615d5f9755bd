"""`sottovoce models`: speech models for Vosk, fetched and installed by the owner's own hand."""

import re
import sys
import time
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
import msgspec

from sottovoce.cli.options import config_option, json_option, settings, state_option
from sottovoce.config import OWN_MODEL, Config, Transcribe, vosk_folder
from sottovoce.errors import DownloadError, ModelError, UsageError

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

    from sottovoce.models.catalogue import Catalogue, Published

_catalogue_option: Final = click.option(
    "--catalogue", "catalogue_file", type=click.Path(path_type=Path, exists=True), hidden=True
)
_LANGUAGE: Final = r"[a-z]{2,3}(-[a-z]{2,8})?"
_DIGEST: Final = r"[0-9a-f]{64}"
_NOTE: Final = """\
"own" comes along: trained on synthetic voices, for trying out (vosk_model = "own" under [transcribe]).
The published ones are Alpha Cephei's, trained on people's speech; a small one takes about 300 MB of memory
while it runs, by its publisher's word. To fetch one: sottovoce models get LANGUAGE. Which is used:
`language` under [transcribe] in the configuration."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """A line of `models list`."""

    language: str
    name: str
    bytes: int
    """Of the archive, or on the disk when installed."""
    installed: bool = False
    in_use: bool = False
    checked: str = ""
    """By whose digest it was checked; empty when that is not known."""

    @property
    def marks(self) -> list[str]:
        """What a person wants to know of it."""
        marks = ["installed"] * self.installed + ["in use"] * self.in_use
        if self.checked in {"unchecked", "none"}:
            marks.append("no digest is known" if self.checked == "none" else "never checked by a digest")
        return marks


@click.group()
def models() -> None:
    """Find, fetch and remove speech models for Vosk, which hear better than what comes with it.

    This is the only command that fetches anything from the internet, and it does so only when told to.
    What is downloaded is checked against a digest that came with this program.
    """


@models.command(name="list")
@json_option
@_catalogue_option
@config_option
@state_option
def list_(as_json: bool, catalogue_file: Path | None, config_path: Path | None, state: Path | None) -> None:
    """Show the models there are: published, installed, in use."""
    config, folder = settings(config_path, state)
    rows = [*_there(config, folder), *_published_elsewhere(_catalogue(catalogue_file), folder)]
    if as_json:
        click.echo(msgspec.json.encode(rows).decode())
        return
    for row in rows:
        marks = ", ".join(row.marks)
        click.echo(f"{row.language:6} {row.name:32} {row.bytes / 1e6:>4.0f} MB  {marks}".rstrip())
    click.echo(f"\n{_NOTE}")


@models.command()
@click.argument("language")
@click.option("--from", "base", metavar="URL", help="Fetch from there, such as a mirror of yours.")
@click.option(
    "--accept-unpinned",
    is_flag=True,
    help="Take it although no digest is known to check it by.",
)
@_catalogue_option
@state_option
def get(
    language: str,
    base: str | None,
    accept_unpinned: bool,
    catalogue_file: Path | None,
    state: Path | None,
) -> None:
    """Fetch the published model for a LANGUAGE, check it, and install it.

    What was cut off goes on where it was. Nothing half is ever installed.
    """
    from sottovoce.models import download, installed, unpack

    known = _catalogue(catalogue_file)
    model = known.find(language)
    _, folder = settings(None, state)
    url = f"{(base or known.base).rstrip('/')}/{model.archive}"
    by_hand = f"fetch {url} by other means, then: sottovoce models add {model.archive}"
    if model.sha256 is None and not accept_unpinned:
        raise ModelError(
            f"{model.name}: no SHA-256 of it is known here, so it cannot be checked",
            f"{by_hand} --sha256 DIGEST; or take it unchecked: --accept-unpinned",
        )
    download.check_place(url, pinned=model.sha256 is not None)
    installed.absent(folder, model.language)
    unpack.room(installed.parts(folder), model.size)
    part = installed.parts(folder) / f"{model.archive}.part"
    wanted = download.Wanted(url, model.size, model.sha256)
    try:
        with installed.locked(folder), _bar(f"fetching {model.name}", model.size) as bar:
            found = download.fetch(wanted, part, lambda at: bar.update(at - bar.pos))
    except DownloadError as error:
        raise DownloadError(error.what, f"{error.hint}; without a network: {by_hand}") from error
    checked = "pinned" if model.sha256 else "unchecked"
    _install(folder, model.language, part, name=model.name, sha256=found, checked=checked)
    part.unlink()
    _installed(model.language, model.name, found, checked)


@models.command()
@click.argument("archive", type=click.Path(path_type=Path), metavar="FILE.zip")
@click.option("--language", metavar="LANG", help="Which language it is for, if its name does not tell.")
@click.option("--sha256", metavar="DIGEST", help="What the file's SHA-256 should be, by your source.")
@_catalogue_option
@state_option
def add(
    archive: Path,
    language: str | None,
    sha256: str | None,
    catalogue_file: Path | None,
    state: Path | None,
) -> None:
    """Install a model from a FILE.zip that you brought."""
    from sottovoce.models import download

    if not archive.is_file():
        raise UsageError(f"{archive}: no such file", "give the archive that you downloaded")
    if sha256 is not None and not re.fullmatch(_DIGEST, sha256.lower()):
        raise UsageError(f"{sha256!r} is no SHA-256", "64 digits, 0 to 9 and a to f")
    found = download.digest(archive)
    model = _published(_catalogue(catalogue_file), archive, found)
    pin = sha256.lower() if sha256 else model.sha256 if model else None
    if pin not in {None, found}:
        raise ModelError(
            f"{archive}: not the file it should be: SHA-256 {found}, wanted {pin}", "fetch it again"
        )
    language = language or (model.language if model else None)
    if language is None or not re.fullmatch(_LANGUAGE, language):
        raise UsageError(f"{archive.name}: for which language?", "give --language, such as --language fr")
    checked = "unchecked" if pin is None else "owner" if sha256 else "pinned"
    _, folder = settings(None, state)
    name = model.name if model else archive.name.removesuffix(".zip")
    _install(folder, language, archive, name=name, sha256=found, checked=checked)
    _installed(language, name, found, checked)


@models.command()
@click.argument("language")
@click.option("--yes", is_flag=True, help="Remove it without being asked again.")
@state_option
def remove(language: str, yes: bool, state: Path | None) -> None:
    """Remove the installed model of a LANGUAGE."""
    from sottovoce.models import installed

    _, folder = settings(None, state)
    model = installed.find(folder, language)
    if not yes:
        click.confirm(f"Remove {model.folder} ({model.size / 1e6:.0f} MB)?", default=False, abort=True)
    installed.remove(folder, model)
    click.echo(f"Removed. {model.size / 1e6:.0f} MB are free again.")


def _catalogue(file: Path | None) -> "Catalogue":
    from sottovoce.models import catalogue

    return catalogue.load(file) if file else catalogue.load()


def _there(config: Config, state: Path) -> list[Row]:
    """List what is on this device."""
    from sottovoce.ear.engines import own_model
    from sottovoce.models import installed

    vosk = config.transcribe.engine != "pocketsphinx"
    own = config.transcribe.vosk_model == OWN_MODEL
    used = own_model.folder() if own else vosk_folder(config, state)
    comes_along = Row(
        language="en",
        name=OWN_MODEL,
        bytes=installed.size(own_model.folder()),
        installed=True,
        in_use=own and vosk,
    )
    rows = [
        comes_along,
        *_put_there(state, used if vosk else None),
    ]
    if config.transcribe.vosk_model and not own and not any(row.in_use for row in rows):
        rows.append(
            Row(language="-", name=str(used), bytes=installed.size(used), in_use=vosk and used.is_dir())
        )
    return rows


def _put_there(state: Path, used: Path | None) -> list[Row]:
    """List what the owner had installed."""
    from sottovoce.models import installed

    return [
        Row(
            language=model.language,
            name=model.record.name if model.record else "(put there by hand)",
            bytes=model.size,
            installed=True,
            in_use=model.folder == used,
            checked=model.record.checked if model.record else "",
        )
        for model in installed.installed(state)
    ]


def _published_elsewhere(known: "Catalogue", state: Path) -> list[Row]:
    """List what is published and not on this device."""
    from sottovoce.models import installed

    here = {model.language for model in installed.installed(state)}
    return [
        Row(
            language=model.language,
            name=model.name,
            bytes=model.size,
            checked="" if model.sha256 else "none",
        )
        for model in known.model
        if model.language not in here
    ]


def _install(state: Path, language: str, archive: Path, **record: Any) -> None:
    from sottovoce.ear.engines.vosk_model import try_out
    from sottovoce.models import installed

    with _bar(f"unpacking {archive.name}", 0) as bar:

        def unpacked(done: int, total: int) -> None:
            bar.length = total
            bar.update(done - bar.pos)

        installed.install(
            state, language, archive, installed.Record(installed_at=time.time(), **record), try_out, unpacked
        )


def _installed(language: str, name: str, digest: str, checked: str) -> None:
    how = {"pinned": "as it should be", "owner": "as you said", "unchecked": "CHECKED BY NOBODY"}[checked]
    click.echo(f"Installed {name} for {language}. SHA-256 {digest}: {how}.")
    if language != Transcribe().language:
        click.echo(f'To use it: language = "{language}" under [transcribe] in the configuration.')


def _published(known: "Catalogue", archive: Path, digest: str) -> "Published | None":
    """Find the published model that an archive is, by its digest, or says it is, by its name."""
    by_digest = [model for model in known.model if model.sha256 == digest]
    by_name = [model for model in known.model if model.archive == archive.name]
    return next(iter(by_digest + by_name), None)


def _bar(label: str, length: int) -> "AbstractContextManager[ProgressBar[int]]":
    return click.progressbar(
        length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty(), show_pos=True
    )


VERBS = (models,)
