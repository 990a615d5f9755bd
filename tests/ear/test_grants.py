"""Grants on disk, and what revoking one does."""

import pytest

from fakes.sharing import NOW, a_command, a_grant
from sottovoce.ear.grants import Grants
from sottovoce.ear.outbox import Outbox
from sottovoce.ear.store import open_store
from sottovoce.errors import StateError, UsageError

CANARY = "ornithorhynchus"


def on_disk(folder):
    """All bytes of the database, its log included."""
    return b"".join(path.read_bytes() for path in folder.glob("sottovoce.db*"))


def test_grants_come_back_as_they_were(tmp_path):
    """A grant read from disk is the grant that was agreed to, field for field."""
    agreed = [a_grant(NOW + number, intents=["HomeDim"] * (number % 2)) for number in range(3)]
    for grant in agreed:
        Grants(open_store(tmp_path)).add(grant)
    assert Grants(open_store(tmp_path)).all() == agreed


def test_revoking_deletes_what_waits_and_tells_how_much(tmp_path):
    """After a revocation nothing of that grant waits, and all of every other does."""
    store = open_store(tmp_path)
    grants, outbox = Grants(store), Outbox(store, lambda: NOW)
    gone, kept = a_grant(), a_grant(recipient="the neighbour")
    for grant in (gone, kept):
        grants.add(grant)
        outbox.put(a_command(grant))
        outbox.put(a_command(grant))
    assert grants.revoke(gone.id) == 2
    assert grants.all() == [kept]
    assert {envelope.grant_id for envelope in outbox.waiting()} == {kept.id}
    assert store.execute("SELECT count(*) FROM outbox").fetchone() == (2,)


def test_what_was_revoked_is_overwritten_on_disk(tmp_path):
    """The words of a command that waited are nowhere in the files any more, the write-ahead log included."""
    store, reader = open_store(tmp_path), open_store(tmp_path)
    grants, grant = Grants(store), a_grant()
    grants.add(grant)
    Outbox(store, lambda: NOW).put(a_command(grant, name=CANARY))
    assert Outbox(reader, lambda: NOW).waiting()
    assert CANARY.encode() in on_disk(tmp_path)
    grants.revoke(grant.id)
    assert CANARY.encode() not in on_disk(tmp_path)


def test_what_was_delivered_is_overwritten_on_disk(tmp_path):
    """So are those of a command that the broker has taken."""
    store = open_store(tmp_path)
    grant = a_grant()
    Grants(store).add(grant)
    outbox = Outbox(store, lambda: NOW)
    identity = outbox.put(a_command(grant, name=CANARY))
    assert outbox.delivered(identity)
    assert CANARY.encode() not in on_disk(tmp_path)


def test_an_unknown_grant_cannot_be_revoked(tmp_path):
    """A mistyped id is told, and changes nothing."""
    grants = Grants(open_store(tmp_path))
    grants.add(a_grant())
    with pytest.raises(UsageError, match="no grant"):
        grants.revoke("nosuch")
    assert len(grants.all()) == 1


def test_a_state_folder_that_cannot_be_used_is_one_clear_error(tmp_path):
    """A file where the folder should be, or a database that is none: which file, and what to do."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StateError, match="file"):
        open_store(tmp_path / "file")
    (tmp_path / "sottovoce.db").write_bytes(b"this is no database, and long enough to be looked at" * 40)
    with pytest.raises(StateError, match=r"sottovoce\.db"):
        open_store(tmp_path)


def test_only_its_owner_can_read_it(tmp_path):
    """The database is readable by nobody else."""
    open_store(tmp_path)
    assert (tmp_path / "sottovoce.db").stat().st_mode & 0o077 == 0
