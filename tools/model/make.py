"""The whole of it: sentences, voices, network, graph, files."""

import random
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np

from model.acoustic import final_mdl
from model.graph import write_graph
from model.lexicon import Lexicon, common_words, dictionary, lexicon
from model.mfcc import CONFIGURATION, RATE
from model.network import Network
from model.sentences import WAKE_WORDS, home_sentences, house, talk
from model.speech import ESPEAK, PEOPLE, Spoken, Voice, draw_voice, speak
from model.train import PROCESSES, Data, normalise, prepared, realigned, train
from sottovoce.ear.grammar import compile_grammar

DECODING: Final = """\
--min-active=200
--max-active=3000
--beam=15.0
--lattice-beam=8.0
--acoustic-scale=0.5
--frame-subsampling-factor=3
--frames-per-chunk=21
--endpoint.silence-phones=1:2
--endpoint.rule2.min-trailing-silence=0.5
--endpoint.rule3.min-trailing-silence=0.75
--endpoint.rule4.min-trailing-silence=1.0
"""


@dataclass(frozen=True)
class Size:
    """How much of everything."""

    sentences: int
    """Home commands; as many of other talk."""
    copies: int
    """Variations of each utterance, besides which each is trained on more than once."""
    people: tuple[tuple[str, str], ...]
    """Programs and voices made of people's recordings."""
    espeak: tuple[str, ...]
    """espeak-ng's voices."""
    width: int
    depth: int
    bootstrap: float
    """Seconds of speech to train on by flite's timing."""
    seconds: float
    """Seconds of speech to train on by the network's own."""


FULL: Final = Size(4000, 4, PEOPLE, ESPEAK, 256, 5, 12_000.0, 130_000.0)
SMALL: Final = Size(60, 2, (("flite", "slt"),), ("en-us+f2",), 96, 3, 5_000.0, 4_000.0)
_PEOPLE_SHARE: Final = 0.65
"""How much of what is said people's voices say; rare words are said by flite's alone."""
SEED: Final = 20
_COMMON: Final = 0.05
"""What a pause counts as at most: there are more of them in the data than between people's words."""


def plan(size: Size, known: Lexicon) -> list[tuple[str, Voice]]:
    """Draw what is said, and by whom: rare words by flite only, which tells how it says them."""
    chance = random.Random(SEED)  # noqa: S311  no secret
    common = sorted(common_words())
    rare = sorted(word for word in known if word.isascii() and word.isalpha() and 3 <= len(word) <= 10)
    draw = partial(draw_voice, chance, espeak=size.espeak)
    flite = [(program, voice) for program, voice in size.people if program == "flite"]
    jobs = []
    for number, text in enumerate(home_sentences(size.sentences, SEED, more_names=True)):
        wake = f"{chance.choice(WAKE_WORDS)}, " if number % 4 == 0 else ""
        jobs.append((wake + text, draw(_PEOPLE_SHARE, size.people)))
    for words, count, share, people in (
        (common, size.sentences * 2 // 3, _PEOPLE_SHARE, size.people),
        (rare, size.sentences // 3, 1.0, flite),
    ):
        jobs += [(text, draw(share, people)) for text in talk(count, words, SEED)]
    return jobs


def speak_all(jobs: Sequence[tuple[str, Voice]]) -> list[Spoken]:
    """Say all of it."""
    with ProcessPoolExecutor(PROCESSES) as pool:
        return list(pool.map(speak, *zip(*jobs, strict=True), chunksize=20))


def trained(spoken: Sequence[Spoken], known: Lexicon, size: Size) -> tuple[Network, Data]:
    """Train on flite's timing, time everything by that network, train on all."""
    network = Network(size.width, size.depth, np.random.default_rng(SEED))
    data = prepared(spoken, 1, SEED)
    normalise(network, data)
    train(network, data, size.bootstrap, 2e-3, SEED)
    if size.seconds:
        data = prepared(realigned(network, spoken, known, data.priors), size.copies, SEED + 1)
        train(network, data, size.seconds, 2e-3, SEED + 1)
    return network, data


def vocabulary() -> set[str]:
    """Give the words the model can write down."""
    names = {word for name in WAKE_WORDS for word in name.split()}
    return common_words() | compile_grammar(house()).words | names


def write(folder: Path, network: Network, data: Data, known: Lexicon) -> None:
    """Write the model's files."""
    for part in ("am", "conf"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    priors = np.minimum(data.priors, _COMMON)
    (folder / "am/final.mdl").write_bytes(final_mdl(network.affines(priors)))
    (folder / "conf/mfcc.conf").write_text(CONFIGURATION)
    (folder / "conf/model.conf").write_text(DECODING)
    write_graph(folder / "graph", lexicon(vocabulary(), known), home_sentences(3000, SEED))


def make(folder: Path, size: Size) -> None:
    """Make the model, from nothing to files."""
    known = dictionary()
    known.update(lexicon(common_words() | vocabulary(), known))
    spoken = speak_all(plan(size, known))
    hours = sum(len(one.sound) for one in spoken) / RATE / 3600
    print(f"{len(spoken)} sentences spoken, {hours:.2f} hours", flush=True)
    network, data = trained(spoken, known, size)
    write(folder, network, data, known)
