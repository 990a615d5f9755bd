"""Consent receipts: every grant and its end, with the fields of Kantara 1.1."""

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

import sottovoce
from fakes.sharing import NOW, a_grant
from sottovoce.ear.receipt import receipts, terms

SCHEMA = json.loads((Path(sottovoce.__file__).parent / "ear" / "receipt.schema.json").read_text())
CHECK = jsonschema.Draft202012Validator(SCHEMA)
KEY = "ab" * 32
KANTARA = {
    "version", "jurisdiction", "consentTimestamp", "collectionMethod", "consentReceiptID", "language",
    "piiPrincipalId", "piiControllers", "policyUrl", "services", "sensitive", "spiCat",
}  # fmt: skip
"""What the specification demands of every receipt."""
GRANT = a_grant(intents=["HomeTurnOn"])
GRANTED = {"at": NOW + 0.25, "event": "granted", **terms(GRANT)}
REVOKED = {"at": NOW + 60, "event": "revoked", "grant": GRANT.id, "deleted": 2}
OLD = {key: GRANTED[key] for key in ("at", "event", "kind", "recipient", "grant", "text_hash")}
"""How a grant was written down before."""


def test_the_schema_is_one():
    """It keeps the rules of JSON Schema, and demands what Kantara does."""
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert set(SCHEMA["required"]) == KANTARA | {"sottovoce"}


@pytest.mark.parametrize("entries", [[GRANTED], [GRANTED, REVOKED], [OLD], [OLD, REVOKED]])
@pytest.mark.parametrize("key", ["", KEY])
def test_a_receipt_fits_the_schema(entries, key):
    """While the grant runs, once it was ended, and for one written down with fewer facts."""
    (receipt,) = receipts(entries, key)
    CHECK.validate(json.loads(json.dumps(receipt)))


@pytest.mark.parametrize("field", sorted(SCHEMA["required"]))
def test_the_schema_refuses_a_receipt_without_a_field(field):
    """Each field it demands is one it would miss."""
    (receipt,) = receipts([GRANTED], KEY)
    del receipt[field]
    with pytest.raises(jsonschema.ValidationError):
        CHECK.validate(receipt)


def test_it_says_what_was_agreed_to():
    """To whom, what for, how long, whether people listen, and the hash of the very text."""
    (receipt,) = receipts([{**GRANTED, **terms(replace(GRANT, humans_listen=True))}, REVOKED], KEY)
    (purpose,) = receipt["services"][0]["purposes"]
    assert receipt["consentTimestamp"] == int(NOW)
    assert receipt["piiControllers"][0]["piiController"] == purpose["thirdPartyName"] == "home automation"
    assert purpose["purpose"] == GRANT.purpose
    assert "2027-01-15 09:00:00 UTC" in purpose["termination"]
    assert GRANT.retention in purpose["termination"]
    assert receipt["policyUrl"] == f"urn:sha-256:{GRANT.text_hash}"
    own = receipt["sottovoce"]
    assert (own["humansListen"], own["intents"]) == ("yes", ["HomeTurnOn"])
    assert (own["revokedAt"], own["deletedWaiting"]) == (int(NOW) + 60, 2)


def test_a_grant_has_one_receipt_and_always_the_same():
    """Drawn up again, or after its end, it has the same number; another grant has another."""
    other = {"at": NOW, "event": "granted", **terms(a_grant())}
    first, second = receipts([GRANTED, other, REVOKED], KEY)
    assert first["consentReceiptID"] == receipts([GRANTED], "")[0]["consentReceiptID"]
    assert first["consentReceiptID"] != second["consentReceiptID"]
    assert "revokedAt" not in second["sottovoce"]


def test_an_entry_that_tells_too_little_makes_no_receipt():
    """Nor does any other event."""
    assert receipts([{"event": "granted"}, {"event": "sent", "grant": "g1"}, REVOKED], KEY) == []
