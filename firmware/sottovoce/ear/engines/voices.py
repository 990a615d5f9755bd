"""espeak-ng and flite: the device's own voice. Words go in by standard input, never by argument."""

import io
import shutil
import subprocess
from typing import Final

from sottovoce.ear.devices.recording import read_samples
from sottovoce.errors import EngineError
from sottovoce.vocabulary import Samples

_COMMANDS: Final = {
    "espeak-ng": ("espeak-ng", "--stdin", "--stdout", "-v", "en-gb", "-s", "155"),
    "flite": ("flite", "-voice", "slt", "-f", "/dev/stdin", "-o", "/dev/stdout"),
}


class CommandVoice:
    """A text-to-speech program that reads words and writes a WAV."""

    def __init__(self, name: str) -> None:
        """Use the program `name`: espeak-ng or flite. Raises EngineError when it is not installed."""
        program = shutil.which(name)
        if program is None:
            raise EngineError(f"voice: {name} is not installed", f"apt install {name}, or set [reply] voice")
        self._command = (program, *_COMMANDS[name][1:])

    def say(self, text: str) -> Samples:
        """Speak a text into samples. Raises EngineError."""
        run = subprocess.run(  # noqa: S603  a fixed command; the words go in by stdin
            self._command, input=text.encode(), capture_output=True, check=False, timeout=20
        )
        if run.returncode or not run.stdout:
            raise EngineError(f"voice: {self._command[0]} gave no sound", "try it by hand")
        return read_samples(io.BytesIO(run.stdout), self._command[0])
