"""Consent: may this leave, and on whose word? Deciding only; the default is no.

A grant holds the hash of the exact text its owner agreed to. The text is made from the grant's
own fields, so a grant in which anything was changed afterwards no longer fits its hash and lapses.
"""

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from sottovoce.vocabulary import FORMS, Consented, Form, Grant, Kind, Snippet

LONGEST_SECONDS: Final = 90 * 24 * 3600
"""No grant lasts longer than 90 days."""

REMINDED_SECONDS: Final = 7 * 24 * 3600
"""Its owner is reminded of a grant a week before its end."""

WIRED_NAME: Final = "house devices in home.toml"
"""The recipient of a grant for the owner's own wiring."""

PRIVATE_FAMILY: Final = "Privacy"
"""Intents of this name are between the owner and the device: no grant covers them."""

_BLOTTED: Final = "with numbers, names, addresses and e-mails blotted out as far as we find them"
HOLDS: Final = {
    Form.FIELDS: "what you asked for (such as: turn on, kitchen light), not your words, not your voice",
    Form.WIRED: "the one message that my wiring names for it, not your words, not your voice",
    Form.MASKED: f"the words you said, {_BLOTTED}; not your voice",
    Form.VERBATIM: "every word you said, numbers and names too; not your voice",
    Form.RESPOKEN: f"your words said again by this device's own voice, {_BLOTTED}; nothing of your voice",
    Form.OWN_VOICE: "THE RECORDING OF YOUR OWN VOICE with every word, and whoever else can be heard in it."
    " A voice can be recognised for as long as the recording is kept",
}
"""What a recipient gets, in the words the owner agrees to."""
_ALL: Final = {
    Kind.COMMAND: "every command",
    Kind.TRANSCRIPT: "every sentence it understands",
    Kind.AUDIO: "every sentence it understands",
}


def forms_for(kind: Kind) -> tuple[Form, ...]:
    """Give the forms in which a recipient can get a thing, the default first; `home wire` makes the other."""
    return tuple(form for form in FORMS[kind] if form is not Form.WIRED)


def text_of(grant: Grant) -> str:
    """Write out what the owner agrees to: every field, in plain words."""
    which = ", ".join(grant.intents) if grant.intents else _ALL[grant.kind]
    if grant.snippet:
        which = f"the one sentence {grant.snippet} and no other ({which})"
    listeners = "People may look at it." if grant.humans_listen else "No person looks at it."
    things = {Kind.AUDIO: "voice clips"}.get(grant.kind, f"{grant.kind}s")
    wired = grant.form is Form.WIRED
    where = f"as wired, SHA-256 {grant.topic}" if wired else f"MQTT topics under {grant.topic}"
    return (
        f"Grant {grant.id} of {_moment(grant.granted_at)}: "
        f"I let {grant.recipient} ({where}) have my {things}: "
        f"{HOLDS[grant.form]}. Which: {which}. What for: {grant.purpose}. {listeners} "
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
        and grant.form in FORMS[grant.kind]
        and grant.text_hash == hash_of(text_of(grant))
    )


def ending(grants: Iterable[Grant], now: float) -> list[Grant]:
    """Give the live grants that end within a week and were not renewed; none that was made for less."""
    live = [grant for grant in grants if is_live(grant, now) and not grant.snippet]
    last = {_channel(grant): grant for grant in sorted(live, key=lambda grant: grant.ends_at)}
    return [
        grant
        for grant in last.values()
        if grant.ends_at - now <= REMINDED_SECONDS < grant.ends_at - grant.granted_at
    ]


def covers(grant: Grant, snippet: Snippet, wiring: str = "") -> bool:
    """Whether this snippet is among those that a grant is about; `wiring` is home.toml's fingerprint now.

    The owner agreed to one wiring: once it has changed, the grant covers nothing.
    What was not understood may be anybody's talk: it leaves one by one only, as the owner approves it.
    """
    intent = snippet.intent
    if grant.form is Form.WIRED and not wiring == grant.topic != "":
        return False
    if intent is not None and intent.name.startswith(PRIVATE_FAMILY):
        return False
    if grant.snippet:
        return grant.snippet == snippet.id
    return intent is not None and (not grant.intents or intent.name in grant.intents)


def weigh(snippet: Snippet, grants: Iterable[Grant], now: float, wiring: str = "") -> tuple[Consented, ...]:
    """Pair a snippet with the live grants that let it leave, one a kind and topic; none means it stays.

    Of several for one (a grant renewed before its end) that which tells less counts, then the one that
    ends last, then the newest: nothing is sent there twice.
    """
    fitting = [grant for grant in grants if is_live(grant, now) and covers(grant, snippet, wiring)]
    by_channel = {_channel(grant): grant for grant in sorted(fitting, key=_rank)}
    return tuple(Consented(snippet, grant) for grant in by_channel.values())


def _channel(grant: Grant) -> tuple[Kind, str]:
    return grant.kind, grant.topic


def _rank(grant: Grant) -> tuple[bool, float, float, str]:
    return grant.form is FORMS[grant.kind][0], grant.ends_at, grant.granted_at, grant.id


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
