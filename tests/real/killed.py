"""The sharing side, killed at any moment, again and again: a program, to be run by itself.

usage: killed.py FOLDER KILLS SEED. It forks a child that shares sentences and takes receipts for them, kills
it with SIGKILL after a random time, and looks at what is on disk. It prints JSON: what it found.
"""

import contextlib
import json
import os
import random
import select
import signal
import sys
import time
from pathlib import Path
from typing import Final

from sottovoce.ear.grants import Grants, draw_up
from sottovoce.ear.ledger import Ledger
from sottovoce.ear.outbox import Outbox
from sottovoce.ear.redact import Redactor
from sottovoce.ear.share import Share
from sottovoce.ear.state_folder import StateFolder
from sottovoce.ear.store import open_store
from sottovoce.journal import Journal
from sottovoce.vocabulary import Form, Grant, Intent, Kind, Snippet, Transcript

MOST_DONE: Final = 12
"""It is killed after having told of so many things at most, ..."""
SHORT_SECONDS: Final = 0.005
"""... and so much later at most."""
TURN_ON: Final = Intent("HomeTurnOn", {"name": "light"})


class Nothing:
    """Blots out nothing."""

    def mask(self, text: str) -> str:
        """Give the words as they are."""
        return text


def live(folder: Path, told: int, life: int) -> None:
    """Share sentences and take receipts for them until killed; tell each once it is on disk."""
    store, ledger = open_store(folder), Ledger(folder, time.time)
    outbox = Outbox(store, time.time)
    share = Share(
        Grants(store),
        outbox,
        Redactor(Nothing(), b"secret" * 3),
        None,
        None,
        StateFolder(folder, Journal("ear")),
        time.time,
        Journal("ear"),
    )
    os.write(told, b"begun \n")
    for number in range(1_000_000):
        snippet = f"{life}-{number}"
        share.share(Snippet(snippet, time.time(), Transcript("turn on the light", 1.0, "none"), TURN_ON))
        os.write(told, f"shared {snippet}\n".encode())
        for envelope in outbox.waiting()[: number % 4]:
            ledger.sent(envelope)  # as the link does
            outbox.delivered(envelope.id)
            os.write(told, f"sent {envelope.snippet_id}\n".encode())


def kill_one(folder: Path, life: int, chance: random.Random) -> list[tuple[str, str]]:
    """Let a child do some things; what it told before it was killed."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        live(folder, write, life)
        os._exit(1)
    os.close(write)
    with os.fdopen(read, "rb", buffering=0) as told:
        lines = told.readline()  # it has begun
        for _ in range(chance.randrange(MOST_DONE)):
            lines += told.readline()
        until = time.monotonic() + chance.uniform(0.0, SHORT_SECONDS)
        while (left := until - time.monotonic()) > 0:
            if select.select([told], [], [], left)[0]:
                lines += os.read(told.fileno(), 65_536)
        os.kill(child, signal.SIGKILL)
        lines += told.read()
    os.waitpid(child, 0)
    whole = lines[: lines.rfind(b"\n") + 1].decode().splitlines()
    return [(one.split()[0], one.split()[1]) for one in whole if one.count(" ") == 1 and one.split()[1:]]


def main() -> None:
    """Kill, look, and print what was found."""
    folder, kills, seed = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    chance = random.Random(seed)
    grant = Grant(
        id="", kind=Kind.COMMAND, recipient="home automation", topic="sottovoce/home", purpose="to do it",
        humans_listen=False, retention="not at all", intents=(), granted_at=time.time() - 1,
        ends_at=time.time() + 86_400, text_hash="", form=Form.FIELDS,
    )  # fmt: skip
    with contextlib.closing(open_store(folder)) as store:
        Grants(store).add(draw_up(grant))
    shared: set[str] = set()
    sent: set[str] = set()
    torn = 0
    for life in range(kills):
        for what, snippet in kill_one(folder, life, chance):
            (shared if what == "shared" else sent).add(snippet)
        fault = Ledger(folder, time.time).audit().fault
        torn += fault is not None and fault.torn
        if fault is not None and not fault.torn:
            raise SystemExit(f"after {life + 1} kills: {fault}")
        if fault is not None:
            Ledger(folder, time.time).append("mute", on="no", reason="soft")
            if Ledger(folder, time.time).audit().fault is not None:
                raise SystemExit(f"after {life + 1} kills: not repaired")
    entries = Ledger(folder, time.time).entries()
    with contextlib.closing(open_store(folder)) as store:
        waiting = [envelope.snippet_id for envelope in Outbox(store, time.time).waiting()]
    ledger = [entry for entry in entries if entry["event"] == "sent"]
    ids = {entry["snippet"]: {one["envelope"] for one in ledger if one["snippet"] == entry["snippet"]}
           for entry in ledger}  # fmt: skip
    sys.stdout.write(
        json.dumps({
            "kills": kills,
            "shared": len(shared),
            "sent": len(sent),
            "lost": len(shared - set(waiting) - ids.keys()),
            "sent_unwritten": len(sent - ids.keys()),
            "waiting_twice": len(waiting) - len(set(waiting)),
            "two_ids": sum(len(one) > 1 for one in ids.values()),
            "written_twice": len(ledger) - len(ids),
            "torn": torn,
            "torn_noted": sum(entry["event"] == "torn" for entry in entries),
        })
        + "\n"
    )  # fmt: skip


if __name__ == "__main__":
    main()
