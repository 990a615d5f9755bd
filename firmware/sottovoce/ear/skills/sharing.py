"""Stop sharing: what a very long press of the button asks for."""

import sqlite3

from sottovoce.ear.grants import Grants
from sottovoce.vocabulary import Earcon, Outcome


def stop_sharing(grants: Grants) -> Outcome:
    """End every grant and delete what waits under them; say how many there were."""
    try:
        ended = [grants.revoke(grant.id) for grant in grants.all()]
    except sqlite3.Error:
        return Outcome(Earcon.UNSURE, "I cannot write that down. Flip the switch.")
    return Outcome(Earcon.DONE, "Nothing is shared any more." if ended else "Nothing was shared.")
