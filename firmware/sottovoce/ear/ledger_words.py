"""The ledger in words: each entry the way a bank statement would tell it. Deciding only."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

_SWITCH: Final = {
    "live": "the privacy switch says live",
    "muted": "the privacy switch says muted",
    "fault": "the privacy switch is broken: it says live, and the microphones have no power. Taken for muted",
    "tamper": "ALARM: the privacy switch says muted, and the microphones have power. Taken for muted",
    "unreadable": "the privacy switch cannot be read. Taken for muted",
}
_BY: Final = {"soft": "you, in software", "schedule": "the schedule"}
_WHY: Final = {
    "you": "you said so",
    "age": "it was too old",
    "size": "there was too much",
    "clock": "it was dated in the future",
    "lost": "its key was gone (power cut, restart) or the file broken",
}
WORDS: Final = {
    "sent": "sent 1 {kind} ({bytes} bytes) to {recipient}, under grant {grant}",
    "granted": "you let {recipient} have {kind}s, grant {grant}",
    "forgotten": "you had {kept} kept and {waiting} waiting deleted, and {asked} asked back",
    "deletion_asked": "asked {recipient} to delete {envelope}",
    "receipt": "{recipient} says of {envelope}: {answer}",
    "false_wake": "you said that it woke at what was not meant for it",
    "revoked": "you revoked grant {grant}; {deleted} waiting deleted",
    "kept": "kept what you said, for you to review ({bytes} bytes, encrypted): snippet {snippet}",
    "deleted": "deleted snippet {snippet}: {why}",
    "approved": "you approved snippet {snippet} for {recipient}, grant {grant}; the copy kept is deleted",
    "switch": "{position}",
    "mute": "{muted} by {reason}",
    "mute_broken": "ALARM: muted, and a microphone was open all the same ({open})",
    "mute_mended": "the alarm is over; the microphones: {finding}",
    "damaged": "the file of your grants and mutes was damaged and moved aside ({moved_to});"
    " no grant stands any more, and the device muted itself",
    "torn": "entry {entry} was only half written (power cut, full disk, or somebody's hand):"
    " {bytes} bytes taken away",
    "taken_over": "the ledger goes on in a file a month, signed;"
    " the {entries} entries before had not been signed",
    "key_changed": "ALARM unless you changed the key: the ledger had been signed with another ({key})",
}
"""What each event says; one that is not here is told by its name."""


class _Facts(dict[str, Any]):
    """An entry's facts; what is missing is told as such."""

    def __missing__(self, name: str) -> str:
        return f"(no {name})"


def in_words(entry: Mapping[str, Any]) -> str:
    """Tell one entry in a line."""
    facts = _Facts(entry)
    facts["position"] = _SWITCH.get(str(facts["position"]), facts["position"])
    facts["muted"] = "muted" if entry.get("on") == "yes" else "no longer muted"
    facts["answer"] = "deleted" if entry.get("deleted") == "yes" else "not deleted"
    facts["why"] = _WHY.get(str(facts["why"]), facts["why"])
    facts["reason"] = _BY.get(str(facts["reason"]), facts["reason"])
    event = str(facts["event"])
    return f"{_moment(entry.get('at'))}  {WORDS.get(event, event).format_map(facts)}"


def _moment(at: object) -> str:
    try:
        return datetime.fromtimestamp(float(str(at))).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return "at no known time"
