"""How many spoken sentences are written down right, and how much else is refused.

The name of a recording is the sentence said in it. One whose name begins with `oov` (out of
vocabulary) holds no command at all, and must give nothing.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml
from hassil import Intents
from hassil.errors import HassilError
from hassil.parser import ParseError
from unicode_rbnf import RbnfEngine

from sottovoce.bench.commands import Interpreter
from sottovoce.ear.devices.recording import read_samples
from sottovoce.errors import InputError, MissingInputError
from sottovoce.vocabulary import SAMPLE_RATE

_NO_COMMAND: Final = "oov"
_HINT: Final = "templates are hassil's YAML with `intents:` and `lists:`"
_NUMBER: Final = re.compile(r"\d+(?:\.\d+)?")
_APART: Final = re.compile(r"[^\w' ]|_")


@dataclass(frozen=True, slots=True)
class SentencesReport:
    """What came of it."""

    sentences: int
    """Recordings of a sentence that the templates hold."""
    right: int
    """Those of them that came out word for word."""
    rate: float
    """The share of them, 0 to 1; 0 when there are none."""
    oov: int
    """Recordings that hold no command."""
    oov_refused: int
    """Those of them that gave nothing."""
    rtf: float
    """Real-time factor: seconds of CPU a second of sound."""


def measure(interpreter: Interpreter, corpus: Sequence[Path], heard: Callable[[], None]) -> SentencesReport:
    """Let `interpreter` hear the recordings; `heard` is called after each. Raises AudioFormatError."""
    same = Likeness(interpreter.language)
    sentences = right = oov = refused = 0
    for file in corpus:
        said = interpreter.write_down(read_samples(file))
        if file.name.lower().startswith(_NO_COMMAND):
            oov += 1
            refused += not said
        else:
            sentences += 1
            right += same(said, file.stem)
        heard()
    return SentencesReport(
        sentences=sentences,
        right=right,
        rate=right / max(sentences, 1),
        oov=oov,
        oov_refused=refused,
        rtf=interpreter.cpu_seconds * SAMPLE_RATE / max(interpreter.heard_samples, 1),
    )


class Likeness:
    """Whether two sentences are the same but for letter case, punctuation, and digits for number words."""

    def __init__(self, language: str) -> None:
        """Spell numbers in `language`, a code such as "en"."""
        self._numbers = RbnfEngine.for_language(language)

    def __call__(self, one: str, other: str) -> bool:
        """Compare two sentences; an empty one is like nothing."""
        return bool(one) and self._plain(one) == self._plain(other)

    def _plain(self, text: str) -> list[str]:
        text = text.lower().replace("%", " percent ").replace("\u2019", "'")
        return _APART.sub(" ", _NUMBER.sub(self._spelt, text)).split()

    def _spelt(self, number: re.Match[str]) -> str:
        digits = number[0]
        value = float(digits) if "." in digits else int(digits)
        result = self._numbers.format_number(value)
        return f" {result.text_by_ruleset.get('spellout-cardinal', result.text)} "


def read_templates(path: Path) -> Intents:
    """Read sentence templates from hassil's YAML. Raises MissingInputError, InputError."""
    try:
        tree = yaml.safe_load(path.read_bytes())
        if not isinstance(tree, dict) or not tree.get("intents"):
            raise InputError(f"{path}: no `intents` in it", _HINT)
        templates = Intents.from_dict({"language": "en", **tree})
        for intent in templates.intents.values():
            for data in intent.data:
                _ = data.sentences  # read now, while the file can still be named
    except FileNotFoundError as error:
        raise MissingInputError(f"{path}: no such file", "give the templates of the corpus") from error
    except (OSError, ValueError, yaml.YAMLError, HassilError, ParseError) as error:
        raise InputError(f"{path}: {_one_line(error)}", _HINT) from error
    except (LookupError, TypeError, AttributeError) as error:  # hassil checks no shapes
        raise InputError(f"{path}: not in hassil's form: {_one_line(error)}", _HINT) from error
    return templates


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
