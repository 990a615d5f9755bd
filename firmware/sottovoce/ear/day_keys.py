"""The keys of what is kept for review: outside the state folder, in memory where the system has it.

Each day has a key, and each snippet one of its own; only both together open it. So deleting one snippet
destroys a key of 32 bytes, and the others of its day stay as they are. In memory, because what is
overwritten on an SD card may still be there; a power cut then ends what was kept, which is the safe side.

Where: `$RUNTIME_DIRECTORY` (the systemd unit's), or `$XDG_RUNTIME_DIR/sottovoce`; else a folder beside the
state folder, on the same disk. A line in the state folder says where, so that the owner's command,
whoever runs it, looks in the same place as the ear.
"""

import hashlib
import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sottovoce.ear.disk import replace, shred
from sottovoce.errors import StateError

KEY_BYTES: Final = 32
CREDENTIAL: Final = "quarantine.key"
"""The systemd credential that is needed beside the keys, where there is one."""
_OF_THE_UNIT: Final = Path("/run/credentials/sottovoce-ear.service")
_POINTER: Final = "keys-are-in"


@dataclass(frozen=True, slots=True)
class DayKeys:
    """Keys in a folder, a file each, readable by their owner alone."""

    folder: Path
    credential: bytes = b""
    """Of 32 bytes, or empty where there is none."""

    @property
    def fingerprint(self) -> bytes:
        """Tell which credential is meant, in 8 bytes, without telling it."""
        return hashlib.blake2b(self.credential, digest_size=8, person=b"fingerprint").digest()

    def make(self, day: str, name: str) -> bytes:
        """Make the key of a new snippet, and of its day if need be; give what opens it. Raises OSError."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        of_day = self._read(day) or self._new(day)
        return self._joined(of_day, self._new(name))

    def find(self, day: str, name: str) -> bytes | None:
        """Give what opens a snippet; None when either key is gone. Raises OSError."""
        of_day, own = self._read(day), self._read(name)
        return self._joined(of_day, own) if of_day and own else None

    def destroy(self, name: str) -> None:
        """Overwrite a key of a day or snippet and remove it, if it is there. Raises OSError."""
        with suppress(FileNotFoundError):
            shred(self.folder / name)

    def names(self) -> set[str]:
        """Name all the keys there are, half-written ones too. Raises OSError."""
        with suppress(FileNotFoundError):
            return {path.name for path in self.folder.iterdir()}
        return set()

    def _new(self, name: str) -> bytes:
        key = secrets.token_bytes(KEY_BYTES)
        replace(self.folder / name, key)
        return key

    def _joined(self, of_day: bytes, own: bytes) -> bytes:
        return hashlib.blake2b(of_day + own, digest_size=KEY_BYTES, key=self.credential).digest()

    def _read(self, name: str) -> bytes | None:
        with suppress(FileNotFoundError):
            key = (self.folder / name).read_bytes()
            return key if len(key) == KEY_BYTES else None
        return None


def find_keys(state: Path, environment: Mapping[str, str] = os.environ) -> DayKeys:
    """Tell where the keys of a state folder lie: where the line in it says, or where they should.

    Raises StateError.
    """
    return DayKeys(_pointed(state) or _proper(state, environment), _credential(environment))


def point(shelf: Path, keys: DayKeys) -> None:
    """Write into the quarantine's folder where its keys lie. Raises OSError."""
    path, line = shelf / _POINTER, os.fsencode(keys.folder)
    if not path.exists() or path.read_bytes() != line:
        replace(path, line)


def _pointed(state: Path) -> Path | None:
    try:
        folder = Path(os.fsdecode((state / "quarantine" / _POINTER).read_bytes()))
        return folder if folder.is_dir() else None
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise StateError(
            f"{error.filename}: {error.strerror}", "run it as the user the ear runs as"
        ) from error


def _proper(state: Path, environment: Mapping[str, str]) -> Path:
    """Choose by what the system offers; a folder a state folder, or one would sweep another's keys away."""
    state = state.absolute()
    own = "keys-" + hashlib.blake2b(os.fsencode(state), digest_size=6).hexdigest()
    if given := environment.get("RUNTIME_DIRECTORY"):
        return Path(given.partition(":")[0]) / own
    if (given := environment.get("XDG_RUNTIME_DIR")) and Path(given).is_dir():
        return Path(given) / "sottovoce" / own
    return state.with_name(f"{state.name}.keys")


def _credential(environment: Mapping[str, str]) -> bytes:
    given = environment.get("CREDENTIALS_DIRECTORY")
    path = (Path(given) if given else _OF_THE_UNIT) / CREDENTIAL
    with suppress(OSError):
        return hashlib.blake2b(path.read_bytes(), digest_size=KEY_BYTES).digest()
    return b""
