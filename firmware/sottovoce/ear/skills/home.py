"""Devices in the house: done as home.toml wires them, or by whom the owner granted `command` to."""

from dataclasses import replace
from typing import Final

from sottovoce.ear.wired import ACTIONS, Wired
from sottovoce.house.device import Device
from sottovoce.house.file import House
from sottovoce.house.types import Action
from sottovoce.vocabulary import Earcon, Intent, Outcome

UNSHARED: Final = Outcome(
    Earcon.UNSURE, "I understood, but nobody may know. You have not shared commands with anyone."
)
"""What a command comes to when no grant lets it leave."""
UNWIRED: Final = Outcome(
    Earcon.UNSURE, "I know that device, but you have not agreed to its wiring. Run sottovoce home wire."
)
"""The same, for a device of home.toml."""

SAY_THE_ROOM: Final = "There is more than one of that name. Say the room, too."

_DOING: Final = {
    "on": "Turning on",
    "off": "Turning off",
    "dim": "Dimming",
    "open": "Opening",
    "close": "Closing",
    "lock": "Locking",
    "unlock": "Unlocking",
    "arm": "Arming",
    "disarm": "Disarming",
}
_PLAIN: Final = frozenset({"on", "off", "dim"})
"""What may be asked of devices that home.toml does not have, too."""


class Home:
    """What the house can do, by name and area."""

    family = "home"

    def __init__(self, wired: Wired | None = None) -> None:
        """Know the devices of home.toml."""
        self._wired = wired or Wired(House())

    def handle(self, intent: Intent) -> Outcome:
        """Word the answer, and the question before it; the command itself is for others to carry out."""
        action, found = ACTIONS[intent.name], self._wired.acting(intent)
        what = f"the {intent.slots.get('area', '')} {intent.slots['name']}".replace("  ", " ")
        if len(found) > 1:
            return Outcome(Earcon.UNSURE, SAY_THE_ROOM)
        if not found and action not in _PLAIN:
            return Outcome(Earcon.UNSURE, f"I know of no way to {action} {what}.")
        level = f" to {intent.slots['brightness']} percent" if "brightness" in intent.slots else ""
        outcome = Outcome(Earcon.DONE, f"{_DOING[action]} {what}{level}.", intent, unshared=UNSHARED.speech)
        return self._asking(outcome, found[0], action, what) if found else outcome

    def _asking(self, outcome: Outcome, device: Device, action: Action, what: str) -> Outcome:
        """Add what a device of home.toml asks before it acts."""
        unshared = (UNWIRED if device.topic_for(action) else UNSHARED).speech
        if not device.asks:
            return replace(outcome, unshared=unshared)
        by_voice = device.by_voice(action)
        verb = f"Turn {action}" if action in {"on", "off"} else action.capitalize()
        how = "Say yes please, or press my button." if by_voice else "If so, press my button."
        question = f"{verb} {what}: are you sure? {how}"
        return replace(outcome, unshared=unshared, question=question, by_voice=by_voice)
