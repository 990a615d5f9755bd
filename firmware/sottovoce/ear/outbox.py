"""The outbox: what was granted and waits to cross the seam. Only Redacted comes in.

Each envelope hangs on its grant by foreign key: revoking the grant deletes it in the same
transaction. It is capped in number, in bytes and in age.
"""

import sqlite3
import uuid
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final, NamedTuple

import msgspec

from sottovoce.ear.clip import encode
from sottovoce.ear.consent import is_live
from sottovoce.ear.grants import Grants
from sottovoce.ear.store import purge
from sottovoce.vocabulary import Envelope, Grant, Redacted
from sottovoce.wire import BODY_CAP, CLIP_CAP

CAP: Final = 1000
"""Envelopes that may wait; the oldest go first."""
CAP_BYTES: Final = 32 * 1024 * 1024
"""Bytes that may wait: some half an hour of speech."""


class Thing(NamedTuple):
    """One thing that waits or has left, by its names and its time alone."""

    envelope: str
    snippet: str
    """The sentence it was made of; empty for what is from before that was written down."""
    at: float
    """When it was said, in seconds since the epoch."""
    grant: str


class Sent(NamedTuple):
    """What has left, in numbers."""

    today: int
    last: float
    """Seconds since the epoch; 0 for never."""


class Outbox:
    """Reads and writes the outbox table; each call is one transaction."""

    def __init__(self, store: sqlite3.Connection, now: Callable[[], float]) -> None:
        """Use a connection from `open_store`; `now` gives seconds since the epoch."""
        self._store = store
        self._now = now
        self._grants = Grants(store)

    def put(self, redacted: Redacted) -> str | None:
        """Keep one thing until it is delivered; its id.

        None when its grant was revoked meanwhile, and for what is too big to cross the seam.
        """
        identity, now = uuid.uuid4().hex, round(self._now(), 3)
        body = redacted.payload
        if body is None:
            body = msgspec.json.encode({"id": identity, "at": now, **redacted.fields})
        clip = b"" if redacted.clip is None else encode(redacted.clip)
        if len(body) > BODY_CAP or len(clip) > CLIP_CAP:
            return None
        try:
            self._store.execute(
                "INSERT INTO outbox (id, grant_id, snippet, topic, body, clip, expires_at, at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    identity,
                    redacted.grant_id,
                    redacted.snippet_id,
                    redacted.topic,
                    body,
                    clip,
                    redacted.expires_at,
                    now,
                ),
            )
        except sqlite3.IntegrityError:
            return None
        return identity

    def shrink(self) -> int:
        """Delete the oldest of what is over the caps; how many."""
        gone = self._store.execute(
            "DELETE FROM outbox WHERE number IN (SELECT number FROM (SELECT number,"
            " row_number() OVER newest AS place, sum(length(body) + length(clip)) OVER newest AS bytes"
            " FROM outbox WINDOW newest AS (ORDER BY number DESC)) WHERE place > ? OR bytes > ?)",
            (CAP, CAP_BYTES),
        ).rowcount
        if gone:
            purge(self._store)
        return gone

    def waiting(self) -> list[Envelope]:
        """What may be handed over now, in order. What has expired or lost its grant is deleted first."""
        live = self.sweep()
        rows = self._store.execute(
            "SELECT id, grant_id, topic, body, expires_at, snippet, clip, at FROM outbox ORDER BY number"
        )
        return [
            Envelope(
                id=row[0],
                kind=live[row[1]].kind,
                grant_id=row[1],
                recipient=live[row[1]].recipient,
                topic=row[2],
                body=row[3],
                expires_at=row[4],
                snippet_id=row[5],
                clip=row[6],
                at=row[7],
                form=live[row[1]].form,
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

    def things(self) -> list[Thing]:
        """Tell what waits, expired or not, without what is in it."""
        rows = self._store.execute("SELECT id, snippet, at, grant_id FROM outbox ORDER BY number")
        return [Thing(*row) for row in rows]

    def delete(self, ids: Iterable[str]) -> int:
        """Delete what waits under these ids, overwritten; how many there were."""
        with self._store:
            self._store.execute("BEGIN IMMEDIATE")
            gone = sum(
                self._store.execute("DELETE FROM outbox WHERE id = ?", (identity,)).rowcount
                for identity in ids
            )
        if gone:
            purge(self._store)
        return gone

    def delivered(self, identity: str) -> bool:
        """Delete an envelope that the broker has, and count it; false when it was not there (any more)."""
        now = self._now()
        with self._store:
            self._store.execute("BEGIN IMMEDIATE")
            gone = self._store.execute("DELETE FROM outbox WHERE id = ?", (identity,)).rowcount > 0
            self._store.execute(
                "UPDATE sent SET number = iif(day = :day, number, 0) + 1, day = :day, last = :now",
                {"day": _day(now), "now": now},
            )
        if gone:
            purge(self._store)
        return gone

    def sent(self) -> Sent:
        """Say how much has left today, and when something last did."""
        day, number, last = self._store.execute("SELECT day, number, last FROM sent").fetchone()
        return Sent(number if day == _day(self._now()) else 0, last)


def _day(at: float) -> str:
    return datetime.fromtimestamp(at).astimezone().strftime("%Y-%m-%d")
