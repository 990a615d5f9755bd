"""A time-delay network and its training, in NumPy alone.

Each layer sees some frames of the one below, side by side; rectified, then normalised over the
batch. Only every third frame is computed, as libvosk asks for no more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.acoustic import Affine, Matrix
from model.mfcc import DIM
from model.phones import PDF_COUNT

FACTOR: Final = 3
"""Frames of 10 ms to a frame of the output."""
_FRAMES: Final = 9
"""Frames of features side by side at the bottom."""
_EPS: Final = 1e-4
_KEEP: Final = 0.98
Labels = NDArray[np.int16]


@dataclass
class _Layer:
    """Frames `offsets` (of the rate at its input), weights, and the statistics of its output."""

    offsets: tuple[int, ...]
    stride: int
    weights: Matrix
    bias: Matrix
    mean: Matrix
    variance: Matrix


class Network:
    """Features to the logarithm of each pdf's probability."""

    def __init__(self, width: int, depth: int, chance: np.random.Generator) -> None:
        """Make one of `depth` layers of `width` that see three frames, over one that sees features."""
        self.shift = np.zeros(DIM, np.float32)
        self.scale = np.ones(DIM, np.float32)
        spans = [(tuple(range(_FRAMES)), FACTOR), *[((0, 1, 2), 1)] * depth]
        self.layers = []
        inputs = DIM
        for offsets, stride in [*spans, ((0,), 1)]:
            outputs = PDF_COUNT if offsets == (0,) else width
            deviation = np.sqrt(2.0 / (inputs * len(offsets)))
            weights = chance.normal(0.0, deviation, (outputs, inputs * len(offsets))).astype(np.float32)
            zeros, ones = np.zeros(outputs, np.float32), np.ones(outputs, np.float32)
            self.layers.append(_Layer(offsets, stride, weights, zeros, zeros.copy(), ones))
            inputs = outputs
        self.layers[-1].weights *= 0.1
        self.context = _FRAMES // 2 + FACTOR * depth
        """Frames of 10 ms an output needs, before it and after it."""

    @property
    def parameters(self) -> list[Matrix]:
        """What is trained."""
        return [part for layer in self.layers for part in (layer.weights, layer.bias)]

    def frames(self, outputs: int) -> int:
        """How many frames `outputs` outputs need."""
        return 2 * self.context + 1 + FACTOR * (outputs - 1)

    def forward(self, features: Matrix) -> Matrix:
        """Give log probabilities, with what training has seen as the norm; (batch, outputs, pdfs)."""
        values = (features - self.shift) * self.scale
        for layer in self.layers[:-1]:
            values = _affine(_spliced(values, layer), layer)
            values = (np.maximum(values, 0.0) - layer.mean) / np.sqrt(layer.variance + _EPS)
        return _log_softmax(_affine(values, self.layers[-1]))

    def gradient(self, features: Matrix, labels: Labels) -> tuple[float, list[Matrix]]:
        """Give the mean cross-entropy of a batch and its gradient by each parameter."""
        values, kept = (features - self.shift) * self.scale, []
        for layer in self.layers[:-1]:
            below = _spliced(values, layer)
            rectified = np.maximum(_affine(below, layer), 0.0)
            flat = rectified.reshape(-1, rectified.shape[-1])
            mean, variance = flat.mean(axis=0), flat.var(axis=0)
            layer.mean += (1 - _KEEP) * (mean - layer.mean)
            layer.variance += (1 - _KEEP) * (variance - layer.variance)
            deviation = np.sqrt(variance + _EPS)
            normal = (rectified - mean) / deviation
            kept.append((values.shape, below, rectified > 0, normal, deviation))
            values = normal
        top = self.layers[-1]
        scores = _log_softmax(_affine(values, top))
        flat, wanted = scores.reshape(-1, PDF_COUNT), labels.reshape(-1)
        rows = np.arange(len(wanted))
        loss = -float(flat[rows, wanted].mean())
        slope = np.exp(flat)
        slope[rows, wanted] -= 1.0
        slope /= len(wanted)
        gradients = [slope.sum(axis=0), slope.T @ values.reshape(len(rows), -1)]
        slope = slope @ top.weights
        for layer, (shape, below, alive, normal, deviation) in zip(
            reversed(self.layers[:-1]), reversed(kept), strict=True
        ):
            flat_normal = normal.reshape(slope.shape)
            slope = slope - slope.mean(axis=0) - flat_normal * (slope * flat_normal).mean(axis=0)
            slope = slope / deviation * alive.reshape(slope.shape)
            gradients += [slope.sum(axis=0), slope.T @ below.reshape(len(slope), -1)]
            if layer is not self.layers[0]:
                slope = _gathered(slope @ layer.weights, layer, shape)
        return loss, gradients[::-1]

    def affines(self, priors: Matrix) -> list[Affine]:
        """Fold the norms into the weights and the priors into the last bias, as libvosk is given it."""
        shift, scale, rate, folded = self.shift, self.scale, 1, []
        for layer in self.layers:
            count = len(layer.offsets)
            weights = layer.weights * np.tile(scale, count)
            bias = layer.bias - weights @ np.tile(shift, count)
            middle = layer.offsets[count // 2]
            folded.append(Affine(tuple(rate * (offset - middle) for offset in layer.offsets), weights, bias))
            shift, scale, rate = layer.mean, 1 / np.sqrt(layer.variance + _EPS), rate * layer.stride
        folded[-1].bias[:] -= np.log(priors)
        return folded


class Adam:
    """Kingma and Ba's optimiser, with decay of the weights."""

    def __init__(self, parameters: Sequence[Matrix]) -> None:
        """Train `parameters`, in place."""
        self._parameters = parameters
        self._first = [np.zeros_like(part) for part in parameters]
        self._second = [np.zeros_like(part) for part in parameters]
        self._steps = 0

    def step(self, gradients: Sequence[Matrix], rate: float, decay: float = 1e-3) -> None:
        """Take a step against the gradients."""
        self._steps += 1
        ahead = rate * np.sqrt(1 - 0.999**self._steps) / (1 - 0.9**self._steps)
        for part, slope, first, second in zip(
            self._parameters, gradients, self._first, self._second, strict=True
        ):
            first[...] += 0.1 * (slope - first)
            second[...] += 0.001 * (slope * slope - second)
            part[...] -= ahead * first / (np.sqrt(second) + 1e-8) + rate * decay * part * (part.ndim > 1)


def _affine(values: Matrix, layer: _Layer) -> Matrix:
    return values @ layer.weights.T + layer.bias


def _spliced(values: Matrix, layer: _Layer) -> Matrix:
    """Lay the frames a layer sees side by side; (batch, frames, offsets times width)."""
    count = (values.shape[1] - layer.offsets[-1] - 1) // layer.stride + 1
    parts = [values[:, offset :: layer.stride][:, :count] for offset in layer.offsets]
    return np.concatenate(parts, axis=2)


def _gathered(slope: Matrix, layer: _Layer, shape: tuple[int, ...]) -> Matrix:
    """Add up what each frame below gave to the frames above; (frames below, width)."""
    batch, _, width = shape
    slope = slope.reshape(batch, -1, len(layer.offsets), width)
    below = np.zeros(shape, np.float32)
    for index, offset in enumerate(layer.offsets):
        below[:, offset :: layer.stride][:, : slope.shape[1]] += slope[:, :, index]
    return below.reshape(-1, width)


def _log_softmax(values: Matrix) -> Matrix:
    values = values - values.max(axis=-1, keepdims=True)
    return np.asarray(values - np.log(np.exp(values).sum(axis=-1, keepdims=True)))
