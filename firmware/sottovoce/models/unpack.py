"""Unpack an archive that might be anything: nothing gets out of the folder, nothing grows past its caps."""

import os
import shutil
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile
from pathlib import Path, PurePosixPath
from typing import Final

from sottovoce.errors import ModelError, StateError

MOST_FILES: Final = 200
"""A published model has about 20 files."""
MOST_BYTES: Final = 6 * 1024**3
"""Unpacked. The largest published model has 4 GB."""
MOST_RATIO: Final = 50
"""Unpacked to packed, over the whole archive. A published model has about 2."""
DEEPEST: Final = 6
"""Folders in folders."""
LONGEST_NAME: Final = 100
"""Bytes of a file's name."""
SPARE_BYTES: Final = 64 * 1024**2
"""What must stay free on the disk."""
_CHUNK: Final = 1024**2
_ENCRYPTED: Final = 0x1

Progress = Callable[[int, int], None]
"""Told how many bytes were unpacked so far, and how many there will be."""


def unpack(archive: Path, folder: Path, progress: Progress) -> None:
    """Unpack into an empty folder, without the one folder that everything in the archive is in.

    Raises ModelError for an archive that is broken or would do harm, StateError for a disk that is full.
    """
    with _opened(archive) as packed:
        entries = _checked(packed, archive)
        total = sum(entry.file_size for entry in entries)
        room(folder, total)
        root, done = _root(entries), 0
        for entry in entries:
            target = folder.joinpath(*PurePosixPath(entry.filename).parts[root:])
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("xb") as file:
                    for chunk in _content(packed, entry, archive):
                        file.write(chunk)
                        progress(done := done + len(chunk), total)
                    file.flush()
                    os.fsync(file.fileno())
            except (FileExistsError, NotADirectoryError) as error:
                raise _broken(archive, f"{_plain(entry.filename)} is in it twice") from error
            except OSError as error:
                raise StateError(f"{target}: {os.strerror(error.errno or 0)}", "is the disk full?") from error


def room(folder: Path, wanted: int) -> None:
    """See that so many bytes fit, and some to spare. Raises StateError."""
    free = shutil.disk_usage(folder).free
    if free < wanted + SPARE_BYTES:
        raise StateError(
            f"{folder}: {free // 10**6} MB free, {(wanted + SPARE_BYTES) // 10**6} MB needed",
            "make room, or name another folder by --state",
        )


def _opened(archive: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(archive)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise _broken(archive, str(error) or "no ZIP file") from error


def _content(packed: zipfile.ZipFile, entry: zipfile.ZipInfo, archive: Path) -> Iterator[bytes]:
    """Give a file's content, piece by piece. Raises ModelError, whatever zipfile makes of a broken one."""
    try:
        with packed.open(entry) as source:
            while chunk := source.read(_CHUNK):
                yield chunk
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        raise _broken(archive, f"{_plain(entry.filename)}: {error}") from error


def _checked(packed: zipfile.ZipFile, archive: Path) -> Sequence[zipfile.ZipInfo]:
    """Give the files in it, once none of them could do harm. Raises ModelError."""
    entries = packed.infolist()
    if len(entries) > MOST_FILES:
        raise _broken(archive, f"{len(entries)} files in it, {MOST_FILES} is the most")
    for entry in entries:
        if fault := _fault(entry):
            raise _broken(archive, f"{_plain(entry.filename)}: {fault}")
    files = [entry for entry in entries if not entry.is_dir()]
    total, size = sum(entry.file_size for entry in files), max(archive.stat().st_size, 1)
    if total > MOST_BYTES or total / size > MOST_RATIO:
        raise _broken(archive, f"would come to {total} bytes from {size}: too much for a model")
    if not files:
        raise _broken(archive, "nothing in it")
    return files


def _fault(entry: zipfile.ZipInfo) -> str:
    """Say what is wrong with an entry; empty when nothing is."""
    name, kind = entry.filename, stat.S_IFMT(entry.external_attr >> 16)
    parts = name.removesuffix("/").split("/")
    if "\\" in name or ":" in name or not name.isprintable():
        return "no plain path"
    if any(part in {"", ".", ".."} or len(part.encode()) > LONGEST_NAME for part in parts):
        return "a path that leads elsewhere"
    if len(parts) > DEEPEST:
        return "folders too deep"
    if kind not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return "a link or a device"
    if entry.flag_bits & _ENCRYPTED:
        return "encrypted"
    if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        return "packed in an unusual way"
    return ""


def _root(entries: Sequence[zipfile.ZipInfo]) -> int:
    """Count the leading folders that all files share: a model's archive has one around it."""
    folders = [PurePosixPath(entry.filename).parts[:-1] for entry in entries]
    return sum(1 for _ in takewhile(lambda level: len(set(level)) == 1, zip(*folders, strict=False)))


def _plain(name: str) -> str:
    """Cut a name from an archive to what fits a line."""
    return repr(name if len(name) <= 80 else f"{name[:80]}...")  # noqa: PLR2004


def _broken(archive: Path, fault: str) -> ModelError:
    return ModelError(f"{archive.name}: not a model's archive: {fault}", "nothing was installed")
