"""Act: an intent to what comes of it. Each skill handles its own family of intents."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import yaml

from sottovoce.vocabulary import Earcon, Intent, Outcome

_SENTENCES = Path(__file__).parent / "skills"


class Skill(Protocol):
    """One family of intents."""

    family: str
    """Names its sentences: skills/<family>.yaml."""

    def handle(self, intent: Intent) -> Outcome:
        """Do what is wanted, or say what has to be done by somebody else."""


class Act:
    """The stage: finds the skill an intent belongs to."""

    def __init__(self, skills: Sequence[Skill]) -> None:
        """Know these skills."""
        self._by_intent = {name: skill for skill in skills for name in sentences(skill.family)["intents"]}

    def act(self, intent: Intent | None) -> Outcome:
        """Act on an intent; on None, say that it was not understood."""
        if intent is None:
            return Outcome(Earcon.UNSURE, "Sorry, I did not understand that.")
        return self._by_intent[intent.name].handle(intent)


def sentences(family: str) -> Mapping[str, Any]:
    """Read a family's sentence templates (hassil's YAML, as a dictionary)."""
    tree: Mapping[str, Any] = yaml.safe_load((_SENTENCES / f"{family}.yaml").read_text(encoding="utf-8"))
    return tree
