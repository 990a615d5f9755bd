"""What left, what is kept, who can hear: asked by voice, answered here; and forgotten here on a word."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sottovoce.ear.consent import is_live
from sottovoce.ear.forget import Forget, Forgotten, Kept, midnight_before
from sottovoce.ear.grants import Grants
from sottovoce.ear.ledger import Ledger
from sottovoce.ear.outbox import Outbox
from sottovoce.ear.skills.sharing import stop_sharing
from sottovoce.ear.words import counted, length_of_time, listed
from sottovoce.errors import StateError
from sottovoce.vocabulary import Earcon, Form, Grant, Happening, Intent, Outcome

_FAILS: Final = Outcome(Earcon.UNSURE, "I could not do all of that: my memory card fails.")
_CHANGED: Final = " My ledger is broken, so there may be more: see sottovoce ledger verify."
_NOUNS: Final = {"audio": "voice clip"}
_GETS: Final = {
    Form.FIELDS: "your commands",
    Form.MASKED: "your words, without names and numbers",
    Form.VERBATIM: "all your words",
    Form.RESPOKEN: "your words, said again in my voice",
    Form.OWN_VOICE: "recordings of your own voice",
    Form.WIRED: "what you have them do, and no words",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What the configuration says that an owner wants to know."""

    broker: str = ""
    """Its host; empty for none."""
    keeps: bool = False
    """Whether sentences are kept for review."""


class Privacy:
    """Answers out of ledger, grants, outbox and shelf; deletes by `Forget`."""

    family = "privacy"

    def __init__(
        self,
        forget: Forget,
        grants: Grants,
        outbox: Outbox,
        ledger: Ledger,
        kept: Kept,
        last: Callable[[], str | None],
        told: Told,
        now: Callable[[], float],
    ) -> None:
        """`last` names the sentence heard last, None for none since the start; `now` is since the epoch."""
        self._forget, self._grants, self._outbox = forget, grants, outbox
        self._ledger, self._kept, self._last = ledger, kept, last
        self._told, self._now = told, now
        self._answers: Mapping[str, Callable[[], Outcome]] = {
            "PrivacySent": self._sent,
            "PrivacyKept": self._what_is_kept,
            "PrivacyForgetLast": self._forget_last,
            "PrivacyForgetToday": self._forget_today,
            "PrivacyFalseWake": self._false_wake,
            "PrivacyStopSharing": lambda: stop_sharing(grants, ledger, forget),
            "PrivacyWho": self._who,
        }

    def handle(self, intent: Intent) -> Outcome:
        """Answer, or do it and say so; where the disk fails, say that."""
        if intent.name == "PrivacyMute":
            return _mute(intent)
        try:
            return self._answers[intent.name]()
        except (sqlite3.Error, StateError):
            return _FAILS

    def _sent(self) -> Outcome:
        report, midnight = self._ledger.audit(), midnight_before(self._now())
        sent: dict[str, Counter[str]] = {}
        for entry in report.trusted:
            if entry.get("event") == "sent" and entry.get("at", 0) >= midnight:
                sent.setdefault(str(entry.get("recipient")), Counter())[str(entry.get("kind"))] += 1
        parts = [f"{_things(kinds)} to {recipient}" for recipient, kinds in sorted(sent.items())]
        broken = _CHANGED if report.broken else ""
        waiting = len(self._outbox.waiting())
        waits = f" {_waiting(waiting)} to be sent." if waiting else ""
        return Outcome(Earcon.DONE, f"Today I sent {listed(parts) or 'nothing'}.{waits}{broken}")

    def _what_is_kept(self) -> Outcome:
        kept, waiting = len(self._kept.ids()), len(self._outbox.waiting())
        parts = [f"{counted(kept, 'sentence')} for your review"] if kept else []
        keeps = f"I have kept {listed(parts) or 'nothing of what you said'}."
        return Outcome(Earcon.DONE, keeps + (f" {_waiting(waiting)} to be sent." if waiting else ""))

    def _forget_last(self) -> Outcome:
        return _done(self._forget_what_was_last())

    def _forget_what_was_last(self) -> Forgotten:
        """Forget the sentence before this one; after a restart, the newest of which anything is left."""
        last = self._last()
        return self._forget.last() if last is None else self._forget.sentence(last)

    def _forget_today(self) -> Outcome:
        return _done(self._forget.today())

    def _false_wake(self) -> Outcome:
        done = self._forget_what_was_last()
        self._ledger.append("false_wake")
        said = _done(done).speech if not done.nothing else "Nothing of it was kept or sent."
        return Outcome(Earcon.DONE, f"Sorry. {said}", happening=Happening.FALSE_WAKE)

    def _who(self) -> Outcome:
        now = self._now()
        live = [grant for grant in self._grants.all() if is_live(grant, now)]
        others = " ".join(map(_gets, live)) or "Nobody else gets anything you say."
        keeps = " I keep sentences here for your review, encrypted." if self._told.keeps else ""
        broker = (
            f"The broker at {self._told.broker} learns how I am, and nothing you say without a grant."
            if self._told.broker
            else "I am connected to no broker."
        )
        return Outcome(Earcon.DONE, f"My microphone is on, and I hear you.{keeps} {others} {broker}")


def _things(kinds: Mapping[str, int]) -> str:
    return listed([counted(count, _NOUNS.get(kind, kind)) for kind, count in sorted(kinds.items())])


def _waiting(count: int) -> str:
    return f"{counted(count, 'thing')} {'waits' if count == 1 else 'wait'}"


def _gets(grant: Grant) -> str:
    until = datetime.fromtimestamp(grant.ends_at).astimezone()
    if grant.form is Form.WIRED:
        return f"The devices you wired get {_GETS[grant.form]}, until {until.day} {until:%B}."
    which = ", of some commands" if grant.intents or grant.snippet else ""
    people = "People there may listen." if grant.humans_listen else "No person there is to listen."
    who = grant.recipient[:1].upper() + grant.recipient[1:]
    return f"{who} gets {_GETS[grant.form]}{which}, until {until.day} {until:%B}. {people}"


def _done(done: Forgotten) -> Outcome:
    """Say what was forgotten, and of whom it is asked."""
    broken = _CHANGED if done.ledger_broken else ""
    acted = " What your devices did cannot be asked back." if done.wired else ""
    if done.nothing:
        return Outcome(Earcon.DONE, f"There was nothing to delete.{acted}{broken}")
    here = done.kept + done.waiting
    parts = [f"{counted(count, 'thing')} from {who}" for who, count in sorted(done.asked.items())]
    deleted = f"I have deleted {counted(here, 'thing')} here." if here else "Nothing of it was left here."
    asking = f" I am asking for the deletion of {listed(parts)}." if parts else ""
    return Outcome(Earcon.DONE, f"{deleted}{asking}{acted}{broken}")


def _mute(intent: Intent) -> Outcome:
    units = {"deaf_span": 1, "deaf_minutes": 60, "deaf_hours": 3600}
    seconds = sum(int(intent.slots[unit]) * length for unit, length in units.items() if unit in intent.slots)
    speech = (
        f"I go deaf for {length_of_time(seconds)}."
        " To end it sooner, hold my button, or type sottovoce unmute."
    )
    return Outcome(Earcon.DONE, speech, mute_seconds=float(seconds))
