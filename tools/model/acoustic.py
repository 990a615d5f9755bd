"""Kaldi's `final.mdl`: the transition model and the network, in Kaldi's binary form."""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from model.phones import PDF_COUNT, PHONE_COUNT, pdfs_of

Matrix = NDArray[np.float32]
_HALF: Final = float(np.log(0.5))
_STEPS: Final = 65535


@dataclass(frozen=True)
class Affine:
    """One layer: frames at `offsets` (of 10 ms) side by side, times weights, plus bias."""

    offsets: tuple[int, ...]
    weights: Matrix
    """(outputs, offsets times inputs)."""
    bias: Matrix


def final_mdl(layers: Sequence[Affine]) -> bytes:
    """Write a model whose layers are rectified, but for the last: logarithms of likelihoods."""
    return b"".join((b"\0B", _transitions(), _network(layers)))


def _token(text: str) -> bytes:
    return text.encode() + b" "


def _int(value: int) -> bytes:
    return struct.pack("<bi", 4, value)


def _float(value: float) -> bytes:
    return struct.pack("<bf", 4, value)


def _ints(values: Sequence[int]) -> bytes:
    return struct.pack("<bi", 4, len(values)) + np.asarray(values, "<i4").tobytes()


def _vector(values: Matrix) -> bytes:
    return _token("FV") + _int(len(values)) + values.astype("<f4").tobytes()


def _matrix(values: Matrix) -> bytes:
    """A matrix in 16 bits a number (Kaldi's compressed form with one range for all of it)."""
    low, reach = float(values.min()), float(np.ptp(values)) or 1.0
    steps: NDArray[np.uint16] = np.rint((values - low) / reach * _STEPS).astype("<u2")
    head = struct.pack("<ffii", low, reach, *values.shape)
    return _token("CM2") + head + steps.tobytes()


def _transitions() -> bytes:
    phones = range(1, PHONE_COUNT + 1)
    topology = [
        _token("<Topology>"),
        _ints(list(phones)),
        _ints([-1] + [0] * PHONE_COUNT),
        _int(-1),  # the first frame and the others differ
        _int(1),  # one kind of phone
        _int(2),  # of two states: one that sounds and the end
        _int(0) + _int(1) + _int(2) + _int(0) + _float(0.5) + _int(1) + _float(0.5),
        _int(-1) + _int(-1) + _int(0),
        _token("</Topology>"),
    ]
    tuples = [_int(phone) + _int(0) + _int(pdfs_of(phone)[0]) + _int(pdfs_of(phone)[1]) for phone in phones]
    chances = np.full(2 * PHONE_COUNT + 1, _HALF, np.float32)
    chances[0] = 0.0
    return b"".join(
        (
            _token("<TransitionModel>"),
            *topology,
            _token("<Tuples>") + _int(PHONE_COUNT),
            *tuples,
            _token("</Tuples>"),
            _token("<LogProbs>") + _vector(chances) + _token("</LogProbs>"),
            _token("</TransitionModel>"),
        )
    )


def _network(layers: Sequence[Affine]) -> bytes:
    if len(layers[-1].bias) != PDF_COUNT:
        raise ValueError(f"the last layer gives {len(layers[-1].bias)} pdfs, there are {PDF_COUNT}")
    dim = layers[0].weights.shape[1] // len(layers[0].offsets)
    lines, components, before = [f"input-node name=input dim={dim}"], [], "input"
    for number, layer in enumerate(layers, start=1):
        frames = ", ".join(f"Offset({before}, {offset})" for offset in layer.offsets)
        name, before = f"affine{number}", f"affine{number}"
        lines.append(f"component-node name={name} component={name} input=Append({frames})")
        components.append((name, _affine(layer)))
        if number < len(layers):
            before = f"relu{number}"
            lines.append(f"component-node name={before} component={before} input={name}")
            components.append((before, _rectifier(len(layer.bias))))
    lines.append(f"output-node name=output input={before} objective=linear")
    body = [_token("<ComponentName>") + _token(name) + component for name, component in components]
    return b"".join(
        (
            _token("<Nnet3>") + b"\n" + "\n".join(lines).encode() + b"\n\n",
            _token("<NumComponents>") + _int(len(components)),
            *body,
            _token("</Nnet3>"),
            _token("<LeftContext>") + _int(0) + _token("<RightContext>") + _int(0),
            _token("<Priors>") + _vector(np.zeros(0, np.float32)),
        )
    )


def _affine(layer: Affine) -> bytes:
    return b"".join(
        (
            _token("<FixedAffineComponent>"),
            _token("<LinearParams>") + _matrix(layer.weights),
            _token("<BiasParams>") + _vector(layer.bias),
            _token("</FixedAffineComponent>"),
        )
    )


def _rectifier(dim: int) -> bytes:
    nothing = _vector(np.zeros(0, np.float32))
    return b"".join(
        (
            _token("<RectifiedLinearComponent>") + _token("<Dim>") + _int(dim),
            _token("<ValueAvg>") + nothing + _token("<DerivAvg>") + nothing,
            _token("<Count>") + _float(0.0),
            _token("<OderivRms>") + nothing + _token("<OderivCount>") + _float(0.0),
            _token("<NumDimsSelfRepaired>") + _float(0.0) + _token("<NumDimsProcessed>") + _float(0.0),
            _token("</RectifiedLinearComponent>"),
        )
    )
