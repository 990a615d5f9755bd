"""What may be asked of the ear from the broker: exactly so much, and garbage asks for nothing."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sottovoce.courier.requests import PAYLOAD_CAP, request, request_topics
from sottovoce.wire import (
    SAY_CAP,
    VERSION,
    Chime,
    Decoder,
    Hello,
    Purge,
    Say,
    Sensitivity,
    SoftMute,
    WakeWord,
    encode,
)

BASE = "sottovoce/home"
TABLE = {
    ("mute/soft/set", b"ON"): SoftMute(on=True),
    ("mute/soft/set", b"OFF"): SoftMute(on=False),
    ("say/set", "Lunch,\r\n  É\x07 \U0001f372".encode()): Say(text="Lunch, É \U0001f372"),
    ("say/set", b"x" * SAY_CAP): Say(text="x" * SAY_CAP),
    ("chime/set", b"PRESS"): Chime(),
    ("sensitivity/set", b"0.65"): Sensitivity(value=0.65),
    ("sensitivity/set", b"0"): Sensitivity(value=0.0),
    ("sensitivity/set", b"1.0"): Sensitivity(value=1.0),
    ("wake_word/set", b"hey jarvis"): WakeWord(word="hey jarvis"),
    ("wake_word/set", b"any"): WakeWord(word=""),
    ("purge/set", b"PRESS"): Purge(),
}
GARBAGE = {
    "mute/soft/set": (b"on", b"ON ", b"ON\0", b"true", b"1", b"", b"PRESS"),
    "say/set": (b"", b" \n", b"\xff", b"x" * (SAY_CAP + 1), b" " * (PAYLOAD_CAP + 1)),
    "chime/set": (b"", b"ON", b"PRESS "),
    "sensitivity/set": (b"", b"-0.1", b"1.01", b"1e-1", b"nan", b"inf", b"0,5", b" 0.5", b"0." + b"1" * 21),
    "wake_word/set": (b"", b"x" * 65, b"a\nb", b"\xc3"),
    "purge/set": (b"", b"ON", b"press"),
}
topics = st.sampled_from(sorted(GARBAGE))


@pytest.mark.parametrize(("topic", "payload"), TABLE)
def test_what_can_be_asked_for(topic, payload):
    """Each on its own topic; not when retained: that is an old wish, and nobody's any more."""
    expected = TABLE[topic, payload]
    assert request(BASE, f"{BASE}/{topic}", payload, retained=False) == expected
    assert request(BASE, f"{BASE}/{topic}", bytearray(payload), retained=False) == expected
    assert request(BASE, f"{BASE}/{topic}", payload, retained=True) is None
    assert request("sottovoce/other", f"{BASE}/{topic}", payload, retained=False) is None


@pytest.mark.parametrize(("topic", "payload"), [(t, p) for t, payloads in GARBAGE.items() for p in payloads])
def test_garbage_asks_for_nothing(topic, payload):
    """What is nearly right is wrong."""
    assert request(BASE, f"{BASE}/{topic}", payload, retained=False) is None


def test_only_these_topics_are_listened_to():
    """Nothing clears the switch, changes the schedule or begins to listen."""
    assert request_topics(BASE) == [f"{BASE}/{topic}" for topic in GARBAGE]
    for topic in ("mute/hardware/set", "mute/soft", "mute/schedule/set", "listen/set", "mute/soft/set/x", ""):
        for payload in (b"ON", b"OFF", b"PRESS"):
            assert request(BASE, f"{BASE}/{topic}", payload, retained=False) is None
    for topic in ("say/set", "/say/set", BASE, f"{BASE}say/set"):
        assert request(BASE, topic, b"hello", retained=False) is None


@given(topics, st.binary(max_size=40) | st.text(max_size=SAY_CAP + 2).map(str.encode))
@example("say/set", "\u2028\x85\x9f".encode())
def test_whatever_the_broker_sends_the_seam_does_not_break_of_it(topic, payload):
    """What becomes a request is one that the ear takes: else a broker could cut the two apart at will."""
    asked = request(BASE, f"{BASE}/{topic}", payload, retained=False)
    if asked is not None:
        stream = encode(Hello(version=VERSION)) + encode(asked)
        assert Decoder(from_ear=False).feed(stream)[1:] == [asked]
