"""Writing so that a power cut leaves the old or the new."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from sottovoce.errors import StateError


@contextmanager
def told(folder: Path) -> Iterator[None]:
    """Have whatever the disk does meanwhile be a StateError; `folder` is where, if it does not say itself."""
    try:
        yield
    except StateError:
        raise
    except OSError as error:
        hint = "see that the folder is yours and the disk has room"
        raise StateError(f"{error.filename or folder}: {error.strerror}", hint) from error


def add(path: Path, data: bytes) -> None:
    """Append to a file that only its owner may read, made if need be; on disk before this returns."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "ab") as file:
        is_new = file.tell() == 0
        file.write(data)
        _to_disk(file)
    if is_new:
        sync_folder(path.parent)


def replace(path: Path, data: bytes) -> None:
    """Put a file in place of the one that is there; on disk before this returns."""
    beside = path.with_name(f"{path.name}.new")
    with os.fdopen(os.open(beside, os.O_WRONLY | os.O_TRUNC | os.O_CREAT, 0o600), "wb") as file:
        file.write(data)
        _to_disk(file)
    beside.replace(path)
    sync_folder(path.parent)


def overwrite(path: Path, data: bytes) -> None:
    """Write over the beginning of a file that is there, without waiting for the disk.

    What fits one sector (512 bytes) is there whole or not at all after a power cut.
    """
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.pwrite(descriptor, data, 0)
    finally:
        os.close(descriptor)


def shred(path: Path) -> None:
    """Overwrite a file with zeros, and remove it. In memory that is sure; an SD card may keep old blocks."""
    with path.open("r+b") as file:
        file.write(bytes(path.stat().st_size))
        _to_disk(file)
    path.unlink()


def sync_folder(folder: Path) -> None:
    """Have the names in a folder on disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _to_disk(file: BinaryIO) -> None:
    file.flush()
    os.fsync(file.fileno())
