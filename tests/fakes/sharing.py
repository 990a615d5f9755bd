"""What the tests of the sharing side have in common."""

from sottovoce.ear.grants import draw_up
from sottovoce.vocabulary import Grant, Kind, Redacted

NOW = 1_800_000_000.0
"""A moment in January 2027, in seconds since the epoch."""


def a_grant(now=NOW, seconds=3600.0, intents=(), recipient="home automation"):
    """Draw up a grant as the command line does."""
    return draw_up(
        Grant(
            id="",
            kind=Kind.COMMAND,
            recipient=recipient,
            topic=f"sottovoce/{recipient.replace(' ', '-')}",
            purpose="to carry out what I ask for",
            humans_listen=False,
            retention="until it is carried out",
            intents=tuple(intents),
            granted_at=now,
            ends_at=now + seconds,
            text_hash="",
        )
    )


def a_command(grant, name="light", expires_at=NOW + 900.0):
    """Make what redaction leaves of a command under a grant."""
    return Redacted(
        kind=grant.kind,
        grant_id=grant.id,
        topic=f"{grant.topic}/command",
        intent_name="HomeTurnOn",
        fields={"name": name},
        expires_at=expires_at,
    )
