"""The seam's grammar: messages to bytes and back. Pure; both sides share it.

A message is four bytes of length (big-endian), then MessagePack of a tagged map. The first
message each way is `Hello` with the version. Three faults are kept apart: bytes that are no
message (SeamMalformed), a length over the cap (SeamTooBig), the end of the stream (SeamClosed).
"""

from typing import Annotated, Final, Literal

import msgspec

from sottovoce.errors import SeamClosed, SeamMalformed, SeamTooBig

VERSION: Final = 5
LENGTH_BYTES: Final = 4
CAP: Final = 1024 * 1024
"""Bytes in one message, its length not counted."""
BODY_CAP: Final = 63 * 1024
CLIP_CAP: Final = CAP - 2 * BODY_CAP
"""Bytes of an envelope's body, and of its clip: 28 s of sound fit, however badly they pack."""

SAY_CAP: Final = 500
"""Characters of a text that somebody at the broker wants said: half a minute of speech."""
SPOKEN_CAP: Final = 64
"""Characters of a wake word."""

Identity = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9-]{1,64}\Z")]
Topic = Annotated[str, msgspec.Meta(pattern=r"^[^\x00-\x1f\x7f-\x9f+#$][^\x00-\x1f\x7f-\x9f+#]{0,239}\Z")]
"""A recipient's prefix, which the configuration caps at 200, and what comes after it; or a device's own
topic, which is what its maker or its owner calls it. No wildcard, nothing of the broker's ($SYS)."""
Nonce = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{16}\Z")]
OLDEST_SECONDS: Final = 1.0
"""How old a bid can be."""
NAMES_CAP: Final = 64
"""How many other bids a bid can name."""
Decibels = Annotated[float, msgspec.Meta(ge=-200, le=200)]
Word = Annotated[str, msgspec.Meta(pattern=r"^[a-z_]{1,32}\Z")]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
_NO_CONTROLS: Final = r"^[^\x00-\x1f\x7f-\x9f]*\Z"
Line = Annotated[str, msgspec.Meta(min_length=1, max_length=SAY_CAP, pattern=_NO_CONTROLS)]
Spoken = Annotated[str, msgspec.Meta(max_length=SPOKEN_CAP, pattern=_NO_CONTROLS)]
"""A wake word, or "" for all that are configured."""
Label = Annotated[str, msgspec.Meta(pattern=r"^[^\x00-\x1f\x7f-\x9f]{1,130}\Z")]
"""Area and name of a device in home.toml."""
StateWord = Literal["on", "off", "open", "closed", "locked", "unlocked", "armed", "disarmed"]
Measured = Annotated[float, msgspec.Meta(ge=-1e6, le=1e6)]
Moment = Annotated[float, msgspec.Meta(ge=0, le=2**32 - 1)]
"""Seconds since the epoch; neither infinite nor no number, and differences fit MQTT's expiry."""


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag=True, kw_only=True):
    """Anything that crosses the seam. It prints its kind only, never what it carries."""

    def __repr__(self) -> str:
        """Only the kind."""
        return f"<{type(self).__name__}>"


class Hello(Message, frozen=True):
    """First each way: which version of this grammar the sender speaks."""

    version: int


class Status(Message, frozen=True):
    """Ear to courier: how the device is. No words in it."""

    state: Word
    reasons: tuple[Word, ...]
    microphone_open: bool
    switch: Word
    """What the privacy switch says."""
    pending: Annotated[int, msgspec.Meta(ge=0, le=2**31)] = 0
    """Snippets that wait for their owner's review."""
    sent_today: Annotated[int, msgspec.Meta(ge=0, le=2**31)] = 0
    sent_last: Moment = 0.0
    """When something last left; 0 for never."""
    sensitivity: Share = 0.0
    """Of the wake words that have none of their own."""
    wake_word: Spoken = ""


class Happened(Message, frozen=True):
    """Ear to courier: something happened, when, and no words."""

    event: Word
    at: Moment


class Deliver(Message, frozen=True):
    """Ear to courier: publish this envelope and acknowledge it."""

    id: Identity
    kind: Word
    grant_id: Identity
    topic: Topic
    body: Annotated[bytes, msgspec.Meta(max_length=BODY_CAP)]
    expires_at: Moment
    clip: Annotated[bytes, msgspec.Meta(max_length=CLIP_CAP)] = b""


class Erase(Message, frozen=True):
    """Ear to courier: ask a recipient to delete what it got, and acknowledge that the broker has this."""

    id: Identity
    """Of the envelope that it got."""
    topic: Topic
    """The recipient's prefix."""


class Bid(Message, frozen=True):
    """Either way: how well a device heard a wake word, for the others that heard it too. No words in it."""

    site: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,64}\Z")]
    nonce: Nonce
    """Chance; another for each wake."""
    engaged: bool
    """Whether it is in the middle of a sentence or a reply."""
    score: Decibels
    """How far the wake word stood above the room's noise."""
    rms: Decibels
    """How loud it was, of full scale."""
    age: Annotated[float, msgspec.Meta(ge=0, le=OLDEST_SECONDS)] = 0.0
    """Seconds since the wake word."""
    over: Annotated[tuple[Nonce, ...], msgspec.Meta(max_length=NAMES_CAP)] = ()
    """The bids it has heard of, and beats."""


class Ready(Message, frozen=True):
    """Courier to ear: whether the broker is there. Nothing is delivered while it is not."""

    connected: bool


class Acknowledged(Message, frozen=True):
    """Courier to ear: the broker has this envelope, or the request to delete it."""

    id: Identity


class SoftMute(Message, frozen=True):
    """Courier to ear: somebody at the broker asks for a soft mute, or for its end."""

    on: bool


class Erased(Message, frozen=True):
    """Courier to ear: a recipient says whether it deleted what it was asked to."""

    id: Identity
    deleted: bool


class Say(Message, frozen=True):
    """Courier to ear: somebody at the broker wants this said aloud."""

    text: Line


class Chime(Message, frozen=True):
    """Courier to ear: somebody at the broker wants to know where the device is."""


class Sensitivity(Message, frozen=True):
    """Courier to ear: somebody at the broker wants it to wake more or less easily."""

    value: Share


class WakeWord(Message, frozen=True):
    """Courier to ear: somebody at the broker wants it to listen for this word alone, or for all."""

    word: Spoken


class Purge(Message, frozen=True):
    """Courier to ear: somebody at the broker wants all snippets deleted that wait for review."""


Wish = Say | Chime | Sensitivity | WakeWord | Purge
Request = SoftMute | Wish
"""What somebody at the broker may ask for. The ear checks each as if it came from an enemy."""


class StateOf(Message, frozen=True):
    """Courier to ear: what a device of home.toml told of itself, in one of our words or a number."""

    device: Label
    value: StateWord | Measured
    at: Moment
    """When the courier got it."""
    old: bool
    """Whether the broker had kept it from before: how long, nobody knows."""


FromEar = Hello | Status | Happened | Deliver | Erase | Bid
FromCourier = Hello | Ready | Acknowledged | Request | Erased | Bid | StateOf

_ENCODER: Final = msgspec.msgpack.Encoder()


def encode(message: Message) -> bytes:
    """Turn a message into bytes. Raises SeamTooBig."""
    body = _ENCODER.encode(message)
    if len(body) > CAP:
        raise SeamTooBig(f"seam: {message!r} of {len(body)} bytes is over the cap of {CAP}")
    return len(body).to_bytes(LENGTH_BYTES, "big") + body


class Decoder:
    """Turns what arrives into messages, however it is cut up. Does no I/O."""

    def __init__(self, *, from_ear: bool) -> None:
        """Accept the messages of one side only."""
        kinds = FromEar if from_ear else FromCourier
        self._decoder: msgspec.msgpack.Decoder[FromEar | FromCourier] = msgspec.msgpack.Decoder(kinds)
        self._buffer = bytearray()
        self._greeted = False

    def feed(self, untrusted_bytes: bytes) -> list[FromEar | FromCourier]:
        """Take bytes off the seam, give the messages now whole; empty bytes mean the end.

        Raises SeamMalformed, SeamTooBig, SeamClosed. After one of them the stream is lost: close it.
        """
        if not untrusted_bytes:
            raise SeamClosed(f"seam: the other side closed it with {len(self._buffer)} bytes unfinished")
        self._buffer += untrusted_bytes
        messages = []
        while (body := self._next_body()) is not None:
            messages.append(self._check(body))
        return messages

    def _next_body(self) -> bytes | None:
        if len(self._buffer) < LENGTH_BYTES:
            return None
        untrusted_length = int.from_bytes(self._buffer[:LENGTH_BYTES], "big")
        if untrusted_length > CAP:
            raise SeamTooBig(f"seam: a message of {untrusted_length} bytes is over the cap of {CAP}")
        end = LENGTH_BYTES + untrusted_length
        if len(self._buffer) < end:
            return None
        body = bytes(self._buffer[LENGTH_BYTES:end])
        del self._buffer[:end]
        return body

    def _check(self, untrusted_body: bytes) -> FromEar | FromCourier:
        try:
            message = self._decoder.decode(untrusted_body)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise SeamMalformed("seam: bytes that are no message of this version") from error
        if isinstance(message, Hello) == self._greeted:
            raise SeamMalformed("seam: a Hello comes first, and once")
        if isinstance(message, Hello) and message.version != VERSION:
            raise SeamMalformed(f"seam: version {message.version} met version {VERSION}", "update both")
        self._greeted = True
        return message
