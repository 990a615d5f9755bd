"""Stop sharing: what a very long press of the button asks for, and the words."""

import contextlib
import sqlite3

from sottovoce.ear.forget import Forget
from sottovoce.ear.grants import Grants
from sottovoce.ear.ledger import Ledger
from sottovoce.ear.words import listed
from sottovoce.errors import StateError, UsageError
from sottovoce.vocabulary import Earcon, Outcome

_STILL_SHARED = Outcome(Earcon.UNSURE, "I cannot end that: my memory card fails. Pull my network plug.")
_UNWRITTEN = Outcome(Earcon.DONE, "Nothing is shared any more. I could not write that down.")


def stop_sharing(grants: Grants, ledger: Ledger, forget: Forget) -> Outcome:
    """End every grant, delete what waits, ask for what left, then write it down; say how that went."""
    ended: list[tuple[str, int]] = []
    try:
        for grant in grants.every():
            with contextlib.suppress(UsageError):  # the owner has revoked it by command meanwhile
                ended.append((grant.id, grants.revoke(grant.id)))
    except sqlite3.Error:
        return _STILL_SHARED
    if not ended:
        return Outcome(Earcon.DONE, "Nothing was shared.")
    try:
        asked = forget.under(identity for identity, _ in ended).asked
        for identity, deleted in ended:
            ledger.append("revoked", grant=identity, deleted=deleted)
    except (StateError, sqlite3.Error):
        return _UNWRITTEN
    asking = f" I am asking {listed(sorted(asked))} to delete what they got." if asked else ""
    return Outcome(Earcon.DONE, f"Nothing is shared any more.{asking}")
