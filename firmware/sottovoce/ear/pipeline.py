"""The whole flow of the ear on one screen: start reading here.

    microphone -> gate -> wake -> endpoint -> transcribe -> understand -> act -> reply
                                                               └-> share: consent -> redact -> outbox -> link

What is dangerous waits before it is shared until its owner has said yes (confirm.py).

One thread reads the microphone (`Gate.listen`), one runs this. Between any two stages the gate may
shut; whatever was heard before that is dropped, and the stages are made to forget.

While the device speaks it hears its wake word and nothing else: it falls silent and listens. No sound
of its own gets into a sentence, and a reply that holds a wake word is said behind a shut gate. What the
wake engine hears meanwhile is without the reply (echo.py).
"""

import contextlib
import queue
import uuid
from collections.abc import Callable
from dataclasses import replace

from sottovoce.ear.bids import Standing
from sottovoce.ear.confirm import Held
from sottovoce.ear.endpoint import Verdict
from sottovoce.ear.gate import Gate
from sottovoce.ear.skills.sharing import stop_sharing
from sottovoce.ear.stages import Draft, Stages, Witness
from sottovoce.ear.states import Event, State, after
from sottovoce.errors import SottovoceError
from sottovoce.journal import Journal
from sottovoce.vocabulary import (
    ASKED,
    FRAME_SECONDS,
    SAMPLE_RATE,
    Earcon,
    Happening,
    MuteReason,
    OpenFrame,
    Outcome,
    Press,
    Snippet,
)

CONFIDENT = 0.5
"""Below this confidence a transcript is taken for something else than a command."""

TICK_SECONDS = 0.25
"""How often timers are looked at while no sound comes."""

FOLLOWED_FRAMES = 8
"""Every how many frames (0.26 s) the transcriber hears a sentence that goes on."""

_RECOGNITION_FRAMES = 8
"""A wake word is recognised within so many frames (0.26 s) of its end."""

_ECHO_FRAMES = 4
"""So long after its last sound the device may still hear itself."""

RINGABLE = frozenset({State.IDLE, State.MUTED})
"""A timer, or an announcement, waits while a sentence is under way; a deaf device sounds too."""

ANNOUNCEMENTS = 4
"""So many may wait for their turn."""


class Pipeline:
    """Takes open frames one by one and does what they ask for."""

    def __init__(
        self,
        gate: Gate,
        stages: Stages,
        tell: Callable[[Happening], None],
        changed: Callable[[], None],
        now: Callable[[], float],
        journal: Journal,
        witness: Witness | None = None,
        mute: Callable[[float], None] = lambda _: None,
        alive: Callable[[], None] = lambda: None,
    ) -> None:
        """Take frames from `gate`; `tell` passes word-free events on, `changed` is told of a new state.

        `now` gives seconds since the epoch; `mute` makes it deaf until such a time. `alive` is called at
        each turn: whoever waits for it in vain knows that the pipeline hangs.
        """
        self._gate = gate
        self._stages = stages
        self._tell = tell
        self._changed = changed
        self._now = now
        self._journal = journal
        self._witness = witness
        self._mute = mute
        self._mute_seconds = 0.0  # once the reply is over
        self._alive = alive
        self._presses: queue.SimpleQueue[tuple[Press, int]] = queue.SimpleQueue()
        self._announcements: queue.Queue[Outcome] = queue.Queue(ANNOUNCEMENTS)
        self._called: int | None = None  # the button asked it to listen, from this frame on
        self._epoch = -1
        self._draft: Draft | None = None
        self._bids = False  # whether it is not decided yet who answers: this device or another
        self._silent_from = 0  # from this frame on nothing of the device's own voice is in the sound
        self.state = State.MUTED

    def run(self) -> None:
        """Run until the gate has ended: the pipeline thread's whole work."""
        while not self._gate.ended or self.state is State.SPEAKING:
            self.step(FRAME_SECONDS if self.state is State.SPEAKING else TICK_SECONDS)
            self._alive()

    def step(self, timeout: float) -> None:
        """Take one frame, if one comes within `timeout` seconds, and see to the timers."""
        frame = self._gate.frame(timeout)
        if self._gate.epoch != self._epoch:
            self._turn_over()
        self._see_to_the_bids()
        if frame is not None and frame.epoch == self._epoch:
            self.hear(frame)
        self._see_to_the_reply()
        self._obey_the_button()
        if self.state in RINGABLE and (sounds := self._stages.timers.due() or self._announced()):
            self._answer(sounds)

    def press(self, press: Press) -> None:
        """Take a press of the button; from any thread. It is obeyed at the next step."""
        whole = self._gate.written + 1  # the first frame that is altogether from after the press
        self._presses.put((press, whole))

    def announce(self, announcement: Outcome) -> bool:
        """Take something to be said once nobody speaks; from any thread. False when too much waits."""
        try:
            self._announcements.put_nowait(announcement)
        except queue.Full:
            return False
        return True

    def _announced(self) -> Outcome | None:
        """Give the next announcement, unless somebody is about to speak."""
        if self._called is not None or self._announcements.empty():
            return None
        return self._announcements.get_nowait()

    def hear(self, frame: OpenFrame) -> None:
        """Take one open frame as far as it goes."""
        if self._is_called(frame):
            self._listen_as_called(frame)
        elif word := self._woken_by(frame):
            self._wake_up(frame, word)
        elif self.state is State.LISTENING:
            match self._stages.endpoint.hear(frame):
                case Verdict.NOBODY_SPOKE:
                    self._give_up()
                case Verdict.PAUSED:
                    self._draft = self._write_down(frame)
                case Verdict.ENDED if self._bids:
                    pass  # it says so again with the next frame
                case Verdict.ENDED:
                    self._enter(Event.HEARD)
                    self._note("endpoint", None, frame=frame.index)
                    self._think(frame)
                case Verdict.GOING_ON:
                    self._follow(frame)

    def _obey_the_button(self) -> None:
        """A short press says yes, stops what goes on, or begins to listen; a very long one ends sharing."""
        if self._presses.empty():
            return
        press, whole = self._presses.get()
        sounding = self.state is State.SPEAKING or self._stages.timers.ringing
        held = self._stages.confirm.press()
        stopped = self._stop()
        if press is Press.VERY_LONG:
            self._answer(stop_sharing(self._stages.grants, self._stages.ledger, self._stages.forget))
        elif held is not None and not sounding:
            self._carry_out(held)
        elif self.state is State.IDLE and not stopped:
            self._called = whole

    def _stop(self) -> bool:
        """Stop what rings, the reply, the sentence; whether there was any. What was to be said is not."""
        stopped = self._stages.timers.hush()
        with contextlib.suppress(queue.Empty):
            while True:
                self._announcements.get_nowait()
        if self.state is State.SPEAKING:
            self._stages.reply.hush()
            self._stages.echo.end()
            self._end_the_reply()
        elif self.state is State.LISTENING:
            self._note("cancelled", Happening.CANCELLED)
            self._enter(Event.TIMED_OUT)
            self._forget()
        else:
            return stopped
        return True

    def _is_called(self, frame: OpenFrame) -> bool:
        """Whether to listen without a wake word: the button was pressed, or a question asked."""
        if self._called is not None:
            return frame.index >= self._called
        return self.state is State.IDLE and frame.index >= self._silent_from and self._stages.confirm.opens()

    def _listen_as_called(self, frame: OpenFrame) -> None:
        """Begin to listen without a wake word. Nothing from before the press gets into the sentence."""
        self._note("called", Happening.WAKE, frame=frame.index)
        self._listen(frame, "", frame.index)

    def _listen(self, frame: OpenFrame, word: str, earliest: int) -> None:
        self._enter(Event.WOKEN)
        self._draft, self._called = None, None
        self._stages.transcriber.forget()
        self._stages.endpoint.begin(frame, word, earliest)

    def _woken_by(self, frame: OpenFrame) -> str | None:
        """Name the wake word that somebody else than the device itself completes in this frame."""
        for heard in self._stages.echo.clean(frame):
            word = self._stages.wake.hear(heard)
            if word and not self._stages.echo.is_leftover:
                return word
        return None

    def _follow(self, last: OpenFrame) -> None:
        """Let the transcriber hear a sentence while it is said, every FOLLOWED_FRAMES frames."""
        if last.index % FOLLOWED_FRAMES or not self._stages.endpoint.begun:
            return
        utterance = self._stages.endpoint.utterance(last)
        if utterance is not None:
            try:
                self._stages.transcriber.follow(utterance)
            finally:
                utterance.samples.fill(0)

    def _wake_up(self, frame: OpenFrame, word: str) -> None:
        """Begin to listen; a reply falls silent, and a sentence may begin anew ("computer, stop")."""
        self._note("woken", None, word=word.replace(" ", "_"), frame=frame.index)
        self._stages.echo.end()
        asks = self._stages.confirm.waits  # the answer is for the device that asked
        self._stages.rooms.call(frame, engaged=asks or self.state is not State.IDLE)
        self._bids = True
        if self.state is State.LISTENING:
            self._stages.endpoint.again(frame, word)
        else:
            if self.state is State.SPEAKING:
                self._stages.reply.hush()
                self._note("interrupted", None)
                self._go_deaf_if_asked()
                self._silent_from = frame.index - _RECOGNITION_FRAMES
            self._listen(frame, word, self._silent_from)
        self._see_to_the_bids()

    def _see_to_the_bids(self) -> None:
        """Answer other devices that heard a wake word; yield to the one that heard it better."""
        standing = self._stages.rooms.look()
        if not self._bids or standing is Standing.OPEN:
            return
        self._bids = False
        if standing is Standing.WON:
            self._tell(Happening.WAKE)
        else:
            self._note("yielded", None)
            self._enter(Event.YIELDED)
            self._forget()

    def _write_down(self, last: OpenFrame) -> Draft | None:
        """Transcribe the sentence up to and with a frame; None when the gate has shut meanwhile."""
        utterance = self._stages.endpoint.utterance(last)
        if utterance is None:
            return None
        try:
            transcript = self._stages.transcriber.transcribe(utterance)
        finally:
            utterance.samples.fill(0)
        if not self._gate.is_current(utterance.epoch):
            return None
        return Draft(transcript, self._stages.endpoint.speech)

    def _think(self, last: OpenFrame) -> None:
        """Take a whole sentence from words to answer; the draft of its last pause will do."""
        draft, self._draft = self._draft, None
        if draft is None or draft.speech != self._stages.endpoint.speech:
            draft = self._write_down(last)
        if draft is None or not self._gate.is_current(last.epoch):
            return
        transcript = draft.transcript
        sure = transcript.confidence >= CONFIDENT
        intent = self._stages.understanding.understand(transcript) if sure else None
        if self._witness is not None:
            self._witness.heard(transcript, intent)
        if intent is None:
            self._note("not_understood", Happening.NOT_UNDERSTOOD, confidence=round(transcript.confidence, 2))
        else:
            self._note("understood", Happening.COMMAND, intent=intent.name)
        if held := self._stages.confirm.hear(intent):
            self._carry_out(held)
            return
        outcome = self._stages.act.act(intent)
        snippet = Snippet(uuid.uuid4().hex, self._now(), transcript, intent)
        if outcome.question:
            self._stages.share.heard(snippet)
            self._answer(self._stages.confirm.ask(snippet, outcome))
            return
        clip = self._stages.endpoint.clip(last) if self._stages.share.wants_clip() else None
        try:
            self._carry_out(Held(replace(snippet, clip=clip), outcome))
        finally:
            if clip is not None:
                clip.fill(0)

    def _carry_out(self, held: Held) -> None:
        """Share what is granted of a sentence, and answer it."""
        recipients, outcome = self._stages.share.share(held.snippet), held.outcome
        if outcome.command is not None:
            self._note("shared" if recipients else "kept", None, recipients=recipients)
            outcome = outcome if recipients else Outcome(Earcon.UNSURE, outcome.unshared)
        self._answer(outcome if held.snippet.intent is None else self._with_reminder(outcome))

    def _with_reminder(self, outcome: Outcome) -> Outcome:
        """Add to an answer, once a day, which grants end soon; tell what else came of it."""
        if outcome.happening is not None:
            self._tell(outcome.happening)
        reminder = self._stages.reminder.due() if outcome.speech else ""
        if not reminder:
            return outcome
        self._note("grant_ending", Happening.GRANT_ENDING)
        return replace(outcome, speech=f"{outcome.speech} {reminder}")

    def _answer(self, outcome: Outcome) -> None:
        """Begin to say the answer; behind a shut gate when it could wake the device itself."""
        self._enter(Event.ANSWERING)
        self._called, self._mute_seconds = None, outcome.mute_seconds
        if self._witness is not None:
            self._witness.answered(outcome)
        reply = self._stages.reply
        try:
            sound = reply.word(outcome)
            self._stages.confirm.saying(outcome, len(sound) / SAMPLE_RATE)
            if not reply.can_be_interrupted(outcome) or self._stages.wake.would_hear(sound):
                self._gate.mute(MuteReason.SPEAKING)
            first = self._gate.written  # it sounds before play() is over
            reply.play(sound)
            self._stages.echo.begin(sound, first)
        except SottovoceError as error:
            self._stages.confirm.forget()  # a question that nobody heard
            self._journal.warn("reply_fault", error=str(error))
        self._see_to_the_reply()

    def _see_to_the_reply(self) -> None:
        """Go on when all is said."""
        if self.state is not State.SPEAKING:
            return
        try:
            if self._stages.reply.sounding():
                return
        except SottovoceError as error:
            self._journal.warn("reply_fault", error=str(error))
        self._end_the_reply()

    def _end_the_reply(self) -> None:
        self._go_deaf_if_asked()
        self._gate.unmute(MuteReason.SPEAKING)
        self._silent_from = self._gate.written + _ECHO_FRAMES
        self._enter(Event.SHUT if self._gate.reasons else Event.ANSWERED)
        self._note("answered", None)

    def _go_deaf_if_asked(self) -> None:
        """Mute softly, now that it has been said, whether to its end or not."""
        seconds, self._mute_seconds = self._mute_seconds, 0.0
        if seconds:
            self._mute(self._now() + seconds)

    def _give_up(self) -> None:
        self._enter(Event.TIMED_OUT)
        self._note("nobody_spoke", Happening.TIMEOUT)
        self._forget()

    def _turn_over(self) -> None:
        """The gate has opened or shut since the last frame: forget everything from before."""
        speaking = self.state is State.SPEAKING
        if self._gate.reasons & ASKED:
            self._stages.confirm.forget()
        self._epoch = self._gate.epoch
        self._forget()
        self._stages.echo.forget()
        self._enter(Event.SHUT)
        if not self._gate.reasons:
            self._enter(Event.OPENED)
        if speaking:
            self._enter(Event.ANSWERING)

    def _forget(self) -> None:
        self._draft, self._called, self._bids = None, None, False
        self._stages.rooms.end()
        self._stages.wake.forget()
        self._stages.endpoint.forget()
        self._stages.transcriber.forget()

    def _enter(self, event: Event) -> None:
        self.state = after(self.state, event)
        self._changed()

    def _note(self, event: str, happening: Happening | None, **facts: str | float) -> None:
        self._journal.note(event, **facts)
        if happening is not None:
            self._tell(happening)
