"""What the pipeline is made of, and who may look on."""

from dataclasses import dataclass
from typing import Protocol

from sottovoce.ear.act import Act
from sottovoce.ear.confirm import Confirm
from sottovoce.ear.echo import Echo
from sottovoce.ear.endpoint import Endpoint
from sottovoce.ear.forget import Forget
from sottovoce.ear.grants import Grants
from sottovoce.ear.ledger import Ledger
from sottovoce.ear.outbox import Outbox
from sottovoce.ear.reminder import Reminder
from sottovoce.ear.reply import Reply
from sottovoce.ear.rooms import Rooms
from sottovoce.ear.share import Share
from sottovoce.ear.skills.timers import Timers
from sottovoce.ear.transcribe import Transcriber
from sottovoce.ear.understand import Understanding
from sottovoce.ear.wake import Wake
from sottovoce.vocabulary import Intent, Outcome, Transcript


class Witness(Protocol):
    """Shows the owner, on the owner's own terminal and on request only, what was understood."""

    def heard(self, transcript: Transcript, intent: Intent | None) -> None:
        """Show the words and what was made of them."""

    def answered(self, outcome: Outcome) -> None:
        """Show the answer."""


@dataclass(frozen=True, slots=True)
class Stages:
    """Every stage of the pipeline, made in build.py."""

    wake: Wake
    rooms: Rooms
    echo: Echo
    endpoint: Endpoint
    transcriber: Transcriber
    understanding: Understanding
    act: Act
    confirm: Confirm
    timers: Timers
    reply: Reply
    share: Share
    grants: Grants
    outbox: Outbox
    ledger: Ledger
    forget: Forget
    reminder: Reminder


@dataclass(frozen=True, slots=True)
class Draft:
    """A sentence written down in a pause, ahead of its end: so the answer is there when it ends."""

    transcript: Transcript
    speech: int
    """Speech frames it covers; it counts for as long as no more were heard."""
