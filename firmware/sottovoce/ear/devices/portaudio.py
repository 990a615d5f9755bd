"""PortAudio as the microphone, the loudspeaker and `sottovoce devices` use it: devices and their names."""

import contextlib
import os
import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyaudio

DEFAULT: Final = "default"

_TURN: Final = threading.Lock()
"""PortAudio is not made for several threads that start and end it."""


@dataclass(frozen=True, slots=True)
class Device:
    """A sound device, as PortAudio tells of it."""

    index: int
    name: str
    inputs: int
    """Channels it can record; 0 for a loudspeaker."""
    outputs: int
    """Channels it can play; 0 for a microphone."""
    rate: int
    """Hz it prefers."""
    default_input: bool = False
    """The system's choice of a microphone."""
    default_output: bool = False
    """The system's choice of a loudspeaker."""


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Keep ALSA and JACK from printing pages about devices that are not there; errors come as OSError.

    One thread at a time.
    """
    with _TURN, open(os.devnull, "wb") as nowhere:  # noqa: PTH123  a device, not a file
        kept = os.dup(2)
        os.dup2(nowhere.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def start() -> Any:
    """Start PortAudio anew: it learns of devices at its start alone."""
    with quietly():
        return pyaudio.PyAudio()


def end(portaudio: Any, stream: Any) -> None:
    """Close a stream, what it has not played thrown away, and end PortAudio. None for what is not there."""
    with quietly():
        if stream is not None:
            with contextlib.suppress(OSError):  # of a device that went away
                stream.close()
        if portaudio is not None:
            portaudio.terminate()


def devices(portaudio: Any) -> list[Device]:
    """List what there is."""
    default_input = _default(portaudio.get_default_input_device_info)
    default_output = _default(portaudio.get_default_output_device_info)
    infos = (portaudio.get_device_info_by_index(index) for index in range(portaudio.get_device_count()))
    return [
        Device(
            index=int(info["index"]),
            name=str(info["name"]),
            inputs=int(info["maxInputChannels"]),
            outputs=int(info["maxOutputChannels"]),
            rate=round(info["defaultSampleRate"]),
            default_input=info["index"] == default_input,
            default_output=info["index"] == default_output,
        )
        for info in infos
    ]


def microphones(there: Sequence[Device]) -> list[Device]:
    """Keep those that can record."""
    return [device for device in there if device.inputs]


def loudspeakers(there: Sequence[Device]) -> list[Device]:
    """Keep those that can play."""
    return [device for device in there if device.outputs]


def find(wanted: str, among: Sequence[Device]) -> Device:
    """Find the device a configuration means. Raises LookupError.

    "default" is the system's choice; "hw:1" and "hw:1,0" are ALSA's cards by number; else the device of
    that name, or the first whose name holds it.
    """
    if wanted == DEFAULT:
        fits = [one for one in among if one.default_input or one.default_output]
    elif wanted.startswith("hw:"):
        fits = [one for one in among if re.search(rf"\({re.escape(wanted)}[,)]", one.name)]
    else:
        fits = [one for one in among if one.name.lower() == wanted.lower()]
        fits += [one for one in among if wanted.lower() in one.name.lower()]
    if not fits:
        raise LookupError("no device of that name" if wanted != DEFAULT else "the system has no default")
    return fits[0]


def names(among: Sequence[Device]) -> str:
    """Name them in one line."""
    return ", ".join(device.name for device in among) or "none"


def _default(ask: Any) -> int | None:
    try:
        return int(ask()["index"])
    except OSError:
        return None
