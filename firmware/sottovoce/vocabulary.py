"""Every noun that crosses a module border. Frozen, no logic.

Fields that hold sound or words carry ``repr=False``: nothing here can print what was said.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt

SAMPLE_RATE: Final = 16_000
"""Hz. Every engine here works at this rate; devices convert at the edge."""

FRAME_SAMPLES: Final = 512
"""Samples in a frame: what Porcupine and Silero VAD both take, 32 ms."""

FRAME_SECONDS: Final = FRAME_SAMPLES / SAMPLE_RATE

Samples = npt.NDArray[np.int16]
"""Mono linear PCM, shape (n,), 16 bit, at SAMPLE_RATE."""

SlotValue = str | int | float


class MuteReason(StrEnum):
    """Why the gate is shut. The gate is shut while any reason stands."""

    HARDWARE = "hardware"
    """The privacy switch says so, or cannot be read."""
    SOFT = "soft"
    """The owner asked in software: by the button, the command line, MQTT."""
    SCHEDULE = "schedule"
    """It is one of the hours at which the owner wants no microphone."""
    SPEAKING = "speaking"
    """The device is talking and must not hear itself."""
    STARTING = "starting"
    """Engines are not ready yet."""


ASKED: Final = frozenset({MuteReason.HARDWARE, MuteReason.SOFT, MuteReason.SCHEDULE})
"""The reasons by which the owner wants it deaf; the others are the device's own, and short."""


class Position(StrEnum):
    """What the two senses of the privacy switch say together."""

    LIVE = "live"
    """The switch says live, and the microphones have power."""
    MUTED = "muted"
    """The switch says muted, and they have none."""
    FAULT = "fault"
    """The switch says live, and they have no power: a broken wire. As muted."""
    TAMPER = "tamper"
    """The switch says muted, and they have power all the same. As muted, with an alarm."""
    UNREADABLE = "unreadable"
    """A sense cannot be read. As muted."""


class Press(StrEnum):
    """How long the button was held."""

    SHORT = "short"
    LONG = "long"
    VERY_LONG = "very long"


class Kind(StrEnum):
    """What a grant can let out."""

    COMMAND = "command"
    """Intent and slots of a command."""
    TRANSCRIPT = "transcript"
    """The words of a sentence."""
    AUDIO = "audio"
    """A clip of a sentence."""


class Form(StrEnum):
    """How much of it a grant lets out."""

    FIELDS = "fields"
    """Of a command: its intent and those slots that are on a list."""
    WIRED = "wired"
    """Of a command: the one MQTT message that the owner's home.toml wires to it."""
    MASKED = "masked"
    """Of a transcript: the words, but no numbers, names, addresses, e-mails."""
    VERBATIM = "verbatim"
    """Of a transcript: all the words."""
    RESPOKEN = "re-spoken"
    """Of a clip: the masked words, said by the device's own voice."""
    OWN_VOICE = "own-voice"
    """Of a clip: the recording itself."""


FORMS: Final[Mapping[Kind, tuple[Form, ...]]] = MappingProxyType({
    Kind.COMMAND: (Form.FIELDS, Form.WIRED),
    Kind.TRANSCRIPT: (Form.MASKED, Form.VERBATIM),
    Kind.AUDIO: (Form.RESPOKEN, Form.OWN_VOICE),
})  # fmt: skip
"""The forms of each kind; the first, which tells least, is the default."""


class Happening(StrEnum):
    """What is told to the broker as a word-free event."""

    WAKE = "wake"
    COMMAND = "command"
    NOT_UNDERSTOOD = "not_understood"
    TIMEOUT = "timeout"
    CANCELLED = "cancelled"
    SENT = "sent"
    SWITCH_FAULT = "switch_fault"
    TAMPER = "tamper"
    FALSE_WAKE = "false_wake"
    """Its owner says that it woke at what was not meant for it."""
    GRANT_ENDING = "grant_ending"
    """A grant ends within a week; told at most once a day."""
    MUTE_BROKEN = "mute_broken"
    """The kernel holds a microphone open though the device is muted."""


@dataclass(frozen=True, slots=True)
class OpenFrame:
    """One frame that passed the open mute gate."""

    samples: Samples = field(repr=False)
    """Shape (FRAME_SAMPLES,); a view into the gate's ring, zeroed when the gate shuts."""
    epoch: int
    """Counts the gate's openings; a frame of an older epoch must not be used."""
    index: int
    """Frames since the gate was made."""


@dataclass(frozen=True, slots=True)
class Loudness:
    """How loud a wake word was at this microphone."""

    above_noise: float
    """dB above the noise floor of the room."""
    rms: float
    """dB of full scale."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """What was said between the wake word and the end of speech, pre-roll included."""

    samples: Samples = field(repr=False)
    """Shape (n,). Its owner overwrites it once it is transcribed."""
    epoch: int
    """The gate epoch all of it belongs to."""
    wake_word: str
    """Which wake word began it."""
    first: int = 0
    """The frame it begins at (OpenFrame.index): two of one epoch that begin together are one sentence."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """The words of an utterance, as one engine heard them."""

    text: str = field(repr=False)
    """Lower case, without the wake word; empty when nothing was made out."""
    confidence: float
    """0 to 1. How it is reckoned is told by the engine's adapter."""
    engine: str
    """Name of the adapter that made it."""
    others: tuple[str, ...] = field(repr=False, default=())
    """What else it may have been, the likeliest first."""
    near: int = 0
    """How many of the others, from the first, fit the sound about as well."""


@dataclass(frozen=True, slots=True)
class Intent:
    """What the owner wants, after the sentence templates."""

    name: str
    """Such as HomeTurnOn."""
    slots: Mapping[str, SlotValue] = field(repr=False)
    """Such as {"name": "kitchen light"}."""


@dataclass(frozen=True, slots=True)
class Snippet:
    """One sentence heard to its end: what may be shared, kept for review, forgotten."""

    id: str
    """Never leaves the device."""
    at: float
    """Seconds since the epoch."""
    transcript: Transcript
    intent: Intent | None
    """None when it was not understood."""
    clip: Samples | None = field(repr=False, default=None)
    """Shape (n,), without the wake word and what came before it; None where nobody may have it."""


class Earcon(StrEnum):
    """A short sound that answers without words."""

    DONE = "done"
    UNSURE = "unsure"
    ALARM = "alarm"
    CHIME = "chime"
    """Somebody at the broker speaks, or looks for the device. Nothing else sounds like it."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What acting on an intent came to."""

    earcon: Earcon
    speech: str = field(repr=False, default="")
    """What to say aloud; empty for the earcon alone."""
    command: Intent | None = None
    """The command that somebody outside would have to carry out; None when done here."""
    happening: Happening | None = None
    """What to tell the broker of it, beside that a command was understood."""
    mute_seconds: float = 0.0
    """Be deaf for so long once it has been said; 0 for not at all."""
    unshared: str = field(repr=False, default="")
    """What to say in place of `speech` when no grant lets the command leave."""
    question: str = field(repr=False, default="")
    """What to ask before the command may leave; empty when it need not be asked."""
    by_voice: bool = False
    """Whether a spoken yes answers the question; else the button alone does."""


@dataclass(frozen=True, slots=True)
class Grant:
    """The owner's word that one kind of thing may go to one recipient."""

    id: str
    kind: Kind
    recipient: str
    """The name a person knows."""
    topic: str
    """MQTT topic prefix the recipient reads; of the form `wired`: the wiring's fingerprint."""
    purpose: str
    humans_listen: bool
    retention: str
    """How long the recipient says it keeps what it gets."""
    intents: tuple[str, ...]
    """Intent names it covers; empty for all."""
    granted_at: float
    """Seconds since the epoch."""
    ends_at: float
    """Seconds since the epoch."""
    text_hash: str
    """SHA-256 of the exact text the owner agreed to."""
    form: Form = Form.FIELDS
    snippet: str = ""
    """The one snippet it covers; empty for all."""


@dataclass(frozen=True, slots=True)
class Consented:
    """A snippet together with a live grant that lets one kind of it leave. Made by `consent.weigh` alone."""

    snippet: Snippet
    grant: Grant


@dataclass(frozen=True, slots=True)
class Redacted:
    """What is left of a snippet after redaction. Made by `redact.Redactor` alone."""

    kind: Kind
    grant_id: str
    snippet_id: str
    topic: str
    fields: Mapping[str, object] = field(repr=False)
    """What goes into the message beside its id and time."""
    expires_at: float
    clip: Samples | None = field(repr=False, default=None)
    """The speaker's own voice, where a grant lets it out."""
    say: str = field(repr=False, default="")
    """What the device's own voice says in place of the speaker's; empty for a kind without sound."""
    payload: bytes | None = field(repr=False, default=None)
    """The whole message in place of `fields`, for a device that knows no envelope."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One thing waiting in the outbox, ready to cross the seam."""

    id: str
    """Unique; a receiver drops a second one with the same id."""
    kind: Kind
    grant_id: str
    recipient: str
    topic: str
    body: bytes = field(repr=False)
    """JSON, UTF-8."""
    expires_at: float
    """Seconds since the epoch."""
    snippet_id: str = ""
    clip: bytes = field(repr=False, default=b"")
    """FLAC; empty for a kind without sound."""
    at: float = 0.0
    """When it was put into the outbox, in seconds since the epoch."""
    form: Form = Form.FIELDS
    """Its grant's. Who gets the form `wired` knows no envelope, and no request to delete one."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """A recipient that is to delete one thing it got."""

    id: str
    """The envelope's."""
    recipient: str
    topic: str
    """The recipient's prefix."""
