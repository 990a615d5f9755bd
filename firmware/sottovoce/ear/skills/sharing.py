"""Stop sharing: what a very long press of the button asks for."""

import contextlib
import sqlite3

from sottovoce.ear.grants import Grants
from sottovoce.ear.ledger import Ledger
from sottovoce.errors import StateError, UsageError
from sottovoce.vocabulary import Earcon, Outcome

_STILL_SHARED = Outcome(Earcon.UNSURE, "I cannot end that: my memory card fails. Pull my network plug.")
_UNWRITTEN = Outcome(Earcon.DONE, "Nothing is shared any more. I could not write that down.")


def stop_sharing(grants: Grants, ledger: Ledger) -> Outcome:
    """End every grant and delete what waits under them, then write it down; say how that went."""
    ended: list[tuple[str, int]] = []
    try:
        for grant in grants.all():
            with contextlib.suppress(UsageError):  # the owner has revoked it by command meanwhile
                ended.append((grant.id, grants.revoke(grant.id)))
    except sqlite3.Error:
        return _STILL_SHARED
    try:
        for identity, deleted in ended:
            ledger.append("revoked", grant=identity, deleted=deleted)
    except StateError:
        return _UNWRITTEN
    return Outcome(Earcon.DONE, "Nothing is shared any more." if ended else "Nothing was shared.")
