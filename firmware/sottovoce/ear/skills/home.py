"""Devices in the house: said here, done by whoever the owner granted `command` to."""

from typing import Final

from sottovoce.vocabulary import Earcon, Intent, Outcome

UNSHARED: Final = Outcome(
    Earcon.UNSURE, "I understood, but nobody may know. You have not shared commands with anyone."
)
"""What a command comes to when no grant lets it leave."""

_DOING: Final = {"HomeTurnOn": "Turning on", "HomeTurnOff": "Turning off", "HomeDim": "Dimming"}


class Home:
    """On, off and dim, by name and area."""

    family = "home"

    def handle(self, intent: Intent) -> Outcome:
        """Word the answer; the command itself is for others to carry out."""
        area = f"{intent.slots['area']} " if "area" in intent.slots else ""
        level = f" to {intent.slots['brightness']} percent" if "brightness" in intent.slots else ""
        speech = f"{_DOING[intent.name]} the {area}{intent.slots['name']}{level}."
        return Outcome(Earcon.DONE, speech, command=intent)
