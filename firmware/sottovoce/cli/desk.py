"""One kept sentence on the owner's desk: heard, read, corrected, trimmed, approved or deleted."""

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import click

from sottovoce.cli.approval import Approval
from sottovoce.config import Config
from sottovoce.ear.corrections import Corrections
from sottovoce.ear.quarantine import Quarantine
from sottovoce.ear.reply import Speaker
from sottovoce.errors import SottovoceError
from sottovoce.vocabulary import SAMPLE_RATE, Snippet

_MENU: Final = (
    "p play, a number: that is it, w write what was said, t trim, a approve, d delete, s skip, q quit"
)
_LONGEST: Final = 300
"""Letters of a sentence one may write."""


class Desk:
    """Sees to one snippet after the other. What was done to one is done: nothing waits for the end."""

    def __init__(self, config: Config, state: Path, quarantine: Quarantine, play_to: Path | None) -> None:
        """Take snippets out of `quarantine`; play into `play_to`, or by the loudspeaker for None."""
        self._config, self._quarantine, self._play_to = config, quarantine, play_to
        self._corrections = Corrections(state)
        self._approval = Approval(config, state, quarantine)
        self._speaker: Speaker | None = None
        self._snippet: Snippet
        self._meant: str | None = None

    def see_to(self, name: str) -> bool:
        """Have the owner see to one; False when it is enough. Raises StateError."""
        try:
            kept = self._quarantine.open(name)
        except SottovoceError as error:
            click.echo(str(error), err=True)
            return True
        self._snippet, self._meant = kept, None
        offered = _show(kept)
        try:
            while (goes_on := self._obey(offered)) is None:
                pass
        finally:  # Ctrl-C too
            if self._meant is not None:
                self._corrections.add(kept.transcript, self._meant, typed=self._meant not in offered)
        return goes_on

    def _obey(self, offered: Sequence[str]) -> bool | None:
        """Do what the owner wishes with the sentence; whether to go on with the next, None for not yet."""
        wish = str(click.prompt(_MENU, prompt_suffix="\n> ")).strip().lower()
        try:
            match wish:
                case "q":
                    return False
                case "s":
                    return True
                case "d":
                    self._quarantine.delete(self._snippet.id)
                    click.echo("Deleted: its key is destroyed.")
                    return True
                case "a":
                    return self._approval.ask(self._snippet) or None
                case _:
                    self._change(wish, offered)
        except SottovoceError as error:  # told, and the sentence is there still
            click.echo(str(error), err=True)
        return None

    def _change(self, wish: str, offered: Sequence[str]) -> None:
        """Do what leaves the sentence on the desk."""
        match wish:
            case "p":
                self._play()
            case "t":
                self._snippet = _trimmed(self._snippet)
                self._play()
            case "w":
                self._take(_plain(str(click.prompt("What was said"))))
            case _ if wish.isdecimal() and 1 <= int(wish) <= len(offered):
                self._take(offered[int(wish) - 1])
            case _:
                click.echo("That is none of these.")

    def _take(self, meant: str) -> None:
        """Go on with what the owner says it was."""
        if meant:
            self._meant = meant
            heard = self._snippet.transcript
            self._snippet = replace(self._snippet, transcript=replace(heard, text=meant))
            click.echo(f'Noted, for this device alone: "{meant}".')

    def _play(self) -> None:
        clip = self._snippet.clip
        if clip is None or not len(clip):
            click.echo("There is no sound with it.")
            return
        from sottovoce.ear import build

        speaker = self._speaker = self._speaker or build.make_speaker(self._config, self._play_to)
        try:
            speaker.play(clip)
            while speaker.sounding():
                time.sleep(0.05)
        finally:
            speaker.hush()


def _show(snippet: Snippet) -> list[str]:
    """Show what it may have been, the likeliest first; give that."""
    seconds = 0.0 if snippet.clip is None else len(snippet.clip) / SAMPLE_RATE
    taken = f"understood as {snippet.intent.name}" if snippet.intent else "not understood"
    click.echo(f"{seconds:.1f} s of sound, {taken}")
    offered = [text for text in (snippet.transcript.text, *snippet.transcript.others) if text]
    for number, text in enumerate(offered, 1):
        click.echo(f"   {number}  {text}")
    if not offered:
        click.echo("   no words were made out")
    return offered


def _trimmed(snippet: Snippet) -> Snippet:
    """Ask which part to keep. The sentence that waits stays whole; what is approved is cut."""
    if snippet.clip is None:
        return snippet
    length = len(snippet.clip) / SAMPLE_RATE
    start = click.prompt("From second", default=0.0, type=click.FloatRange(0.0, length))
    stop = click.prompt("To second", default=round(length, 2), type=click.FloatRange(start, length + 0.01))
    return replace(snippet, clip=snippet.clip[round(start * SAMPLE_RATE) : round(stop * SAMPLE_RATE)])


def _plain(text: str) -> str:
    """Write a sentence as engines do: lower case, no punctuation, single spaces."""
    kept = "".join(letter if letter.isalnum() or letter in "' " else " " for letter in text.lower())
    return " ".join(kept.split())[:_LONGEST]
