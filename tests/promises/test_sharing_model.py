"""Whatever happens in whatever order, what crosses the seam is what a live grant lets out, and all of it.

`SOTTOVOCE_OPERATIONS=200000` makes it try so many operations; the quick suite tries a few thousand.
"""

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from fakes.hearing import Diary, HummingVoice
from fakes.sharing import NOW, a_grant, a_snippet
from sottovoce.ear.clip import decode
from sottovoce.ear.consent import LONGEST_SECONDS
from sottovoce.ear.grants import Grants
from sottovoce.ear.mask import Masker
from sottovoce.ear.outbox import Outbox
from sottovoce.ear.redact import Redactor
from sottovoce.ear.share import Share
from sottovoce.ear.state_folder import StateFolder
from sottovoce.ear.store import open_store
from sottovoce.vocabulary import FORMS, Form, Grant, Intent, Kind

STEPS = 50
OPERATIONS = int(os.environ.get("SOTTOVOCE_OPERATIONS", "3000"))
COMMANDS = ("HomeTurnOn", "HomeDim")
INTENTS = (*COMMANDS, "ClockTime", "PrivacySent", None)
RECIPIENTS = ("home automation", "the neighbour")
SUFFIX = {Kind.COMMAND: "command", Kind.TRANSCRIPT: "transcript", Kind.AUDIO: "snippet"}
AT_MOST = {Kind.COMMAND: 900, Kind.TRANSCRIPT: 86_400, Kind.AUDIO: 86_400}
OWN = np.arange(1, 300, dtype=np.int16)
LOG = Path(os.environ.get("SOTTOVOCE_COUNT", os.devnull))


@dataclass(frozen=True)
class Let:
    """What must be waiting, by the model."""

    grant: str
    topic: str
    snippet: str
    form: Form
    expires_at: float


class Sharing(RuleBasedStateMachine):
    """Grants, sentences, receipts, edits, crashes, restarts and clocks, against what was agreed."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.now, self.said = NOW, 0
        self.agreed: dict[str, Grant] = {}
        self.waiting: list[Let] = []
        self.start()

    def start(self):
        self.store = open_store(Path(self.folder.name))
        self.store.execute("PRAGMA synchronous = OFF")  # no power is lost here, and it is far quicker
        self.grants, self.outbox = Grants(self.store), Outbox(self.store, lambda: self.now)
        redactor = Redactor(Masker(["light"]), b"secret" * 3)
        self.share = Share(
            self.grants,
            self.outbox,
            redactor,
            HummingVoice(),
            None,
            StateFolder(Path(self.folder.name), Diary()),
            lambda: self.now,
            Diary(),
        )

    def teardown(self):
        self.store.close()
        self.folder.cleanup()

    def is_live(self, grant):
        return grant.granted_at <= self.now < grant.ends_at

    def lets(self, grant, intent, snippet):
        """Say, by the model, whether a grant is about a sentence and is in force."""
        if not self.is_live(grant) or intent == "PrivacySent" or grant.form is Form.WIRED:
            return False  # no home.toml here: a grant for a wiring lets nothing out
        if grant.snippet:
            about = grant.snippet == snippet
        else:
            about = intent is not None and (not grant.intents or intent in grant.intents)
        return about and (grant.kind is not Kind.COMMAND or intent in COMMANDS)

    @rule(
        kind=st.sampled_from(Kind),
        careful=st.booleans(),
        seconds=st.integers(1, int(LONGEST_SECONDS)),
        intents=st.sets(st.sampled_from(COMMANDS), max_size=1),
        recipient=st.sampled_from(RECIPIENTS),
        ahead=st.integers(0, 3),
    )
    def agree(self, kind, careful, seconds, intents, recipient, ahead):
        form = FORMS[kind][0 if careful else -1]
        snippet = f"s{self.said + ahead}" if ahead else ""
        grant = a_grant(self.now, float(seconds), sorted(intents), recipient, kind, form, snippet)
        self.grants.add(grant)
        self.agreed[grant.id] = grant

    @rule(which=st.integers(0, 9))
    def revoke(self, which):
        if which < len(self.agreed):
            grant_id = list(self.agreed)[which]
            count = self.grants.revoke(grant_id)
            assert count == sum(one.grant == grant_id for one in self.waiting)
            self.end(grant_id)

    def end(self, grant_id):
        del self.agreed[grant_id]
        self.waiting = [one for one in self.waiting if one.grant != grant_id]

    @rule(intent=st.sampled_from(INTENTS))
    def speak(self, intent):
        self.said += 1
        snippet = f"s{self.said}"
        heard = None if intent is None else Intent(intent, {"name": "light"})
        letting = [grant for grant in self.agreed.values() if self.lets(grant, intent, snippet)]
        channels = {(grant.kind, grant.recipient) for grant in letting}
        for kind, recipient in sorted(channels):
            rivals = [one for one in letting if (one.kind, one.recipient) == (kind, recipient)]
            careful = [one for one in rivals if one.form is FORMS[kind][0]] or rivals
            grant = max(careful, key=lambda one: (one.ends_at, one.granted_at, one.id))
            until = min(self.now + AT_MOST[kind], grant.ends_at)
            topic = f"{grant.topic}/{SUFFIX[kind]}"
            self.waiting.append(Let(grant.id, topic, snippet, grant.form, until))
        self.share.share(a_snippet(heard, "turn on the light for sophie", OWN.copy(), self.now, snippet))

    @rule(which=st.integers(0, 9))
    def a_receipt_comes(self, which):
        there = self.outbox.waiting()
        if which < len(there):
            assert self.outbox.delivered(there[which].id)
            assert not self.outbox.waiting() or there[which].id not in {
                one.id for one in self.outbox.waiting()
            }
            self.waiting = [one for one in self.waiting if not self.same(one, there[which])]

    @rule(seconds=st.integers(-200_000, 10_000_000))
    def the_clock_jumps(self, seconds):
        self.now += seconds

    @rule(seconds=st.sampled_from([1, 60, 899, 900, 86_399, 86_400]))
    def time_passes(self, seconds):
        self.now += seconds

    @rule(which=st.integers(0, 9), column=st.sampled_from(["purpose", "recipient", "retention", "topic"]))
    def somebody_edits_the_database(self, which, column):
        if which < len(self.agreed):
            grant_id = list(self.agreed)[which]
            self.store.execute(f"UPDATE grants SET {column} = {column} || '!' WHERE id = ?", (grant_id,))
            self.end(grant_id)

    @rule()
    def restart(self):
        self.store.close()
        self.start()

    @rule()
    def crash_in_mid_revocation(self):
        """What was begun and not committed did not happen."""
        self.store.execute("BEGIN IMMEDIATE")
        self.store.execute("DELETE FROM grants")
        self.store.close()
        self.start()

    def same(self, let, envelope):
        return (let.grant, let.topic, let.snippet) == (
            envelope.grant_id,
            envelope.topic,
            envelope.snippet_id,
        )

    @invariant()
    def what_crosses_is_what_was_let_out(self):
        with LOG.open("a") as log:
            log.write(".")
        self.waiting = [
            one for one in self.waiting if one.expires_at > self.now and self.is_live(self.agreed[one.grant])
        ]
        crossing = self.outbox.waiting()
        assert len(crossing) == len(self.waiting)
        for let in self.waiting:
            (envelope,) = (one for one in crossing if self.same(let, one))
            assert envelope.expires_at == let.expires_at
            assert envelope.recipient == self.agreed[let.grant].recipient
            sounds = let.form in FORMS[Kind.AUDIO]
            assert bool(envelope.clip) == sounds
            assert (b"sophie" in envelope.body) == (let.form is Form.VERBATIM)
            is_own = sounds and np.array_equal(decode(envelope.clip), OWN)
            assert is_own == (let.form is Form.OWN_VOICE)


Sharing.TestCase.settings = settings(
    max_examples=max(1, OPERATIONS // STEPS), stateful_step_count=STEPS, deadline=None
)
test_nothing_crosses_without_a_live_grant = Sharing.TestCase
del Sharing
