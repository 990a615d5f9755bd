"""How long to wait before trying again. Deciding only: chance is passed in."""

from typing import Final

FIRST_SECONDS: Final = 0.2
LONGEST_SECONDS: Final = 30.0


def delay(tries: int, chance: float, longest: float = LONGEST_SECONDS) -> float:
    """Seconds to wait after `tries` failures: doubling, capped, with full jitter (`chance` in 0 to 1).

    Half of it is fixed so that it never is no wait at all.
    """
    ceiling = min(longest, FIRST_SECONDS * 2.0 ** min(tries, 30))
    return ceiling / 2 + ceiling / 2 * chance
