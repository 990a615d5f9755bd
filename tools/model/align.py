"""When each phone was said: the best path through a text's phones, by the network so far."""

import math
from collections.abc import Sequence
from typing import Final

import numpy as np

from model.acoustic import Matrix
from model.mfcc import Features
from model.network import FACTOR, Labels, Network
from model.phones import PHONES, SILENCE, number_of

Phones = Sequence[tuple[str, ...]]
"""Words, each its phones; silence may be between them."""
Timed = tuple[tuple[str, float], ...]
"""Each phone and when it ends, in seconds."""
NAMES: Final = (SILENCE, *PHONES)
_NEVER: Final = -1e30


def labels_of(phones: Timed, frames: int, offset: float, factor: float) -> Labels:
    """Name the pdf of each frame of 10 ms: a phone's first 30 ms have one, what follows another."""
    labels = np.zeros(frames, np.int16) + 1
    start = _frame(offset)
    for name, end in phones:
        stop = min(_frame(offset + end * factor), frames)
        labels[start:stop] = 2 * number_of(name) + 1
        labels[start : min(start + FACTOR, stop)] -= 1
        start = max(start, stop)
    return labels


def scores(network: Network, features: Features, priors: Matrix) -> Matrix:
    """Give the logarithm of each pdf's likelihood for every frame of 10 ms."""
    count = -(-len(features) // FACTOR)
    padded = np.pad(features, ((network.context, network.context + FACTOR), (0, 0)), mode="edge")
    length = network.frames(count)
    batch = np.stack([padded[phase : phase + length] for phase in range(FACTOR)])
    found = network.forward(batch.astype(np.float32)) - np.log(priors)
    return found.transpose(1, 0, 2).reshape(count * FACTOR, -1)[: len(features)]


def aligned(found: Matrix, words: Phones) -> tuple[Timed, float]:
    """Give each phone and when it ends, on the best path, and that path's mean score a frame."""
    pdfs, owners, before = _states(words)
    best = np.full(len(pdfs) + 1, _NEVER, np.float32)
    best[:2] = found[0, pdfs[:2]]
    came = np.zeros((len(found), len(pdfs)), np.int8)
    emitted, columns = found[:, pdfs], np.arange(len(pdfs))
    for time in range(1, len(found)):
        choices = best[before]
        came[time] = choices.argmax(axis=1)
        best[:-1] = choices[columns, came[time]] + emitted[time]
    state = len(pdfs) - 3 + int(best[-4:-1].argmax())
    score = float(best[state]) / len(found)
    path = [state]
    for time in range(len(found) - 1, 0, -1):
        state = int(before[state, came[time, state]])
        path.append(state)
    timed: list[tuple[str, float]] = []
    last = -1
    for time, state in enumerate(reversed(path)):
        if owners[state] != last:
            last = owners[state]
            timed.append((NAMES[pdfs[state] // 2], 0.0))
        timed[-1] = (timed[-1][0], 0.01 * time + 0.0175)
    return tuple(timed), score


def _states(words: Phones) -> tuple[Labels, list[int], np.ndarray]:
    """Lay out the states: the pdf of each, whose it is, and whence it is reached.

    Silence is one state that goes on; a phone is three frames, then one state that goes on.
    """
    silence = 2 * number_of(SILENCE) + 1
    pdfs, owners, before, ends = [silence], [0], [[0]], [0]
    for word in words:
        for name in word:
            pdf, start = 2 * number_of(name), len(pdfs)
            pdfs += [pdf, pdf, pdf, pdf + 1]
            owners += [start] * 4
            before += [ends, [start], [start + 1], [start + 2, start + 3]]
            ends = [start + 2, start + 3]
        pause = len(pdfs)
        pdfs.append(silence)
        owners.append(pause)
        before.append([pause, *ends])
        ends = [*ends, pause]
    table = np.full((len(pdfs), max(map(len, before))), len(pdfs))
    for state, origins in enumerate(before):
        table[state, : len(origins)] = origins
    return np.array(pdfs, np.int16), owners, table


def _frame(seconds: float) -> int:
    """Give the first frame whose middle, 12.5 ms after its start, is not before a time."""
    return max(0, math.ceil(seconds * 100 - 1.25 - 1e-6))
