"""A Vosk model that is missing, cut short or garbled is one clear error, and never the end of the ear."""

import pytest

from sottovoce.config import Config, Transcribe
from sottovoce.ear import build
from sottovoce.ear.act import sentences
from sottovoce.ear.engines.pocketsphinx import PocketSphinx
from sottovoce.ear.engines.vosk_model import check_model, has_run_time_graph, try_out
from sottovoce.ear.grammar import compile_grammar
from sottovoce.ear.understand import templates
from sottovoce.errors import ModelError

MODEL_FILES = ("am/final.mdl", "conf/mfcc.conf", "graph/HCLr.fst", "graph/Gr.fst")


def half_a_model(folder, names, content=b""):
    """Lay down some of a model's files."""
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


@pytest.mark.parametrize("count", range(3))
def test_half_a_vosk_model_is_one_clear_error(tmp_path, count):
    """An empty folder, or one whose copying was broken off: the missing file is named."""
    half_a_model(tmp_path, MODEL_FILES[:count])
    with pytest.raises(ModelError, match=rf"not a whole Vosk model: no {MODEL_FILES[count]}"):
        try_out(tmp_path)


def test_a_vosk_model_that_is_not_there_is_one_clear_error(tmp_path):
    """A folder that does not exist has no whole model either."""
    with pytest.raises(ModelError, match=r"nowhere: not a whole Vosk model"):
        check_model(tmp_path / "nowhere")


@pytest.mark.parametrize("content", [b"", b"garbage" * 100, b"\0" * 100], ids=["empty", "garbage", "zeros"])
def test_a_model_of_nothing_right_is_one_clear_error(tmp_path, content):
    """All the files are there and none is right: an error in one line, from a child process."""
    half_a_model(tmp_path, MODEL_FILES, content)
    with pytest.raises(ModelError, match="not a Vosk model") as refused:
        try_out(tmp_path)
    assert str(refused.value).isprintable()


@pytest.mark.parametrize(
    ("name", "can"), [("graph/HCLr.fst", True), ("graph/HCLG.fst", False), ("HCLG.fst", False)]
)
def test_a_model_with_its_graph_in_one_file_has_no_run_time_grammar(tmp_path, name, can):
    """Such a model decodes freely whatever grammar libvosk is given; that is known beforehand."""
    half_a_model(tmp_path, [name])
    assert has_run_time_graph(tmp_path) is can


def made(state, engine, folder="", language="en"):
    """Have the composition root make a transcriber."""
    config = Config(transcribe=Transcribe(engine=engine, vosk_model=folder, language=language))
    grammar = compile_grammar(templates([sentences("clock")], {}))
    return build.make_transcriber(config, state, grammar)


def test_auto_takes_pocketsphinx_without_a_model_and_vosk_with_one(tmp_path):
    """Where a model is installed, Vosk is asked, and a broken model is told: no silent way around it."""
    assert isinstance(made(tmp_path, "auto"), PocketSphinx)
    (tmp_path / "models" / "en").mkdir(parents=True)
    with pytest.raises(ModelError, match=r"models/en: not a whole Vosk model"):
        made(tmp_path, "auto")
    assert isinstance(made(tmp_path, "auto", language="fr"), PocketSphinx)
    assert isinstance(made(tmp_path, "pocketsphinx"), PocketSphinx)
    assert isinstance(made(tmp_path, "auto", str(tmp_path / "elsewhere")), PocketSphinx)


def test_vosk_without_a_model_is_one_clear_error(tmp_path):
    """Asked for by name and not there: the folder is named, and what to do."""
    for folder in ("", str(tmp_path / "mine")):
        with pytest.raises(ModelError, match=r"(models/en|mine): no Vosk model there \(sottovoce models get"):
            made(tmp_path, "vosk", folder)
