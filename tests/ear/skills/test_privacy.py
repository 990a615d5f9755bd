"""What one says to the device about one's privacy: right numbers, plain sentences, and done."""

import pytest

from fakes.kept import KeptInMemory
from fakes.sharing import NOW, a_command, a_grant
from sottovoce.config import Config
from sottovoce.ear.act import sentences
from sottovoce.ear.build import make_understanding
from sottovoce.ear.consent import PRIVATE_FAMILY, WIRED_NAME
from sottovoce.ear.forget import Forget, midnight_before
from sottovoce.ear.grants import Grants
from sottovoce.ear.ledger import Ledger
from sottovoce.ear.outbox import Outbox
from sottovoce.ear.skills.privacy import Privacy, Told
from sottovoce.ear.store import open_store
from sottovoce.vocabulary import Earcon, Form, Happening, Intent, Kind, Transcript


class House:
    """The skill, and what it tells of."""

    def __init__(self, folder):
        self.now, self.last, self.folder = NOW, None, folder
        now = lambda: self.now  # noqa: E731
        self.store = open_store(folder)
        self.grants, self.outbox, self.ledger = (
            Grants(self.store),
            Outbox(self.store, now),
            Ledger(folder, now),
        )
        self.kept = KeptInMemory()
        self.told = Told()

    def say(self, name, **slots):
        forget = Forget(self.store, self.ledger, self.kept, lambda: self.now)
        skill = Privacy(
            forget, self.grants, self.outbox, self.ledger, self.kept, lambda: self.last,
            self.told, lambda: self.now,
        )  # fmt: skip
        return skill.handle(Intent(f"Privacy{name}", slots))

    def grant(self, **facts):
        grant = a_grant(**{"now": NOW - 8e4, "seconds": 40 * 86_400.0} | facts)
        self.grants.add(grant)
        return grant

    def wait(self, grant, snippet="s1"):
        return self.outbox.put(a_command(grant, snippet=snippet, expires_at=NOW + 9e4))

    def send(self, grant, snippet="s1"):
        identity = self.wait(grant, snippet)
        (envelope,) = [one for one in self.outbox.waiting() if one.id == identity]
        self.ledger.sent(envelope)
        self.outbox.delivered(identity)


@pytest.fixture
def house(tmp_path):
    """A house in which nothing is granted, kept or sent."""
    return House(tmp_path)


MEANS = {
    "PrivacySent": ("what did you send today", "what have you sent", "what did you share today"),
    "PrivacyKept": ("what have you kept", "what did you keep", "what do you keep of me"),
    "PrivacyForgetLast": ("delete what i just said", "forget that", "delete my last sentence"),
    "PrivacyForgetToday": ("delete everything from today", "forget everything i said today"),
    "PrivacyFalseWake": ("that wasn't for you", "that was not for you", "that wasn't meant for you"),
    "PrivacyStopSharing": ("stop sharing", "stop sharing everything", "stop sharing anything"),
    "PrivacyMute": ("mute for an hour", "mute yourself for twenty minutes", "mute for two hours"),
    "PrivacyWho": ("who can hear me", "who is listening to us", "who is listening"),
}


@pytest.mark.parametrize("name", MEANS)
def test_there_are_several_ways_to_say_each(name):
    """Each is understood for what it is, beside all the other skills' sentences."""
    understanding = make_understanding(Config())
    for text in MEANS[name]:
        assert understanding.understand(Transcript(text, 1.0, "test")).name == name, text


def test_all_of_them_are_private_by_name():
    """Every intent of the family bears the name that no grant covers and no shelf keeps; no others do."""
    assert set(sentences("privacy")["intents"]) == set(MEANS)
    assert all(name.startswith(PRIVATE_FAMILY) for name in MEANS)


def test_what_was_sent_today(house):
    """By kind and recipient, with plurals; not yesterday's; what waits is told apart."""
    assert house.say("Sent").speech == "Today I sent nothing."
    home, studio = house.grant(), house.grant(recipient="the studio", kind=Kind.AUDIO)
    house.now = midnight_before(NOW) - 1
    house.send(home)
    house.now = NOW
    assert house.say("Sent").speech == "Today I sent nothing."
    house.send(home)
    house.send(home)
    house.send(studio)
    assert (
        house.say("Sent").speech
        == "Today I sent 2 commands to home automation and 1 voice clip to the studio."
    )
    house.wait(home)
    assert house.say("Sent").speech.endswith("to the studio. 1 thing waits to be sent.")
    house.wait(home)
    assert house.say("Sent").speech.endswith(" 2 things wait to be sent.")


def test_what_is_kept(house):
    """How many sentences, and how many things wait."""
    assert house.say("Kept").speech == "I have kept nothing of what you said."
    house.kept.at["one"] = NOW
    assert house.say("Kept").speech == "I have kept 1 sentence for your review."
    house.kept.at["two"] = NOW
    house.wait(house.grant())
    assert house.say("Kept").speech == "I have kept 2 sentences for your review. 1 thing waits to be sent."


def test_delete_means_the_sentence_before(house):
    """Not an older one of which something is left; what went out is asked for by name."""
    grant = house.grant()
    house.kept.at["older"] = NOW - 5.0
    house.last = "gone"
    assert house.say("ForgetLast").speech == "There was nothing to delete."
    assert house.kept.at == {"older": NOW - 5.0}
    house.send(grant, "s7")
    house.kept.at["s7"] = NOW
    house.last = "s7"
    assert house.say("ForgetLast").speech == (
        "I have deleted 1 thing here. I am asking for the deletion of 1 thing from home automation."
    )
    assert set(house.kept.at) == {"older"}


def test_after_a_restart_the_last_is_the_newest_there_is(house):
    """Nothing was heard since: the newest of what is kept, waits or was sent."""
    house.kept.at.update(older=NOW - 5.0, newer=NOW)
    assert house.say("ForgetLast").speech == "I have deleted 1 thing here."
    assert set(house.kept.at) == {"older"}


def test_everything_from_today(house):
    """Yesterday's stays."""
    house.kept.at.update(yesterday=midnight_before(NOW) - 1, a=NOW, b=NOW)
    assert house.say("ForgetToday").speech == "I have deleted 2 things here."
    assert set(house.kept.at) == {"yesterday"}


def test_a_false_wake_is_forgotten_and_noted(house):
    """A word-free event and an entry; and the sentence is gone."""
    house.kept.at["s1"] = NOW
    house.last = "s1"
    outcome = house.say("FalseWake")
    assert outcome.speech == "Sorry. I have deleted 1 thing here."
    assert outcome.happening is Happening.FALSE_WAKE
    assert house.kept.at == {}
    assert [entry["event"] for entry in house.ledger.entries()] == ["forgotten", "false_wake"]
    assert house.say("FalseWake").speech == "Sorry. Nothing of it was kept or sent."


def test_stop_sharing_by_voice(house):
    """As by a very long press."""
    assert house.say("StopSharing").speech == "Nothing was shared."
    house.grant()
    assert house.say("StopSharing").speech == "Nothing is shared any more."
    assert house.grants.every() == []


@pytest.mark.parametrize(
    ("text", "seconds", "spoken"),
    [
        ("mute for an hour", 3600, "1 hour"),
        ("mute for half an hour", 1800, "30 minutes"),
        ("mute for a quarter of an hour", 900, "15 minutes"),
        ("mute for one minute", 60, "1 minute"),
        ("mute for ninety minutes", 5400, "1 hour and 30 minutes"),
        ("mute yourself for twenty four hours", 86_400, "24 hours"),
    ],
)
def test_mute_for_a_while(house, text, seconds, spoken):
    """So long, and how to end it sooner."""
    intent = make_understanding(Config()).understand(Transcript(text, 1.0, "test"))
    outcome = house.say(intent.name.removeprefix("Privacy"), **intent.slots)
    assert outcome.mute_seconds == seconds
    assert outcome.speech == (
        f"I go deaf for {spoken}. To end it sooner, hold my button, or type sottovoce unmute."
    )


def test_who_can_hear(house):
    """Microphone, shelf, each recipient with what it gets and whether people listen, and the broker."""
    assert house.say("Who").speech == (
        "My microphone is on, and I hear you. Nobody else gets anything you say. I am connected to no broker."
    )
    house.told = Told("10.0.0.5", keeps=True)
    house.grant()
    studio = {"recipient": "the studio", "kind": Kind.AUDIO, "form": Form.OWN_VOICE, "intents": ["HomeDim"]}
    house.grant(**studio)
    house.grant(recipient="nobody", seconds=1.0)  # it has ended
    assert house.say("Who").speech == (
        "My microphone is on, and I hear you. I keep sentences here for your review, encrypted. "
        "Home automation gets your commands, until 23 February. No person there is to listen. "
        "The studio gets recordings of your own voice, of some commands, until 23 February. "
        "No person there is to listen. "
        "The broker at 10.0.0.5 learns how I am, and nothing you say without a grant."
    )


def test_devices_that_the_owner_wired(house):
    """They get no words; and what they did is done, whatever is forgotten."""
    grant = house.grant(form=Form.WIRED, recipient=WIRED_NAME)
    assert (
        "The devices you wired get what you have them do, and no words, until 23 February. I am connected"
        in house.say("Who").speech
    )
    house.send(grant)
    assert house.say("ForgetToday").speech == (
        "There was nothing to delete. What your devices did cannot be asked back."
    )
    assert house.say("Sent").speech == "Today I sent 1 command to house devices in home.toml."


def test_a_ledger_that_was_broken_is_told(house):
    """No number is given as if it were sure."""
    house.send(house.grant())
    (path,) = (house.folder / "ledger").glob("*.jsonl")
    path.write_bytes(path.read_bytes().replace(b"home", b"hone", 1))
    assert house.say("Sent").speech == (
        "Today I sent nothing. My ledger is broken, so there may be more: see sottovoce ledger verify."
    )


@pytest.mark.parametrize("name", sorted(set(MEANS) - {"PrivacyMute", "PrivacyStopSharing"}))
def test_a_disk_that_fails_is_said(house, name):
    """Never "deleted" of what could not be; the device goes on."""
    for table in ("grants", "outbox"):
        house.store.execute(f"ALTER TABLE {table} RENAME TO no_{table}")
    outcome = house.say(name.removeprefix("Privacy"))
    assert outcome.earcon is Earcon.UNSURE
    assert outcome.speech == "I could not do all of that: my memory card fails."
