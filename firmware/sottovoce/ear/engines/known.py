"""Which words an engine knows: what is asked of every engine before it listens."""

from collections.abc import Iterable, Sequence

from sottovoce.errors import EngineError


def check_words(engine: str, wanted: Iterable[str], known: Sequence[str]) -> None:
    """See that the engine has every word that is wanted. Raises EngineError, which names those it has."""
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        raise EngineError(
            f"{engine}: no wake word {unknown[0]!r}", f"it has {', '.join(known) or 'none yet'}"
        )
