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
    """Join families of sentences (hassil's dictionaries) and fill their lists with `names`."""
    joined: dict[str, Any] = {"language": "en", "intents": {}, "lists": {}, "expansion_rules": {}}
    for family in families:
        for part in ("intents", "lists", "expansion_rules"):
            joined[part].update(family.get(part, {}))
    for name, values in names.items():
        joined["lists"][name] = {"values": [value.lower() for value in values]}
    return Intents.from_dict(joined)


def _plain(value: object) -> str | int | float:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value if isinstance(value, int | float) else str(value)
