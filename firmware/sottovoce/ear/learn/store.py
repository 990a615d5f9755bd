"""Learned words in the state folder: one file a word, for the owner alone. No sound is in it."""

import io
import os
import re
import tempfile
import zipfile
from pathlib import Path
from typing import Final

import numpy as np

from sottovoce.ear.engines.embedding import DIMENSIONS
from sottovoce.ear.learn.model import LearnedWord
from sottovoce.errors import ModelError, StateError, UsageError

_NAME: Final = re.compile(r"[^\W\d_]+(?:['\- ][^\W\d_]+)*")
_LONGEST_NAME: Final = 40
_SUFFIX: Final = ".npz"
_SIZE: Final = 2 * DIMENSIONS
_SHAPES: Final = {"centre": (_SIZE,), "whiten": (_SIZE, _SIZE), "direction": (_SIZE,), "levels": (3,)}


def checked_name(name: str) -> str:
    """See that a name can be one of a word. Raises UsageError."""
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise UsageError(
            f"{name!r} is no wake word", f"letters, in one to a few words; {_LONGEST_NAME} at most"
        )
    return name.lower()


def folder(state: Path) -> Path:
    """Say where they are, in the state folder."""
    return state / "wake"


def names(state: Path) -> tuple[str, ...]:
    """List the words there are."""
    return tuple(sorted(path.stem.replace("_", " ") for path in folder(state).glob(f"*{_SUFFIX}")))


def save(state: Path, word: LearnedWord) -> Path:
    """Write a word: all of it, or the one before it stays. Raises StateError."""
    path = _path(state, word.name)
    levels = np.array([word.floor, word.height, word.examples], dtype=np.float32)
    content = io.BytesIO()
    np.savez(content, centre=word.centre, whiten=word.whiten, direction=word.direction, levels=levels)
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=path.parent)  # mode 0600
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content.getvalue())
                file.flush()
                os.fsync(file.fileno())
            Path(beside).replace(path)
        except BaseException:
            Path(beside).unlink()
            raise
    except OSError as error:
        raise StateError(
            f"{path}: {error.strerror}", "see that the folder is yours and the disk has room"
        ) from error
    return path


def load(state: Path, name: str) -> LearnedWord:
    """Read a word. Raises ModelError when it is not there, or not whole."""
    path = _path(state, name)
    try:
        with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as kept:
            parts = {key: np.asarray(kept[key], dtype=np.float32) for key in _SHAPES}
    except FileNotFoundError as error:
        raise ModelError(f"{name!r} was not learned", f"sottovoce wake learn {name!r}") from error
    except (OSError, ValueError, KeyError, EOFError, RuntimeError, zipfile.BadZipFile) as error:
        raise ModelError(
            f"{path}: not a learned word", f"learn it again: sottovoce wake learn {name!r}"
        ) from error
    whole = all(part.shape == _SHAPES[key] and np.isfinite(part).all() for key, part in parts.items())
    if not whole:
        raise ModelError(f"{path}: not a learned word", f"learn it again: sottovoce wake learn {name!r}")
    floor, height, examples = (float(level) for level in parts.pop("levels"))
    return LearnedWord(name=name, floor=floor, height=height, examples=round(examples), **parts)


def forget(state: Path, name: str) -> None:
    """Delete a word. Raises UsageError when there is none of that name, and StateError."""
    path = _path(state, checked_name(name))
    try:
        path.unlink()
    except FileNotFoundError as error:
        known = ", ".join(names(state)) or "none"
        raise UsageError(f"there is no learned word {name!r}", f"there is: {known}") from error
    except OSError as error:
        raise StateError(f"{path}: {error.strerror}", "see that the folder is yours") from error


def _path(state: Path, name: str) -> Path:
    return folder(state) / f"{name.replace(' ', '_')}{_SUFFIX}"
