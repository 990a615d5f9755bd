"""What the tests of the sharing side have in common."""

from dataclasses import replace

from sottovoce.ear.consent import WIRED_NAME
from sottovoce.ear.grants import draw_up
from sottovoce.house.wiring import fingerprint
from sottovoce.vocabulary import FORMS, Form, Grant, Kind, Redacted, Snippet, Transcript

NOW = 1_800_000_000.0
"""A moment in January 2027, in seconds since the epoch."""


def a_grant(
    now=NOW, seconds=3600.0, intents=(), recipient="home automation", kind=Kind.COMMAND, form=None, snippet=""
):
    """Draw up a grant as the command line does."""
    return draw_up(
        Grant(
            id="",
            kind=kind,
            recipient=recipient,
            topic=f"sottovoce/{recipient.replace(' ', '-')}",
            purpose="to carry out what I ask for",
            humans_listen=False,
            retention="until it is carried out",
            intents=tuple(intents),
            granted_at=now,
            ends_at=now + seconds,
            text_hash="",
            form=form or FORMS[kind][0],
            snippet=snippet,
        )
    )


def a_wiring(house, now=NOW, seconds=3600.0):
    """Draw up the grant for the owner's wiring, as `sottovoce home wire` does."""
    grant = a_grant(now, seconds, form=Form.WIRED, recipient=WIRED_NAME)
    return draw_up(replace(grant, topic=fingerprint(house)))


def a_snippet(intent=None, text="turn on the kitchen light", clip=None, at=NOW, identity="s1"):
    """Make a sentence as the pipeline heard it."""
    return Snippet(identity, at, Transcript(text, 0.9, "fake"), intent, clip)


def a_command(grant, name="light", expires_at=NOW + 900.0, snippet="s1"):
    """Make what redaction leaves of a command under a grant."""
    return Redacted(
        kind=grant.kind,
        grant_id=grant.id,
        snippet_id=snippet,
        topic=f"{grant.topic}/command",
        fields={"intent": "HomeTurnOn", "slots": {"name": name}},
        expires_at=expires_at,
    )
