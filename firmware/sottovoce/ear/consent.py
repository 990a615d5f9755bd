"""Consent: may this leave, and on whose word? Deciding only; the default is no.

A grant holds the hash of the exact text its owner agreed to. The text is made from the grant's
own fields, so a grant in which anything was changed afterwards no longer fits its hash and lapses.
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from sottovoce.vocabulary import Consented, Grant, Intent, Kind

LONGEST_SECONDS: Final = 90 * 24 * 3600
"""No grant lasts longer than 90 days."""

_HOLDS: Final = {
    Kind.COMMAND: "what you asked for (such as: turn on, kitchen light), not your words, not your voice"
}


def text_of(grant: Grant) -> str:
    """Write out what the owner agrees to: every field, in plain words."""
    which = ", ".join(grant.intents) if grant.intents else "every command"
    listeners = "People may look at it." if grant.humans_listen else "No person looks at it."
    return (
        f"Grant {grant.id} of {_moment(grant.granted_at)}: "
        f"I let {grant.recipient} (MQTT topics under {grant.topic}) have my {grant.kind}s: "
        f"{_HOLDS[grant.kind]}. Which: {which}. What for: {grant.purpose}. {listeners} "
        f"They keep it: {grant.retention}. This ends on {_moment(grant.ends_at)}, or when I revoke it."
    )


def hash_of(text: str) -> str:
    """SHA-256 of a consent text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def is_live(grant: Grant, now: float) -> bool:
    """Whether a grant holds at `now` (seconds since the epoch): unchanged, begun, not ended, not too long."""
    return (
        grant.granted_at <= now < grant.ends_at
        and grant.ends_at - grant.granted_at <= LONGEST_SECONDS
        and grant.granted_at.is_integer()  # the text tells whole seconds: a part of one was put in later
        and grant.ends_at.is_integer()
        and grant.text_hash == hash_of(text_of(grant))
    )


def weigh(intent: Intent, grants: Iterable[Grant], now: float) -> tuple[Consented, ...]:
    """Pair a command with the live grants that let it leave, one a topic; none means it stays.

    Of several for one topic (a grant renewed before its end) the one that ends last counts: a
    command is sent there once.
    """
    fitting = [
        grant
        for grant in grants
        if grant.kind is Kind.COMMAND
        and is_live(grant, now)
        and (not grant.intents or intent.name in grant.intents)
    ]
    by_topic = {grant.topic: grant for grant in sorted(fitting, key=lambda grant: grant.ends_at)}
    return tuple(Consented(intent, grant) for grant in by_topic.values())


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
