"""Where in a TOML text a fault is, and what it is in plain words: neither tomllib nor msgspec tells both."""

import re
from collections.abc import Mapping, Sequence


def line_and_fault(message: str, text: str) -> tuple[int, str]:
    """Take tomllib's message apart: the line (from 1; the last one when it names none), and the rest."""
    named = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)$", message)
    if named is None:
        return _lines(text), message
    return int(named[1] or _lines(text)), message[: named.start()]


def steps_to(message: str) -> list[str]:
    """Turn msgspec's words about a fault into the path of keys that leads to it."""
    found = re.search(r" - at `\$\.?(.*)`$", message)
    steps = [step for step in re.split(r"\.|\[\.\.\.\]|\[\d*\]", found[1]) if step] if found else []
    unknown = re.search(r"unknown field `(.*?)`", message, re.DOTALL)
    return [*steps, unknown[1]] if unknown else steps


def plain(message: str, patterns: Mapping[str, str]) -> str:
    """Say what msgspec says in plainer words, without the path; `patterns` tells what each regex means."""
    plain = re.sub(r" - at `.*`$", "", message)
    for pattern, words in patterns.items():
        plain = plain.replace(f"`str` matching regex {pattern!r}", words)
    plain = re.sub(r"^Object missing required field", "the table lacks the key", plain)
    plain = re.sub(r"^Object contains unknown field", "there is no key", plain)
    return re.sub(r"^Expected", "expected", plain).replace("`object`", "a table")


def line_of(text: str, steps: Sequence[str], row: int) -> int:
    """Find the line (from 1) on which the key stands; the nearest table or key around it when it is absent.

    Of several tables of one name, `row` (from 0) is the one that is meant.
    """
    best, table, rows = 1, "", -1
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.strip()
        if header := re.match(r"\[+\s*([^\]]+?)\s*\]+", line):
            table = _bare(header[1])
            rows += line.startswith("[[") and steps[:1] == [table]
        elif key := re.match(r"([\w\-\".\']+)\s*=", line):
            table_and_key = ".".join(part for part in (table, _bare(key[1])) if part)
            if table_and_key == ".".join(steps) and rows in {-1, row}:
                return number
            best = _nearer(table_and_key, steps, number, best)
        if header and rows in {-1, row}:
            best = _nearer(table, steps, number, best)
    return best


def _lines(text: str) -> int:
    return text.rstrip("\n").count("\n") + 1


def _nearer(place: str, steps: Sequence[str], number: int, best: int) -> int:
    return number if place == ".".join(steps[: place.count(".") + 1]) else best


def _bare(key: str) -> str:
    return re.sub("[\"' ]", "", key)
