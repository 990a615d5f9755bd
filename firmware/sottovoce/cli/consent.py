"""`sottovoce consent`: what may leave, to whom, until when. Made here, at the device, and nowhere else."""

import textwrap
import time
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Final

import click
import msgspec

from sottovoce.cli.explain import explained
from sottovoce.cli.forget import told
from sottovoce.cli.options import config_option, duration, json_option, settings, state_option
from sottovoce.config import Config, load
from sottovoce.ear.consent import ending, forms_for, is_live, text_of
from sottovoce.ear.forget import Forget, NothingKept
from sottovoce.ear.grants import Grants, draw_up
from sottovoce.ear.ledger import Ledger
from sottovoce.ear.receipt import receipts, terms
from sottovoce.ear.reminder import ends_in
from sottovoce.ear.store import open_store
from sottovoce.errors import ConfigError, MissingInputError, UsageError
from sottovoce.house.file import load as load_house
from sottovoce.house.wiring import fingerprint
from sottovoce.vocabulary import Form, Grant, Kind

_AGAIN: Final = {False: "grant it again", True: "sottovoce home wire"}
"""How to renew a grant, by whether it is for the wiring."""
_LAPSED: Final = {
    False: "lapsed: the configuration names no such recipient and topic any more",
    True: "lapsed: home.toml has changed; to agree to it as it is, sottovoce home wire",
}


@click.group()
def consent() -> None:
    """Say what may leave this device, and to whom. Nothing may until you do."""


@consent.command(name="grant")
@click.argument("kind", type=click.Choice([str(kind) for kind in Kind]))
@click.option("--to", "name", required=True, metavar="NAME", help="A recipient, such as 'home automation'.")
@click.option("--for", "length", default="30d", show_default=True, metavar="TIME", help="At most 90d.")
@click.option("--purpose", default="to carry out what I ask for", show_default=True)
@click.option(
    "--retention", default="until it is carried out", show_default=True, help="How long they keep it."
)
@click.option("--humans-listen", is_flag=True, help="People at the recipient may look at it.")
@click.option(
    "--form",
    type=click.Choice([str(form) for form in Form if form is not Form.WIRED]),
    help="A transcript is masked or verbatim, audio re-spoken or own-voice; the first is the default.",
)
@click.option("--intents", default="", metavar="A,B", help="Only these, such as HomeTurnOn,HomeTurnOff.")
@click.option("--yes", is_flag=True, help="Agree without being asked again.")
@config_option
@state_option
def grant_(
    kind: str,
    name: str,
    length: str,
    purpose: str,
    retention: str,
    humans_listen: bool,
    form: str | None,
    intents: str,
    yes: bool,
    config_path: Path | None,
    state: Path | None,
) -> None:
    """Let a recipient have one kind of thing for a while. Shows the whole text before you agree."""
    config, folder = settings(config_path, state)
    now = time.time()
    drawn = draw_up(
        Grant(
            id="",
            kind=Kind(kind),
            recipient=name,
            topic=_topic_of(config, name),
            purpose=purpose,
            humans_listen=humans_listen,
            retention=retention,
            intents=tuple(intents.replace(",", " ").split()),
            granted_at=now,
            ends_at=now + duration(length),
            text_hash="",
            form=_form(Kind(kind), form),
        )
    )
    click.echo(text_of(drawn))
    if not yes:
        click.confirm("Do you agree?", default=False, abort=True)
    Grants(open_store(folder)).add(drawn)
    Ledger(folder, time.time).append("granted", **terms(drawn))
    click.echo(f"Granted as {drawn.id}. To end it: sottovoce consent revoke {drawn.id}")


@consent.command()
@click.argument("grant_id", metavar="ID")
@config_option
@state_option
def revoke(grant_id: str, config_path: Path | None, state: Path | None) -> None:
    """End a grant now, delete what still waits under it, and ask for the deletion of what they have."""
    config, folder = settings(config_path, state)
    forgets = Forget(open_store(folder), Ledger(folder, time.time), NothingKept(), time.time)
    before = forgets.unanswered()
    deleted, done = forgets.revoke(grant_id)
    click.echo(f"Revoked. {deleted} waiting deleted. What they already have, only they can delete.")
    for line in told(done, before, broker=config.broker is not None)[1:]:
        click.echo(line)


@consent.command(name="list")
@json_option
@config_option
@state_option
def list_(as_json: bool, config_path: Path | None, state: Path | None) -> None:
    """Show every grant."""
    _, folder = settings(None, state)
    now = time.time()
    store = Grants(open_store(folder))
    grants, standing = store.every(), [one for one in store.all() if _stands(one, config_path)]
    live = {grant.id for grant in standing if is_live(grant, now)}
    if as_json:
        rows = [{**asdict(grant), "live": grant.id in live} for grant in grants]
        click.echo(msgspec.json.encode(rows).decode())
        return
    if not grants:
        click.echo("No grants: nothing may leave this device.")
    soon = {grant.id for grant in ending(standing, now)}
    for grant in grants:
        until = datetime.fromtimestamp(grant.ends_at).astimezone().strftime("%Y-%m-%d %H:%M")
        word = f"until {until}" if grant.id in live else "ended"
        wired = grant.form is Form.WIRED
        if grant not in standing:
            word = _LAPSED[wired]
        if grant.id in soon:
            word += f": ends {ends_in(grant, now)}; to renew it, {_AGAIN[wired]}"
        if wired:
            word = f"by your wiring, {word}"
        click.echo(f"{grant.id}  {grant.kind} to {grant.recipient}, {word}")


@consent.command()
@click.argument("grant_id", metavar="ID")
@state_option
def show(grant_id: str, state: Path | None) -> None:
    """Show the whole text you agreed to."""
    _, folder = settings(None, state)
    for grant in Grants(open_store(folder)).every():
        if grant.id == grant_id:
            click.echo(text_of(grant))
            return
    raise UsageError(f"no grant {grant_id}", "sottovoce consent list shows them")


@consent.command()
@click.argument("kind", type=click.Choice([str(kind) for kind in Kind]))
@config_option
def explain(kind: str, config_path: Path | None) -> None:
    """Say in plain words what a grant of this kind lets out, where to, and what cannot be undone."""
    for paragraph in explained(Kind(kind), load(config_path)):
        click.echo(textwrap.fill(paragraph, 90, subsequent_indent="  "))


@consent.command()
@click.argument("grant_id", metavar="ID")
@state_option
def receipt(grant_id: str, state: Path | None) -> None:
    """Print a consent receipt (Kantara 1.1 fields) of a grant, ended ones too, out of the ledger."""
    _, folder = settings(None, state)
    book = Ledger(folder, time.time)
    entries = book.entries()
    for found in receipts(entries, book.audit().key):
        if found["sottovoce"]["grant"] == grant_id:
            click.echo(msgspec.json.format(msgspec.json.encode(found)).decode())
            return
    raise UsageError(f"the ledger knows no grant {grant_id}", "sottovoce ledger show names them")


def _stands(grant: Grant, config_path: Path | None) -> bool:
    """Whether home.toml is still what the owner agreed to; one that cannot be read is not."""
    if grant.form is not Form.WIRED:
        return True
    try:
        return fingerprint(load_house(load(config_path), config_path)) == grant.topic
    except (ConfigError, MissingInputError):
        return False


def _form(kind: Kind, wanted: str | None) -> Form:
    forms = forms_for(kind)
    form = Form(wanted) if wanted else forms[0]
    if form not in forms:
        known = " or ".join(str(one) for one in forms)
        raise UsageError(f"a {kind} has no form {form!s}", f"leave --form out, or say {known}")
    return form


def _topic_of(config: Config, name: str) -> str:
    for recipient in config.recipients:
        if recipient.name == name:
            return recipient.topic
    known = ", ".join(repr(recipient.name) for recipient in config.recipients)
    raise UsageError(
        f"no recipient {name!r}", f"known: {known}; more under [[recipient]] in the configuration"
    )


VERBS = (consent,)
