"""Load a Vosk model and decode a second with it: run as a child process, see vosk_model.try_out."""

import contextlib
import json
import resource
import sys
from pathlib import Path

import numpy as np
import vosk

from sottovoce.ear.sandbox import cage
from sottovoce.errors import SandboxError
from sottovoce.vocabulary import SAMPLE_RATE


def main(folder: Path) -> None:
    """Print "whole" when all went well; whatever else happens, happens to this process alone."""
    with contextlib.suppress(SandboxError):  # the ear's own cage is inherited; a command has none to give
        cage()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with contextlib.suppress(OSError):  # short of memory, the kernel ends this process and not the ear
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    vosk.SetLogLevel(-1)
    model = vosk.Model(str(folder))
    noise = np.random.default_rng(0).normal(0.0, 1000.0, SAMPLE_RATE).astype(np.int16).tobytes()
    for grammar in ((), (json.dumps(["[unk]"]),)):
        recognizer = vosk.KaldiRecognizer(model, SAMPLE_RATE, *grammar)
        recognizer.SetWords(True)  # noqa: FBT003  as libvosk has it
        recognizer.AcceptWaveform(noise)
        recognizer.PartialResult()
        json.loads(recognizer.FinalResult())
    sys.stdout.write("whole\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
