"""Stop sharing: what a very long press of the button asks for."""

import contextlib
import sqlite3

from sottovoce.ear.grants import Grants
from sottovoce.ear.ledger import Ledger
from sottovoce.errors import StateError, UsageError
from sottovoce.vocabulary import Earcon, Outcome


def stop_sharing(grants: Grants, ledger: Ledger) -> Outcome:
    """End every grant, delete what waits under them, and write it down; say whether there were any."""
    try:
        ended = grants.all()
        for grant in ended:
            with contextlib.suppress(UsageError):  # the owner has revoked it by command meanwhile
                ledger.append("revoked", grant=grant.id, deleted=grants.revoke(grant.id))
    except (sqlite3.Error, StateError):
        return Outcome(Earcon.UNSURE, "I cannot write that down. Flip the switch.")
    return Outcome(Earcon.DONE, "Nothing is shared any more." if ended else "Nothing was shared.")
