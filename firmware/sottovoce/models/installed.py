"""The models on this device: a folder each, put in its place whole or not at all."""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Literal

import msgspec

from sottovoce.config import models_folder
from sottovoce.errors import ModelError, SottovoceError, StateError, UsageError
from sottovoce.models import unpack

RECORD: Final = "sottovoce-model.json"
"""What this module writes beside the model's own files."""
_UNPACKING: Final = ".unpacking-"

Check = Callable[[Path], None]
"""Try a model out, apart from this process. Raises ModelError."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Where an installed model came from."""

    name: str
    sha256: str
    """Of the archive it was unpacked from."""
    checked: Literal["pinned", "owner", "unchecked"]
    """By whose digest: the catalogue's, one the owner gave, or none."""
    installed_at: float
    """Seconds since the epoch."""


class Installed(msgspec.Struct, frozen=True, kw_only=True):
    """A model in its place."""

    language: str
    folder: Path
    record: Record | None
    """None for one that was put there by hand."""
    size: int
    """Bytes on the disk."""


def installed(state: Path) -> list[Installed]:
    """List the models of a state folder, by language."""
    place = models_folder(state)
    folders = sorted(place.iterdir()) if place.is_dir() else []
    return [
        Installed(language=folder.name, folder=folder, record=_record(folder), size=size(folder))
        for folder in folders
        if folder.is_dir() and not folder.name.startswith(".")
    ]


def size(folder: Path) -> int:
    """Add up the bytes of a folder's files."""
    return sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file())


def parts(state: Path) -> Path:
    """Give the folder in which downloads wait to be whole. Raises StateError."""
    return _made(models_folder(state) / ".downloads")


def install(
    state: Path, language: str, archive: Path, record: Record, check: Check, progress: unpack.Progress
) -> Path:
    """Unpack an archive, try the model out, and put it in its place; the folder it is in now.

    Raises ModelError, StateError, UsageError; whatever ends it, there is the whole model or none.
    """
    place = _made(models_folder(state))
    target = place / language
    with locked(state):
        absent(state, language)
        with tempfile.TemporaryDirectory(prefix=_UNPACKING, dir=place) as temporary:
            folder = Path(temporary) / language
            folder.mkdir()
            unpack.unpack(archive, folder, progress)
            try:
                check(folder)
            except ModelError as error:
                fault = error.what.removeprefix(f"{folder}: ")
                raise ModelError(f"{archive.name}: {fault}", "nothing was installed") from error
            (folder / RECORD).write_bytes(msgspec.json.encode(record))
            _sync(folder)
            folder.rename(target)
        _sync(place)
    return target


def find(state: Path, language: str) -> Installed:
    """Give an installed model. Raises UsageError."""
    for model in installed(state):
        if model.language == language:
            return model
    raise UsageError(f"no model {language!r} is installed", "sottovoce models list shows them")


def absent(state: Path, language: str) -> None:
    """See that no model of a language is in the way. Raises UsageError."""
    if (models_folder(state) / language).exists():
        raise UsageError(
            f"a model for {language} is installed", f"sottovoce models remove {language} takes it away"
        )


def remove(state: Path, model: Installed) -> None:
    """Take a model away: at once gone from its place, then from the disk. Raises StateError."""
    with locked(state):
        grave = Path(tempfile.mkdtemp(prefix=_UNPACKING, dir=models_folder(state)))
        model.folder.rename(grave / model.language)
        shutil.rmtree(grave)


@contextlib.contextmanager
def locked(state: Path) -> Iterator[None]:
    """Keep other commands out; what an interrupted one left half is swept away first.

    Raises StateError when another is at work, and for whatever the disk refuses.
    """
    place = _made(models_folder(state))
    try:
        with (place / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            for left in place.glob(f"{_UNPACKING}*"):
                shutil.rmtree(left, ignore_errors=True)
            yield
    except SottovoceError:
        raise
    except BlockingIOError as error:
        raise StateError(f"{place}: another command is at work there", "wait for it to end") from error
    except OSError as error:
        raise StateError(f"{error.filename or place}: {os.strerror(error.errno or 0)}") from error


def _made(folder: Path) -> Path:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StateError(f"{folder}: {os.strerror(error.errno or 0)}", "name another by --state") from error
    return folder


def _record(folder: Path) -> Record | None:
    try:
        return msgspec.json.decode((folder / RECORD).read_bytes(), type=Record)
    except (OSError, msgspec.DecodeError):
        return None


def _sync(folder: Path) -> None:
    """Have the disk keep what a folder lists."""
    for one in (folder, *(below for below in folder.rglob("*") if below.is_dir())):
        descriptor = os.open(one, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
