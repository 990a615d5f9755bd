"""Redact: an allow-list of what may leave, per kind. What is not named here stays. Deciding only."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Protocol

from sottovoce.ear.pseudonym import pseudonym
from sottovoce.vocabulary import SAMPLE_RATE, Consented, Form, Grant, Intent, Kind, Redacted, Snippet

ALLOWED_SLOTS: Final[Mapping[str, frozenset[str]]] = MappingProxyType({
    "HomeTurnOn": frozenset({"name", "area"}),
    "HomeTurnOff": frozenset({"name", "area"}),
    "HomeDim": frozenset({"name", "area", "brightness"}),
    "HomeOpen": frozenset({"name", "area"}),
    "HomeClose": frozenset({"name", "area"}),
    "HomeLock": frozenset({"name", "area"}),
    "HomeUnlock": frozenset({"name", "area"}),
    "HomeArm": frozenset({"name", "area"}),
    "HomeDisarm": frozenset({"name", "area"}),
})  # fmt: skip
"""Intent name -> the slots that may leave with it."""

WAITS_SECONDS: Final[Mapping[Kind, int]] = MappingProxyType({
    Kind.COMMAND: 15 * 60,  # it is worth nothing a quarter of an hour later
    Kind.TRANSCRIPT: 24 * 3600,
    Kind.AUDIO: 24 * 3600,
})  # fmt: skip
"""How long a thing waits for a recipient that cannot be reached."""

WIRED_SECONDS: Final = 30
"""How long a message for a device of home.toml waits: a door must not open long after it was asked to."""

TOPICS: Final[Mapping[Kind, str]] = MappingProxyType({
    Kind.COMMAND: "command",
    Kind.TRANSCRIPT: "transcript",
    Kind.AUDIO: "snippet",
})  # fmt: skip
"""What comes after a recipient's prefix."""


class Masker(Protocol):
    """Finds personal data in words."""

    def mask(self, text: str) -> str:
        """Give the words with what is personal blotted out."""


class Wiring(Protocol):
    """What the owner's home.toml makes of a command."""

    fingerprint: str
    """SHA-256 of all of the wiring; empty when there is none."""

    def message(self, intent: Intent) -> tuple[str, bytes] | None:
        """Give the topic and the payload for the one device that is meant; None when none is wired."""


class Redactor:
    """The stage: from what a grant covers to what is let out of it."""

    def __init__(self, masker: Masker, secret: bytes, wiring: Wiring | None = None) -> None:
        """Blot out by `masker`; `secret` makes this device's pseudonyms; `wiring` reaches the house."""
        self._masker = masker
        self._secret = secret
        self._wiring = wiring

    def redact(self, consented: Consented, now: float) -> Redacted | None:
        """Keep what may leave at `now` (seconds since the epoch); None where nothing is left."""
        snippet, grant = consented.snippet, consented.grant
        if grant.form is Form.WIRED:
            return self._wired(snippet, grant, now)
        fields = self._fields(snippet, grant)
        if fields is None:
            return None
        sounds = grant.kind is Kind.AUDIO
        own = grant.form is Form.OWN_VOICE
        return Redacted(
            kind=grant.kind,
            grant_id=grant.id,
            snippet_id=snippet.id,
            topic=f"{grant.topic}/{TOPICS[grant.kind]}",
            fields={"device": pseudonym(self._secret, grant.recipient, now), **fields},
            expires_at=min(now + WAITS_SECONDS[grant.kind], grant.ends_at),
            clip=snippet.clip if own else None,
            say=self._masker.mask(snippet.transcript.text) if sounds and not own else "",
        )

    def _wired(self, snippet: Snippet, grant: Grant, now: float) -> Redacted | None:
        found = self._wiring.message(snippet.intent) if self._wiring and snippet.intent else None
        if found is None:
            return None
        topic, payload = found
        ends = min(now + WIRED_SECONDS, grant.ends_at)
        return Redacted(grant.kind, grant.id, snippet.id, topic, {}, ends, payload=payload)

    def _fields(self, snippet: Snippet, grant: Grant) -> dict[str, object] | None:
        intent, text = snippet.intent, snippet.transcript.text
        match grant.form:
            case Form.FIELDS:
                if intent is None or (allowed := ALLOWED_SLOTS.get(intent.name)) is None:
                    return None
                slots = {name: value for name, value in intent.slots.items() if name in allowed}
                return {"intent": intent.name, "slots": slots}
            case Form.WIRED:  # a whole message, no fields
                return None
            case Form.MASKED | Form.VERBATIM:
                words = text if grant.form is Form.VERBATIM else self._masker.mask(text)
                return {"form": str(grant.form), "text": words} if text else None
            case Form.RESPOKEN | Form.OWN_VOICE:
                there = snippet.clip is not None if grant.form is Form.OWN_VOICE else bool(text)
                return {"form": str(grant.form), "rate": SAMPLE_RATE, "format": "flac"} if there else None
