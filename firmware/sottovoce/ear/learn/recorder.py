"""Sayings out of the microphone, one after the other, through the same gate as all sound."""

from typing import Final

from sottovoce.ear.endpoint import SpeechDetector
from sottovoce.ear.gate import Gate
from sottovoce.errors import InputError, MicrophoneCut
from sottovoce.vocabulary import FRAME_SECONDS, OpenFrame, Samples

PATIENCE_SECONDS: Final = 15.0
"""How long it waits for somebody to speak."""
LONGEST_SECONDS: Final = 5.0
_BEFORE: Final = round(0.5 / FRAME_SECONDS)
_PAUSE: Final = round(0.5 / FRAME_SECONDS)
_SPEECH: Final = 0.5
_TICK: Final = 0.25


class Recorder:
    """Takes frames from the gate; holds none itself, so that what the gate overwrites is gone."""

    def __init__(self, gate: Gate, detector: SpeechDetector) -> None:
        """Listen behind `gate`, which another thread fills."""
        self._gate = gate
        self._detector = detector

    def saying(self) -> Samples:
        """Wait for somebody to say something and for the pause after it; it, with half a second before.

        Raises MicrophoneCut when it is muted, MicrophoneError for a fault of the microphone, and InputError
        when nobody speaks or the sound has ended.
        """
        self._detector.reset()
        epoch, first, begun, quiet, waited = self._gate.epoch, None, None, 0, 0.0
        while waited < PATIENCE_SECONDS:
            frame = self._frame(epoch)
            waited += FRAME_SECONDS if frame else _TICK
            if frame is None:
                continue
            first = frame.index if first is None else first
            speech = self._detector.probability(frame.samples) >= _SPEECH
            if begun is None and speech:
                begun = frame.index
            quiet = 0 if speech else quiet + 1
            if begun is not None and (quiet >= _PAUSE or _speaks_on(frame, begun)):
                found = self._gate.since(epoch, max(first, begun - _BEFORE), frame.index + 1)
                if found is not None:
                    return found
        raise InputError("nobody spoke", "say the word after each prompt")

    def _frame(self, epoch: int) -> OpenFrame | None:
        frame = self._gate.frame(_TICK)
        if self._gate.fault is not None:
            raise self._gate.fault
        if self._gate.reasons or self._gate.epoch != epoch:
            raise MicrophoneCut("the microphone is muted", "unmute it, and begin again: nothing was kept")
        if frame is None and self._gate.ended:
            raise InputError("the sound ended before there were examples enough", "say the word more often")
        return frame


def _speaks_on(frame: OpenFrame, begun: int) -> bool:
    """Whether somebody speaks on and on."""
    return (frame.index - begun) * FRAME_SECONDS > LONGEST_SECONDS
