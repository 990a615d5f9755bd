"""From the score of a small network to a wake word: one sensitivity for all makers, one name a saying."""

import math
from collections.abc import Mapping
from typing import Final

REACH: Final = 6.0
"""How far the whole range of sensitivities moves the threshold, in log-odds of the score."""
REST_SECONDS: Final = 0.5
"""How long a word's score stays low before the word can be named again."""


def threshold(sensitivity: float, makers: float) -> float:
    """Say from which score on a word counts, 0 to 1: at sensitivity 0.5 the maker's own threshold.

    Each 0.1 more lowers its odds by the same factor (1.8), each 0.1 less raises them by it.
    """
    odds = math.log(makers / (1.0 - makers)) + REACH * (0.5 - sensitivity)
    return 1.0 / (1.0 + math.exp(-odds))


class Edges:
    """Names a word when its score comes over its threshold, and not again before it has come to rest."""

    def __init__(self, thresholds: Mapping[str, float], rest: int) -> None:
        """Take the threshold of each word; at rest is a word whose score was low `rest` times on end."""
        self._thresholds = dict(thresholds)
        self._rest = rest
        self._waiting: dict[str, int] = {}  # words that were named, and how many low scores they wait for

    def over(self, word: str, score: float) -> bool:
        """Whether this score is the one that completes the word."""
        over, waiting = score >= self._thresholds[word], self._waiting.get(word, 0)
        self._waiting[word] = self._rest if over else max(0, waiting - 1)
        return over and not waiting

    def clear(self) -> None:
        """Forget which words have been named."""
        self._waiting.clear()
