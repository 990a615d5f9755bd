"""The real stages of the pipeline around fake engines, made in one place."""

from fakes.hearing import CountingWake, HummingVoice, KnowingTranscriber, ListeningSpeaker, ScriptedDetector
from sottovoce.config import Config
from sottovoce.ear import build
from sottovoce.ear.act import Act, sentences
from sottovoce.ear.confirm import Confirm
from sottovoce.ear.echo import Echo
from sottovoce.ear.endpoint import Endpoint
from sottovoce.ear.forget import Forget, NothingKept
from sottovoce.ear.grants import Grants
from sottovoce.ear.ledger import Ledger
from sottovoce.ear.mask import Masker
from sottovoce.ear.outbox import Outbox
from sottovoce.ear.redact import Redactor
from sottovoce.ear.reminder import Reminder
from sottovoce.ear.reply import Reply
from sottovoce.ear.reported import Reported
from sottovoce.ear.rooms import Rooms
from sottovoce.ear.share import Share
from sottovoce.ear.skills.answer import Answer
from sottovoce.ear.skills.clock import Clock
from sottovoce.ear.skills.home import Home
from sottovoce.ear.skills.house import Questions
from sottovoce.ear.skills.privacy import Privacy, Told
from sottovoce.ear.skills.stop import Stop
from sottovoce.ear.skills.timers import Timers
from sottovoce.ear.stages import Stages
from sottovoce.ear.state_folder import StateFolder
from sottovoce.ear.store import open_store
from sottovoce.ear.understand import Understanding, templates
from sottovoce.ear.wake import Wake
from sottovoce.ear.wired import Wired
from sottovoce.house.file import House
from sottovoce.journal import Journal

_FAMILIES = [sentences(family) for family in ("clock", "home", "timers", "stop", "privacy")]
UNDERSTANDING = Understanding(templates(_FAMILIES, {"name": ["light"], "area": ["kitchen"]}))


def make_stages(
    folder,
    gate,
    now,
    limits,
    *,
    wake=None,
    detector=None,
    transcriber=None,
    voice=None,
    speaker=None,
    earcons=True,
    barge_in=False,
    canceller=None,
    shelf=None,
    rooms=None,
    kept=None,
    journal=None,
    house=None,
):
    """Make every stage, with its state in `folder`; an engine that is not given is a quiet fake.

    `house` is what home.toml says.
    """
    store = open_store(folder)
    voice = voice or HummingVoice()
    grants, outbox = Grants(store), Outbox(store, now)
    ledger, kept = Ledger(folder, now), kept or NothingKept()
    forget = Forget(store, ledger, kept, now)
    wired = Wired(house or House())
    share = Share(
        grants,
        outbox,
        Redactor(Masker(["light", "kitchen"]), b"secret" * 3, wired),
        voice,
        shelf,
        StateFolder(folder, journal or Journal("ear"), now),
        now,
        journal or Journal("ear"),
        wired.fingerprint,
    )
    timers = Timers(folder, now)
    privacy = Privacy(forget, grants, outbox, ledger, kept, lambda: share.last, Told(), now)
    questions = Questions(wired, Reported(house or House(), now))
    skills = [Clock(now), Home(wired), timers, Stop(timers), privacy, questions, Answer()]
    return Stages(
        wake=Wake(wake or CountingWake()),
        rooms=rooms or Rooms("home", lambda _: None, now),
        echo=Echo(canceller, gate.since, gate.is_current),
        endpoint=Endpoint(detector or ScriptedDetector(), limits, gate.since),
        transcriber=transcriber or KnowingTranscriber("what time is it"),
        understanding=build.make_understanding(Config(), house=house) if house else UNDERSTANDING,
        act=Act(skills),
        confirm=Confirm(now),
        timers=timers,
        reply=Reply(
            voice,
            speaker or ListeningSpeaker(),
            earcons=earcons,
            barge_in=barge_in,
            wake_words=["computer"],
        ),
        share=share,
        grants=grants,
        outbox=outbox,
        ledger=ledger,
        forget=forget,
        reminder=Reminder(store, now),
    )
