"""Picovoice's grammar files (Rhino contexts, YAML) as sentence templates of our own.

| Rhino       | hassil        | what                                  |
|-------------|---------------|---------------------------------------|
| `[a, b]`    | `(a|b)`       | one of these                          |
| `(a)`       | `[a]`         | this or nothing                       |
| `$list:slot`| `{list:slot}` | a value of a list, kept under a name  |
| `@macro`    | `<macro>`     | a phrase defined once                 |
"""

import re
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml
from hassil import Intents
from hassil.errors import HassilError

from sottovoce.errors import InputError, MissingInputError

_TOKEN: Final = re.compile(
    r"\$(?P<list>\w+):(?P<slot>\w+)|@(?P<macro>\w+)|(?P<mark>[\[\](),])|(?P<text>[^\W_]+(?:['\-.][^\W_]+)*|\s+)"
)
_MARKS: Final = {"[": "(", "]": ")", "(": "[", ")": "]", ",": "|"}
_CLOSING: Final = {"[": "]", "(": ")"}
_HINT: Final = "a Rhino context has context: expressions: and slots:"


class _Context(msgspec.Struct, frozen=True):
    expressions: dict[str, list[str]]
    slots: dict[str, list[str]] = {}
    macros: dict[str, list[str]] = {}


class _File(msgspec.Struct, frozen=True):
    context: _Context


def read_grammar(path: Path) -> Intents:
    """Read a Rhino context file. Raises MissingInputError, InputError."""
    try:
        # BaseLoader takes no `on` for a truth and no `10` for a number: all of it is words.
        tree = yaml.load(path.read_bytes(), Loader=yaml.BaseLoader)  # noqa: S506  it makes strings alone
        context = msgspec.convert(tree, _File).context
        _check_names(context)
        return _intents(context)
    except FileNotFoundError as error:
        raise MissingInputError(f"{path}: no such file", "give the grammar of the corpus") from error
    except (OSError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise InputError(f"{path}: {_one_line(error)}", _HINT) from error
    except (ValueError, HassilError) as error:
        raise InputError(f"{path}: {_one_line(error)}", "see Rhino's expression syntax") from error


def to_template(expression: str) -> str:
    """Turn one Rhino expression into a hassil template. Raises ValueError."""
    parts, at, closing = [], 0, [""]
    while at < len(expression):
        token = _TOKEN.match(expression, at)
        mark = token["mark"] if token else ""
        if token is None or (mark in {"]", ")"} and mark != closing.pop()):
            raise ValueError(f"{expression!r}: cannot be read from column {at + 1} on")
        if mark in _CLOSING:
            closing.append(_CLOSING[mark])
        parts.append(_piece(token))
        at = token.end()
    if closing[-1]:
        raise ValueError(f"{expression!r}: a {closing[-1]} is missing")
    return "".join(parts)


def _check_names(context: _Context) -> None:
    """See that every list and macro is there. Raises ValueError."""
    phrases = [*context.expressions.values(), *context.macros.values()]
    for token in (token for phrase in phrases for one in phrase for token in _TOKEN.finditer(one)):
        if token["list"] and token["list"] not in context.slots:
            raise ValueError(f"there is no slot ${token['list']}")
        if token["macro"] and token["macro"] not in context.macros:
            raise ValueError(f"there is no macro @{token['macro']}")


def _piece(token: re.Match[str]) -> str:
    if token["list"]:
        return f"{{{token['list']}:{token['slot']}}}"
    if token["macro"]:
        return f"<{token['macro']}>"
    return _MARKS[token["mark"]] if token["mark"] else token["text"]


def _intents(context: _Context) -> Intents:
    tree: dict[str, Any] = {
        "language": "en",
        "intents": {
            name: {"data": [{"sentences": [to_template(one) for one in expressions]}]}
            for name, expressions in context.expressions.items()
        },
        "lists": {
            name: {"values": [value.strip() for value in values]} for name, values in context.slots.items()
        },
        "expansion_rules": {
            name: "(" + "|".join(to_template(one) for one in expressions) + ")"
            for name, expressions in context.macros.items()
        },
    }
    return Intents.from_dict(tree)


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
