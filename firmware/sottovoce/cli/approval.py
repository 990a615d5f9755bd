"""Approving one kept sentence: a grant for it alone, agreed to whole, and by the one way into the outbox."""

import sqlite3
import time
from pathlib import Path
from typing import Final

import click

from sottovoce.config import Config, Recipient
from sottovoce.ear.consent import text_of, weigh
from sottovoce.ear.grants import Grants, draw_up
from sottovoce.ear.ledger import Ledger
from sottovoce.ear.quarantine import Quarantine, Why
from sottovoce.ear.receipt import terms
from sottovoce.ear.state_folder import StateFolder
from sottovoce.ear.store import open_store
from sottovoce.errors import StateError
from sottovoce.journal import open_journal
from sottovoce.vocabulary import FORMS, Form, Grant, Kind, Snippet

_DAY_SECONDS: Final = 24 * 3600.0
_KINDS: Final = (Kind.TRANSCRIPT, Kind.AUDIO)


class Approval:
    """Asks the owner, and does what was agreed to."""

    def __init__(self, config: Config, state: Path, quarantine: Quarantine) -> None:
        """Approve out of `quarantine`."""
        self._config, self._state, self._quarantine = config, state, quarantine
        self._ledger = Ledger(state, time.time)

    def ask(self, snippet: Snippet) -> bool:
        """Ask to whom, what and how, show the whole text, and ask again; whether it was sent on its way.

        Raises StateError, EngineError.
        """
        grant = self._draw_up(snippet)
        click.echo(text_of(grant))
        if not click.confirm("Do you agree?", default=False):
            click.echo("Nothing leaves.")
            return False
        try:
            sent = self._send(snippet, grant)
        except sqlite3.Error as error:
            raise StateError(
                f"{self._state}: {error}", "see that the folder is yours and the disk has room"
            ) from error
        if not sent:
            click.echo("It could not be made ready: nothing leaves, and it stays here.")
            return False
        click.echo(f"Approved. Until it is sent, this takes it back: sottovoce consent revoke {grant.id}")
        return True

    def _draw_up(self, snippet: Snippet) -> Grant:
        recipient = self._recipient()
        kind = Kind(click.prompt("What", type=click.Choice(list(map(str, _KINDS))), default=str(_KINDS[0])))
        forms = FORMS[kind]
        form = Form(
            click.prompt("In which form", type=click.Choice(list(map(str, forms))), default=str(forms[0]))
        )
        now = time.time()
        return draw_up(
            Grant(
                id="",
                kind=kind,
                recipient=recipient.name,
                topic=recipient.topic,
                purpose=click.prompt("What for", default="to hear me better"),
                humans_listen=click.confirm("May people there look at it?", default=True),
                retention=click.prompt("How long do they keep it", default="nobody told me"),
                intents=(),
                granted_at=now,
                ends_at=now + _DAY_SECONDS,
                text_hash="",
                form=form,
                snippet=snippet.id,
            )
        )

    def _recipient(self) -> Recipient:
        known = {recipient.name: recipient for recipient in self._config.recipients}
        if len(known) == 1:
            return next(iter(known.values()))
        return known[click.prompt("To whom", type=click.Choice(list(known)))]

    def _send(self, snippet: Snippet, grant: Grant) -> bool:
        """Put it into the outbox under its grant, and destroy what was kept; take the grant back if not."""
        from sottovoce.ear import build

        store = open_store(self._state)
        grants = Grants(store)
        voice = build.make_voice(self._config.reply.voice)
        journal = open_journal("review", quiet=True)
        disk = StateFolder(self._state, journal)
        share = build.make_share(self._config, store, voice, None, disk, journal)
        grants.add(grant)
        self._ledger.append("granted", **terms(grant))
        waits = [share.put(one) for one in weigh(snippet, [grant], time.time())]
        if None in waits or not waits:
            deleted = grants.revoke(grant.id)
            self._ledger.append("revoked", grant=grant.id, deleted=deleted)
            return False
        self._ledger.append("approved", snippet=snippet.id, recipient=grant.recipient, grant=grant.id)
        self._quarantine.delete(snippet.id, Why.APPROVED)
        return True
