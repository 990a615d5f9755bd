"""What recipients answer to a request to delete: a word or some JSON, on their own topics."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sottovoce.courier.receipts import RECEIPT_CAP, read, topics
from sottovoce.wire import Erased

BASE = "sottovoce/home"
STUDIO = "studio/a"
RECEIPT = f"{STUDIO}/snippet/e1/receipt"
ANSWERS = {
    b"deleted": True,
    b" refused\n": False,
    b'{"deleted": true}': True,
    b'{"deleted": false, "note": "the law wants it kept", "more": [1]}': False,
}


def answered(topic, payload):
    """Make of a receipt what the ear is told."""
    return read(topic, bytes(payload), [BASE, STUDIO])


@pytest.mark.parametrize("payload", ANSWERS)
def test_a_recipient_answers_in_a_word_or_in_json(payload):
    """Deleted or not, and of what; nothing of its note goes on."""
    deleted = ANSWERS[payload]
    assert answered(RECEIPT, payload) == Erased(id="e1", deleted=deleted)
    assert answered(f"{BASE}/snippet/e2/receipt", bytearray(payload)) == Erased(id="e2", deleted=deleted)


@pytest.mark.parametrize(
    "topic",
    [
        f"{STUDIO}/snippet//receipt",
        f"{STUDIO}/snippet/a b/receipt",
        f"{STUDIO}/snippet/{'x' * 65}/receipt",
        f"{STUDIO}/snippet/e1/receipt/receipt",
        f"{STUDIO}/e1/receipt",
        "somebody/snippet/e1/receipt",
        f"x{RECEIPT}",
        "/receipt",
    ],
)
def test_an_answer_from_elsewhere_is_none(topic):
    """Only of an id that could be one, and on the topics of a configured recipient."""
    assert answered(topic, b"deleted") is None


@given(
    st.binary(max_size=40) | st.sampled_from([b'{"deleted": "yes"}', b'{"deleted": 1}', b"[" * 4000, b"{}"])
)
def test_garbage_answers_nothing(payload):
    """Whatever a recipient writes: an answer or none, and never an error."""
    assert answered(RECEIPT, payload) in {None, Erased(id="e1", deleted=True), Erased(id="e1", deleted=False)}
    assert answered(RECEIPT, b"x" + payload) is None


def test_an_answer_that_is_too_long_is_none():
    """A note may be long, but not so long."""
    payload = b'{"deleted": true, "note": "%s"}' % (b"x" * RECEIPT_CAP)
    assert answered(RECEIPT, payload) is None


def test_each_recipient_answers_under_its_own_prefix():
    """The topics that are subscribed to, one a recipient."""
    assert topics([BASE, STUDIO]) == [f"{BASE}/snippet/+/receipt", f"{STUDIO}/snippet/+/receipt"]
