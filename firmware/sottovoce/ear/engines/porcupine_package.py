"""Picovoice's package `pvporcupine`: the keyless 1.9 line, or a later version with the owner's key.

From 2.0 on it contacts Picovoice's licence server (LICENCE_SERVER) with that key. The ear has no
network, and is given none for it.
"""

import platform
import sys
from collections.abc import Mapping, Sequence
from importlib import metadata, util
from pathlib import Path
from typing import Any, Final, Protocol

from sottovoce.ear.engines.porcupine_builds import build_for, cpu_part
from sottovoce.errors import EngineError

NAME: Final = "porcupine"
PACKAGE: Final = "pvporcupine"
LICENCE_SERVER: Final = "kmp1.picovoice.net"
"""Where a keyed version checks its key, by the library of 4.0.3."""


class Package(Protocol):
    """One version of the package."""

    @property
    def keywords(self) -> Mapping[str, str]:
        """Word to file."""

    @property
    def facts(self) -> Mapping[str, str | bool]:
        """What the journal tells of it."""

    def make(self, words: Sequence[str], sensitivities: Sequence[float]) -> Any:
        """Make the package's engine. Raises EngineError."""


class Keyless:
    """The 1.9 line. Only its binding is loaded: the rest fails on processors it does not know."""

    def __init__(self, version: str, folder: Path) -> None:
        """Choose the library for this processor. Raises EngineError."""
        self._folder = folder
        self._binding = _binding(folder / "porcupine.py")
        self._build = build_for(_machine(), cpu_part(_cpuinfo()))
        words = folder / "resources" / "keyword_files" / self._build.keywords
        self.keywords = {path.stem.rpartition("_")[0]: str(path) for path in words.glob("*.ppn")}
        self.facts: Mapping[str, str | bool] = {
            "engine": NAME, "version": version, "library": self._build.library, "exact": self._build.exact,
        }  # fmt: skip

    def make(self, words: Sequence[str], sensitivities: Sequence[float]) -> Any:
        """Make the package's engine. Raises EngineError."""
        try:
            return self._binding.Porcupine(
                str(self._folder / "lib" / self._build.library / "libpv_porcupine.so"),
                str(self._folder / "lib" / "common" / "porcupine_params.pv"),
                [self.keywords[word] for word in words],
                list(sensitivities),
            )
        except (OSError, MemoryError, RuntimeError, ValueError, KeyError) as error:
            raise EngineError(
                f"porcupine: {self._build.library}: {error}", "set another [wake] engine"
            ) from error


class Keyed:
    """Version 2 and later, with the owner's access key."""

    def __init__(self, version: str, key_file: str) -> None:
        """Read the key. Raises EngineError."""
        self._key = _key(key_file, version)
        try:
            import pvporcupine  # noqa: PLC0415  only this version is asked what it makes of the processor
        except (ImportError, NotImplementedError, RuntimeError, OSError) as error:
            raise EngineError(f"porcupine {version}: {error}", "set another [wake] engine") from error
        self._package = pvporcupine
        self.keywords: Mapping[str, str] = pvporcupine.KEYWORD_PATHS
        self.facts: Mapping[str, str | bool] = {
            "engine": NAME,
            "version": version,
            "contacts": LICENCE_SERVER,
        }

    def make(self, words: Sequence[str], sensitivities: Sequence[float]) -> Any:
        """Make the package's engine. Raises EngineError, which never holds the key."""
        try:
            return self._package.create(
                access_key=self._key, keywords=list(words), sensitivities=list(sensitivities)
            )
        except Exception as error:  # noqa: BLE001  its own errors have no common base with any builtin
            raise EngineError(
                f"porcupine: {type(error).__name__}: {str(error).replace(self._key, '...')}",
                f"the key is checked by {LICENCE_SERVER}; the keyless version is 1.9.5",
            ) from None


def words() -> tuple[str, ...]:
    """List the words it has. Raises EngineError."""
    version, folder = _found()
    if _is_keyless(version):
        return tuple(sorted(Keyless(version, folder).keywords))
    files = folder / "resources" / "keyword_files" / ("linux" if _machine() == "x86_64" else "raspberry-pi")
    return tuple(sorted({path.stem.rpartition("_")[0] for path in files.glob("*.ppn")}))


def installed(key_file: str = "") -> Package:
    """Find the version that is installed. Raises EngineError."""
    version, folder = _found()
    return Keyless(version, folder) if _is_keyless(version) else Keyed(version, key_file)


def needs_key() -> bool:
    """Whether the installed version needs a key, and contacts the licence server. Raises EngineError."""
    return not _is_keyless(_found()[0])


def _is_keyless(version: str) -> bool:
    return int(version.partition(".")[0]) < 2  # noqa: PLR2004  the last line without an account is 1.9


def _found() -> tuple[str, Path]:
    found = util.find_spec(PACKAGE)  # this does not load it
    if found is None or found.origin is None:
        raise EngineError("porcupine: pvporcupine is not installed", "pip install 'pvporcupine==1.9.5'")
    return metadata.version(PACKAGE), Path(found.origin).parent


def _binding(file: Path) -> Any:
    spec = util.spec_from_file_location("pvporcupine_binding", file)
    if spec is None or spec.loader is None or not file.is_file():
        raise EngineError(f"{file}: not there", "install pvporcupine again")
    module = util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _key(file: str, version: str) -> str:
    if not file:
        raise EngineError(
            f"porcupine {version} needs an access key",
            "name a file that holds it as [wake] access_key_file, or pip install 'pvporcupine==1.9.5'",
        )
    try:
        lines = Path(file).read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError) as error:
        raise EngineError(
            f"{file}: no access key can be read there", "it holds the key, in one line"
        ) from error
    if len(lines) != 1:
        raise EngineError(f"{file}: not one access key", "it holds the key, in one line")
    return lines[0]


def _machine() -> str:
    """Say what this process runs on: a 32-bit one on a 64-bit kernel takes 32-bit libraries."""
    machine = platform.machine()
    return "armv7l" if machine == "aarch64" and sys.maxsize < 2**32 else machine


def _cpuinfo() -> str:
    return Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
