"""Consent receipts: a grant and its end out of the ledger, with the fields of Kantara 1.1. Deciding only.

What the device does not know (who is behind a recipient's name, in which country) is told as not stated.
`receipt.schema.json` says what a receipt looks like.
"""

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

from sottovoce.ear.consent import HOLDS
from sottovoce.vocabulary import Form, Grant

VERSION: Final = "KI-CR-v1.1.0"
NOT_STATED: Final = "not stated"
_NEEDED: Final = {"at", "kind", "recipient", "grant", "text_hash"}
"""What grants were written down with from the beginning."""

Entry = Mapping[str, Any]


def terms(grant: Grant) -> dict[str, str | float]:
    """Tell what the owner agreed to, for the ledger: all that a receipt needs."""
    return {
        "kind": str(grant.kind),
        "recipient": grant.recipient,
        "topic": grant.topic,
        "grant": grant.id,
        "purpose": grant.purpose,
        "humans_listen": "yes" if grant.humans_listen else "no",
        "retention": grant.retention,
        "intents": " ".join(grant.intents),
        "form": str(grant.form),
        "snippet": grant.snippet,
        "ends_at": grant.ends_at,
        "text_hash": grant.text_hash,
    }


def receipts(entries: Iterable[Entry], public_key: str) -> list[dict[str, Any]]:
    """Draw up a receipt for every grant the ledger tells of, oldest first."""
    granted: dict[str, Entry] = {}
    ended: dict[str, Entry] = {}
    for entry in entries:
        if entry.get("event") == "granted" and entry.keys() >= _NEEDED:
            granted.setdefault(str(entry.get("grant")), entry)
        elif entry.get("event") == "revoked":
            ended.setdefault(str(entry.get("grant")), entry)
    return [_receipt(entry, ended.get(grant), public_key) for grant, entry in granted.items()]


def _receipt(granted: Entry, ended: Entry | None, public_key: str) -> dict[str, Any]:
    receipt = {
        "version": VERSION,
        "jurisdiction": NOT_STATED,
        "consentTimestamp": int(granted["at"]),
        "collectionMethod": "at the device itself, by its owner, who was shown the whole text",
        "consentReceiptID": _identity(granted),
        "language": "en",
        "piiPrincipalId": "the owner of this device",
        "piiControllers": [_controller(str(granted["recipient"]))],
        "policyUrl": f"urn:sha-256:{granted['text_hash']}",
        "services": [{"service": "Sottovoce voice assistant", "purposes": [_purpose(granted)]}],
        "sensitive": False,
        "spiCat": [],
        "sottovoce": _own(granted, ended),
    }
    return {**receipt, "publicKey": public_key} if public_key else receipt


def _controller(name: str) -> dict[str, Any]:
    unknown = dict.fromkeys(("contact", "email", "phone"), NOT_STATED)
    return {"piiController": name, **unknown, "address": {"addressCountry": NOT_STATED}}


def _purpose(granted: Entry) -> dict[str, Any]:
    ends = granted.get("ends_at")
    until = f"on {_moment(ends)}, or when revoked" if ends else "when it ends or is revoked"
    return {
        "purpose": granted.get("purpose", NOT_STATED),
        "purposeCategory": ["1 - Core Function"],
        "consentType": "EXPLICIT",
        "piiCategory": [_holds(granted)],
        "primaryPurpose": True,
        "termination": f"{until}; they keep it: {granted.get('retention', NOT_STATED)}",
        "thirdPartyDisclosure": True,
        "thirdPartyName": granted["recipient"],
    }


def _holds(granted: Entry) -> str:
    form = str(granted.get("form", Form.FIELDS))  # there was no other when grants had none
    return HOLDS[Form(form)] if form in set(Form) else str(granted["kind"])


def _own(granted: Entry, ended: Entry | None) -> dict[str, Any]:
    """Tell what Kantara has no field for."""
    own = {
        "grant": granted["grant"],
        "topic": granted.get("topic", NOT_STATED),
        "humansListen": granted.get("humans_listen", NOT_STATED),
        "intents": str(granted.get("intents", "")).split(),
        "textHash": granted["text_hash"],
    }
    return {**own, "revokedAt": int(ended["at"]), "deletedWaiting": ended.get("deleted", 0)} if ended else own


def _identity(granted: Entry) -> str:
    """Give the same UUID each time a receipt is drawn up for the same grant."""
    seed = f"{granted['grant']} {granted['at']} {granted['text_hash']}"
    return str(uuid.UUID(bytes=hashlib.sha256(seed.encode()).digest()[:16], version=4))


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
