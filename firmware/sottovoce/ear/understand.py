"""Understand: words to an intent, by sentence templates that are data (hassil's YAML)."""

from collections.abc import Iterable, Mapping
from typing import Any

from hassil import Intents, recognize_best

from sottovoce.vocabulary import Intent, Transcript


class Understanding:
    """Sentence templates, with the owner's own names in their lists."""

    def __init__(self, templates: Intents) -> None:
        """Match against `templates`."""
        self.templates = templates

    def understand(self, transcript: Transcript) -> Intent | None:
        """Name the intent and its slots; None when no template fits all of the words."""
        if not transcript.text:
            return None
        found = recognize_best(transcript.text, self.templates, language=self.templates.language)
        if found is None:
            return None
        slots = {name: _plain(entity.value) for name, entity in found.entities.items()}
        return Intent(found.intent.name, slots)


def templates(families: Iterable[Mapping[str, Any]], names: Mapping[str, Iterable[str]]) -> Intents:
    """Join families of sentences (hassil's dictionaries) and fill their lists with `names`.

    Sentences whose metadata `needs` a list that has no names in it are left out.
    """
    filled = {name: [value.lower() for value in values] for name, values in names.items()}
    joined: dict[str, Any] = {"language": "en", "intents": {}, "lists": {}, "expansion_rules": {}}
    for family in families:
        for part in ("lists", "expansion_rules"):
            joined[part].update(family.get(part, {}))
        for intent, tree in family["intents"].items():
            blocks = [block for block in tree["data"] if _can_be_said(block, filled)]
            if blocks:
                joined["intents"][intent] = {"data": blocks}
    for name, values in filled.items():
        joined["lists"][name] = {"values": values}
    return Intents.from_dict(joined)


def _can_be_said(block: Mapping[str, Any], names: Mapping[str, list[str]]) -> bool:
    needed = block.get("metadata", {}).get("needs")
    return needed is None or bool(names.get(needed))


def _plain(value: object) -> str | int | float:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int | float) else str(value)
