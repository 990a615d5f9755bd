"""What you ask to be deleted is deleted here at once and asked of everyone who has it."""

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.house import HOUSE
from fakes.kept import KeptInMemory
from fakes.sharing import NOW, a_command, a_grant, a_wiring
from real.device import STUDIO, a_device
from real.seam import End
from sottovoce.ear.consent import WIRED_NAME
from sottovoce.ear.erasures import Erasures
from sottovoce.ear.forget import Forget, Forgotten, midnight_before
from sottovoce.ear.grants import Grants
from sottovoce.ear.ledger import Ledger
from sottovoce.ear.link import WINDOW
from sottovoce.ear.outbox import Outbox
from sottovoce.ear.skills.sharing import stop_sharing
from sottovoce.ear.store import open_store
from sottovoce.errors import StateError
from sottovoce.vocabulary import Erasure, Redacted
from sottovoce.wire import Acknowledged, Deliver, Erase, Erased, Ready

CANARY = "ornithorhynchus"


@pytest.fixture
def device():
    """One, with nothing said yet."""
    with a_device() as made:
        yield made


def erases(messages):
    """Give the ids and topics of what is to be erased, in order of ids."""
    return sorted((message.id, message.topic) for message in messages if isinstance(message, Erase))


def test_all_of_it_is_deleted_here_and_asked_of_everyone(device):
    """Kept: gone. Waiting: gone, overwritten on disk. Sent: each recipient is asked, by id alone."""
    device.kept.at.update(k1=NOW - 10.0, k2=NOW - 9e6)
    device.say("s1", name=CANARY)
    home, studio = device.sent("s2"), device.sent("s2", device.studio)
    assert device.forget.all() == Forgotten(2, 1, {"home automation": 1, STUDIO: 1})
    assert device.kept.at == {}
    assert device.outbox.things() == []
    on_disk = b"".join(path.read_bytes() for path in device.folder.glob("sottovoce.db*"))
    assert CANARY.encode() not in on_disk
    with device.courier() as courier:
        asked = erases(device.settle(courier))
    assert asked == sorted([(home, "sottovoce/home-automation"), (studio, "sottovoce/the-studio")])


def test_the_last_is_the_newest_of_all_and_no_other(device):
    """Kept, waiting or sent, whichever was said last, however late it left; then the one before it."""
    sent = device.sent("early", at=NOW)
    device.kept.at["later"] = NOW + 10.0
    late = device.say("latest", at=NOW + 20)
    device.now = NOW + 500
    assert device.forget.last() == Forgotten(0, 1)
    assert late not in {thing.envelope for thing in device.outbox.things()}
    assert device.kept.at == {"later": NOW + 10.0}
    assert device.forget.last() == Forgotten(1, 0)
    assert device.forget.last() == Forgotten(0, 0, {"home automation": 1})
    assert device.erasures.ids() == {sent}
    assert device.forget.last() == Forgotten()


def test_what_left_later_than_it_was_said_is_no_later_for_that(device):
    """A command that waited for its broker is as old as its words."""
    old = device.say("old", at=NOW)
    device.kept.at["new"] = NOW + 10.0
    device.now = NOW + 500
    (envelope,) = device.outbox.waiting()
    device.ledger.sent(envelope)
    device.outbox.delivered(old)
    device.forget.last()
    assert (device.kept.at, device.erasures.ids()) == ({}, set())


PLACES = ("kept", "waiting", "sent")
said = st.lists(st.tuples(st.sampled_from(PLACES), st.sampled_from("abcd"), st.integers(0, 50)), max_size=8)


@settings(max_examples=40)
@given(said, st.booleans())
def test_forgetting_the_last_never_deletes_anothers(sentences, again):
    """Whatever is where: only what bears the newest sentence's id is deleted and asked for."""
    with tempfile.TemporaryDirectory(prefix="forget-") as name:
        made = Bare(Path(name), sentences)
        for _ in range(1 + again):
            things = made.things()
            newest = max(things, key=lambda one: one[2], default=None)
            made.forget.last()
            at_newest = {one[1] for one in things if newest and one[2] == newest[2]}
            gone = things - made.things()
            assert len({one[1] for one in gone}) == bool(things)
            assert {one[1] for one in gone} <= at_newest
            left = {one[1] for one in made.things()}
            assert not {one[1] for one in gone} & left
        made.store.close()


class Bare:
    """The same without a seam: quick."""

    def __init__(self, folder, sentences):
        now = lambda: self.now  # noqa: E731
        self.store = open_store(folder)
        self.grants, self.outbox, self.ledger = (
            Grants(self.store),
            Outbox(self.store, now),
            Ledger(folder, now),
        )
        self.kept = KeptInMemory()
        self.forget = Forget(self.store, self.ledger, self.kept, now)
        grant = a_grant(seconds=9e5)
        self.grants.add(grant)
        self.left = []
        for place, snippet, at in sentences:
            self.now = NOW + at
            if place == "kept":
                self.kept.at[snippet] = self.now
                continue
            identity = self.outbox.put(a_command(grant, snippet=snippet, expires_at=NOW + 9e5))
            if place == "sent":
                (envelope,) = [one for one in self.outbox.waiting() if one.id == identity]
                self.ledger.sent(envelope)
                self.outbox.delivered(identity)
                self.left.append((identity, snippet, self.now))
        self.now = NOW + 100

    def things(self):
        """All that is left: what, of which sentence, said when."""
        asked = Erasures(self.store).ids()
        return (
            {("kept", snippet, at) for snippet, at in self.kept.ids()}
            | {(one.envelope, one.snippet, one.at) for one in self.outbox.things()}
            | {one for one in self.left if one[0] not in asked}
        )


def test_today_begins_at_midnight_by_the_devices_clock(device):
    """What was said before it stays; what is dated later than now, by a clock that was ahead, goes too."""
    midnight = midnight_before(NOW)
    device.kept.at.update(before=midnight - 1, first=midnight, ahead=NOW + 9e5)
    yesterday, today = device.sent("y", at=midnight - 5), device.sent("t", at=midnight + 5)
    device.now = NOW
    assert device.forget.today() == Forgotten(2, 0, {"home automation": 1})
    assert set(device.kept.at) == {"before"}
    assert device.erasures.ids() == {today} != {yesterday}


def test_revoking_asks_that_recipient_and_no_other(device):
    """All that left under the grant is asked for; what left under another is not."""
    ours, theirs = device.sent("s"), device.sent("s", device.studio)
    device.say("w")
    assert device.forget.revoke(device.home.id) == (1, Forgotten(0, 0, {"home automation": 1}))
    assert device.erasures.ids() == {ours} != {theirs}


def test_stop_sharing_asks_everybody(device):
    """So does the end of all sharing; and it says whom it asks."""
    device.sent("s")
    device.sent("s", device.studio)
    outcome = stop_sharing(device.grants, device.ledger, device.forget)
    assert outcome.speech == (
        "Nothing is shared any more. I am asking home automation and the studio to delete what they got."
    )
    assert device.erasures.open() == {"home automation": 1, STUDIO: 1}


def test_requests_outlast_restart_revocation_and_a_broker_that_is_away(device):
    """At least once: until the broker has it, each courier is asked again; after that, none."""
    sent = device.sent("s")
    device.forget.revoke(device.home.id)
    with device.courier() as courier:
        assert erases(device.settle(courier)) == [(sent, "sottovoce/home-automation")]
        courier.say(Ready(connected=False), Ready(connected=True))
        assert erases(device.settle(courier)) == [(sent, "sottovoce/home-automation")]
    with device.courier() as courier:
        assert [one.id for one in courier.hear_all(Erase, 1)] == [sent]
        courier.say(Acknowledged(id=sent))
        assert erases(device.settle(courier)) == []
    with device.courier() as courier:
        assert erases(device.settle(courier)) == []
    assert device.told("deletion_asked") == [(sent, "home automation")]


@pytest.mark.parametrize("deleted", [True, False])
def test_the_answer_goes_into_the_ledger(device, deleted):
    """Deleted or refused; what is said to be deleted is not asked for again, what was refused is."""
    sent = device.sent("s")
    device.forget.all()
    with device.courier() as courier:
        courier.hear_all(Erase, 1)
        courier.say(Acknowledged(id=sent), Erased(id=sent, deleted=deleted), Erased(id=sent, deleted=True))
        device.settle(courier)
    answer = "yes" if deleted else "no"
    assert device.told("receipt") == [(sent, "home automation", answer)]
    assert device.forget.unanswered() == {}
    assert bool(device.forget.all().asked) != deleted


def test_an_answer_may_overtake_the_brokers(device):
    """A recipient quicker than the broker's acknowledgement is believed all the same, once."""
    sent = device.sent("s")
    device.forget.all()
    with device.courier() as courier:
        courier.hear_all(Erase, 1)
        courier.say(Erased(id=sent, deleted=True), Acknowledged(id=sent))
        assert erases(device.settle(courier)) == []
    assert device.told("deletion_asked") == [(sent, "home automation")]
    assert device.told("receipt") == [(sent, "home automation", "yes")]


identities = st.from_regex(r"[A-Za-z0-9-]{1,64}", fullmatch=True)


@settings(max_examples=40)
@given(st.lists(st.tuples(identities | st.sampled_from(["asked", "not-asked"]), st.booleans()), max_size=6))
def test_an_answer_to_what_was_never_asked_changes_nothing(answers):
    """No id that a broker makes up, nor that of something sent and not asked for, moves anything."""
    with a_device() as device:
        ids = {"not-asked": device.sent("kept apart")}
        device.erasures.ask([Erasure("waits", "home automation", "a")])
        state = (device.ledger.entries(), device.store.execute("SELECT * FROM erasures").fetchall())
        with End.courier(device.folder / "seam").greet() as courier:  # its broker is away: nothing is asked
            courier.say(*(Erased(id=ids.get(one, one), deleted=deleted) for one, deleted in answers))
            courier.say(Erased(id="waits", deleted=True), Ready(connected=False))
            device.diary.wait("broker", connected=False)
        assert (device.ledger.entries(), device.store.execute("SELECT * FROM erasures").fetchall()) == state


def test_what_arrives_though_it_was_deleted_meanwhile_is_asked_back(device):
    """Forgotten, or revoked, while it is on its way: it did leave, so its recipient is asked."""
    put = device.say("s")
    with device.courier() as courier:
        courier.hear_all(Deliver, 1)
        assert device.forget.all() == Forgotten(0, 1)
        courier.say(Acknowledged(id=put))
        assert erases(device.settle(courier)) == [(put, "sottovoce/home-automation")]


def wired(device, snippet="s"):
    """Have a message for a device of home.toml wait, under a grant for the wiring; its envelope's id."""
    grant = a_wiring(HOUSE, NOW - 9e5, 2e6)
    device.grants.add(grant)
    topic = "zigbee2mqtt/kitchen_light/set"
    return device.outbox.put(Redacted(grant.kind, grant.id, snippet, topic, {}, NOW + 30, payload=b"ON"))


def test_no_lamp_is_asked_to_delete_anything(device):
    """Nothing is published beside a device's topic: not for what it got, nor for what was on its way."""
    put = wired(device)
    with device.courier() as courier:
        courier.hear_all(Deliver, 1)
        assert device.forget.all() == Forgotten(0, 1)
        courier.say(Acknowledged(id=put))
        assert erases(device.settle(courier)) == []
        assert device.forget.all() == Forgotten(wired=1)
        assert erases(device.settle(courier)) == []
    assert device.forget.last() == Forgotten()
    assert device.forget.under([device.home.id]) == Forgotten()


def test_a_recipient_is_asked_whatever_it_is_called(device):
    """Also by the name under which the wiring is granted."""
    named = a_grant(NOW - 9e5, 2e6, recipient=WIRED_NAME)
    device.grants.add(named)
    sent = device.sent("s", named)
    assert device.forget.all() == Forgotten(0, 0, {WIRED_NAME: 1})
    assert device.erasures.ids() == {sent}


def test_however_many_are_asked_each_is_asked_once(device):
    """More than are handed over at a time: all of them, each until it is acknowledged."""
    many = [Erasure(f"e{number}", STUDIO, "studio") for number in range(2 * WINDOW + 3)]
    device.erasures.ask(many)
    with device.courier() as courier:
        got = []
        for _ in many:
            (message,) = courier.hear_all(Erase, 1)
            got.append(message.id)
            courier.say(Acknowledged(id=message.id))
        assert erases(device.settle(courier)) == []
    assert sorted(got) == sorted(one.id for one in many)


def test_a_ledger_that_was_broken_is_told_and_deletes_all_the_same(device):
    """What is here goes, what stands before the break is asked for, and that there may be more is told."""
    first, _ = device.sent("a"), device.sent("b")
    (path,) = (device.folder / "ledger").glob("*.jsonl")
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join([*lines[:-1], lines[-1].replace(b"home", b"hone", 1)]))
    device.say("w")
    done = device.forget.all()
    assert done == Forgotten(0, 1, {"home automation": 1}, ledger_broken=True)
    assert device.erasures.ids() == {first}


def test_an_entry_nobody_can_be_asked_by_is_left_out(device):
    """An id or topic that would not cross the seam breaks no connection."""
    (envelope,) = (device.say("s"), device.outbox.waiting()[0])[1:]
    for odd in (
        replace(envelope, id="a b"),
        replace(envelope, topic="a/#/command"),
        replace(envelope, topic="x"),
    ):
        device.ledger.sent(odd)
    assert device.forget.all() == Forgotten(0, 1)
    with device.courier() as courier:
        assert erases(device.settle(courier)) == []


def test_one_place_that_fails_keeps_the_other_from_nothing(device):
    """A shelf that cannot delete is told as an error; what waits is deleted and what left is asked for."""
    sent = device.sent("s")
    device.say("w")

    class Failing(KeptInMemory):
        def forget(self, ids):
            raise StateError("the shelf cannot be written")

    forget = Forget(device.store, device.ledger, Failing(k=NOW), lambda: NOW)
    with pytest.raises(StateError, match="shelf"):
        forget.all()
    assert device.outbox.things() == []
    assert device.erasures.ids() == {sent}
