"""TensorFlow Lite's C library, as it comes with openWakeWord: one network, run on one thread.

The package's own binding runs networks without XNNPACK, which takes five times as long (7.7 ms for
one embedding against 1.5).
"""

import ctypes
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from sottovoce.errors import ModelError

Numbers = npt.NDArray[np.float32]
_THREADS: Final = 1


class _Options(ctypes.Structure):
    """TfLiteXNNPackDelegateOptions: threads first; the rest, shorter than this, stays as it comes."""

    _fields_ = (("threads", ctypes.c_int32), ("rest", ctypes.c_char * 252))


class Network:
    """A network of floats with one input and one output."""

    def __init__(self, library: Path, model: Path, shape: tuple[int, ...] = ()) -> None:
        """Load `model`, for inputs of `shape` or of the shape it has. Raises ModelError."""
        self._call = _library(library)
        self._parts: list[tuple[str, int]] = []  # what to give back, and by which call, last first
        delegate_options = self._call.TfLiteXNNPackDelegateOptionsDefault()
        delegate_options.threads = _THREADS
        delegate = self._own(
            "XNNPackDelegate", self._call.TfLiteXNNPackDelegateCreate(ctypes.byref(delegate_options)), model
        )
        options = self._own("InterpreterOptions", self._call.TfLiteInterpreterOptionsCreate(), model)
        self._call.TfLiteInterpreterOptionsSetNumThreads(options, _THREADS)
        self._call.TfLiteInterpreterOptionsAddDelegate(options, delegate)
        graph = self._own("Model", self._call.TfLiteModelCreateFromFile(bytes(model)), model)
        self._run = self._own("Interpreter", self._call.TfLiteInterpreterCreate(graph, options), model)
        sizes = (ctypes.c_int32 * len(shape))(*shape)
        if (
            shape and self._call.TfLiteInterpreterResizeInputTensor(self._run, 0, sizes, len(shape))
        ) or self._call.TfLiteInterpreterAllocateTensors(self._run):
            self.close()
            raise ModelError(f"{model}: cannot be run here", "install the package again")
        self._input = self._call.TfLiteInterpreterGetInputTensor(self._run, 0)
        dimensions = range(self._call.TfLiteTensorNumDims(self._input))
        self.shape = tuple(self._call.TfLiteTensorDim(self._input, axis) for axis in dimensions)
        """Of its input."""
        self._output = self._call.TfLiteInterpreterGetOutputTensor(self._run, 0)
        self._taken = np.zeros(self.shape, dtype=np.float32)
        size = self._call.TfLiteTensorByteSize(self._output)
        self._given = np.zeros(size // self._taken.itemsize, dtype=np.float32)

    def __call__(self, numbers: Numbers) -> Numbers:
        """Run it on an input of the shape; its output, flat, until the next run."""
        np.copyto(self._taken, numbers)
        self._call.TfLiteTensorCopyFromBuffer(self._input, self._taken.ctypes.data, self._taken.nbytes)
        self._call.TfLiteInterpreterInvoke(self._run)
        self._call.TfLiteTensorCopyToBuffer(self._output, self._given.ctypes.data, self._given.nbytes)
        return self._given

    def close(self) -> None:
        """Give the memory back."""
        while self._parts:
            kind, part = self._parts.pop()
            getattr(self._call, f"TfLite{kind}Delete")(part)

    def _own(self, kind: str, part: int | None, model: Path) -> int:
        if not part:
            self.close()
            raise ModelError(f"{model}: not a network that can be read", "install the package again")
        self._parts.append((kind, part))
        return part


def _library(path: Path) -> Any:
    try:
        call = ctypes.CDLL(str(path))
    except OSError as error:
        raise ModelError(f"{path}: {error}", "install the package again") from error
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int32
    numbers = ctypes.POINTER(number)
    for name, result, takes in (
        ("XNNPackDelegateOptionsDefault", _Options, ()),
        ("XNNPackDelegateCreate", pointer, (ctypes.POINTER(_Options),)),
        ("XNNPackDelegateDelete", None, (pointer,)),
        ("InterpreterOptionsCreate", pointer, ()),
        ("InterpreterOptionsSetNumThreads", None, (pointer, number)),
        ("InterpreterOptionsAddDelegate", None, (pointer, pointer)),
        ("InterpreterOptionsDelete", None, (pointer,)),
        ("ModelCreateFromFile", pointer, (text,)),
        ("ModelDelete", None, (pointer,)),
        ("InterpreterCreate", pointer, (pointer, pointer)),
        ("InterpreterDelete", None, (pointer,)),
        ("InterpreterResizeInputTensor", number, (pointer, number, numbers, number)),
        ("InterpreterAllocateTensors", number, (pointer,)),
        ("InterpreterInvoke", number, (pointer,)),
        ("InterpreterGetInputTensor", pointer, (pointer, number)),
        ("InterpreterGetOutputTensor", pointer, (pointer, number)),
        ("TensorByteSize", ctypes.c_size_t, (pointer,)),
        ("TensorNumDims", number, (pointer,)),
        ("TensorDim", number, (pointer, number)),
        ("TensorCopyFromBuffer", number, (pointer, pointer, ctypes.c_size_t)),
        ("TensorCopyToBuffer", number, (pointer, pointer, ctypes.c_size_t)),
    ):
        function = getattr(call, f"TfLite{name}")
        function.restype, function.argtypes = result, takes
    return call
