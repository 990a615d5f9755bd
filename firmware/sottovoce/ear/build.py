"""The composition root: the only place that names real devices and engines."""

import sqlite3
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sottovoce.config import OWN_MODEL, Config, vosk_folder
from sottovoce.config import Wake as WakeConfig
from sottovoce.ear.act import Act, sentences
from sottovoce.ear.button import Button
from sottovoce.ear.confirm import Confirm
from sottovoce.ear.consent import WIRED_NAME
from sottovoce.ear.corrections import Corrected, Corrections
from sottovoce.ear.day_keys import find_keys
from sottovoce.ear.devices.proc_asound import ProcAsound
from sottovoce.ear.devices.recording import FileSpeaker, Recording, read_samples
from sottovoce.ear.echo import Echo, EchoCanceller
from sottovoce.ear.endpoint import Endpoint, SpeechDetector, frames
from sottovoce.ear.engines import own_model
from sottovoce.ear.engines.silero import Silero
from sottovoce.ear.forget import Forget
from sottovoce.ear.gate import BACKLOG_FRAMES, Gate, MuteSwitch
from sottovoce.ear.grammar import WordGraph, compile_grammar
from sottovoce.ear.grants import Grants
from sottovoce.ear.ledger import Ledger
from sottovoce.ear.light import Light, Look
from sottovoce.ear.loudness import listen
from sottovoce.ear.mask import Masker
from sottovoce.ear.meter import CountedMicrophone
from sottovoce.ear.mute import Mutes
from sottovoce.ear.outbox import Outbox
from sottovoce.ear.proof import Kernel
from sottovoce.ear.quarantine import Quarantine
from sottovoce.ear.redact import Redactor
from sottovoce.ear.reminder import Reminder
from sottovoce.ear.reply import Reply, Speaker, Voice
from sottovoce.ear.reported import Reported
from sottovoce.ear.ring import Ring
from sottovoce.ear.rooms import Rooms
from sottovoce.ear.share import Share, Shelf
from sottovoce.ear.skills.answer import Answer
from sottovoce.ear.skills.clock import Clock
from sottovoce.ear.skills.home import Home
from sottovoce.ear.skills.house import Questions
from sottovoce.ear.skills.privacy import Privacy, Told
from sottovoce.ear.skills.stop import Stop
from sottovoce.ear.skills.timers import Timers
from sottovoce.ear.stages import Stages
from sottovoce.ear.state_folder import StateFolder
from sottovoce.ear.store import secret_of
from sottovoce.ear.transcribe import Transcriber
from sottovoce.ear.understand import Understanding, templates
from sottovoce.ear.wake import Wake, WakeEngine
from sottovoce.ear.wired import Wired, spoken_names
from sottovoce.errors import EngineError, ModelError
from sottovoce.house.file import House
from sottovoce.journal import Journal
from sottovoce.vocabulary import Position
from sottovoce.wire import Bid

if TYPE_CHECKING:
    from sottovoce.ear.learn.teach import Teacher

FAMILIES: Final = (
    Home.family, Clock.family, Timers.family, Stop.family, Privacy.family, Questions.family, Answer.family,
)  # fmt: skip
"""What can be said to the device."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says about one run of the ear."""

    state: Path
    """The state folder."""
    simulate: bool = False
    """A simulated switch, button and light in place of GPIO."""
    position: Position = Position.LIVE
    """What a simulated switch says at the start."""
    input: str = ""
    """A recording, or "-" for raw sound on standard input; empty for the real microphone."""
    output: Path | None = None
    """A WAV to write the answers into; None for the real loudspeaker."""
    house: House = field(default_factory=House)
    """What home.toml says."""


@dataclass(frozen=True, slots=True)
class Board:
    """The switch, the button and the light, and the microphone behind that switch."""

    switch: MuteSwitch
    button: Button
    light: Light
    microphone: CountedMicrophone
    orders: Callable[[str], None]
    """Takes a line from whoever started the ear, such as "mute" for a simulated switch."""


def make_ring(config: Config) -> Ring:
    """Make a ring that holds the longest sentence, what came before it, and the backlog."""
    longest = frames(config.endpoint.longest_ms + config.endpoint.pre_roll_ms)
    return Ring(longest + BACKLOG_FRAMES + 1)


def make_board(
    config: Config,
    options: Options,
    told: Callable[[Look], None],
    lost: Callable[[], None] = lambda: None,
    journal: Journal | None = None,
) -> Board:
    """Make the board; `told` learns what a simulated light shows, `lost` of sound the microphone lost.

    Raises DeviceError, InputError.
    """
    source = _source(config, options, lost)
    if options.simulate:
        from sottovoce.ear.devices.simulated import SimulatedBoard, SimulatedMicrophone  # noqa: PLC0415

        simulated = SimulatedBoard(told, position=options.position)
        return Board(
            simulated, simulated, simulated, SimulatedMicrophone(source, simulated), simulated.order
        )  # fmt: skip
    from sottovoce.ear.devices import gpio  # noqa: PLC0415
    from sottovoce.ear.devices.rpi import RaspberryPiBoard  # noqa: PLC0415

    module, facts = gpio.load(options.state)
    if journal is not None:
        journal.note("gpio", **facts)
    real = RaspberryPiBoard(module)
    return Board(real, real, real, source, lambda _: None)


def make_mutes(config: Config, folder: StateFolder) -> Mutes:
    """Make what keeps soft mute and schedule, with a store of its own."""
    return Mutes(folder.store("mutes"), time.time, config.mute.schedule)


def make_kernel() -> Kernel:
    """Make what asks the kernel which microphones are open."""
    return ProcAsound()


def make_quarantine(config: Config, state: Path, journal: Journal) -> Quarantine:
    """Make what keeps snippets for review, and sweeps them when that is turned off too. Raises StateError."""
    ledger = Ledger(state, time.time)
    return Quarantine(state, config.review, find_keys(state), ledger, journal, time.time, time.monotonic)


def make_share(
    config: Config,
    store: sqlite3.Connection,
    voice: Voice | None,
    shelf: Shelf | None,
    folder: StateFolder,
    journal: Journal,
    wired: Wired | None = None,
) -> Share:
    """Make the only way into the outbox."""
    wired = wired or Wired(House())
    masker = Masker((*config.home.areas, *config.home.devices, *wired.house.all_names))
    redactor = Redactor(masker, secret_of(store), wired)
    return Share(
        Grants(store),
        Outbox(store, time.time),
        redactor,
        voice,
        shelf,
        folder,
        time.time,
        journal,
        wired.fingerprint,
    )


def make_stages(
    config: Config,
    options: Options,
    gate: Gate,
    folder: StateFolder,
    journal: Journal,
    quarantine: Quarantine | None = None,
    bid: Callable[[Bid], None] | None = None,
    reported: Reported | None = None,
) -> Stages:
    """Make every stage; `journal` learns of what works less well than it could; `reported` knows the house.

    `quarantine` keeps what no grant covers, while review is on; `bid` tells other devices how well a wake
    word was heard, where the configuration lets it.

    Raises EngineError, StateError, SpeakerError.
    """
    store, voice = folder.store("sharing"), make_voice(config.reply.voice)
    grants, outbox = Grants(store), Outbox(store, time.time)
    wired = Wired(options.house)
    recipients = [(recipient.name, recipient.topic) for recipient in config.recipients]
    grants.know([*recipients, (WIRED_NAME, wired.fingerprint)])
    ledger = Ledger(options.state, time.time)
    kept = quarantine or make_quarantine(config, options.state, journal)
    shelf = kept if config.review.keep else None
    forget = Forget(store, ledger, kept, time.time)
    share = make_share(config, store, voice, shelf, folder, journal, wired)
    timers = Timers(options.state, time.time)
    told = Told(config.broker.host if config.broker else "", keeps=config.review.keep)
    privacy = Privacy(forget, grants, outbox, ledger, kept, lambda: share.last, told, time.time)
    reported = reported or Reported(options.house, time.time)
    questions = Questions(wired, reported)
    skills = (Home(wired), Clock(time.time), timers, Stop(timers), privacy, questions, Answer())
    understanding = make_understanding(config, [skill.family for skill in skills], options.house)
    grammar = compile_grammar(understanding.templates)
    corrections = Corrections(options.state)
    guesses = shelf is not None or corrections.there  # who uses them
    return Stages(
        wake=Wake(make_wake_engine(config.wake, options.state)),
        rooms=Rooms(config.site, listen(gate.since), time.monotonic, bid if config.rooms.share else None),
        echo=Echo(_canceller(config), gate.since, gate.is_current),
        endpoint=Endpoint(make_detector(), config.endpoint, gate.since),
        transcriber=Corrected(
            make_transcriber(config, options.state, grammar, journal, guesses=guesses), corrections, journal
        ),
        understanding=understanding,
        act=Act(skills),
        confirm=Confirm(time.monotonic),
        timers=timers,
        reply=Reply(
            voice,
            make_speaker(config, options.output),
            earcons=config.reply.earcons,
            barge_in=config.reply.barge_in,
            wake_words=config.wake.words,
        ),
        share=share,
        grants=grants,
        outbox=outbox,
        ledger=ledger,
        forget=forget,
        reminder=Reminder(store, time.time),
    )


def make_understanding(
    config: Config, families: Iterable[str] = FAMILIES, house: House | None = None
) -> Understanding:
    """Make the sentence templates of these families, with the owner's names in them."""
    names = spoken_names(house or House(), config.home)
    return Understanding(templates((sentences(family) for family in families), names))


def make_wake_engine(wake: WakeConfig, state: Path) -> WakeEngine:
    """Make the configured engine, with its words and their sensitivities. Raises EngineError."""
    try:
        match wake.engine:
            case "microwakeword":
                from sottovoce.ear.engines.microwakeword import MicroWakeWord  # noqa: PLC0415  an extra

                return MicroWakeWord(wake.by_word)
            case "openwakeword":
                from sottovoce.ear.engines.openwakeword import OpenWakeWord  # noqa: PLC0415  an extra

                return OpenWakeWord(wake.by_word)
            case "learned":
                from sottovoce.ear.engines import learned  # noqa: PLC0415  one of several

                return learned.load(state, wake.by_word)
            case "porcupine":
                from sottovoce.ear.engines.porcupine import Porcupine  # noqa: PLC0415  one of several

                return Porcupine(wake.by_word, wake.access_key_file)
    except ImportError as error:
        raise EngineError(
            f"{wake.engine}: {error.name or error} is not installed", "pip install 'sottovoce[wake]'"
        ) from error


def make_teacher() -> "Teacher":
    """Make what a wake word is learned with. Raises EngineError."""
    from sottovoce.ear.learn.teach import Teacher  # noqa: PLC0415  only `wake learn` needs it

    return Teacher(make_detector())


def make_detector() -> SpeechDetector:
    """Make the voice activity detector."""
    return Silero()


def make_transcriber(
    config: Config, state: Path, grammar: WordGraph, journal: Journal | None = None, *, guesses: bool = False
) -> Transcriber:
    """Make the configured engine; `auto` takes Vosk where a model is installed. Raises EngineError.

    `guesses`: have it tell what else a sentence may have been, where that takes more work.
    """
    folder = own_model.folder() if config.transcribe.vosk_model == OWN_MODEL else vosk_folder(config, state)
    wanted = config.transcribe.engine
    if wanted == "vosk" and not folder.is_dir():
        raise ModelError(
            f"{folder}: no Vosk model there", "sottovoce models get fetches one, or set [transcribe] engine"
        )
    if wanted == "vosk" or (wanted == "auto" and folder.is_dir()):
        from sottovoce.ear.engines.vosk import Vosk  # noqa: PLC0415  25 MB that only its users load

        return Vosk(folder, grammar, config.wake.words, journal.warn if journal else _nobody, guesses=guesses)
    from sottovoce.ear.engines.pocketsphinx import PocketSphinx  # noqa: PLC0415
    from sottovoce.ear.engines.pronounce import flite_phones  # noqa: PLC0415

    return PocketSphinx(grammar, config.wake.words, flite_phones, config.transcribe.hearings)


def _nobody(*_: object, **__: object) -> None:
    """Hear a warning where nobody reads a journal."""


def _source(config: Config, options: Options, lost: Callable[[], None]) -> CountedMicrophone:
    if options.input == "-":
        from sottovoce.ear.devices.pipe import PipeMicrophone  # noqa: PLC0415

        return PipeMicrophone(0)
    if options.input:
        return Recording(read_samples(Path(options.input)))
    from sottovoce.ear.devices.pyaudio import PyAudioMicrophone  # noqa: PLC0415

    return PyAudioMicrophone(config.microphone.device, config.microphone.channel, lost)


def _canceller(config: Config) -> EchoCanceller | None:
    if not (config.reply.barge_in and config.reply.echo_canceller):
        return None
    from sottovoce.ear.engines.kalman import KalmanCanceller  # noqa: PLC0415  where it is wanted

    return KalmanCanceller()


def make_voice(name: str) -> Voice | None:
    """Make the device's own voice; None where it has none. Raises EngineError."""
    if name == "none":
        return None
    from sottovoce.ear.engines.voices import CommandVoice  # noqa: PLC0415

    return CommandVoice(name)


def make_speaker(config: Config, output: Path | None) -> Speaker:
    """Make a loudspeaker, or what writes a WAV into `output`. Raises SpeakerError."""
    if output is not None:
        return FileSpeaker(output)
    from sottovoce.ear.devices.pyaudio import PyAudioSpeaker  # noqa: PLC0415

    return PyAudioSpeaker(config.reply.device)
