"""Sentence templates to a word graph: what a speech engine in grammar mode may hear.

The templates are read as a network of text pieces and spaces (so that `light[s]` is one word),
which is then made deterministic and minimal: the graph of every sentence, each arc a word, with
no arc and no state too many. An engine searches it many times faster than the templates as
written. The method is subset construction with equal suffixes shared, as for acyclic automata in
Daciuk et al., "Incremental Construction of Minimal Acyclic Finite-State Automata" (2000).
Deciding only: no I/O.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from hassil import Intents
from hassil.expression import (
    Alternative,
    Expression,
    Group,
    ListReference,
    Permutation,
    RuleReference,
    Sentence,
    TextChunk,
)
from hassil.intents import IntentData, RangeSlotList, SlotList, TextSlotList
from unicode_rbnf import RbnfEngine

from sottovoce.errors import ConfigError

_SPACE: Final = " "
_PUNCTUATION: Final = str.maketrans("", "", ".,!?;:")


@dataclass(frozen=True, slots=True)
class WordGraph:
    """A deterministic, minimal, acyclic graph of sentences."""

    start: int
    arcs: Mapping[int, Mapping[str, int]]
    """State -> word -> state; every state is a key."""
    final: frozenset[int]
    """States in which a sentence may end."""

    @property
    def words(self) -> frozenset[str]:
        """Every word on an arc."""
        return frozenset(word for arcs in self.arcs.values() for word in arcs)

    def accepts(self, sentence: str) -> bool:
        """Whether these words, in this order, are one of the sentences."""
        state: int | None = self.start
        for word in sentence.split():
            state = self.arcs[state].get(word) if state is not None else None
        return state in self.final

    def phrases(self) -> list[str]:
        """Choose sentences that hold every pair of neighbouring words: few, for any number of sentences."""
        before: dict[int, list[str]] = {self.start: []}
        for state in sorted(self.arcs, reverse=True):  # whatever comes after a state has a smaller number
            for word, stop in self.arcs[state].items():
                before.setdefault(stop, [*before[state], word])
        after: dict[int, list[str]] = {}
        for state in sorted(self.arcs):
            rest = [[word, *after[stop]] for word, stop in self.arcs[state].items()]
            after[state] = [] if state in self.final else min(rest, key=len)
        covered: set[tuple[str, str]] = set()
        chosen: list[str] = []
        for state, row in self.arcs.items():
            for word, stop in row.items():
                ends = [[follower, *after[behind]] for follower, behind in self.arcs[stop].items()]
                for end in [*ends, *([[]] if stop in self.final else [])]:
                    sentence = [*before[state], word, *end]
                    pairs = set(pairwise(["", *sentence, ""]))
                    if not pairs <= covered:
                        covered |= pairs
                        chosen.append(" ".join(sentence))
        return chosen


class _Network:
    """Text pieces and spaces on arcs between states: state 0 begins, state 1 ends."""

    def __init__(self, intents: Intents) -> None:
        self._intents = intents
        self._numbers = RbnfEngine.for_language(intents.language)
        self._arcs: list[list[tuple[str, int]]] = [[], []]
        for intent in intents.intents.values():
            for data in intent.data:
                for sentence in data.sentences:
                    self._link(self._add(sentence.expression, 0, data), "", 1)

    def _link(self, start: int, text: str, stop: int | None = None) -> int:
        if stop is None:
            stop = len(self._arcs)
            self._arcs.append([])
        self._arcs[start].append((text, stop))
        return stop

    def _text(self, text: str, state: int) -> int:
        clean = text.lower().translate(_PUNCTUATION)
        for number, word in enumerate(clean.split(_SPACE)):
            state = self._link(state, _SPACE) if number else state
            state = self._link(state, word) if word else state
        return state

    def _add(self, expression: Expression, state: int, data: IntentData) -> int:
        """Lay an expression from `state` on and return the state it ends in."""
        match expression:
            case TextChunk():
                return self._text(expression.text, state)
            case Sentence():
                return self._add(expression.expression, state, data)
            case RuleReference():
                return self._add(self._rule(expression.rule_name, data), state, data)
            case ListReference():
                return self._list(expression, state, data)
            case Alternative():
                return self._any_of(expression.items, state, data)
            case Permutation():
                rows = [list(expression_row) for expression_row in _orders(expression.items)]
                return self._any_of([Group(items=row) for row in rows], state, data)
            case Group():
                for item in expression.items:
                    state = self._add(item, state, data)
                return state
        raise ConfigError(f"templates: {type(expression).__name__} has no place in a grammar")

    def _any_of(self, items: Iterable[Expression], state: int, data: IntentData) -> int:
        """Lay each of these side by side; of none, what comes behind is reached by nothing."""
        stop = len(self._arcs)
        self._arcs.append([])
        for item in items:
            self._link(self._add(item, state, data), "", stop)
        return stop

    def _rule(self, name: str, data: IntentData) -> Expression:
        rule = data.expansion_rules.get(name) or self._intents.expansion_rules.get(name)
        if rule is None:
            raise ConfigError(f"templates: no expansion rule <{name}>", "define it under expansion_rules")
        return rule.expression

    def _list(self, reference: ListReference, state: int, data: IntentData) -> int:
        name = reference.list_name
        values = data.slot_lists.get(name) or self._intents.slot_lists.get(name)
        if values is None:
            raise ConfigError(f"templates: no list {{{name}}}", "define it under lists")
        return self._any_of(self._values(name, values), state, data)

    def _values(self, name: str, values: SlotList) -> list[Expression]:
        match values:
            case TextSlotList():
                return [value.text_in for value in values.values]
            case RangeSlotList():
                return [TextChunk(self._spelt(number)) for number in values.get_numbers()]
        raise ConfigError(f"templates: list {{{name}}} is open", "a grammar needs its values")

    def _spelt(self, number: float) -> str:
        result = self._numbers.format_number(number)
        return result.text_by_ruleset.get("spellout-cardinal", result.text).replace("-", " ")

    def words_from(self, states: Iterable[int]) -> Iterator[tuple[str, int]]:
        """Give every whole word that can come next, with the state behind it (1 at the end)."""
        stack = [(state, "") for state in states]
        seen = set(stack)
        while stack:
            state, word = stack.pop()
            if state == 1 and word:
                yield word, 1
            for text, stop in self._arcs[state]:
                if text == _SPACE and word:
                    yield word, stop
                    continue
                step = (stop, word + text.strip())
                if step not in seen:
                    seen.add(step)
                    stack.append(step)

    def ends(self, states: Iterable[int]) -> bool:
        """Whether a sentence may end here, without a further word."""
        stack, seen = list(states), set(states)
        while stack:
            state = stack.pop()
            if state == 1:
                return True
            for text, stop in self._arcs[state]:
                if not text.strip() and stop not in seen:
                    seen.add(stop)
                    stack.append(stop)
        return False


def _orders(items: list[Expression]) -> Iterator[list[Expression]]:
    for number, item in enumerate(items):
        rest = items[:number] + items[number + 1 :]
        for row in _orders(rest) if rest else [[]]:
            yield [item, TextChunk(_SPACE), *row]


def compile_grammar(intents: Intents) -> WordGraph:
    """Make the word graph of all sentences of all intents. Raises ConfigError."""
    network = _Network(intents)
    arcs: dict[int, Mapping[str, int]] = {}
    final: set[int] = set()
    known: dict[frozenset[int], int | None] = {}
    shared: dict[tuple[bool, tuple[tuple[str, int], ...]], int] = {}

    def state_of(states: frozenset[int]) -> int | None:
        """Number a state; None for one from which no sentence ends, such as before a list without values."""
        if states in known:
            return known[states]
        by_word: dict[str, set[int]] = {}
        for word, stop in network.words_from(states):
            by_word.setdefault(word, set()).add(stop)
        behind = {word: state_of(frozenset(stops)) for word, stops in sorted(by_word.items())}
        row = {word: stop for word, stop in behind.items() if stop is not None}
        ends = network.ends(states)
        if not (row or ends):
            known[states] = None
            return None
        number = shared.setdefault((ends, tuple(row.items())), len(shared))
        arcs[number] = row
        if ends:
            final.add(number)
        known[states] = number
        return number

    start = state_of(frozenset({0}))
    if start is None:
        raise ConfigError("templates: there is no sentence in them", "give their lists values")
    return WordGraph(start, arcs, frozenset(final))
