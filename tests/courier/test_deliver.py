"""What the ear says, as MQTT publications: every topic there is, and no other."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.courier.deliver import Publication, availability, firmware, publications
from sottovoce.wire import Deliver, Erase, Happened, Status

BASE = "sottovoce/home"
NOW = 1_800_000_000.0


def retained(topic, text):
    """Tell a state."""
    return Publication(f"{BASE}/{topic}", text.encode(), retain=True)


def status(**facts):
    """Make a status of an idle ear, with `facts` instead."""
    return Status(**{"state": "idle", "reasons": (), "microphone_open": True, "switch": "live"} | facts)


def deliver(**facts):
    """Make an envelope as it crosses, with `facts` instead."""
    known = {"id": "e1", "kind": "command", "grant_id": "g1", "topic": "a/command", "body": b'{"x": 1}'}
    return Deliver(**{**known, "expires_at": NOW + 900} | facts)


NOTHING_LEFT = [retained("snippets/pending", "0"), retained("sent/count", "0"), retained("sent/last", "")]
UNTOLD = [retained("sensitivity", "0"), retained("wake_word", "any")]
TABLE = {
    "idle": (
        status(),
        [
            retained("state", "idle"),
            retained("mute/hardware", "OFF"),
            retained("mute/soft", "OFF"),
            retained("mute/switch", "live"),
            retained("mute/reasons", ""),
            retained("mic/open", "ON"),
            *NOTHING_LEFT,
            *UNTOLD,
        ],
    ),
    "deaf by the switch": (
        status(state="muted", reasons=("hardware", "speaking"), microphone_open=False, switch="tamper"),
        [
            retained("state", "muted"),
            retained("mute/hardware", "ON"),
            retained("mute/soft", "OFF"),
            retained("mute/switch", "tamper"),
            retained("mute/reasons", "hardware,speaking"),
            retained("mic/open", "OFF"),
            *NOTHING_LEFT,
            *UNTOLD,
        ],
    ),
    "deaf, but not by the switch": (
        status(state="muted", reasons=("soft",), microphone_open=False),
        [
            retained("state", "muted"),
            retained("mute/hardware", "OFF"),
            retained("mute/soft", "ON"),
            retained("mute/switch", "live"),
            retained("mute/reasons", "soft"),
            retained("mic/open", "OFF"),
            *NOTHING_LEFT,
            *UNTOLD,
        ],
    ),
    "something left": (
        status(pending=3, sent_today=2, sent_last=NOW, sensitivity=0.65, wake_word="hey jarvis"),
        [
            retained("state", "idle"),
            retained("mute/hardware", "OFF"),
            retained("mute/soft", "OFF"),
            retained("mute/switch", "live"),
            retained("mute/reasons", ""),
            retained("mic/open", "ON"),
            retained("snippets/pending", "3"),
            retained("sent/count", "2"),
            retained("sent/last", "2027-01-15T08:00:00+00:00"),
            retained("sensitivity", "0.65"),
            retained("wake_word", "hey jarvis"),
        ],
    ),
    "a clip": (
        deliver(kind="audio", topic="a/snippet", clip=b"fLaC"),
        [
            Publication("a/snippet/e1/meta", b'{"x": 1}', retain=False, grant="g1", expires_in=900),
            Publication(
                "a/snippet/e1", b"fLaC", retain=False, envelope="e1", grant="g1", expires_in=900,
                content_type="audio/flac",
            ),
        ],
    ),
    "a request to delete": (
        Erase(id="e1", topic="a"),
        [
            Publication(
                "a/snippet/e1/delete", b'{"id": "e1", "at": 1800000000.0}', retain=False, envelope="e1"
            )
        ],
    ),
    "an event": (
        Happened(event="wake", at=NOW),
        [Publication(f"{BASE}/event", b'{"event_type": "wake", "at": 1800000000.0}', retain=False)],
    ),
    "a command": (
        deliver(),
        [
            Publication(
                "a/command", b'{"x": 1}', retain=False, envelope="e1", grant="g1", expires_in=900
            )
        ],
    ),
    "a command in its last second": (
        deliver(expires_at=NOW + 1.9),
        [Publication("a/command", b'{"x": 1}', retain=False, envelope="e1", grant="g1", expires_in=1)],
    ),
    "a command that has expired": (deliver(expires_at=NOW), []),
    "a command of which less than a second is left": (deliver(expires_at=NOW + 0.9), []),
}  # fmt: skip


@pytest.mark.parametrize(("message", "expected"), TABLE.values(), ids=TABLE.keys())
def test_every_topic(message, expected):
    """Each message becomes just these publications: states stay at the broker, events and commands don't."""
    assert publications(message, BASE, NOW) == expected


def test_whether_the_device_is_there_stays_at_the_broker():
    """`online` and `offline` are retained."""
    assert availability(BASE, online=True) == retained("availability", "online")
    assert availability(BASE, online=False) == retained("availability", "offline")


def test_which_version_runs_stays_at_the_broker():
    """Home Assistant's update entity reads it; a newer one is known to nobody here."""
    assert firmware(BASE, "0.1.0") == retained(
        "firmware", '{"installed_version": "0.1.0", "latest_version": "0.1.0"}'
    )


words = st.from_regex(r"[a-z_]{1,32}", fullmatch=True)


@given(
    st.builds(
        Status,
        state=words,
        reasons=st.lists(words).map(tuple),
        microphone_open=st.booleans(),
        switch=words,
    )
    | st.builds(Happened, event=words, at=st.floats(0, 2**32 - 1))
)
def test_what_has_no_grant_stays_on_the_devices_own_topics(message):
    """Status and events go to the device's own topics only, hold no envelope and never expire."""
    for publication in publications(message, BASE, NOW):
        assert publication.topic.startswith(f"{BASE}/")
        assert publication.topic.count("#") + publication.topic.count("+") == 0
        assert (publication.envelope, publication.grant, publication.expires_in) == ("", "", None)
        if not publication.retain:
            assert set(json.loads(publication.payload)) == {"event_type", "at"}


@given(st.floats(0, 2**32 - 1), st.floats(0, 2**32 - 1))
def test_an_expiry_fits_into_the_packet(expires_at, now):
    """Whatever the clocks say, what is published expires in 1 to 2**32 - 1 seconds, or is not published."""
    for publication in publications(deliver(expires_at=expires_at), BASE, now):
        assert 1 <= publication.expires_in <= 2**32 - 1
        assert now + publication.expires_in <= expires_at


def test_no_publication_prints_what_it_carries():
    """A publication in a log line or a traceback shows its topic, not its content."""
    (one,) = publications(deliver(body=b"kitchen"), BASE, NOW)
    assert "kitchen" not in repr(one)
