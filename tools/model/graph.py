"""The graph: words to transition-ids, in the pair of transducers libvosk joins at run time.

`HCLr.fst` is a tree of pronunciations, each phone a state that loops; `Gr.fst` is a bigram, for
decoding without a grammar. The first is written as OpenFst's `olabel_lookahead`, which renumbers
the words; `words.txt` has the new numbers. OpenFst's programs come with Debian's libfst-tools.
"""

import ctypes.util
import math
import os
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from model.phones import (
    PHONES,
    SILENCE_IN_WORD,
    SILENCE_PHONE,
    first,
    further,
    phone_at,
    word_boundaries,
)

UNKNOWN: Final = "[unk]"
Pronunciations = Mapping[str, Sequence[tuple[str, ...]]]
_HALF: Final = math.log(2.0)
_BEFORE, _READY, _PAUSE = 0, 1, 2


@dataclass
class _Text:
    """A transducer in OpenFst's text form."""

    lines: list[str] = field(default_factory=list)
    states: int = 0

    def state(self) -> int:
        self.states += 1
        return self.states - 1

    def sounding(self, phone: int) -> int:
        """Make a state in which a phone goes on."""
        state = self.state()
        self.arc(state, state, further(phone))
        return state

    def arc(self, start: int, stop: int, given: int = 0, word: int = 0, cost: float = 0.0) -> None:
        self.lines.append(f"{start} {stop} {given} {word} {cost:.5f}")

    def end(self, state: int, cost: float = 0.0) -> None:
        self.lines.append(f"{state} {cost:.5f}")


def _pronunciation_tree(
    words: Mapping[str, int], spoken: Pronunciations, per_phone: float, per_word: float
) -> str:
    text = _Text()
    for _ in (_BEFORE, _READY):
        text.state()
    text.arc(_BEFORE, _READY, cost=_HALF)
    pause = text.sounding(SILENCE_PHONE)
    text.arc(_BEFORE, pause, first(SILENCE_PHONE), cost=_HALF)
    text.arc(pause, _READY)
    text.end(_BEFORE)
    text.end(pause)
    leaves: dict[int, int] = {}

    def leaf(phone: int) -> int:
        if phone not in leaves:
            leaves[phone] = text.sounding(phone)
            text.arc(leaves[phone], _BEFORE)
        return leaves[phone]

    nodes: dict[tuple[str, ...], int] = {(): _READY}
    for word, number in words.items():
        for phones in spoken.get(word, ()):
            *body, last = phones
            for count in range(1, len(body) + 1):
                prefix = tuple(body[:count])
                if prefix not in nodes:
                    phone = phone_at(prefix[-1], "begin" if count == 1 else "internal")
                    nodes[prefix] = text.sounding(phone)
                    text.arc(nodes[prefix[:-1]], nodes[prefix], first(phone))
            phone = phone_at(last, "end" if body else "singleton")
            text.arc(nodes[tuple(body)], leaf(phone), first(phone), number, per_word)
    _anything(text, words[UNKNOWN], leaf, per_phone)
    return "\n".join(text.lines)


def _anything(text: _Text, word: int, leaf: Callable[[int], int], per_phone: float) -> None:
    """`[unk]`: two phones or more, of any kind, with pauses; each costs."""
    hub = text.state()
    for name in PHONES:
        for place, start in (("begin", _READY), ("internal", hub)):
            phone = phone_at(name, place)
            state = text.sounding(phone)
            text.arc(start, state, first(phone), word if start == _READY else 0, per_phone)
            text.arc(state, hub)
        phone = phone_at(name, "end")
        text.arc(hub, leaf(phone), first(phone), 0, per_phone)
    pause = text.sounding(SILENCE_IN_WORD)
    text.arc(hub, pause, first(SILENCE_IN_WORD), 0, per_phone)
    text.arc(pause, hub)


def _bigram(words: Mapping[str, int], sentences: Iterable[str], floor: int = 1) -> str:
    """A bigram that backs off to single words with one chance in two."""
    pairs: dict[str, Counter[str]] = {}
    single = Counter(dict.fromkeys(words, floor))
    for sentence in sentences:
        before = "<s>"
        for word in [*sentence.split(), "</s>"]:
            pairs.setdefault(before, Counter())[word] += 1
            single[word] += 1
            before = word
    text = _Text()
    states = {history: text.state() for history in ("<s>", "", *(word for word in pairs if word != "<s>"))}

    def write(history: str, counts: Counter[str], share: float) -> None:
        total = sum(counts.values())
        for word, count in counts.items():
            cost = -math.log(share * count / total)
            if word == "</s>":
                text.end(states[history], cost)
            else:
                number = words[word]
                text.arc(states[history], states.get(word, states[""]), number, number, cost)

    for history, counts in pairs.items():
        write(history, counts, 0.5)
        text.arc(states[history], states[""], cost=_HALF)
    write("", single, 1.0)
    return "\n".join(text.lines)


def _openfst(*command: str, given: bytes = b"") -> bytes:
    library = ctypes.util.find_library("fstlookahead")
    environment = os.environ | ({"LD_PRELOAD": library} if library else {})
    return subprocess.run(command, input=given, capture_output=True, check=True, env=environment).stdout


def write_graph(
    folder: Path,
    spoken: Pronunciations,
    sentences: Iterable[str],
    per_phone: float = 4.6,
    per_word: float = 1.0,
) -> None:
    """Write `HCLr.fst`, `Gr.fst`, `words.txt` and what belongs to them into `folder`.

    `per_phone` is what a phone of `[unk]` costs, `per_word` what any other word costs, in nats.
    """
    (folder / "phones").mkdir(parents=True, exist_ok=True)
    words = {word: number for number, word in enumerate([*sorted(spoken), UNKNOWN], start=1)}
    tree = _openfst("fstcompile", given=_pronunciation_tree(words, spoken, per_phone, per_word).encode())
    tree = _openfst("fstarcsort", "--sort_type=olabel", given=tree)
    pairs, target = folder / "relabel", folder / "HCLr.fst"
    ahead = ("--fst_type=olabel_lookahead", f"--save_relabel_opairs={pairs}")
    target.write_bytes(_openfst("fstconvert", *ahead, given=tree))
    table = [line.split() for line in pairs.read_text().splitlines()]
    renumbered = {int(old): int(new) for old, new in table}
    pairs.unlink()
    words = {word: renumbered[number] for word, number in words.items()}
    grammar = _openfst("fstcompile", given=_bigram(words, sentences).encode())
    (folder / "Gr.fst").write_bytes(_openfst("fstarcsort", given=grammar))
    by_number = sorted(words.items(), key=lambda item: item[1])
    lines = ["<eps> 0", *(f"{word} {number}" for word, number in by_number)]
    (folder / "words.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "disambig_tid.int").write_text("")
    (folder / "phones/word_boundary.int").write_text(word_boundaries())
