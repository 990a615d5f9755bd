"""The grants the owner made, kept on disk. Made and revoked at the device only."""

import math
import sqlite3
import uuid
from collections.abc import Iterable
from dataclasses import replace

from sottovoce.ear.consent import LONGEST_SECONDS, hash_of, text_of
from sottovoce.ear.store import purge
from sottovoce.errors import UsageError
from sottovoce.vocabulary import Form, Grant, Kind


class Grants:
    """Reads and writes the grants table; each call is one transaction."""

    def __init__(self, store: sqlite3.Connection) -> None:
        """Use a connection from `open_store`."""
        self._store = store

    def know(self, recipients: Iterable[tuple[str, str]]) -> None:
        """Learn the names and topics that are configured: a grant to anybody else lapses from now on."""
        with self._store:
            self._store.execute("BEGIN IMMEDIATE")
            self._store.execute("DELETE FROM recipients")
            self._store.executemany("INSERT OR IGNORE INTO recipients VALUES (?, ?)", recipients)

    def all(self) -> list[Grant]:
        """Every grant whose recipient is still configured under its topic, oldest first; ended ones too.

        A row of a kind or form that nobody knows is none.
        """
        known = set(self._store.execute("SELECT name, topic FROM recipients"))
        return [grant for grant in self.every() if (grant.recipient, grant.topic) in known]

    def every(self) -> list[Grant]:
        """Every grant not revoked: those too that lapsed because the configuration changed."""
        rows = self._store.execute(
            "SELECT id, kind, recipient, topic, purpose, humans_listen, retention, intents,"
            " granted_at, ends_at, text_hash, form, snippet FROM grants ORDER BY granted_at"
        )
        return [
            Grant(
                id=row[0],
                kind=Kind(row[1]),
                recipient=row[2],
                topic=row[3],
                purpose=row[4],
                humans_listen=bool(row[5]),
                retention=row[6],
                intents=tuple(row[7].split()),
                granted_at=row[8],
                ends_at=row[9],
                text_hash=row[10],
                form=Form(row[11]),
                snippet=row[12],
            )
            for row in rows
            if row[1] in set(Kind) and row[11] in set(Form)
        ]

    def add(self, grant: Grant) -> None:
        """Keep a grant that the owner has agreed to. Raises UsageError when it is over-long."""
        if not 0 < grant.ends_at - grant.granted_at <= LONGEST_SECONDS:
            raise UsageError("a grant lasts from one second to 90 days", "use --for with at most 90d")
        row = (
            grant.id,
            grant.kind,
            grant.recipient,
            grant.topic,
            grant.purpose,
            int(grant.humans_listen),
            grant.retention,
            " ".join(grant.intents),
            grant.granted_at,
            grant.ends_at,
            grant.text_hash,
            grant.form,
            grant.snippet,
        )
        with self._store:
            self._store.execute("BEGIN IMMEDIATE")
            self._store.execute("INSERT INTO grants VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)
            self._store.execute(
                "INSERT OR IGNORE INTO recipients VALUES (?, ?)", (grant.recipient, grant.topic)
            )

    def revoke(self, grant_id: str) -> int:
        """End a grant and delete what waits under it, in one transaction. Returns how many waited.

        Raises UsageError when there is no such grant.
        """
        with self._store:
            self._store.execute("BEGIN IMMEDIATE")
            waiting = self._store.execute(
                "SELECT count(*) FROM outbox WHERE grant_id = ?", (grant_id,)
            ).fetchone()
            gone = self._store.execute("DELETE FROM grants WHERE id = ?", (grant_id,)).rowcount
        if not gone:
            raise UsageError(f"no grant {grant_id}", "sottovoce consent list shows them")
        purge(self._store)
        return int(waiting[0])


def draw_up(grant: Grant) -> Grant:
    """Give a grant its identity, whole seconds, and the hash of the text it stands for."""
    named = replace(
        grant,
        id=uuid.uuid4().hex[:8],
        granted_at=float(math.floor(grant.granted_at)),
        ends_at=float(math.floor(grant.ends_at)),
    )
    return replace(named, text_hash=hash_of(text_of(named)))
