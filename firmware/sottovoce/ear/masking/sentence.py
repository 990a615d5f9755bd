"""A transcript as the rules of the mask see it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from sottovoce.ear.masking import words
from sottovoce.ear.masking.tokens import Kind, Token

Span = tuple[int, int, Kind]
"""First token, the one after the last, and what they are."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text's tokens, and what is known of each word."""

    tokens: Sequence[Token] = field(repr=False)
    known: Sequence[bool] = field(repr=False)
    """Whether it is an everyday word."""
    names: Sequence[str] = field(repr=False)
    """What name it can be: given, family, stranger (no everyday word), or empty."""

    def __len__(self) -> int:
        return len(self.tokens)

    def key(self, at: int) -> str:
        """Give a word, and nothing for a place outside."""
        return self.tokens[at].key if 0 <= at < len(self.tokens) else ""

    def is_function(self, at: int) -> bool:
        """Whether it is a word of grammar, or outside."""
        return not 0 <= at < len(self.tokens) or self.tokens[at].key in words.FUNCTION

    def continues(self, at: int) -> bool:
        """Whether there is a token here, and nothing but space before it."""
        return 0 <= at < len(self.tokens) and not self.tokens[at].apart


Cues = dict[str, list[tuple[str, ...]]]


def by_last(listed: Iterable[str]) -> Cues:
    """Sort cues of one or more words by their last word."""
    cues: Cues = {}
    for cue in listed:
        *before, last = cue.split()
        cues.setdefault(last, []).append(tuple(before))
    return cues


def behind(sentence: Sentence, cues: Cues) -> Iterator[int]:
    """Give each place that one of the cues stands right before."""
    for at, token in enumerate(sentence.tokens):
        for before in cues.get(token.key, ()):
            if all(sentence.key(at - len(before) + n) == word for n, word in enumerate(before)):
                if at + 1 < len(sentence):
                    yield at + 1
                break
