"""Snippets kept for review, in memory."""


class KeptInMemory:
    """Ids and times, as a shelf on disk would know them."""

    def __init__(self, **at):
        """Keep snippets by id, each said at a time."""
        self.at = at

    def ids(self):
        return sorted(self.at.items())

    def forget(self, ids):
        return sum(self.at.pop(identity, None) is not None for identity in ids)
