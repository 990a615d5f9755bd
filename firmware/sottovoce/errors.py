"""The error tree. Each error says what is wrong, where, and what to do about it.

    SottovoceError
    ├── UsageError               64  the command line asks for something that is not so
    ├── InputError               65  a recording or a label file cannot be used
    │   └── AudioFormatError         not sound we can read
    ├── MissingInputError        66  a file that was named is not there
    ├── EngineError              69  an engine cannot be loaded or gave up
    │   └── ModelError               its model is missing or broken
    ├── DeviceError              69  a device is missing or went away
    │   ├── MicrophoneError
    │   │   └── MicrophoneCut        read while its switch is off (simulated ones say so)
    │   ├── SwitchError              the privacy switch cannot be read
    │   └── SpeakerError
    ├── SandboxError             71  the kernel will not cage the ear
    ├── StateError               73  the state folder cannot be used
    ├── DownloadError            75  a model cannot be fetched now
    ├── UnreachableError         75  the MQTT broker cannot be reached now
    ├── SeamError                76  the other side broke the seam's grammar
    │   ├── SeamMalformed            bytes that are no message
    │   ├── SeamTooBig               a message over the cap
    │   └── SeamClosed               the other side went away
    └── ConfigError              78  a configuration file cannot be used

The numbers are sysexits(3) exit statuses.
"""

from typing import ClassVar


class SottovoceError(Exception):
    """Something a person can act on: one line of what, and a hint of what to do."""

    exit_status: ClassVar[int] = 70

    def __init__(self, what: str, hint: str = "") -> None:
        """Say `what` is wrong and where; `hint` says what to do."""
        super().__init__(what)
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        """One line, whatever it quotes."""
        text = f"{self.what} ({self.hint})" if self.hint else self.what
        return "".join(letter if letter.isprintable() else " " for letter in text)


class UsageError(SottovoceError, ValueError):
    """The command line asks for something that is not so."""

    exit_status = 64


class InputError(SottovoceError, ValueError):
    """A recording or a label file cannot be used."""

    exit_status = 65


class AudioFormatError(InputError):
    """Not sound we can read."""


class MissingInputError(SottovoceError, FileNotFoundError):
    """A file that was named is not there."""

    exit_status = 66


class EngineError(SottovoceError, RuntimeError):
    """An engine cannot be loaded or gave up."""

    exit_status = 69


class ModelError(EngineError):
    """An engine's model is missing or broken."""


class DeviceError(SottovoceError, OSError):
    """A device is missing or went away."""

    exit_status = 69


class MicrophoneError(DeviceError):
    """The microphone cannot be opened, or stopped giving sound."""


class MicrophoneCut(MicrophoneError):
    """The microphone was read while its switch is off."""


class SwitchError(DeviceError):
    """The privacy switch cannot be read."""


class SpeakerError(DeviceError):
    """The loudspeaker cannot be used."""


class SandboxError(SottovoceError, PermissionError):
    """The kernel will not cage the ear."""

    exit_status = 71


class StateError(SottovoceError, OSError):
    """The state folder cannot be used."""

    exit_status = 73


class DownloadError(SottovoceError, ConnectionError):
    """A model cannot be fetched now."""

    exit_status = 75


class UnreachableError(SottovoceError, ConnectionError):
    """The MQTT broker cannot be reached now."""

    exit_status = 75


class SeamError(SottovoceError, ConnectionError):
    """The other side broke the seam's grammar."""

    exit_status = 76


class SeamMalformed(SeamError):
    """Bytes that are no message."""


class SeamTooBig(SeamError):
    """A message over the cap."""


class SeamClosed(SeamError):
    """The other side went away."""


class ConfigError(SottovoceError, ValueError):
    """A configuration file cannot be used."""

    exit_status = 78
