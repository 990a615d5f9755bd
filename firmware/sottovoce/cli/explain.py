"""What a grant of each kind means, in plain words: `sottovoce consent explain`. Deciding only."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from sottovoce.config import Config
from sottovoce.ear.consent import HOLDS, LONGEST_SECONDS, forms_for
from sottovoce.ear.redact import TOPICS, WAITS_SECONDS
from sottovoce.ear.words import length_of_time
from sottovoce.vocabulary import Form, Kind

_WHICH: Final[Mapping[Kind, str]] = MappingProxyType({
    Kind.COMMAND: "what it understood of every command, so that somebody can carry it out",
    Kind.TRANSCRIPT: "the words of every sentence it understands",
    Kind.AUDIO: "the sound of every sentence it understands",
})  # fmt: skip


def explained(kind: Kind, config: Config) -> Iterator[str]:
    """Give a paragraph for each thing an owner should know before granting."""
    yield (
        f"A grant of `{kind}` lets one recipient have {_WHICH[kind]}: all of it, or only what you name "
        "with --intents."
    )
    forms = forms_for(kind)
    for form in forms:
        option = f"--form {form}" if len(forms) > 1 else "They get"
        default = " (this is the default)" if len(forms) > 1 and form is forms[0] else ""
        yield f"{option}{default}: {HOLDS[form]}."
    if kind is Kind.COMMAND:
        yield (
            "The devices of home.toml need no recipient: `sottovoce home wire` makes a grant for them. Each "
            "gets the one message that your wiring names, which nobody can ask back."
        )
    yield "Never: what you say to it about your privacy. What it did not understand: only as you approve it."
    yield _where(kind, config)
    yield (
        "Who listens: with --humans-listen, humans at the recipient may "
        f"{'listen to it' if kind is Kind.AUDIO else 'read it'}. Without it they promise that none does. "
        "No device can check that: it is their word. Grant nothing that no human should hear or read."
    )
    yield (
        f"For how long: what you say with --for, at most {LONGEST_SECONDS // 86_400} days. What cannot be "
        f"delivered is deleted after {length_of_time(WAITS_SECONDS[kind])}."
    )
    yield _undone(kind)


def _where(kind: Kind, config: Config) -> str:
    topics = [f"{one.name} (topic {one.topic}/{TOPICS[kind]})" for one in config.recipients]
    if config.broker is None:
        return f"Where it would go: nowhere yet, no broker is configured. Recipients: {', '.join(topics)}."
    over = "encrypted on the way" if config.broker.tls else "NOT encrypted on the way (no tls)"
    return (
        f"Where it would go: to the MQTT broker {config.broker.host}, {over}, which can read it and pass it "
        f"on to whoever subscribes there. Recipients: {', '.join(topics)}."
    )


def _undone(kind: Kind) -> str:
    voice = (
        f" A voice (--form {Form.OWN_VOICE}) tells who you are for as long as anybody keeps it."
        if kind is Kind.AUDIO
        else ""
    )
    return (
        "What cannot be undone: `sottovoce consent revoke` ends it at once, deletes what waits here and asks "
        f"them to delete what they have. Whether they do, and what they passed on, is out of reach.{voice}"
    )
