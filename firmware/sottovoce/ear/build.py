"""The composition root: the only place that names real devices and engines."""

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
from sottovoce.ear.devices.proc_asound import ProcAsound
from sottovoce.ear.devices.recording import FileSpeaker, Recording, read_samples
from sottovoce.ear.echo import Echo, EchoCanceller
from sottovoce.ear.endpoint import Endpoint, SpeechDetector, frames
from sottovoce.ear.engines import own_model
from sottovoce.ear.engines.silero import Silero
from sottovoce.ear.gate import BACKLOG_FRAMES, Gate, MuteSwitch
from sottovoce.ear.grammar import WordGraph, compile_grammar
from sottovoce.ear.grants import Grants
from sottovoce.ear.ledger import Ledger
from sottovoce.ear.light import Light, Look
from sottovoce.ear.mask import Masker
from sottovoce.ear.meter import CountedMicrophone
from sottovoce.ear.mute import Mutes
from sottovoce.ear.outbox import Outbox
from sottovoce.ear.proof import Kernel
from sottovoce.ear.redact import Redactor
from sottovoce.ear.reply import Reply, Speaker, Voice
from sottovoce.ear.reported import Reported
from sottovoce.ear.ring import Ring
from sottovoce.ear.share import Share
from sottovoce.ear.skills.answer import Answer
from sottovoce.ear.skills.clock import Clock
from sottovoce.ear.skills.home import Home
from sottovoce.ear.skills.house import Questions
from sottovoce.ear.skills.stop import Stop
from sottovoce.ear.skills.timers import Timers
from sottovoce.ear.stages import Stages
from sottovoce.ear.store import open_store, secret_of
from sottovoce.ear.transcribe import Transcriber
from sottovoce.ear.understand import Understanding, templates
from sottovoce.ear.wake import Wake, WakeEngine
from sottovoce.ear.wired import Wired, spoken_names
from sottovoce.errors import EngineError, ModelError
from sottovoce.house.file import House
from sottovoce.journal import Journal
from sottovoce.vocabulary import Position

if TYPE_CHECKING:
    from sottovoce.ear.learn.teach import Teacher

FAMILIES: Final = (Home.family, Clock.family, Timers.family, Stop.family, Questions.family, Answer.family)
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


def make_mutes(config: Config, state: Path) -> Mutes:
    """Make what keeps soft mute and schedule, with a store of its own. Raises StateError."""
    return Mutes(open_store(state), time.time, config.mute.schedule)


def make_kernel() -> Kernel:
    """Make what asks the kernel which microphones are open."""
    return ProcAsound()


def make_stages(
    config: Config,
    options: Options,
    gate: Gate,
    journal: Journal | None = None,
    reported: Reported | None = None,
) -> Stages:
    """Make every stage; `journal` learns of what works less well than it could; `reported` knows the house.

    Raises EngineError, StateError, SpeakerError.
    """
    store, voice = open_store(options.state), _voice(config.reply.voice)
    grants, outbox = Grants(store), Outbox(store, time.time)
    timers = Timers(options.state, time.time)
    wired, reported = Wired(options.house), reported or Reported(options.house, time.time)
    skills = (Home(wired), Clock(time.time), timers, Stop(timers), Questions(wired, reported), Answer())
    names = (*config.home.areas, *config.home.devices, *options.house.all_names)
    understanding = make_understanding(config, [skill.family for skill in skills], options.house)
    grammar = compile_grammar(understanding.templates)
    return Stages(
        wake=Wake(make_wake_engine(config.wake, options.state)),
        echo=Echo(_canceller(config), gate.since, gate.is_current),
        endpoint=Endpoint(make_detector(), config.endpoint, gate.since),
        transcriber=make_transcriber(config, options.state, grammar, journal),
        understanding=understanding,
        act=Act(skills),
        confirm=Confirm(time.monotonic),
        timers=timers,
        reply=Reply(
            voice,
            _speaker(config, options),
            earcons=config.reply.earcons,
            barge_in=config.reply.barge_in,
            wake_words=config.wake.words,
        ),
        share=Share(
            grants,
            outbox,
            Redactor(Masker(names), secret_of(store), wired),
            voice,
            None,
            time.time,
            journal or Journal("ear"),
            wired.fingerprint,
        ),
        grants=grants,
        outbox=outbox,
        ledger=Ledger(options.state, time.time),
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
    config: Config, state: Path, grammar: WordGraph, journal: Journal | None = None
) -> Transcriber:
    """Make the configured engine; `auto` takes Vosk where a model is installed. Raises EngineError."""
    folder = own_model.folder() if config.transcribe.vosk_model == OWN_MODEL else vosk_folder(config, state)
    wanted = config.transcribe.engine
    if wanted == "vosk" and not folder.is_dir():
        raise ModelError(
            f"{folder}: no Vosk model there", "sottovoce models get fetches one, or set [transcribe] engine"
        )
    if wanted == "vosk" or (wanted == "auto" and folder.is_dir()):
        from sottovoce.ear.engines.vosk import Vosk  # noqa: PLC0415  25 MB that only its users load

        return Vosk(folder, grammar, config.wake.words, journal.warn if journal else _nobody)
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


def _voice(name: str) -> Voice | None:
    if name == "none":
        return None
    from sottovoce.ear.engines.voices import CommandVoice  # noqa: PLC0415

    return CommandVoice(name)


def _speaker(config: Config, options: Options) -> Speaker:
    if options.output is not None:
        return FileSpeaker(options.output)
    from sottovoce.ear.devices.pyaudio import PyAudioSpeaker  # noqa: PLC0415

    return PyAudioSpeaker(config.reply.device)
