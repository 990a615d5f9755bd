"""The ear's one SQLite file: grants, what waits under them, requests to erase, mutes.

Deleted means overwritten.
"""

import secrets
import sqlite3
from pathlib import Path
from typing import Final

from sottovoce.errors import StateError

_STEPS: Final = (
    """
CREATE TABLE IF NOT EXISTS grants (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, recipient TEXT NOT NULL, topic TEXT NOT NULL,
    purpose TEXT NOT NULL, humans_listen INTEGER NOT NULL, retention TEXT NOT NULL,
    intents TEXT NOT NULL, granted_at REAL NOT NULL, ends_at REAL NOT NULL, text_hash TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS outbox (
    number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT UNIQUE NOT NULL,
    grant_id TEXT NOT NULL REFERENCES grants (id) ON DELETE CASCADE,
    topic TEXT NOT NULL, body BLOB NOT NULL, expires_at REAL NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS mute (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    soft_until REAL NOT NULL, schedule INTEGER NOT NULL, seen REAL NOT NULL
) STRICT;
INSERT OR IGNORE INTO mute VALUES (1, 0, 0, 0);
""",
    """
ALTER TABLE grants ADD COLUMN form TEXT NOT NULL DEFAULT 'fields';
ALTER TABLE grants ADD COLUMN snippet TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN snippet TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN clip BLOB NOT NULL DEFAULT x'';
CREATE TABLE sent (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    day TEXT NOT NULL, number INTEGER NOT NULL, last REAL NOT NULL
) STRICT;
INSERT INTO sent VALUES (1, '', 0, 0);
CREATE TABLE secret (one INTEGER PRIMARY KEY CHECK (one = 1), value BLOB NOT NULL) STRICT;
""",
    """
ALTER TABLE outbox ADD COLUMN at REAL NOT NULL DEFAULT 0;
CREATE TABLE erasures (
    id TEXT PRIMARY KEY, recipient TEXT NOT NULL, topic TEXT NOT NULL, asked INTEGER NOT NULL
) STRICT;
CREATE TABLE recipients (name TEXT NOT NULL, topic TEXT NOT NULL, PRIMARY KEY (name, topic)) STRICT;
INSERT INTO recipients SELECT DISTINCT recipient, topic FROM grants;
CREATE TABLE reminded (one INTEGER PRIMARY KEY CHECK (one = 1), day TEXT NOT NULL) STRICT;
INSERT INTO reminded VALUES (1, '');
""",
)
"""What the file went through; `PRAGMA user_version` counts the steps it has behind it."""

_SECRET_BYTES: Final = 32


def open_store(folder: Path) -> sqlite3.Connection:
    """Open the file in the state folder, made if need be. One connection a thread. Raises StateError."""
    path = folder / "sottovoce.db"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        connection = sqlite3.connect(path, isolation_level=None, timeout=5.0, check_same_thread=False)
        for pragma in ("journal_mode = WAL", "secure_delete = ON", "foreign_keys = ON", "synchronous = FULL"):
            connection.execute(f"PRAGMA {pragma}")
        bring_up(connection)
    except (OSError, sqlite3.Error) as error:
        raise StateError(f"{path}: {error}", "see that the folder is yours and the disk has room") from error
    path.chmod(0o600)
    return connection


def bring_up(store: sqlite3.Connection) -> None:
    """Take the file through the steps that it has not behind it, each whole or not at all."""
    if _version(store) >= len(_STEPS):
        return
    with store:
        store.execute("BEGIN IMMEDIATE")  # of two processes that come at once, one finds it done
        for step in _STEPS[_version(store) :]:
            for statement in step.split(";\n"):
                store.execute(statement)
        store.execute(f"PRAGMA user_version = {len(_STEPS)}")


def _version(store: sqlite3.Connection) -> int:
    return int(store.execute("PRAGMA user_version").fetchone()[0])


def secret_of(store: sqlite3.Connection) -> bytes:
    """Give this device's secret for pseudonyms, made at first use."""
    made = secrets.token_bytes(_SECRET_BYTES)
    store.execute("INSERT OR IGNORE INTO secret VALUES (1, ?)", (made,))
    return bytes(store.execute("SELECT value FROM secret").fetchone()[0])


def purge(store: sqlite3.Connection) -> None:
    """Empty the write-ahead log, in which what was deleted would stay readable for a while.

    With another connection in the middle of reading it is left for the next time.
    """
    store.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
