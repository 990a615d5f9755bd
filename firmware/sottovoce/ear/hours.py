"""Hours of the day, such as 22:00-07:00. Deciding only."""

from collections.abc import Iterable

MINUTES_A_DAY = 24 * 60


def within(spans: Iterable[str], minute: int) -> bool:
    """Whether a minute of the day (0 is midnight) is in one of `spans` ("22:00-07:00", the end not in it).

    A span that ends as it begins is the whole day.
    """
    return any(_holds(span, minute) for span in spans)


def _holds(span: str, minute: int) -> bool:
    start, end = (_minute(clock) for clock in span.split("-"))
    length = (end - start - 1) % MINUTES_A_DAY + 1
    return (minute - start) % MINUTES_A_DAY < length


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
