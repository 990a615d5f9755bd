"""Shows the owner what was understood, on the owner's own terminal and only when asked to."""

import click

from sottovoce.vocabulary import Intent, Outcome, Transcript


class Terminal:
    """One line to standard output for what was heard, one for the answer."""

    def heard(self, transcript: Transcript, intent: Intent | None) -> None:
        """Show the words and what was made of them."""
        if intent is None:
            click.echo(
                f'heard    "{transcript.text}" (confidence {transcript.confidence:.2f}): not understood'
            )
            return
        slots = " ".join(f"{name}={value!r}" for name, value in intent.slots.items())
        click.echo(f'heard    "{transcript.text}" -> {intent.name} {slots}'.rstrip())

    def answered(self, outcome: Outcome) -> None:
        """Show the answer."""
        click.echo(f'answered "{outcome.speech}"' if outcome.speech else f"answered ({outcome.earcon})")
