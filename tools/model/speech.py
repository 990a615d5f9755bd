"""Synthetic speech: flite's voices, which tell when each phone is said, festival's, and espeak-ng's many."""

import random
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from model.mfcc import Sound
from model.phones import PHONES, SILENCE
from sottovoce.ear.devices.recording import read_samples
from sottovoce.ear.engines.voices import spoken

_TO_CMU: Final = {
    "ax": "AH",
    "axr": "ER",
    "nx": "N",
    "en": "N",
    "el": "L",
    "em": "M",
    "dx": "T",
    "pau": SILENCE,
}


@dataclass(frozen=True)
class Voice:
    """A voice at a speed and a pitch (1.0: its own)."""

    program: str
    name: str
    speed: float = 1.0
    pitch: float = 1.0


@dataclass(frozen=True)
class Spoken:
    """A text as it was said."""

    text: str
    voice: Voice
    sound: Sound
    phones: tuple[tuple[str, float], ...]
    """Each phone and when it ends, in seconds; empty where the voice does not tell."""


FLITE: Final = {"slt": 170.0, "awb": 130.0, "kal16": 105.0, "rms": 100.0}
"""Mean pitch of flite's voices, in Hz."""
ESPEAK: Final = (
    "en-us", "en-us+m1", "en-us+m2", "en-us+m4", "en-us+m5", "en-us+m6", "en-us+m7", "en-us+f1", "en-us+f2",
    "en-us+f5", "en-us+klatt", "en-us+klatt4", "en-us+Annie", "en-us+Andy", "en-us+Alex", "en-us+Gene",
    "en-us+linda", "en-us+adam", "en-us+steph", "en-us+caleb", "en-us+ed", "en-us+edward", "en-us+quincy",
    "en-us+norbert", "en-us+pablo", "en-us+shelby", "en-us+aunty", "en-us+anika", "en-us+max",
    "en-us+Denis", "en-us-nyc", "en-us-nyc+f2", "en-gb", "en-gb+m2", "en-gb+m5", "en-gb+f1", "en-gb+f5",
    "en-gb+Andy", "en-gb-x-rp", "en-gb-x-rp+f2", "en-gb-scotland", "en-gb-scotland+f1",
)  # fmt: skip
HELD_OUT: Final = (
    Voice("flite", "rms"),
    Voice("flite", "rms", 1.12, 1.05),
    Voice("flite", "rms", 0.92, 0.96),
    Voice("espeak-ng", "en-us+m3", 0.94),
    Voice("espeak-ng", "en-us+f3", 1.06),
    Voice("espeak-ng", "en-us+f4", 0.88, 1.1),
    Voice("espeak-ng", "en-us+Michael", 1.14),
    Voice("espeak-ng", "en-gb+f4", 0.97, 0.9),
)
"""Voices, speeds and pitches nothing is trained on: what is measured is measured with them."""
FESTIVAL: Final = {"ked": "voice_ked_diphone", "slt-hts": "voice_cmu_us_slt_arctic_hts"}
"""What festival calls its voices."""
PEOPLE: Final = (
    ("flite", "slt"), ("flite", "slt"), ("flite", "awb"), ("flite", "awb"), ("flite", "kal16"),
    ("festival", "ked"), ("festival", "ked"), ("festival", "slt-hts"),
)  # fmt: skip
"""Programs and voices that were made of people's recordings; named twice, drawn twice as often."""
_SPEEDS: Final = (0.8, 0.9, 1.0, 1.1, 1.2)
_WORDS_A_MINUTE: Final = 165


def draw_voice(
    chance: random.Random, share: float, people: Sequence[tuple[str, str]], espeak: Sequence[str]
) -> Voice:
    """Draw a voice to train on: a `share` of them one of `people`, the others one of espeak-ng's."""
    speed, pitch = chance.choice(_SPEEDS), chance.uniform(0.85, 1.2)
    if chance.random() < share:
        return Voice(*chance.choice(people), speed, pitch)
    return Voice("espeak-ng", chance.choice(espeak), speed, pitch)


def speak(text: str, voice: Voice) -> Spoken:
    """Say a text."""
    say = {"flite": _flite, "festival": _festival, "espeak-ng": _espeak}[voice.program]
    return Spoken(text, voice, *say(text, voice))


def _espeak(text: str, voice: Voice) -> tuple[Sound, tuple[tuple[str, float], ...]]:
    speed, pitch = round(_WORDS_A_MINUTE * voice.speed), round(50 * voice.pitch)
    command = ("espeak-ng", "--stdin", "--stdout", "-v", voice.name, "-s", str(speed), "-p", str(pitch))
    return spoken(command, text).astype(np.float32), ()


def _festival(text: str, voice: Voice) -> tuple[Sound, tuple[tuple[str, float], ...]]:
    with tempfile.TemporaryDirectory() as folder:
        sound, script = Path(folder) / "said.wav", Path(folder) / "say.scm"
        script.write_text(
            f"({FESTIVAL[voice.name]})\n(Parameter.set 'Duration_Stretch {1 / voice.speed:.3f})\n"
            f'(utt.save.wave (utt.synth (Utterance Text "{text}")) "{sound}" \'riff)\n'
        )
        command = ("festival", "--batch", str(script))
        subprocess.run(command, capture_output=True, check=True)
        return read_samples(sound, voice.name).astype(np.float32), ()


def _flite(text: str, voice: Voice) -> tuple[Sound, tuple[tuple[str, float], ...]]:
    with tempfile.TemporaryDirectory() as folder:
        sound = Path(folder) / "said.wav"
        command = [
            *("flite", "-voice", voice.name, "-psdur", "-f", "/dev/stdin", "-o", str(sound)),
            *("--setf", f"duration_stretch={1 / voice.speed:.3f}"),
            *("--setf", f"int_f0_target_mean={FLITE[voice.name] * voice.pitch:.0f}"),
        ]
        run = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
        samples = read_samples(sound, voice.name)
    pieces = [piece.rpartition(":") for piece in run.stdout.split()]
    phones = tuple((_TO_CMU.get(name, name.upper()), float(end)) for name, _, end in pieces)
    if not {name for name, _ in phones} <= {SILENCE, *PHONES}:
        raise ValueError(f"flite said {text!r} with phones the model lacks")
    return samples.astype(np.float32), phones
