"""Numbers and lists as one says them. Deciding only."""

from collections.abc import Sequence


def counted(count: int, noun: str) -> str:
    """Give "1 command", "2 commands"."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def listed(parts: Sequence[str]) -> str:
    """Give "one", "one and two", "one, two and three"."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), *parts[-1:])))


def length_of_time(seconds: int) -> str:
    """Give "1 hour and 20 minutes"."""
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    parts = ((hours, "hour"), (minutes, "minute"), (left, "second"))
    return " and ".join(counted(count, unit) for count, unit in parts if count) or "no time"
