"""TOML to frozen structures, checked once at the edge. An unknown key is an error with its line."""

import os
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeVar, get_args

import msgspec

from sottovoce import toml_fault
from sottovoce.errors import ConfigError, MissingInputError

OWN_MODEL: Final = "own"
"""Names, as `vosk_model`, the small English model that comes with Sottovoce."""

Milliseconds = Annotated[int, msgspec.Meta(ge=0, le=60_000)]
Port = Annotated[int, msgspec.Meta(ge=1, le=65_535)]
Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
_TOPIC_PART: Final = r"^[A-Za-z0-9_-]{1,64}\Z"
_TOPIC: Final = r"^[A-Za-z0-9_/-]{1,200}\Z"
_NAME: Final = r"^[^\x00-\x1f\x7f-\x9f]{1,64}\Z"
_NAME_OR_NONE: Final = r"^[^\x00-\x1f\x7f-\x9f]{0,64}\Z"
_SPOKEN_NAME: Final = r"^[^\W\d_]+(?:['\- ][^\W\d_]+)*\Z"
_LANGUAGE: Final = r"^[a-z]{2,3}(?:-[a-z]{2,8})?\Z"
_SPAN: Final = r"^([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d\Z"
_IN_WORDS: Final = {
    _SPAN: "hours such as 22:00-07:00",
    _LANGUAGE: "a language such as en or en-gb",
    _TOPIC_PART: "1 to 64 of the letters A to Z, digits, _ and -",
    _TOPIC: "1 to 200 of the letters A to Z, digits, _, - and /",
    _NAME: "1 to 64 characters in one line",
    _NAME_OR_NONE: "up to 64 characters in one line",
    _SPOKEN_NAME: "words of letters, with one space, - or ' between them",
}

TopicPart = Annotated[str, msgspec.Meta(pattern=_TOPIC_PART)]
Topic = Annotated[str, msgspec.Meta(pattern=_TOPIC)]
Name = Annotated[str, msgspec.Meta(pattern=_NAME)]
Span = Annotated[str, msgspec.Meta(pattern=_SPAN)]
Language = Annotated[str, msgspec.Meta(pattern=_LANGUAGE)]
SpokenName = Annotated[str, msgspec.Meta(pattern=_SPOKEN_NAME, max_length=64)]

WakeEngineName = Literal["porcupine", "microwakeword", "openwakeword", "learned"]
WAKE_ENGINES: Final[tuple[WakeEngineName, ...]] = get_args(WakeEngineName)


class Table(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A TOML table in which every key is known."""


AnyTable = TypeVar("AnyTable", bound=Table)


class Microphone(Table, frozen=True):
    """Where sound comes from."""

    device: str = "default"
    """Name (or part of it) of an input device, "hw:1,0", or "default" for the system's choice.
    `sottovoce devices` lists them."""
    channel: Annotated[int, msgspec.Meta(ge=1, le=8)] = 1
    """Which channel of a microphone array is heard."""


class Wake(Table, frozen=True):
    """What wakes the device."""

    engine: WakeEngineName = "porcupine"
    """`sottovoce engines list` tells which words each has, and who it contacts."""
    words: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = ("computer", "jarvis")
    sensitivity: Share = 0.8
    """0 to 1: higher misses less and wakes wrongly more often."""
    sensitivities: dict[str, Share] = {}
    """For single words, in place of `sensitivity`: `sensitivities = { jarvis = 0.6 }`."""
    access_key_file: str = ""
    """A file that holds the key for Porcupine 2 and later; the keyless 1.9 line needs none."""
    remote_sensitivity: Share = 0.0
    """How high MQTT may set it, until the next start; never above `sensitivity` unless this is higher."""

    def __post_init__(self) -> None:
        """Refuse a sensitivity for a word that nobody listens for."""
        if others := sorted(self.sensitivities.keys() - set(self.words)):
            raise ValueError(f"`sensitivities` names {others[0]!r}, which is not among `words`")

    @property
    def by_word(self) -> dict[str, float]:
        """The sensitivity of each word."""
        return {word: self.sensitivities.get(word, self.sensitivity) for word in self.words}

    @property
    def highest(self) -> float:
        """The highest sensitivity that MQTT may set."""
        return max(self.sensitivity, self.remote_sensitivity)


class Endpoint(Table, frozen=True):
    """When a sentence has begun and when it has ended."""

    pre_roll_ms: Milliseconds = 1_300
    """Sound kept from before the wake word was recognised: it holds the wake word itself."""
    silence_ms: Milliseconds = 670
    """A pause this long ends the sentence; it is recognised up to 0.1 s into the pause."""
    no_speech_ms: Milliseconds = 4_000
    """Silence this long after the wake word gives up."""
    longest_ms: Annotated[int, msgspec.Meta(ge=1_000, le=20_000)] = 12_000
    """The hard cap on one sentence."""
    speech_threshold: Share = 0.5
    """Silero VAD probability from which a frame counts as speech."""


class Transcribe(Table, frozen=True):
    """Which engine turns sound into words."""

    engine: Literal["auto", "vosk", "pocketsphinx"] = "auto"
    """auto takes Vosk when a model is installed, PocketSphinx otherwise."""
    language: Language = "en"
    """Which of the installed Vosk models: `sottovoce models list` shows them."""
    vosk_model: str = ""
    """Folder of a Vosk model, "own" for the small one that comes along; empty for `language`'s."""
    hearings: Annotated[int, msgspec.Meta(ge=1, le=3)] = 3
    """How often PocketSphinx hears each sentence; 1 takes half the time and understands a little less."""


class Home(Table, frozen=True):
    """What the house holds, by the names people say."""

    areas: tuple[SpokenName, ...] = (
        "kitchen", "bedroom", "living room", "bathroom", "hall", "office",
    )  # fmt: skip
    devices: tuple[SpokenName, ...] = ("light", "lights", "lamp", "fan", "heater", "tv")
    """For whoever you granted commands to; those wired here stand in `file`."""
    file: str = ""
    """Devices, and how they are reached without home automation; empty for home.toml beside this file."""


class Reply(Table, frozen=True):
    """How the device answers."""

    voice: Literal["espeak-ng", "flite", "none"] = "espeak-ng"
    earcons: bool = True
    barge_in: bool = True
    """Listen for the wake word while speaking; false shuts the gate meanwhile."""
    echo_canceller: bool = True
    """Take the reply out of what is heard meanwhile, so that one need not be louder than it."""
    device: str = "default"
    """Name (or part of it) of a PortAudio output device."""
    remote_say: bool = True
    """Whether MQTT may have something said, after a chime that the device's own answers do not have."""


class Mute(Table, frozen=True):
    """When the device is deaf without the switch."""

    schedule: tuple[Span, ...] = ()
    """Hours without a microphone, each such as "22:00-07:00"."""
    remote_unmute: bool = False
    """Whether MQTT may end a soft mute. It may always begin one; the switch is out of its reach."""


class Review(Table, frozen=True):
    """What is kept for you, and for you alone, to listen to: `sottovoce review`."""

    keep: bool = False
    """Keep sentences that no grant covers, encrypted, until you have reviewed them or they are too old."""
    hours: Annotated[int, msgspec.Meta(ge=1, le=24)] = 24
    """After so long one is deleted, whether the device was on or off."""
    megabytes: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 50
    """So much at most; the oldest go first."""


class Light(Table, frozen=True):
    """The status light."""

    night: tuple[Span, ...] = ()
    """Hours in which it is faint, each such as "22:00-07:00"."""
    idle: Literal["off", "glow"] = "off"
    """What it shows while nothing goes on."""


class Broker(Table, frozen=True):
    """The one MQTT broker the courier talks to. Without this table nothing leaves at all."""

    host: Name
    port: Port = 1883
    username: str = ""
    password_file: str = ""
    """A file only the courier can read; its first line is the password. Under systemd "broker-password" is
    the credential of that name, which systemd/sottovoce-courier.service tells where to put."""
    tls: bool = False
    ca_file: str = ""

    def __post_init__(self) -> None:
        """Refuse what would be passed over in silence."""
        if self.ca_file and not self.tls:
            raise ValueError("`ca_file` is for TLS: set `tls = true` beside it")
        if self.password_file and not self.username:
            raise ValueError("`password_file` needs a `username` beside it")


class Rooms(Table, frozen=True):
    """Several devices that hear the same wake word: the one that hears it best answers."""

    share: bool = False
    """Tell the others how loud a wake word was here, over the broker; no words."""
    group: TopicPart = "home"
    """The devices that share; their topic is sottovoce/rooms/<group>/bid."""


class HomeAssistant(Table, frozen=True):
    """How Home Assistant finds the device: by MQTT discovery, at the broker."""

    discovery: bool = True
    """Tell it what there is. `sottovoce homeassistant remove` takes back what was told."""
    prefix: Topic = "homeassistant"
    """Its discovery prefix, as set there in its MQTT integration."""
    name: Annotated[str, msgspec.Meta(pattern=_NAME_OR_NONE)] = ""
    """What the device is called there; without one "Sottovoce" and the site."""
    suggested_area: Annotated[str, msgspec.Meta(pattern=_NAME_OR_NONE)] = ""
    """The room it is put into there when it is first seen, such as "Bedroom"."""


class Recipient(Table, frozen=True):
    """Somebody a grant can name."""

    name: Name
    topic: Topic


class Config(Table, frozen=True):
    """All of it. Every key has a default: an empty file is a working device without a broker."""

    site: TopicPart = "home"
    """Names this device in its MQTT topics: sottovoce/<site>/..."""
    microphone: Microphone = Microphone()
    wake: Wake = Wake()
    endpoint: Endpoint = Endpoint()
    transcribe: Transcribe = Transcribe()
    home: Home = Home()
    reply: Reply = Reply()
    mute: Mute = Mute()
    review: Review = Review()
    light: Light = Light()
    broker: Broker | None = None
    rooms: Rooms = Rooms()
    home_assistant: HomeAssistant = HomeAssistant()
    recipient: tuple[Recipient, ...] = ()

    def __post_init__(self) -> None:
        """Refuse two recipients of one name, and rooms that nobody joins.

        With one name for two, a grant would not say which it means.
        """
        if self.rooms.share and self.broker is None:
            raise ValueError("`share` in [rooms] needs a [broker] over which the devices hear of each other")
        if len({recipient.name for recipient in self.recipient}) < len(self.recipient):
            raise ValueError("two tables [[recipient]] have the same `name`")

    @property
    def base_topic(self) -> str:
        """The topic prefix of this device."""
        return f"sottovoce/{self.site}"

    @property
    def recipients(self) -> tuple[Recipient, ...]:
        """Who a grant can name: as configured, or home automation on this device's own topics."""
        return self.recipient or (Recipient(name="home automation", topic=self.base_topic),)


def load(path: Path | None) -> Config:
    """Read a configuration file; None for the usual places, and for the defaults if none is there.

    Raises ConfigError (with file, line and key) and MissingInputError.
    """
    if path is None:
        path = next((p for p in usual_places() if os.path.lexists(p)), None)
        if path is None:
            return Config()
    return parse(read(path, "give the file that --config means"), str(path))


def read(path: Path, hint: str) -> str:
    """Read a TOML file's text; `hint` helps who named it. Raises ConfigError and MissingInputError."""
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise MissingInputError(f"{path}: no such file", hint) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read: {error}", "it must be UTF-8 text") from error


def parse(text: str, where: str) -> Config:
    """Check TOML text. `where` names it in errors. Raises ConfigError."""
    return checked(text, where, Config, {"recipient": Recipient}, {}, "sottovoce config prints what is known")


def checked(
    text: str,
    where: str,
    whole: type[AnyTable],
    rows: Mapping[str, type[Table]],
    in_words: Mapping[str, str],
    hint: str,
) -> AnyTable:
    """Check that TOML text is a `whole`, whose tables of several are `rows`. Raises ConfigError.

    `in_words` tells what the regexes of its own types mean, `hint` what to do about a fault.
    """
    try:
        tree = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # a number too long, brackets too deep
        line, what = toml_fault.line_and_fault(str(error), text)
        raise ConfigError(f"{where}:{line}: not TOML: {what}", "mend that line") from error
    try:
        return msgspec.convert(tree, whole)
    except msgspec.ValidationError as error:
        steps = toml_fault.steps_to(str(error))
        line = toml_fault.line_of(text, steps, _row(tree, steps, rows))
        key = ".".join(steps) or "(top level)"
        what = toml_fault.plain(str(error), {**_IN_WORDS, **in_words})
        raise ConfigError(f"{where}:{line}: {key}: {what}", hint) from error


def usual_places() -> tuple[Path, ...]:
    """Where a configuration is looked for, in this order."""
    own = Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config")
    return (own / "sottovoce" / "sottovoce.toml", Path("/etc/sottovoce/sottovoce.toml"))


def state_folder() -> Path:
    """Where grants, outbox and ledger live: systemd's StateDirectory, or the owner's XDG folder."""
    if given := os.environ.get("SOTTOVOCE_STATE") or os.environ.get("STATE_DIRECTORY"):
        return Path(given)
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "sottovoce"


def models_folder(state: Path) -> Path:
    """Where Vosk's models are installed, a folder a language."""
    return state / "models"


def vosk_folder(config: Config, state: Path) -> Path:
    """Which Vosk model is meant, be it there or not."""
    chosen = config.transcribe.vosk_model
    return Path(chosen) if chosen else models_folder(state) / config.transcribe.language


def _row(tree: dict[str, Any], steps: Sequence[str], rows: Mapping[str, type[Table]]) -> int:
    """Find which one (from 0) of several tables of one name is at fault; msgspec does not tell."""
    name = steps[0] if steps else ""
    if name in rows and isinstance(tables := tree.get(name), list):
        for number, row in enumerate(tables):
            try:
                msgspec.convert(row, rows[name])
            except msgspec.ValidationError:
                return number
    return 0


def as_toml_like(config: Any) -> str:
    """Print a configuration as the TOML that would make it."""
    lines: list[str] = []
    tables: list[str] = []
    for key, value in msgspec.to_builtins(config).items():
        if isinstance(value, dict):
            tables.append(f"\n[{key}]\n" + "\n".join(f"{k} = {toml(v)}" for k, v in value.items()))
        elif isinstance(value, list | tuple) and value and isinstance(value[0], dict):
            tables += [
                f"\n[[{key}]]\n" + "\n".join(f"{k} = {toml(v)}" for k, v in row.items()) for row in value
            ]
        elif value not in (None, [], ()):
            lines.append(f"{key} = {toml(value)}")
    return "\n".join(lines + tables) + "\n"


def toml(value: object) -> str:
    """Write a value as TOML, in one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{toml(key)} = {toml(one)}" for key, one in value.items()) + "}"
    # JSON's strings, numbers, booleans and lists of them are TOML too, DEL in a string aside.
    return msgspec.json.encode(value).decode().replace("\x7f", "\\u007F")
