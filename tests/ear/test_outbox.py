"""What waits to leave: capped, in order, and lost by no crash."""

import io
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import soundfile

from fakes.sharing import NOW, a_command, a_grant
from sottovoce.ear.clip import decode
from sottovoce.ear.grants import Grants
from sottovoce.ear.outbox import CAP, Outbox
from sottovoce.ear.store import open_store
from sottovoce.vocabulary import SAMPLE_RATE
from sottovoce.wire import BODY_CAP


def an_outbox(folder, now=lambda: NOW):
    """Make an outbox with one grant."""
    store = open_store(folder)
    grant = a_grant()
    Grants(store).add(grant)
    return Outbox(store, now), grant, store


def test_things_come_out_in_the_order_they_went_in(tmp_path):
    """The first said is the first sent."""
    outbox, grant, _ = an_outbox(tmp_path)
    put = [outbox.put(a_command(grant)) for _ in range(20)]
    assert [envelope.id for envelope in outbox.waiting()] == put


def test_a_thing_delivered_is_gone_and_once_only(tmp_path):
    """A second receipt for the same envelope deletes nothing more."""
    outbox, grant, _ = an_outbox(tmp_path)
    first, second = outbox.put(a_command(grant)), outbox.put(a_command(grant))
    assert outbox.delivered(first)
    assert not outbox.delivered(first)
    assert [envelope.id for envelope in outbox.waiting()] == [second]


def test_it_is_capped_in_number(tmp_path):
    """With a broker that stays away, the newest CAP wait and the oldest go."""
    outbox, grant, store = an_outbox(tmp_path)
    store.execute("PRAGMA synchronous = OFF")  # speed of a test, no promise of it
    put = [outbox.put(a_command(grant)) for _ in range(CAP + 7)]
    assert outbox.shrink() == 7
    assert [envelope.id for envelope in outbox.waiting()] == put[7:]
    assert outbox.shrink() == 0


def test_it_is_capped_in_bytes(tmp_path, monkeypatch):
    """The oldest go, and no more of them than it takes."""
    outbox, grant, _ = an_outbox(tmp_path)
    clip = np.random.default_rng(1).integers(-30_000, 30_000, SAMPLE_RATE, dtype=np.int16)
    put = [outbox.put(replace(a_command(grant), clip=clip)) for _ in range(5)]
    whole = [len(envelope.body) + len(envelope.clip) for envelope in outbox.waiting()]
    monkeypatch.setattr("sottovoce.ear.outbox.CAP_BYTES", sum(whole[2:]))
    assert outbox.shrink() == 2
    assert [envelope.id for envelope in outbox.waiting()] == put[2:]


def test_what_cannot_cross_the_seam_is_not_kept(tmp_path):
    """A thing too big for a message would hold up all that waits behind it."""
    outbox, grant, _ = an_outbox(tmp_path)
    noise = np.random.default_rng(1).integers(-30_000, 30_000, 40 * SAMPLE_RATE, dtype=np.int16)
    assert outbox.put(replace(a_command(grant), clip=noise)) is None
    assert outbox.put(a_command(grant, name="x" * BODY_CAP)) is None
    assert outbox.waiting() == []


def test_a_clip_waits_as_flac_and_comes_back_as_it_was(tmp_path):
    """Sound loses nothing on its way, and its file holds nothing beside it."""
    outbox, grant, _ = an_outbox(tmp_path)
    clip = np.random.default_rng(1).integers(-3_000, 3_000, SAMPLE_RATE, dtype=np.int16)
    outbox.put(replace(a_command(grant), clip=clip))
    (envelope,) = outbox.waiting()
    assert np.array_equal(decode(envelope.clip), clip)
    with soundfile.SoundFile(io.BytesIO(envelope.clip)) as file:
        assert file.copy_metadata() == {}


def test_it_counts_what_left(tmp_path):
    """How much left today, and when something last did; a new day begins at nothing."""
    clock = [NOW]
    outbox, grant, _ = an_outbox(tmp_path, lambda: clock[0])
    assert outbox.sent() == (0, 0)
    for _ in range(2):
        outbox.delivered(outbox.put(a_command(grant)))
    assert outbox.sent() == (2, NOW)
    clock[0] += 24 * 3600
    assert outbox.sent() == (0, NOW)


def test_it_is_capped_in_age(tmp_path):
    """What has expired is deleted, not only left out."""
    clock = [NOW]
    outbox, grant, store = an_outbox(tmp_path, lambda: clock[0])
    outbox.put(a_command(grant, expires_at=NOW + 10))
    kept = outbox.put(a_command(grant, expires_at=NOW + 20))
    clock[0] = NOW + 10
    assert [envelope.id for envelope in outbox.waiting()] == [kept]
    assert store.execute("SELECT count(*) FROM outbox").fetchone() == (1,)


def test_nothing_goes_in_under_a_grant_that_is_gone(tmp_path):
    """A grant revoked between the decision and the outbox lets nothing in."""
    outbox, grant, store = an_outbox(tmp_path)
    Grants(store).revoke(grant.id)
    assert outbox.put(a_command(grant)) is None
    assert store.execute("SELECT count(*) FROM outbox").fetchone() == (0,)


_WRITER = """
import sys
sys.path.insert(0, sys.argv[2])
from pathlib import Path
from fakes.sharing import NOW, a_command
from sottovoce.ear.grants import Grants
from sottovoce.ear.outbox import Outbox
from sottovoce.ear.store import open_store
store = open_store(Path(sys.argv[1]))
grant = Grants(store).all()[0]
outbox = Outbox(store, lambda: NOW)
while True:
    print(outbox.put(a_command(grant)), flush=True)
"""


def test_kill_nine_loses_nothing_that_was_put(tmp_path):
    """Killed in the middle of writing, again and again: all that `put` had returned for is there."""
    outbox, _, _ = an_outbox(tmp_path)
    told = []
    for life in range(12):
        command = [sys.executable, "-c", _WRITER, str(tmp_path), str(Path(__file__).parent.parent)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            told += [writer.stdout.readline().strip() for _ in range(3 + 5 * life)]
            writer.send_signal(signal.SIGKILL)
            told += [line.strip() for line in writer.stdout if line.endswith("\n")]
    there = [envelope.id for envelope in outbox.waiting()]
    assert set(told[-CAP:]) <= set(there)
    assert len(there) == len(set(there))
