"""The seam's grammar: messages to bytes and back. Pure; both sides share it.

A message is four bytes of length (big-endian), then MessagePack of a tagged map. The first
message each way is `Hello` with the version. Three faults are kept apart: bytes that are no
message (SeamMalformed), a length over the cap (SeamTooBig), the end of the stream (SeamClosed).
"""

from typing import Annotated, Final, Literal

import msgspec

from sottovoce.errors import SeamClosed, SeamMalformed, SeamTooBig

VERSION: Final = 4
LENGTH_BYTES: Final = 4
CAP: Final = 1024 * 1024
"""Bytes in one message, its length not counted."""
BODY_CAP: Final = 63 * 1024
CLIP_CAP: Final = CAP - 2 * BODY_CAP
"""Bytes of an envelope's body, and of its clip: 28 s of sound fit, however badly they pack."""

Identity = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9-]{1,64}\Z")]
Topic = Annotated[str, msgspec.Meta(pattern=r"^[^\x00-\x1f\x7f-\x9f+#$][^\x00-\x1f\x7f-\x9f+#]{0,239}\Z")]
"""A recipient's prefix, which the configuration caps at 200, and what comes after it; or a device's own
topic, which is what its maker or its owner calls it. No wildcard, nothing of the broker's ($SYS)."""
Word = Annotated[str, msgspec.Meta(pattern=r"^[a-z_]{1,32}\Z")]
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


class Ready(Message, frozen=True):
    """Courier to ear: whether the broker is there. Nothing is delivered while it is not."""

    connected: bool


class Acknowledged(Message, frozen=True):
    """Courier to ear: the broker has this envelope."""

    id: Identity


class SoftMute(Message, frozen=True):
    """Courier to ear: somebody at the broker asks for a soft mute, or for its end."""

    on: bool


class StateOf(Message, frozen=True):
    """Courier to ear: what a device of home.toml told of itself, in one of our words or a number."""

    device: Label
    value: StateWord | Measured
    at: Moment
    """When the courier got it."""
    old: bool
    """Whether the broker had kept it from before: how long, nobody knows."""


FromEar = Hello | Status | Happened | Deliver
FromCourier = Hello | Ready | Acknowledged | SoftMute | StateOf

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
