"""The ear's end of the seam, live: a real socket, real SQLite, and couriers of every kind."""

import contextlib
import socket
import tempfile
import threading
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakes.diary import Diary
from fakes.sharing import NOW, a_command, a_grant
from real.seam import End
from sottovoce.ear.erasures import Erasures
from sottovoce.ear.grants import Grants
from sottovoce.ear.ledger import Ledger
from sottovoce.ear.link import EVENTS, LATE_SECONDS, WINDOW, Link
from sottovoce.ear.outbox import Outbox
from sottovoce.ear.state_folder import StateFolder
from sottovoce.ear.store import open_store
from sottovoce.vocabulary import Happening
from sottovoce.wire import CAP, VERSION, Acknowledged, Bid, Deliver, Happened, Hello, Ready, Status, encode

HELLO = encode(Hello(version=VERSION))
BREACHES = {
    "garbage": (b"\x00\x00\x00\x05garba", "SeamMalformed"),
    "a length of 4 GiB": (b"\xff\xff\xff\xff", "SeamTooBig"),
    "one byte over the cap": (HELLO + (CAP + 1).to_bytes(4, "big"), "SeamTooBig"),
    "another version": (encode(Hello(version=VERSION + 1)), "SeamMalformed"),
    "no hello": (encode(Ready(connected=True)), "SeamMalformed"),
    "two hellos": (HELLO + HELLO, "SeamMalformed"),
    "an ear's message": (HELLO + encode(Happened(event="wake", at=0.0)), "SeamMalformed"),
    "an HTTP request": (b"GET / HTTP/1.1\r\n\r\n", "SeamTooBig"),
}
WRITTEN_DOWN = {"event", "kind", "recipient", "topic", "grant", "envelope", "bytes"}


class Ear:
    """What of the ear is on this side: grants, outbox, ledger and the link, serving a real socket."""

    def __init__(self, folder, **settings):
        self.now = NOW
        self.folder = folder
        self.path = folder / "seam"
        self.store = open_store(folder)
        self.grants = Grants(self.store)
        self.outbox = Outbox(self.store, lambda: self.now)
        self.ledger = Ledger(folder, lambda: self.now)
        self.diary = Diary()
        self.status = Status(state="idle", reasons=(), microphone_open=True, switch="live")
        self.grant = a_grant()
        self.grants.add(self.grant)
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(self.path))
        self._listening.listen(1)
        own = open_store(folder)  # the link's thread has a connection of its own, as in the daemon
        self.link = Link(
            self._listening,
            Outbox(own, lambda: self.now),
            Ledger(folder, lambda: self.now),
            StateFolder(folder, self.diary),
            lambda: self.status,
            lambda: self.now,
            self.diary,
            erasures=Erasures(own),
            **settings,
        )
        self._thread = threading.Thread(target=self.link.serve, daemon=True)
        self._thread.start()
        self._stores = (self.store, own)

    def put(self, count=1, **facts):
        """Put commands into the outbox, as the pipeline does; their ids."""
        put = [self.outbox.put(a_command(self.grant, **facts)) for _ in range(count)]
        self.link.poke()
        return put

    def ids(self):
        """Give the ids of what waits."""
        return [envelope.id for envelope in self.outbox.waiting()]

    def sent(self):
        """Give the ids of what the ledger says was sent."""
        return [entry["envelope"] for entry in self.ledger.entries() if entry["event"] == "sent"]

    def rows(self):
        """Count what is on disk, expired or not."""
        return self.store.execute("SELECT count(*) FROM outbox").fetchone()[0]

    def courier(self, *, ready=True):
        """Connect a courier that does as it should; if `ready`, its broker is there."""
        courier = End.courier(self.path).greet()
        if ready:
            courier.say(Ready(connected=True))
        return courier

    def settle(self, courier):
        """Wait until the link has done all that it will do; what it said to a ready courier meanwhile."""
        said = []
        for turn in "abc":  # a turn begins with the status; by the third, one that saw all we did is over
            self.status = Status(state=f"turn_{turn}", reasons=(), microphone_open=True, switch="live")
            self.link.poke()
            while not (isinstance(message := courier.hear(), Status) and message.state == self.status.state):
                said += [message] if not isinstance(message, Status) else []
        return said

    def close(self):
        """Stop, and see that it does."""
        self.link.stop()
        self._thread.join(10)
        self._listening.close()
        for store in self._stores:
            store.close()
        assert not self._thread.is_alive(), "the link did not stop"


@contextlib.contextmanager
def an_ear(**settings):
    """Run one, in a folder whose name is short enough for a socket."""
    with tempfile.TemporaryDirectory(prefix="ear-") as name:
        ear = Ear(Path(name), **settings)
        try:
            yield ear
        finally:
            ear.close()


@pytest.fixture
def ear():
    """An ear with one grant."""
    with an_ear() as ear:
        yield ear


def delivered(messages):
    """Give the ids of what was handed over."""
    return [message.id for message in messages if isinstance(message, Deliver)]


def test_nothing_is_handed_over_while_there_is_no_broker(ear):
    """A courier without a broker gets neither commands, nor events, nor status; all of it waits."""
    put = ear.put(3)
    ear.link.tell(Happening.WAKE)
    with ear.courier(ready=False) as courier:
        for turn in range(1, 4):  # each turn is over before the next is noted
            courier.say(Ready(connected=False))
            ear.diary.wait("broker", turn, connected=False)
        assert courier.pending() == []
        assert ear.ids() == put
        courier.say(Ready(connected=True))
        assert delivered(ear.settle(courier)) == put


def test_what_waits_is_handed_over_in_order_and_as_it_was_put(ear):
    """With the broker there, what was said first crosses first, with its grant and its end."""
    put = ear.put(5)
    waiting = ear.outbox.waiting()
    with ear.courier() as courier:
        assert courier.hear() == ear.status
        said = ear.settle(courier)
    assert delivered(said) == put
    for envelope, message in zip(waiting, said, strict=True):
        assert (message.body, message.topic) == (envelope.body, "sottovoce/home-automation/command")
        assert (message.grant_id, message.kind) == (ear.grant.id, "command")
        assert message.expires_at == NOW + 900


def test_no_more_cross_than_can_be_called_back(ear):
    """At most WINDOW envelopes are with the courier unacknowledged; each receipt lets one more over."""
    put = ear.put(WINDOW + 3)
    with ear.courier() as courier:
        assert delivered(ear.settle(courier)) == put[:WINDOW]
        courier.say(Acknowledged(id=put[0]))
        assert delivered(courier.hear_all(Deliver, 1)) == put[WINDOW : WINDOW + 1]
        courier.say(Acknowledged(id=put[5]), Acknowledged(id=put[3]))
        assert delivered(ear.settle(courier)) == put[WINDOW + 1 :]


@settings(max_examples=15)
@given(data=st.data())
def test_every_order_of_receipts_delivers_each_once(data):
    """In whatever order receipts come, each envelope is handed over once, in order, and none is left."""
    count = data.draw(st.integers(1, 2 * WINDOW))
    with an_ear() as ear, ear.courier() as courier:
        put = ear.put(count)
        got, held = [], []
        while len(got) < len(put) or held:
            if len(got) < len(put) and len(held) < WINDOW:
                (message,) = courier.hear_all(Deliver, 1)
                got.append(message.id)
                held.append(message.id)
            else:
                courier.say(Acknowledged(id=held.pop(data.draw(st.integers(0, len(held) - 1)))))
        assert got == put
        assert delivered(ear.settle(courier)) == []
        assert ear.ids() == []


def test_a_receipt_deletes_and_goes_into_the_ledger(ear):
    """What the broker has is deleted here, and the ledger tells what, to whom and on whose word."""
    (put,) = ear.put()
    (envelope,) = ear.outbox.waiting()
    with ear.courier() as courier:
        courier.hear_all(Deliver, 1)
        courier.say(Acknowledged(id=put))
        (event,) = courier.hear_all(Happened, 1)
    assert (event.event, event.at) == ("sent", NOW)
    assert ear.rows() == 0
    (entry,) = ear.ledger.entries()
    assert {name: fact for name, fact in entry.items() if name in WRITTEN_DOWN} == {
        "event": "sent",
        "kind": "command",
        "recipient": "home automation",
        "topic": "sottovoce/home-automation/command",
        "grant": ear.grant.id,
        "envelope": put,
        "bytes": len(envelope.body),
    }


def test_a_new_courier_gets_what_has_no_receipt_with_the_same_id(ear):
    """When the seam is lost, what was not acknowledged is handed over again under the id it had."""
    put = ear.put(3)
    with ear.courier() as courier:
        first = courier.hear_all(Deliver, 3)
        courier.say(Acknowledged(id=put[1]))
        ear.diary.wait("sent")
    with ear.courier() as courier:
        assert courier.hear_all(Deliver, 2) == [first[0], first[2]]


def test_a_broker_that_came_back_gets_what_has_no_receipt(ear):
    """So it is when the broker was lost and the courier was not."""
    put = ear.put(2)
    with ear.courier() as courier:
        courier.hear_all(Deliver, 2)
        courier.say(Ready(connected=False), Ready(connected=True))
        assert delivered(ear.settle(courier)) == put


def test_a_receipt_for_what_was_never_handed_over_deletes_nothing(ear):
    """A courier cannot wave away what it never had: not by guessing, not by knowing the id."""
    put = ear.put(WINDOW + 1)
    with ear.courier() as courier:
        ear.settle(courier)
        courier.say(Acknowledged(id=put[-1]), Acknowledged(id="made-up"), Acknowledged(id="0" * 64))
        assert delivered(ear.settle(courier)) == []
    with ear.courier(ready=False) as courier:
        courier.say(*(Acknowledged(id=identity) for identity in put))
        courier.say(Ready(connected=False))
        ear.diary.wait("broker", connected=False)
    assert ear.ids() == put
    assert ear.sent() == []


def test_a_second_receipt_changes_nothing(ear):
    """A receipt that comes twice is one entry in the ledger."""
    (put,) = ear.put()
    with ear.courier() as courier:
        courier.hear_all(Deliver, 1)
        courier.say(Acknowledged(id=put), Acknowledged(id=put))
        ear.settle(courier)
    assert ear.sent() == [put]


def test_what_is_revoked_before_it_crosses_never_does(ear):
    """Revoking reaches all that is not with the courier yet."""
    put = ear.put(WINDOW + 4)
    with ear.courier() as courier:
        assert delivered(ear.settle(courier)) == put[:WINDOW]
        ear.grants.revoke(ear.grant.id)
        courier.say(*(Acknowledged(id=identity) for identity in put))
        assert delivered(ear.settle(courier)) == []
    with ear.courier() as courier:
        assert delivered(ear.settle(courier)) == []


def test_what_left_before_it_was_revoked_stands_in_the_ledger(ear):
    """A receipt that comes after the revocation is still written down: it did leave."""
    (put,) = ear.put()
    with ear.courier() as courier:
        courier.hear_all(Deliver, 1)
        ear.grants.revoke(ear.grant.id)
        courier.say(Acknowledged(id=put))
        ear.settle(courier)
    assert ear.sent() == [put]


def test_what_has_expired_is_deleted_with_nobody_there(ear):
    """With no courier and no broker, what waits still grows old and is deleted from the disk."""
    ear.put(3)
    ear.now = NOW + 900
    with ear.courier(ready=False) as courier:
        for turn in range(1, 3):
            courier.say(Ready(connected=False))
            ear.diary.wait("broker", turn, connected=False)
    assert ear.rows() == 0


def test_what_is_never_acknowledged_clogs_nothing(ear):
    """Receipts that never come do not keep later commands from crossing once the first have expired."""
    ear.put(WINDOW, expires_at=NOW + 10)
    later = ear.put()
    with ear.courier() as courier:
        assert len(delivered(ear.settle(courier))) == WINDOW
        ear.now = NOW + 10
        assert delivered(ear.settle(courier)) == later


def test_a_late_receipt_still_counts(ear):
    """A receipt that comes a little after the end is written down; one that comes much later is not."""
    early, late = ear.put(2, expires_at=NOW + 10)
    with ear.courier() as courier:
        courier.hear_all(Deliver, 2)
        ear.now = NOW + 10
        ear.settle(courier)
        courier.say(Acknowledged(id=early))
        ear.settle(courier)
        ear.now = NOW + 10 + LATE_SECONDS
        ear.settle(courier)
        courier.say(Acknowledged(id=late))
        ear.settle(courier)
    assert ear.sent() == [early]


def test_what_cannot_be_written_down_is_not_lost(ear):
    """With a ledger that cannot be written, nothing is deleted and nothing sent twice; then it goes on."""
    (put,) = ear.put()
    (ear.folder / "ledger").write_text("no folder")
    with ear.courier() as courier:
        courier.hear_all(Deliver, 1)
        courier.say(Acknowledged(id=put))
        ear.diary.wait("state_folder_fault")
        assert delivered(ear.settle(courier)) == []
    assert ear.ids() == [put]
    (ear.folder / "ledger").unlink()
    with ear.courier() as courier:
        assert delivered(courier.hear_all(Deliver, 1)) == [put]
        courier.say(Acknowledged(id=put))
        ear.settle(courier)
    assert (ear.ids(), ear.sent()) == ([], [put])


def test_a_broken_database_ends_no_connection(ear):
    """A fault of the disk is written down; the courier still learns of status and events."""
    ear.store.execute("ALTER TABLE outbox RENAME TO elsewhere")
    with ear.courier() as courier:
        ear.settle(courier)
        assert ear.diary.count("state_folder_fault", error="OperationalError")
        ear.store.execute("ALTER TABLE elsewhere RENAME TO outbox")
        assert delivered(ear.settle(courier)) == []
        put = ear.put()
        assert delivered(courier.hear_all(Deliver, 1)) == put


def test_what_is_on_its_way_out_can_be_seen(ear):
    """From when something is handed over until its receipt, and for a second at least: the light shows it."""
    assert not ear.link.sending
    (put,) = ear.put()
    with ear.courier() as courier:
        courier.hear_all(Deliver, 1)
        ear.now = NOW + 30
        assert ear.link.sending
        ear.now = NOW + 0.9
        courier.say(Acknowledged(id=put))
        ear.settle(courier)
        assert ear.link.sending
        ear.now = NOW + 1.1
        assert not ear.link.sending


def test_the_newest_courier_counts(ear):
    """A second courier takes the place of the first: there is one at a time."""
    put = ear.put()
    with ear.courier() as first:
        first.hear_all(Deliver, 1)
        with ear.courier() as second:
            first.wait_closed()
            assert delivered(second.hear_all(Deliver, 1)) == put


def test_events_wait_for_a_courier_but_not_for_ever(ear):
    """What happened while nobody was there is told later: the last EVENTS, with their time, no words."""
    ear.link.tell(Happening.TIMEOUT)
    for second in range(EVENTS):
        ear.now = NOW + second
        ear.link.tell(Happening.WAKE)
    with ear.courier() as courier:
        told = courier.hear_all(Happened, EVENTS)
        assert told == [Happened(event="wake", at=NOW + second) for second in range(EVENTS)]
        assert ear.settle(courier) == []


def test_status_is_told_at_once_and_at_every_change(ear):
    """Each courier learns first how the ear is, then each change of it, and nothing twice."""
    with ear.courier() as courier:
        assert courier.hear() == ear.status
        assert ear.settle(courier) == []
        ear.status = Status(state="muted", reasons=("hardware",), microphone_open=False, switch="muted")
        ear.link.poke()
        assert courier.hear() == ear.status
        ear.link.poke()  # something happened, and the status is the same
        assert [said for said in ear.settle(courier) if isinstance(said, Status)] == []
    with ear.courier() as courier:
        assert courier.hear() == ear.status


@pytest.mark.parametrize(("breach", "why"), BREACHES.values(), ids=BREACHES.keys())
def test_a_breach_ends_that_connection_and_nothing_else(ear, breach, why):
    """Whoever breaks the grammar is cut off; nothing is deleted, and the next courier is served."""
    put = ear.put(2)
    with End.courier(ear.path) as enemy:
        enemy.raw(breach)
        enemy.wait_closed()
    ear.diary.wait("seam_closed", why=why)
    with ear.courier() as courier:
        assert delivered(ear.settle(courier)) == put


def test_half_a_message_and_gone(ear):
    """A courier that goes in mid message leaves nothing behind: the next one's bytes are its own."""
    put = ear.put()
    for cut in (1, 4, 7):
        with End.courier(ear.path) as enemy:
            enemy.raw(HELLO[:cut])
        ear.diary.wait("courier_came", cut // 3 + 1)
    with ear.courier() as courier:
        assert delivered(ear.settle(courier)) == put
    assert ear.diary.count("seam_closed", why="SeamMalformed") == 0


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.sampled_from([b"", HELLO, HELLO + encode(Ready(connected=True))]), data=st.data())
def test_no_bytes_at_all_end_the_ear(ear, first, data):
    """Whatever a courier sends, after a right beginning or at once: the next one is served as ever."""
    body = data.draw(st.binary(max_size=40))
    framed = data.draw(st.booleans())
    with End.courier(ear.path) as enemy, contextlib.suppress(ConnectionError):
        enemy.raw(first + (len(body).to_bytes(4, "big") if framed else b"") + body)
    with ear.courier() as courier:
        assert courier.hear() == ear.status
        assert ear.settle(courier) == []


def test_a_courier_that_takes_nothing_is_cut_off():
    """One that reads nothing holds the link up for `send_seconds` at most, and costs nobody anything."""
    with an_ear(send_seconds=0.2) as ear:
        put = ear.put(WINDOW, name="x" * 60_000)
        with ear.courier() as enemy:  # it asks for all, and reads none of it
            ear.diary.wait("seam_closed", why="TimeoutError")
            enemy.wait_closed()
        with ear.courier() as courier:
            assert delivered(ear.settle(courier)) == put


def test_it_stops_with_a_courier_on_the_line(ear):
    """Told to stop, it hands over what it can, closes the connection and ends."""
    with ear.courier() as courier:
        courier.hear()
        put = ear.put()
        ear.link.stop()
        assert delivered(courier.hear_all(Deliver, 1)) == put
        courier.wait_closed()


BID = Bid(site="kitchen", nonce="0" * 16, engaged=False, score=20.0, rms=-30.0)


def test_a_bid_crosses_at_once_or_not_at_all(tmp_path):
    """With the broker there it goes out; without it, it is dropped, for it would come late."""
    with contextlib.closing(Ear(tmp_path)) as ear:
        ear.link.bid(BID)
        with ear.courier(ready=False) as courier:
            ear.link.bid(BID)
            courier.say(Ready(connected=True))
            assert ear.settle(courier) == []
            ear.link.bid(BID)
            assert courier.hear_all(Bid, 1) == [BID]


def test_the_bid_of_another_device_reaches_the_ear(tmp_path):
    """As it came."""
    heard = []
    with contextlib.closing(Ear(tmp_path, heard=heard.append)) as ear, ear.courier() as courier:
        courier.say(BID)
        ear.settle(courier)
    assert heard == [BID]
