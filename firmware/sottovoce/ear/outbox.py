"""The outbox: what was granted and waits to cross the seam. Only Redacted comes in.

Each envelope hangs on its grant by foreign key: revoking the grant deletes it in the same
transaction. It is capped in number and in age.
"""

import json
import sqlite3
import uuid
from collections.abc import Callable
from typing import Final

from sottovoce.ear.consent import is_live
from sottovoce.ear.grants import Grants
from sottovoce.ear.store import purge
from sottovoce.vocabulary import Envelope, Grant, Redacted

CAP: Final = 1000
"""Envelopes that may wait; the oldest go first."""


class Outbox:
    """Reads and writes the outbox table; each call is one transaction."""

    def __init__(self, store: sqlite3.Connection, now: Callable[[], float]) -> None:
        """Use a connection from `open_store`; `now` gives seconds since the epoch."""
        self._store = store
        self._now = now
        self._grants = Grants(store)

    def put(self, redacted: Redacted) -> str | None:
        """Keep one thing until it is delivered; its id, or None when its grant was revoked meanwhile."""
        identity = uuid.uuid4().hex
        body = {
            "id": identity,
            "at": round(self._now(), 3),
            "intent": redacted.intent_name,
            "slots": dict(redacted.fields),
        }
        try:
            with self._store:
                self._store.execute("BEGIN IMMEDIATE")
                self._store.execute(
                    "INSERT INTO outbox (id, grant_id, topic, body, expires_at) VALUES (?, ?, ?, ?, ?)",
                    (
                        identity,
                        redacted.grant_id,
                        redacted.topic,
                        json.dumps(body).encode(),
                        redacted.expires_at,
                    ),
                )
                self._store.execute(
                    "DELETE FROM outbox WHERE number <= (SELECT max(number) FROM outbox) - ?", (CAP,)
                )
        except sqlite3.IntegrityError:
            return None
        return identity

    def waiting(self) -> list[Envelope]:
        """What may be handed over now, in order. What has expired or lost its grant is deleted first."""
        live = self.sweep()
        rows = self._store.execute("SELECT id, grant_id, topic, body, expires_at FROM outbox ORDER BY number")
        return [
            Envelope(
                id=row[0],
                kind=live[row[1]].kind,
                grant_id=row[1],
                recipient=live[row[1]].recipient,
                topic=row[2],
                body=row[3],
                expires_at=row[4],
            )
            for row in rows
            if row[1] in live
        ]

    def sweep(self) -> dict[str, Grant]:
        """Delete what has expired or lost its grant; the live grants under which something waits."""
        now = self._now()
        under = {row[0] for row in self._store.execute("SELECT DISTINCT grant_id FROM outbox")}
        if not under:
            return {}
        live = {grant.id: grant for grant in self._grants.all() if grant.id in under and is_live(grant, now)}
        gone = self._store.execute("DELETE FROM outbox WHERE expires_at <= ?", (now,)).rowcount
        for grant_id in under - live.keys():
            gone += self._store.execute("DELETE FROM outbox WHERE grant_id = ?", (grant_id,)).rowcount
        if gone:
            purge(self._store)
        return live

    def delivered(self, identity: str) -> bool:
        """Delete an envelope that the broker has; false when it was not there (any more)."""
        gone = self._store.execute("DELETE FROM outbox WHERE id = ?", (identity,)).rowcount > 0
        if gone:
            purge(self._store)
        return gone
