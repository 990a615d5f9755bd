"""What comes in from the broker, as requests to the ear. Deciding only.

A message that is not exactly one of these is none. The ear checks each again.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from sottovoce.wire import SAY_CAP, SPOKEN_CAP, Chime, Purge, Request, Say, Sensitivity, SoftMute, WakeWord

PRESS: Final = "PRESS"
"""What a button sends."""
ANY: Final = "any"
"""Stands for all wake words that are configured."""
PAYLOAD_CAP: Final = 4 * SAY_CAP
"""Bytes of a payload that is looked at at all."""

_SHARE: Final = re.compile(rb"0(\.\d{1,20})?|1(\.0{1,20})?")
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


def _soft_mute(untrusted: bytes) -> SoftMute | None:
    return {b"ON": SoftMute(on=True), b"OFF": SoftMute(on=False)}.get(untrusted)


def _say(untrusted: bytes) -> Say | None:
    text = " ".join(_CONTROLS.sub(" ", untrusted.decode()).split())
    return Say(text=text) if 0 < len(text) <= SAY_CAP else None


def _chime(untrusted: bytes) -> Chime | None:
    return Chime() if untrusted == PRESS.encode() else None


def _sensitivity(untrusted: bytes) -> Sensitivity | None:
    return Sensitivity(value=float(untrusted)) if _SHARE.fullmatch(untrusted) else None


def _wake_word(untrusted: bytes) -> WakeWord | None:
    word = untrusted.decode()
    if not 0 < len(word) <= SPOKEN_CAP or _CONTROLS.search(word):
        return None
    return WakeWord(word="" if word == ANY else word)


def _purge(untrusted: bytes) -> Purge | None:
    return Purge() if untrusted == PRESS.encode() else None


_READERS: Final[Mapping[str, Callable[[bytes], Request | None]]] = MappingProxyType({
    "mute/soft/set": _soft_mute,
    "say/set": _say,
    "chime/set": _chime,
    "sensitivity/set": _sensitivity,
    "wake_word/set": _wake_word,
    "purge/set": _purge,
})  # fmt: skip
"""Topic, below the device's own, to what reads a payload there."""


def request_topics(base: str) -> list[str]:
    """Name the topics on which something can be asked for."""
    return [f"{base}/{topic}" for topic in _READERS]


def request(
    base: str, untrusted_topic: str, untrusted_payload: bytes | bytearray, *, retained: bool
) -> Request | None:
    """Make of a message from the broker what may be asked of the ear; None for anything else.

    A retained one is old, and nobody's wish any more.
    """
    reader = _READERS.get(untrusted_topic.removeprefix(f"{base}/"))
    ours = untrusted_topic.startswith(f"{base}/")
    if retained or not ours or reader is None or len(untrusted_payload) > PAYLOAD_CAP:
        return None
    try:
        return reader(bytes(untrusted_payload))
    except UnicodeDecodeError:
        return None
