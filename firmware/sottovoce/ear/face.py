"""What the ear shows of itself: the light, the word-free status, and its troubles in the journal."""

import threading
import time
from collections.abc import Callable
from typing import Final, Protocol

from sottovoce.config import Light as LightConfig
from sottovoce.ear.gate import Gate
from sottovoce.ear.hours import within
from sottovoce.ear.light import Colour, Light, Look, Situation, look
from sottovoce.ear.mute import minute_of_day
from sottovoce.ear.sentinel import Sentinel
from sottovoce.ear.state_folder import StateFolder
from sottovoce.ear.states import State
from sottovoce.journal import Journal
from sottovoce.vocabulary import Position
from sottovoce.wire import Status

LOSS_SECONDS: Final = 10.0
"""Lost sound is told at most this often; the sum of it at the end."""
_BROKEN: Final = frozenset({Position.FAULT, Position.UNREADABLE})


class Stateful(Protocol):
    """The pipeline, as far as it is shown."""

    state: State


class Face:
    """Derives what is shown from what is so; from any thread."""

    def __init__(
        self,
        light: Light,
        gate: Gate,
        pipeline: Stateful,
        sentinel: Sentinel,
        folder: StateFolder,
        config: LightConfig,
        journal: Journal,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Show on `light`; `now` gives seconds since the epoch."""
        self._light, self._gate, self._pipeline, self._sentinel = light, gate, pipeline, sentinel
        self._folder, self._config, self._journal, self._now = folder, config, journal, now
        self._turn = threading.Lock()
        self._shown: Look | None = None
        self._told_fault, self._told_dropped, self._tell_again_at = False, 0, 0.0

    def show(self, *, sending: bool) -> None:
        """Look at everything, and show it."""
        with self._turn:  # the last to look is the last to show, or the light would tell of the past
            now = self._now()
            self._tell_troubles(now)
            self._show(
                look(
                    self._situation(sending=sending),
                    night=within(self._config.night, minute_of_day(now)),
                    idle_glow=self._config.idle == "glow",
                )
            )

    def off(self) -> None:
        """Show nothing: it ends."""
        with self._turn:
            self._show(Look(Colour.OFF))

    def status(self) -> Status:
        """Say how the ear is, without words."""
        now = self._situation(sending=False)
        return Status(
            state="error" if now.alarm or now.fault or now.trouble else str(now.state),
            reasons=tuple(sorted(str(reason) for reason in now.reasons)),
            microphone_open=now.microphone_open,
            switch=str(self._sentinel.position),
        )

    def _situation(self, *, sending: bool) -> Situation:
        gate, sentinel = self._gate, self._sentinel
        return Situation(
            state=self._pipeline.state,
            reasons=gate.reasons,
            microphone_open=sentinel.microphone_open,
            alarm=sentinel.alarm,
            fault=gate.fault is not None or sentinel.position in _BROKEN,
            trouble=self._folder.fails,
            sending=sending,
        )

    def _show(self, wanted: Look) -> None:
        if wanted != self._shown:
            self._light.show(wanted)
            self._shown = wanted

    def _tell_troubles(self, now: float) -> None:
        """Write down that the microphone went or is back, once; and lost sound, at most every so often."""
        fault, dropped = self._gate.fault, self._gate.dropped
        if (fault is not None) != self._told_fault:
            self._told_fault = fault is not None
            if fault is not None:
                self._journal.warn("microphone_lost", error=str(fault))
            else:
                self._journal.note("microphone_back")
        if dropped > self._told_dropped and now >= self._tell_again_at:
            self._journal.warn("sound_lost", frames=dropped - self._told_dropped)
            self._told_dropped, self._tell_again_at = dropped, now + LOSS_SECONDS
