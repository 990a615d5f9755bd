"""Sound to a trained network: first on flite's own timing, then on the network's."""

import random
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from typing import Final

import numpy as np

from model.acoustic import Matrix
from model.align import Phones, aligned, labels_of, scores
from model.augment import padded, varied, vocal_tract
from model.lexicon import Lexicon
from model.mfcc import Features, mfcc
from model.network import FACTOR, Adam, Labels, Network
from model.phones import PDF_COUNT, SILENCE
from model.speech import Spoken

PROCESSES: Final = 2
_OUTPUTS: Final = 40
_BATCH: Final = 16
_WORST: Final = 0.06
"""The share of alignments that is left out: most are words said otherwise than the lexicon has it."""


@dataclass(frozen=True)
class Data:
    """Utterances one after the other; most begin and end with a pause."""

    features: Features
    labels: Labels

    @property
    def priors(self) -> Matrix:
        """How often each pdf is said."""
        counts = np.bincount(self.labels, minlength=PDF_COUNT) + 10.0
        return np.asarray(counts / counts.sum(), np.float32)


def prepared(spoken: Sequence[Spoken], copies: int, seed: int) -> Data:
    """Compute features of `copies` variations of each utterance whose phones have times."""
    timed = [one for one in spoken if one.phones]
    others = [one.sound for one in timed[:: max(1, len(timed) // 40)]]
    jobs = [(one, seed + 7919 * copy + number) for copy in range(copies) for number, one in enumerate(timed)]
    with ProcessPoolExecutor(PROCESSES) as pool:
        made = list(pool.map(partial(_variation, others), jobs, chunksize=50))
    order = np.random.default_rng(seed).permutation(len(made))
    return Data(
        np.concatenate([made[index][0] for index in order]),
        np.concatenate([made[index][1] for index in order]),
    )


def _variation(others: list[np.ndarray], job: tuple[Spoken, int]) -> tuple[Features, Labels]:
    one, seed = job
    chance = np.random.default_rng(seed)
    sound, before = padded(one.sound, chance)
    sound, factor = varied(sound, others, chance)
    features = mfcc(sound, vocal_tract(chance))
    return features.astype(np.float16), labels_of(one.phones, len(features), before * factor, factor)


def train(network: Network, data: Data, seconds_of_speech: float, peak: float, seed: int) -> None:
    """Train on random pieces of the data; the rate rises, then falls to nothing."""
    chance = np.random.default_rng(seed)
    steps = max(20, int(seconds_of_speech * 100 / FACTOR / _OUTPUTS / _BATCH))
    optimiser = Adam(network.parameters)
    length = network.frames(_OUTPUTS)
    outputs = network.context + FACTOR * np.arange(_OUTPUTS)
    begun, mean = time.monotonic(), 0.0
    for step in range(steps):
        starts = chance.integers(0, len(data.labels) - length, _BATCH)
        features = np.stack([data.features[start : start + length] for start in starts]).astype(np.float32)
        _mask(features, network.shift, chance)
        labels = data.labels[starts[:, None] + outputs]
        loss, gradients = network.gradient(features, labels)
        rate = peak * min(1.0, (step + 1) / (0.05 * steps)) * (1.0 - step / steps)
        optimiser.step(gradients, rate)
        mean = loss if not step else mean + 0.02 * (loss - mean)
        if step % max(1, steps // 10) == 0:
            print(f"  step {step}/{steps}: loss {mean:.3f}, {time.monotonic() - begun:.0f} s", flush=True)
    print(f"  loss {mean:.3f}", flush=True)


def _mask(features: Features, mean: Matrix, chance: np.random.Generator) -> None:
    """Blot out up to twice 110 ms in each piece, so that no phone hangs on one moment (SpecAugment)."""
    for piece in features:
        for length in chance.integers(0, 12, 2):
            start = chance.integers(0, len(piece) - length)
            piece[start : start + length] = mean


def normalise(network: Network, data: Data) -> None:
    """Have the network's input centred, by what is in the data."""
    some = data.features[:: max(1, len(data.features) // 100_000)].astype(np.float32)
    network.shift, network.scale = some.mean(axis=0), 1.0 / some.std(axis=0)


def realigned(network: Network, spoken: Sequence[Spoken], known: Lexicon, priors: Matrix) -> list[Spoken]:
    """Time every phone of every utterance anew, and leave out those that fit worst."""
    with ProcessPoolExecutor(PROCESSES) as pool:
        found = list(pool.map(partial(_timed, network, known, priors), spoken, chunksize=50))
    for program in sorted({one.voice.program for one in spoken}):
        mine = [score for one, score in found if one.voice.program == program]
        print(f"  {program}: mean score {np.mean(mine):.2f}", flush=True)
    limit = sorted(score for _, score in found)[int(_WORST * len(found))]
    return [one for one, score in found if score >= limit]


def _timed(network: Network, known: Lexicon, priors: Matrix, one: Spoken) -> tuple[Spoken, float]:
    chance = random.Random(len(one.sound))  # noqa: S311  no secret
    noise = np.random.default_rng(chance.getrandbits(32)).normal(0.0, 3.0, len(one.sound))
    features = mfcc((one.sound + noise).astype(np.float32))
    phones, score = aligned(scores(network, features, priors), _words(one, known))
    return replace(one, phones=phones), score


def _words(one: Spoken, known: Lexicon) -> Phones:
    if one.voice.program != "flite":
        return [known[word][0] for word in one.text.replace(",", "").split()]
    names = [name for name, _ in one.phones]
    return [tuple(group) for silent, group in groupby(names, lambda name: name == SILENCE) if not silent]
