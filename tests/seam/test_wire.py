"""The seam's grammar: whatever comes, only whole, known, small messages get through."""

import contextlib
import itertools

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sottovoce import config
from sottovoce.errors import SeamClosed, SeamError, SeamMalformed, SeamTooBig
from sottovoce.wire import (
    CAP,
    LENGTH_BYTES,
    NAMES_CAP,
    SAY_CAP,
    VERSION,
    Acknowledged,
    Bid,
    Chime,
    Decoder,
    Deliver,
    Erase,
    Erased,
    Happened,
    Hello,
    Purge,
    Ready,
    Say,
    Sensitivity,
    SoftMute,
    StateOf,
    Status,
    WakeWord,
    encode,
)

HELLO = encode(Hello(version=VERSION))
identities = st.from_regex(r"[A-Za-z0-9-]{1,64}", fullmatch=True)
words = st.from_regex(r"[a-z_]{1,32}", fullmatch=True)
times = st.floats(0, 2**32 - 1)
nonces = st.from_regex(r"[0-9a-f]{16}", fullmatch=True)
bids = st.builds(
    Bid,
    site=st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True),
    nonce=nonces,
    engaged=st.booleans(),
    score=st.floats(-200, 200),
    rms=st.floats(-200, 200),
    age=st.floats(0, 1),
    over=st.lists(nonces, max_size=NAMES_CAP).map(tuple),
)
messages = st.one_of(
    st.builds(
        Status,
        state=words,
        reasons=st.lists(words).map(tuple),
        microphone_open=st.booleans(),
        switch=words,
    ),
    st.builds(Happened, event=words, at=times),
    st.builds(
        Deliver,
        id=identities,
        kind=words,
        grant_id=identities,
        topic=st.from_regex(r"[A-Za-z0-9_/-]{1,240}", fullmatch=True),
        body=st.binary(max_size=2000),
        expires_at=times,
    ),
    st.builds(Erase, id=identities, topic=st.from_regex(r"[A-Za-z0-9_/-]{1,240}", fullmatch=True)),
)

answers = st.one_of(
    st.builds(Ready, connected=st.booleans()),
    st.builds(Acknowledged, id=identities),
    st.builds(SoftMute, on=st.booleans()),
    st.builds(Erased, id=identities, deleted=st.booleans()),
    st.builds(Say, text=st.from_regex(r"[^\x00-\x1f\x7f-\x9f]{1,50}", fullmatch=True)),
    st.builds(Sensitivity, value=st.floats(0, 1)),
    st.builds(WakeWord, word=st.just("") | words),
    st.sampled_from([Chime(), Purge()]),
    st.builds(
        StateOf,
        device=st.from_regex(r"[a-z]{1,40}( [a-z]{1,40})?", fullmatch=True),
        value=st.sampled_from(["on", "off", "open", "closed", "locked", "armed"]) | st.floats(-1e6, 1e6),
        at=times,
        old=st.booleans(),
    ),
)


def framed(body):
    """Put a length before bytes."""
    return len(body).to_bytes(LENGTH_BYTES, "big") + body


@given(st.lists(messages | bids, max_size=5), st.lists(answers | bids, max_size=5), st.booleans(), st.data())
def test_messages_survive_any_cutting_up(said, answered, from_ear, data):
    """However the stream is cut up on its way, the same messages come out, once and in order."""
    sent = said if from_ear else answered
    stream = HELLO + b"".join(map(encode, sent))
    cuts = sorted(data.draw(st.lists(st.integers(1, len(stream)), max_size=10)))
    decoder, got = Decoder(from_ear=from_ear), []
    for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True):
        if start < stop:
            got += decoder.feed(stream[start:stop])
    assert got == [Hello(version=VERSION), *sent]


@given(st.binary(min_size=1, max_size=300), st.booleans(), st.booleans())
def test_garbage_is_an_error_of_the_seam_and_nothing_else(garbage, from_ear, greeted):
    """No bytes whatever make the decoder fail in another way, or keep more than one capped message."""
    decoder = Decoder(from_ear=from_ear)
    with contextlib.suppress(SeamError):
        decoder.feed((HELLO if greeted else b"") + garbage)
    assert len(decoder._buffer) <= CAP + LENGTH_BYTES


@given(messages | answers | bids, st.data())
def test_a_damaged_message_is_an_error_of_the_seam_and_nothing_else(message, data):
    """Nor do bytes that were once a message: any of them changed, cut out or put in."""
    stream = bytearray(HELLO + encode(message))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(stream) - 1))
        stream[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    with contextlib.suppress(SeamError):
        Decoder(from_ear=data.draw(st.booleans())).feed(bytes(stream) or b"0")


@given(st.integers(1, CAP - 20))
@example(CAP - 20)
def test_nesting_too_deep_is_malformed(depth):
    """Not even lists in lists in lists, down to where a reader's own stack would end."""
    body = b"\x82\xa1x" + b"\x91" * depth + b"\xc0\xa4type\xa5Hello"
    with pytest.raises(SeamMalformed):
        Decoder(from_ear=True).feed(HELLO + framed(body))


@given(st.binary(min_size=1, max_size=300))
def test_a_framed_body_of_garbage_is_malformed(garbage):
    """Bytes in a right frame that are no message are malformed; hardly any garbage is a message."""
    with pytest.raises(SeamMalformed):
        Decoder(from_ear=False).feed(framed(garbage))


def test_a_length_over_the_cap_is_too_big_before_its_bytes_come():
    """A claimed length over the cap ends it at once: nothing of it is waited for."""
    decoder = Decoder(from_ear=False)
    with pytest.raises(SeamTooBig):
        decoder.feed(HELLO + (CAP + 1).to_bytes(LENGTH_BYTES, "big"))


def test_the_end_of_the_stream_is_closed():
    """An end in the middle of a message or between two is neither malformed nor too big."""
    for before in (b"", HELLO, HELLO[:3]):
        decoder = Decoder(from_ear=False)
        if before:
            decoder.feed(before)
        with pytest.raises(SeamClosed):
            decoder.feed(b"")


def test_the_three_faults_are_three_errors():
    """Malformed, too big and closed can be told apart, and none is a kind of another."""
    faults = (SeamMalformed, SeamTooBig, SeamClosed)
    assert all(not issubclass(one, other) for one in faults for other in faults if one is not other)


@pytest.mark.parametrize(
    "stream",
    [
        encode(Ready(connected=True)),
        HELLO + HELLO,
        encode(Hello(version=VERSION + 1)),
    ],
    ids=["no hello", "two hellos", "another version"],
)
def test_hello_comes_first_and_once_and_of_our_version(stream):
    """A conversation that does not begin as it should is not gone on with."""
    with pytest.raises(SeamMalformed):
        Decoder(from_ear=False).feed(stream)


@given(
    field=st.sampled_from(["id", "grant_id", "topic", "kind"]),
    value=st.sampled_from(["", "a\n", "#", "a/+/b", "$SYS/broker", "a" * 300, "a\x00", 3, None]),
)
def test_a_name_that_is_none_is_malformed(field, value):
    """No wildcard, no line's end, nothing over-long: such a name reaches neither broker nor outbox."""
    names = {"id": "a", "grant_id": "a", "topic": "a", "kind": "a"}
    body = {"type": "Deliver", **names, "body": b"", "expires_at": 1.0}
    assert Decoder(from_ear=True).feed(HELLO + framed(msgspec.msgpack.encode(body)))
    with pytest.raises(SeamMalformed):
        Decoder(from_ear=True).feed(HELLO + framed(msgspec.msgpack.encode({**body, field: value})))


@pytest.mark.parametrize(
    "message",
    [
        Say(text=""),
        Say(text="a\nb"),
        Say(text="x" * (SAY_CAP + 1)),
        Sensitivity(value=1.01),
        Sensitivity(value=float("nan")),
        WakeWord(word="x" * 65),
        WakeWord(word="a\x07"),
    ],
    ids=["nothing", "two lines", "too long", "over 1", "no number", "a long word", "a bell"],
)
def test_a_request_out_of_bounds_is_malformed(message):
    """What a broker asks for reaches nobody in the ear when it is too long, too much, or no line of text."""
    with pytest.raises(SeamMalformed):
        Decoder(from_ear=False).feed(HELLO + encode(message))


@pytest.mark.parametrize("field", ["id", "grant_id", "kind"])
def test_only_a_topic_may_be_what_a_device_is_called(field):
    """A device's own topic has any letters; names of ours have none but plain ones."""
    body = {"type": "Deliver", "id": "a", "grant_id": "a", "kind": "a", "topic": "zigbee2mqtt/Küche 1/set"}
    body |= {"body": b"", "expires_at": 1.0}
    assert Decoder(from_ear=True).feed(HELLO + framed(msgspec.msgpack.encode(body)))
    with pytest.raises(SeamMalformed):
        Decoder(from_ear=True).feed(HELLO + framed(msgspec.msgpack.encode({**body, field: "küche"})))


@pytest.mark.parametrize(
    "value",
    ["Your house is on fire", "ON", "", "open the door", 1e9, float("nan"), float("-inf"), None, ["on"]],
)
def test_a_state_is_a_word_of_ours_or_a_number(value):
    """Nothing else comes to the ear as the state of a device: no text that it could be made to say."""
    body = {"type": "StateOf", "device": "front door", "value": "open", "at": 1.0, "old": False}
    assert Decoder(from_ear=False).feed(HELLO + framed(msgspec.msgpack.encode(body)))
    with pytest.raises(SeamMalformed):
        Decoder(from_ear=False).feed(HELLO + framed(msgspec.msgpack.encode({**body, "value": value})))


@pytest.mark.parametrize("moment", [float("nan"), float("inf"), -1.0, 1e300])
def test_a_moment_that_is_none_is_malformed(moment):
    """A time that one cannot reckon with is no time."""
    with pytest.raises(SeamMalformed):
        Decoder(from_ear=True).feed(HELLO + encode(Happened(event="wake", at=moment)))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *itertools.product(["score", "rms", "age"], [float("nan"), float("inf"), -1e9, 1e9, "loud"]),
        *itertools.product(["nonce"], ["", "0" * 15, "0" * 17, "F" * 16, "0" * 16 + "\n"]),
        *itertools.product(["site"], ["", "a/b", "#", "a" * 65]),
        ("over", ["0" * 16] * (NAMES_CAP + 1)),
        ("word", "computer"),
    ],
)
@pytest.mark.parametrize("from_ear", [True, False])
def test_a_bid_that_is_none_is_malformed(from_ear, field, value):
    """Numbers one cannot compare, names that are none, too many of them, and anything more than a bid."""
    bid = {"type": "Bid", "site": "a", "nonce": "0" * 16, "engaged": False, "score": 1.0, "rms": 1.0}
    assert Decoder(from_ear=from_ear).feed(HELLO + framed(msgspec.msgpack.encode(bid)))
    with pytest.raises(SeamMalformed):
        Decoder(from_ear=from_ear).feed(HELLO + framed(msgspec.msgpack.encode({**bid, field: value})))


@given(st.from_regex(config._TOPIC, fullmatch=True))
@example("a" * 200)
def test_every_recipient_that_can_be_configured_can_be_delivered_to(topic):
    """The longest topic the configuration allows still crosses the seam with its ending."""
    message = Deliver(
        id="a", kind="command", grant_id="g", topic=f"{topic}/command", body=b"{}", expires_at=1.0
    )
    assert Decoder(from_ear=True).feed(HELLO + encode(message))[1:] == [message]


@given(messages)
def test_the_courier_cannot_speak_as_the_ear(message):
    """What only the ear may say is malformed when it comes from the courier."""
    with pytest.raises(SeamMalformed):
        Decoder(from_ear=False).feed(HELLO + encode(message))


@given(answers)
def test_the_ear_cannot_speak_as_the_courier(message):
    """And the other way round."""
    with pytest.raises(SeamMalformed):
        Decoder(from_ear=True).feed(HELLO + encode(message))


def test_a_field_nobody_knows_is_malformed():
    """A message with something added to it is not taken for the message."""
    body = msgspec.msgpack.encode({"type": "Ready", "connected": True, "unmute": True})
    with pytest.raises(SeamMalformed):
        Decoder(from_ear=False).feed(HELLO + framed(body))


def test_what_is_too_big_is_not_even_sent():
    """The sender holds itself to the cap too."""
    with pytest.raises(SeamTooBig):
        encode(
            Deliver(id="a", kind="command", grant_id="g", topic="t", body=b"x" * (CAP + 1), expires_at=0.0)
        )


@given(messages | answers | bids)
def test_no_message_prints_what_it_carries(message):
    """A message shows its kind only, so that no log line can hold its content by accident."""
    assert repr(message) == str(message) == f"<{type(message).__name__}>"
