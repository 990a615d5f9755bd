"""The ear's one SQLite file: grants, what waits under them, requests to erase, mutes.

Deleted means overwritten.
"""

import contextlib
import secrets
import sqlite3
from pathlib import Path
from typing import Final

from sottovoce.errors import DamagedStateError, StateError

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

FILE: Final = "sottovoce.db"
_SECRET_BYTES: Final = 32
_DAMAGED: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


def open_store(folder: Path, *, check: bool = False) -> sqlite3.Connection:
    """Open the file in the state folder, made if need be; one connection a thread. `check` reads all of it.

    Raises StateError, and DamagedStateError for a file that is broken.
    """
    path = folder / FILE
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        connection = sqlite3.connect(path, isolation_level=None, timeout=5.0, check_same_thread=False)
        connection.text_factory = _text
        for pragma in ("journal_mode = WAL", "secure_delete = ON", "foreign_keys = ON", "synchronous = FULL"):
            connection.execute(f"PRAGMA {pragma}")
        bring_up(connection)
        whole = not check or _is_whole(connection)
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except UnicodeDecodeError as error:  # SQLite quotes the file in what it says of it
        raise _damaged(path) from error
    except (OSError, sqlite3.Error) as error:
        if getattr(error, "sqlite_errorcode", None) in _DAMAGED:
            raise _damaged(path) from error
        raise StateError(f"{path}: {error}", "see that the folder is yours and the disk has room") from error
    if not whole:
        raise _damaged(path)
    return connection


def _is_whole(store: sqlite3.Connection) -> bool:
    """Read all of it, and see that it has the tables it should have."""
    tables = "SELECT name, sql FROM sqlite_schema ORDER BY name"
    with contextlib.closing(sqlite3.connect(":memory:", isolation_level=None)) as fresh:
        bring_up(fresh)
        expected = fresh.execute(tables).fetchall()
    return bool(
        store.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
        and store.execute(tables).fetchall() == expected
    )


def _text(stored: bytes) -> str:
    """Read a text as far as it is one: a grant with a broken one fits its hash no more, and that is all."""
    return stored.decode(errors="replace")


def _damaged(path: Path) -> DamagedStateError:
    return DamagedStateError(f"{path}: damaged", "the ear moves it aside when it starts, and begins anew")


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
    """Give this device's secret for pseudonyms, made at first use; for one run, where the disk takes none."""
    made = secrets.token_bytes(_SECRET_BYTES)
    with contextlib.suppress(sqlite3.Error):
        store.execute("INSERT OR IGNORE INTO secret VALUES (1, ?)", (made,))
    found = store.execute("SELECT value FROM secret").fetchone()
    return bytes(found[0]) if found else made


def purge(store: sqlite3.Connection) -> None:
    """Empty the write-ahead log, in which what was deleted would stay readable for a while.

    With another connection in the middle of reading it is left for the next time.
    """
    store.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
