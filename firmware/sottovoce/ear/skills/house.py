"""Questions about the house: answered from what its devices last told."""

import math
from typing import Final

from sottovoce.ear.reported import News, Reported
from sottovoce.ear.skills.home import SAY_THE_ROOM
from sottovoce.ear.wired import Wired
from sottovoce.house.device import Device
from sottovoce.vocabulary import Earcon, Intent, Outcome

FRESH_SECONDS: Final = 15 * 60
"""What was told longer ago is said to be old, and how old."""


class Questions:
    """Is it open, is it on, how warm is it."""

    family = "house"

    def __init__(self, wired: Wired, reported: Reported) -> None:
        """Find devices in `wired`, and what they told in `reported`."""
        self._wired = wired
        self._reported = reported

    def handle(self, intent: Intent) -> Outcome:
        """Tell a state, how old it is, or that nobody knows."""
        found = self._wired.telling(intent)
        if len(found) > 1:
            return Outcome(Earcon.UNSURE, SAY_THE_ROOM)
        if not found:
            return Outcome(Earcon.UNSURE, "I do not know: there is nothing there that tells me.")
        news = self._reported.of(found[0])
        if news is None:
            return Outcome(Earcon.UNSURE, f"I do not know: the {found[0].label} has told me nothing yet.")
        return Outcome(Earcon.DONE, _answer(found[0], news, str(intent.slots.get("state", ""))))


def _answer(device: Device, news: News, asked: str) -> str:
    value = news.value
    told = value if isinstance(value, str) else f"{round(value, 1):g} {device.spoken_unit}"
    if news.seconds > FRESH_SECONDS:
        return f"The {device.label} was {told} when it last told me, {_ago(news.seconds)}."
    agreed = {"": "", told: "Yes, the "}.get(asked, "No, the ")
    return f"{agreed or 'The '}{device.label} is {told}."


def _ago(seconds: float) -> str:
    if math.isinf(seconds):
        return "and I cannot say how long ago that was"
    for unit, length in (("day", 86_400), ("hour", 3_600), ("minute", 60)):
        if (count := int(seconds // length)) > 0:
            return f"{count} {unit}{'' if count == 1 else 's'} ago"
    return "just now"
