"""The ear's one SQLite file: grants, what waits under them, and mutes. Deleted means overwritten."""

import sqlite3
from pathlib import Path
from typing import Final

from sottovoce.errors import StateError

_SCHEMA: Final = """
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
"""


def open_store(folder: Path) -> sqlite3.Connection:
    """Open the file in the state folder, made if need be. One connection a thread. Raises StateError."""
    path = folder / "sottovoce.db"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        connection = sqlite3.connect(path, isolation_level=None, timeout=5.0, check_same_thread=False)
        for pragma in ("journal_mode = WAL", "secure_delete = ON", "foreign_keys = ON", "synchronous = FULL"):
            connection.execute(f"PRAGMA {pragma}")
        connection.executescript(_SCHEMA)
    except (OSError, sqlite3.Error) as error:
        raise StateError(f"{path}: {error}", "see that the folder is yours and the disk has room") from error
    path.chmod(0o600)
    return connection


def purge(store: sqlite3.Connection) -> None:
    """Empty the write-ahead log, in which what was deleted would stay readable for a while.

    With another connection in the middle of reading it is left for the next time.
    """
    store.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
