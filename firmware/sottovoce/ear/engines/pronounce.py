"""How a word is said: phones for words that a speech model's dictionary lacks, by flite."""

import shutil
import subprocess
from collections.abc import Callable
from typing import Final

from sottovoce.errors import EngineError

Pronouncer = Callable[[str], list[str]]
"""A word to its phones in CMU's 39-phone set."""

_TO_CMU: Final = {"AX": "AH", "AXR": "ER", "NX": "N", "EN": "N", "EL": "L", "EM": "M", "DX": "T"}


def flite_phones(word: str) -> list[str]:
    """Ask flite's letter-to-sound rules. Raises EngineError when flite is not there or knows nothing."""
    flite = shutil.which("flite")
    if flite is None:
        raise EngineError(f"no pronunciation for a name in the configuration ({word!r})", "install flite")
    run = subprocess.run(  # noqa: S603  the word is one argument, no shell, and it is the owner's own name
        [flite, "-ps", "-t", word, "-o", "/dev/null"], capture_output=True, text=True, check=False
    )
    phones = [phone.upper() for phone in run.stdout.split() if phone != "pau"]
    if run.returncode or not phones:
        raise EngineError(f"no pronunciation for {word!r}", "spell it as it is said")
    return [_TO_CMU.get(phone, phone) for phone in phones]
