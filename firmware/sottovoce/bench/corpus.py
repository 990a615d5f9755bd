"""Recordings and what was said in them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from sottovoce.errors import InputError, MissingInputError

_SUFFIXES: Final = frozenset({".wav", ".flac"})


class Label(msgspec.Struct, frozen=True):
    """What one recording asks for."""

    intent: str
    slots: Mapping[str, str | int | float] = {}


def recordings(folder: Path) -> list[Path]:
    """List the WAV and FLAC files right in a folder, by name. Raises MissingInputError, InputError."""
    if not folder.is_dir():
        raise MissingInputError(f"{folder}: no such folder", "give a folder of WAV or FLAC recordings")
    found = sorted(file for file in folder.iterdir() if file.suffix.lower() in _SUFFIXES)
    if not found:
        raise InputError(f"{folder}: no recordings in it", "it must hold WAV or FLAC files")
    return found


def labels(path: Path) -> dict[str, Label]:
    """Read a JSON object of file name -> {"intent", "slots"}. Raises MissingInputError, InputError."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=dict[str, Label])
    except FileNotFoundError as error:
        raise MissingInputError(f"{path}: no such file", "give the labels of the corpus") from error
    except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InputError(
            f"{path}: {error}", 'labels are {"file.wav": {"intent": "...", "slots": {...}}, ...}'
        ) from error


def labelled(folder: Path, known: Mapping[str, Label]) -> list[Path]:
    """List the recordings of a folder that have a label. Raises InputError when none has."""
    found = [file for file in recordings(folder) if file.name in known]
    if not found:
        raise InputError(f"{folder}: none of its recordings has a label", "labels go by file name")
    return found
