"""Redact: an allow-list of what may leave, per intent. What is not named here stays. Deciding only."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from sottovoce.vocabulary import Consented, Redacted

ALLOWED_SLOTS: Final[Mapping[str, frozenset[str]]] = MappingProxyType({
    "HomeTurnOn": frozenset({"name", "area"}),
    "HomeTurnOff": frozenset({"name", "area"}),
    "HomeDim": frozenset({"name", "area", "brightness"}),
})  # fmt: skip
"""Intent name -> the slots that may leave with it."""

WAITS_SECONDS: Final = 15 * 60
"""A command is worth nothing a quarter of an hour later: it waits no longer than that."""


def redact(consented: Consented, now: float) -> Redacted | None:
    """Keep the allowed fields of a command; None for an intent that is not on the list."""
    intent, grant = consented.intent, consented.grant
    allowed = ALLOWED_SLOTS.get(intent.name)
    if allowed is None:
        return None
    return Redacted(
        kind=grant.kind,
        grant_id=grant.id,
        topic=f"{grant.topic}/{grant.kind}",
        intent_name=intent.name,
        fields={name: value for name, value in intent.slots.items() if name in allowed},
        expires_at=min(now + WAITS_SECONDS, grant.ends_at),
    )
