"""What one says about one's privacy is heard by the embedded recogniser, amid all other sentences."""

import numpy as np
import pytest

from sottovoce.bench.speech import VOICES, quiet, speak
from sottovoce.config import Config, Transcribe
from sottovoce.ear import build
from sottovoce.ear.grammar import compile_grammar
from sottovoce.ear.pipeline import CONFIDENT
from sottovoce.vocabulary import SAMPLE_RATE, Utterance

SENTENCES = {
    "what did you send today": "PrivacySent",
    "what have you kept": "PrivacyKept",
    "delete what i just said": "PrivacyForgetLast",
    "delete everything from today": "PrivacyForgetToday",
    "that wasn't for you": "PrivacyFalseWake",
    "stop sharing": "PrivacyStopSharing",
    "mute for an hour": "PrivacyMute",
    "who can hear me": "PrivacyWho",
    "stop that": "Stop",
}
CONFIG = Config(transcribe=Transcribe(engine="pocketsphinx"))


@pytest.fixture(scope="module")
def understanding():
    """All that can be said to the device."""
    return build.make_understanding(CONFIG)


@pytest.fixture(scope="module")
def pocketsphinx(understanding, tmp_path_factory):
    """The embedded recogniser, held to it."""
    return build.make_transcriber(
        CONFIG, tmp_path_factory.mktemp("state"), compile_grammar(understanding.templates)
    )


@pytest.mark.parametrize("voice", VOICES)
@pytest.mark.parametrize("text", SENTENCES)
def test_it_is_heard_and_understood(understanding, pocketsphinx, text, voice):
    """Each sentence, by each of flite's voices, surely enough to be obeyed, and as what it is."""
    parts = [quiet(SAMPLE_RATE // 2, 1), speak(f"computer, {text}", voice), quiet(SAMPLE_RATE // 3, 2)]
    transcript = pocketsphinx.transcribe(Utterance(np.concatenate(parts), 0, "computer"))
    assert transcript.confidence >= CONFIDENT
    assert understanding.understand(transcript).name == SENTENCES[text]
