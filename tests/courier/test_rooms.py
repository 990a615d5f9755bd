"""Bids over a broker: what is published, and what is taken."""

import json
import threading

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakes.diary import Diary
from real.subscriber import Subscriber
from sottovoce import config
from sottovoce.courier import rooms
from sottovoce.courier.mqtt import Mqtt
from sottovoce.wire import NAMES_CAP, Bid

BID = Bid(site="kitchen", nonce="0" * 16, engaged=False, score=20.0, rms=-30.0)
TOPIC = rooms.topic("home")


def test_a_bid_is_published_for_now_alone():
    """Not retained, kept in no session, dropped by the broker after a second; and no words in it."""
    published = rooms.publication(BID, "home")
    assert published.topic == "sottovoce/rooms/home/bid"
    assert (published.retain, published.qos, published.expires_in) == (False, 0, 1)
    assert json.loads(published.payload) == {
        "type": "Bid", "site": "kitchen", "nonce": "0" * 16, "engaged": False,
        "score": 20.0, "rms": -30.0, "age": 0.0, "over": [],
    }  # fmt: skip


def test_the_longest_bid_can_be_read():
    """One that names as many others as it may, with the longest of names."""
    longest = msgspec.structs.replace(
        BID, site="a" * 64, score=-123.456789, rms=-123.456789, age=0.999, over=("f" * 16,) * NAMES_CAP
    )
    assert rooms.read(rooms.publication(longest, "home").payload) == longest


@given(st.binary(max_size=3000) | st.text().map(str.encode) | st.just(b"[" * 2000))
def test_anything_else_is_no_bid(garbage):
    """Whatever bytes come, nothing comes of them."""
    assert rooms.read(garbage) is None


@pytest.mark.parametrize(
    "changed", [{"score": 1e9}, {"age": -1}, {"nonce": "x"}, {"more": 1}, {"site": "a" * 3000}, {"rms": None}]
)
def test_a_bid_out_of_its_bounds_is_none(changed):
    """Nor of a bid with something wrong in it."""
    body = json.loads(rooms.publication(BID, "home").payload)
    assert rooms.read(json.dumps(body).encode()) == BID
    assert rooms.read(json.dumps({**body, **changed}).encode()) is None


def test_a_flood_is_throttled():
    """So many in a second, and in the next one again."""
    throttle = rooms.Throttle(rate=10)
    assert [sum(throttle.lets_through(second + 0.01 * n) for n in range(50)) for second in (7, 8)] == [10, 10]


def test_devices_hear_each_other_but_not_themselves_and_nothing_retained(broker):
    """Over a real broker: the others' bids come through at once; one's own and an old one do not."""
    heard, came, diary = [], threading.Event(), Diary()

    def hear(payload):
        heard.append(payload)
        came.set()

    with Subscriber(broker.port) as other:
        other.publish(TOPIC, "old", retain=True)
        mqtt = Mqtt(
            config.Broker(host="127.0.0.1", port=broker.port), "sottovoce/kitchen",
            lambda connected: diary.note("connected", now=connected), print, diary, others={TOPIC: hear},
        )  # fmt: skip
        mqtt.start()
        try:
            diary.wait("connected", now=True)
            diary.wait("request_refused", retained=True)
            mqtt.publish(rooms.publication(BID, "home"))
            assert other.wait(TOPIC, rooms.publication(BID, "home").payload.decode()).qos == 0
            other.publish(TOPIC, "from another")
            assert came.wait(10)
            assert heard == [b"from another"]
        finally:
            mqtt.stop()
