"""Mask: what is personal in a sentence is blotted out. Deciding only."""

from collections.abc import Collection


class Masker:
    """Blots out every word but those of the house."""

    def __init__(self, keep: Collection[str]) -> None:
        """Leave the words in `keep`: the owner's names of rooms and devices."""
        self._keep = {word for name in keep for word in name.lower().split()}

    def mask(self, text: str) -> str:
        """Give the words with what is personal blotted out."""
        return " ".join(word if word in self._keep else "[word]" for word in text.lower().split())
