"""What a device's own message says, in our words. Deciding only; every byte of it may be an enemy's.

Nothing that comes in comes out again: one of the few words we know, or a number.
"""

import math
from typing import Any, Final

import msgspec

from sottovoce.house.device import Device, State
from sottovoce.house.types import StateWord

CAP: Final = 64 * 1024
"""Bytes of a message that is looked at at all."""
LARGEST: Final = 1e6
"""A number beyond this, either way, is none."""
ABOVE_ZERO: Final = ">0"


def read(device: Device, untrusted: bytes) -> StateWord | float | None:
    """Give the state that a message on the device's state topic tells; None when it tells none."""
    state = device.wires.state
    if state is None or len(untrusted) > CAP:
        return None
    value = _at(state.path, untrusted) if state.path else _text(untrusted)
    return _number(value) if device.is_a.number else _word(state, value)


def _at(path: str, untrusted: bytes) -> str | float | None:
    try:
        found: Any = msgspec.json.decode(untrusted)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    for step in path.split("."):
        if not isinstance(found, dict):
            return None
        found = found.get(step)
    if isinstance(found, bool):
        return str(found).lower()
    return found if isinstance(found, str | int | float) else None


def _text(untrusted: bytes) -> str | None:
    try:
        return untrusted.decode().strip()
    except UnicodeDecodeError:
        return None


def _number(value: str | float | None) -> float | None:
    try:
        number = float(value) if value is not None else math.nan
    except (ValueError, OverflowError):
        return None
    return number if abs(number) <= LARGEST else None  # neither infinite nor no number passes this


def _word(state: State, value: str | float | None) -> StateWord | None:
    if value is None:
        return None
    for word, raw in state.words.items():
        if any(_means(value, wanted) for wanted in ((raw,) if isinstance(raw, str) else raw)):
            return word
    return None


def _means(value: str | float, wanted: str) -> bool:
    number = _number(value)
    if number is not None and wanted == ABOVE_ZERO:
        return number > 0
    return str(value).casefold() == wanted.casefold() or (number is not None and number == _number(wanted))
