"""What libvosk makes of the model: commands, by voices nothing was trained on."""

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import vosk

from model.lexicon import common_words
from model.mfcc import RATE, Sound
from model.sentences import home_sentences, house, talk
from model.speech import HELD_OUT, Spoken, speak
from sottovoce.ear.engines.vosk import Vosk
from sottovoce.ear.grammar import compile_grammar
from sottovoce.ear.pipeline import CONFIDENT
from sottovoce.vocabulary import Transcript, Utterance

UNKNOWN: Final = "[unk]"
_FLOOR: Final = 3.0
_SEED: Final = 4242
Samples = np.ndarray[Any, np.dtype[np.int16]]


def in_a_room(sound: Sound, seed: int) -> Samples:
    """Put a sound into a quiet room: a quarter of a second before it and half a second after it."""
    chance = np.random.default_rng(seed)
    sound = np.pad(sound, (RATE // 4, RATE // 2))
    return np.clip(np.rint(sound + chance.normal(0.0, _FLOOR, len(sound))), -32768, 32767).astype(np.int16)


class Decoder:
    """Libvosk with a model, and with a grammar if there is one."""

    def __init__(self, folder: Path, grammar: Sequence[str] = ()) -> None:
        """Load the model."""
        vosk.SetLogLevel(-1)
        self._model = vosk.Model(str(folder))
        self._grammar = json.dumps([*grammar, UNKNOWN]) if grammar else ""

    def words(self, samples: Samples) -> list[dict[str, Any]]:
        """Write down what was said: words with times and confidences, as libvosk gives them."""
        more = (self._grammar,) if self._grammar else ()
        recognizer = vosk.KaldiRecognizer(self._model, RATE, *more)
        recognizer.SetWords(True)  # noqa: FBT003  as libvosk has it
        found = []
        if recognizer.AcceptWaveform(samples.tobytes()):
            found += json.loads(recognizer.Result()).get("result", [])
        return [*found, *json.loads(recognizer.FinalResult()).get("result", [])]

    def text(self, samples: Samples) -> str:
        """Write down what was said."""
        return " ".join(word["word"] for word in self.words(samples))


def measured(folder: Path, count: int = 400) -> dict[str, Any]:
    """Count the commands that are written down word for word, and the other talk that is refused."""
    texts = home_sentences(count, _SEED)
    spoken = [speak(text, HELD_OUT[number % len(HELD_OUT)]) for number, text in enumerate(texts)]
    others = talk(count // 8, sorted(common_words() - compile_grammar(house()).words), _SEED)
    other = [speak(text, HELD_OUT[number % len(HELD_OUT)]) for number, text in enumerate(others)]
    figures: dict[str, Any] = {"sentences": count, "other talk": len(others)}
    graph, asked = compile_grammar(house()), Counter(one.voice.name for one in spoken)
    for name, grammar in (("words", sorted(graph.words)), ("sentences", graph.phrases())):
        decoder = Decoder(folder, grammar)
        heard = [decoder.text(in_a_room(one.sound, number)) for number, one in enumerate(spoken)]
        right = [one.voice.name for text, one in zip(heard, spoken, strict=True) if text == one.text]
        figures[name] = {
            "exact": len(right),
            "by voice": {voice: [right.count(voice), count] for voice, count in asked.items()},
            "refused": sum(UNKNOWN in decoder.text(in_a_room(one.sound, 0)).split() for one in other),
        }
    figures["device"] = _by_the_device(folder, spoken, other)
    return figures


def _by_the_device(folder: Path, spoken: Sequence[Spoken], other: Sequence[Spoken]) -> dict[str, int]:
    """Count the same by the device's own transcriber: the nearest path that is a sentence."""
    device = Vosk(folder, compile_grammar(house()), (), lambda *_, **__: None)

    def heard(number: int, one: Spoken) -> Transcript:
        return device.transcribe(Utterance(in_a_room(one.sound, number), 1, "", number))

    heards = [heard(number, one) for number, one in enumerate(spoken)]
    exact = [one.confidence for one, said in zip(heards, spoken, strict=True) if one.text == said.text]
    return {
        "exact": len(exact),
        "exact and sure": sum(confidence >= CONFIDENT for confidence in exact),
        "other talk taken": sum(
            bool(heard(len(spoken) + number, one).text) for number, one in enumerate(other)
        ),
    }
