"""Acting: each intent has its skill, and each command its answer."""

import pytest

from fakes.house import HOUSE
from sottovoce.ear.act import Act, sentences
from sottovoce.ear.build import FAMILIES
from sottovoce.ear.forget import Forget, NothingKept
from sottovoce.ear.grants import Grants
from sottovoce.ear.ledger import Ledger
from sottovoce.ear.outbox import Outbox
from sottovoce.ear.redact import ALLOWED_SLOTS
from sottovoce.ear.reported import Reported
from sottovoce.ear.skills.answer import Answer
from sottovoce.ear.skills.clock import Clock
from sottovoce.ear.skills.home import Home
from sottovoce.ear.skills.house import Questions
from sottovoce.ear.skills.privacy import Privacy, Told
from sottovoce.ear.skills.stop import Stop
from sottovoce.ear.skills.timers import Timers
from sottovoce.ear.store import open_store
from sottovoce.ear.wired import Wired
from sottovoce.vocabulary import Earcon, Intent

SLOTS = (
    {"TimerSet": {"minutes": 1}}
    | {name: {"name": "light", "area": "kitchen"} for name in ("HomeTurnOn", "HomeTurnOff", "HomeDim")}
    | {name: {"name": "garage door"} for name in ("HomeOpen", "HomeClose", "HouseState")}
    | {name: {"name": "front door"} for name in ("HomeLock", "HomeUnlock")}
    | {name: {"name": "alarm"} for name in ("HomeArm", "HomeDisarm")}
    | {"HouseMeasure": {"name": "temperature"}}
)


@pytest.fixture
def skills(tmp_path):
    """Every skill there is."""
    timers = Timers(tmp_path, lambda: 0.0)
    wired, reported = Wired(HOUSE), Reported(HOUSE, lambda: 0.0)
    store, ledger, kept = open_store(tmp_path), Ledger(tmp_path, lambda: 0.0), NothingKept()
    forget, outbox = Forget(store, ledger, kept, lambda: 0.0), Outbox(store, lambda: 0.0)
    privacy = Privacy(forget, Grants(store), outbox, ledger, kept, lambda: None, Told(), lambda: 0.0)
    questions = Questions(wired, reported)
    skills = (Home(wired), Clock(lambda: 0.0), timers, Stop(timers), questions, Answer(), privacy)
    assert sorted(skill.family for skill in skills) == sorted(FAMILIES)
    return skills


def test_every_sentence_has_somebody_who_does_it(skills):
    """Whatever the templates can understand, a skill handles."""
    act = Act(skills)
    for skill in skills:
        for name in sentences(skill.family)["intents"]:
            outcome = act.act(Intent(name, SLOTS.get(name, {})))
            assert outcome.earcon is not Earcon.ALARM
            assert (outcome.command is not None) == (skill.family == "home")


def test_nothing_understood_is_said():
    """Not to understand is answered, and does nothing."""
    outcome = Act([]).act(None)
    assert outcome.earcon is Earcon.UNSURE
    assert outcome.command is None


@pytest.mark.parametrize(
    ("intent", "speech"),
    [
        (Intent("HomeTurnOn", {"area": "kitchen", "name": "light"}), "Turning on the kitchen light."),
        (Intent("HomeTurnOff", {"name": "fan"}), "Turning off the fan."),
        (Intent("HomeDim", {"name": "lamp", "brightness": 40}), "Dimming the lamp to 40 percent."),
        (Intent("HomeDim", {"name": "lamp"}), "Dimming the lamp."),
    ],
)
def test_a_command_is_said_back(intent, speech):
    """The owner hears what was understood, and the command is the intent itself."""
    outcome = Home().handle(intent)
    assert (outcome.earcon, outcome.speech, outcome.command) == (Earcon.DONE, speech, intent)


def test_what_can_be_shared_is_what_home_understands():
    """The allow-list of redaction names the commands there are, each of them."""
    assert set(ALLOWED_SLOTS) == set(sentences("home")["intents"])
