"""Erasures: requests to recipients to delete what they got, until the broker has them and they answer.

A request holds an envelope's id and nothing of what was in it; so it needs no grant, and outlives the
one it was sent under: revoking that is a reason to ask.
"""

import sqlite3
from collections import Counter
from collections.abc import Iterable

from sottovoce.vocabulary import Erasure


class Erasures:
    """Reads and writes the erasures table; each call is one transaction."""

    def __init__(self, store: sqlite3.Connection) -> None:
        """Use a connection from `open_store`."""
        self._store = store

    def ask(self, erasures: Iterable[Erasure]) -> None:
        """Have these asked for; those asked for already are asked for once more."""
        with self._store:
            self._store.execute("BEGIN IMMEDIATE")
            self._store.executemany(
                "INSERT OR REPLACE INTO erasures VALUES (?, ?, ?, 0)",
                [(one.id, one.recipient, one.topic) for one in erasures],
            )

    def waiting(self) -> list[Erasure]:
        """Give those that no broker has yet, in order."""
        rows = self._store.execute("SELECT id, recipient, topic FROM erasures WHERE asked = 0 ORDER BY rowid")
        return [Erasure(*row) for row in rows]

    def asked(self, identity: str) -> None:
        """Note that the broker has this request."""
        self._store.execute("UPDATE erasures SET asked = 1 WHERE id = ?", (identity,))

    def unanswered(self, identity: str) -> Erasure | None:
        """Find a request that the broker has and nobody answered yet."""
        row = self._store.execute(
            "SELECT id, recipient, topic FROM erasures WHERE id = ? AND asked = 1", (identity,)
        ).fetchone()
        return Erasure(*row) if row else None

    def answered(self, identity: str) -> None:
        """Drop a request that was answered."""
        self._store.execute("DELETE FROM erasures WHERE id = ?", (identity,))

    def open(self) -> Counter[str]:
        """Count the requests without an answer, by recipient."""
        rows = self._store.execute("SELECT recipient, count(*) FROM erasures GROUP BY recipient")
        return Counter(dict(rows.fetchall()))

    def ids(self) -> set[str]:
        """Name every request without an answer."""
        return {row[0] for row in self._store.execute("SELECT id FROM erasures")}
