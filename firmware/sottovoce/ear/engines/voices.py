"""espeak-ng and flite: the device's own voice. Words go in by standard input, never by argument."""

import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from typing import Final

from sottovoce.ear.devices.recording import read_samples
from sottovoce.errors import AudioFormatError, EngineError
from sottovoce.vocabulary import Samples

_PATIENCE_SECONDS: Final = 20.0
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
        return spoken(self._command, text)


def spoken(command: Sequence[str], text: str) -> Samples:
    """Give a program words on standard input and take a WAV from its standard output. Raises EngineError.

    The output is a file in memory and no pipe: flite seeks in what it has written. It has no name, and its
    place cannot be executed from; of a memfd it could, so the unit refuses those.
    """
    with tempfile.TemporaryFile(dir="/dev/shm") as sound:
        try:
            subprocess.run(  # noqa: S603  a fixed command; the words go in by stdin
                command,
                input=text.encode(),
                stdout=sound,
                stderr=subprocess.DEVNULL,
                check=True,
                timeout=_PATIENCE_SECONDS,
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise EngineError(f"voice: {command[0]} gave no sound", "try it by hand") from error
        sound.seek(0)
        try:
            return read_samples(sound.fileno(), command[0])
        except AudioFormatError as error:
            raise EngineError(f"voice: {command[0]} gave no sound", "try it by hand") from error
