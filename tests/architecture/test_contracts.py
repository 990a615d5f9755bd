"""The import contracts bite: each law, broken on purpose in a copy of the source, is found."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import sottovoce

ROOT = Path(sottovoce.__file__).parent
REPOSITORY = ROOT.parent.parent
WAYS_AROUND = {"__import__", "import_module", "exec", "eval", "compile"}
"""Calls by which a module could be had that no contract sees."""
STDLIB_NETWORK = {
    "_socket", "asyncore", "concurrent", "ftplib", "http", "imaplib", "multiprocessing", "nntplib", "poplib",
    "smtplib", "socket", "socketserver", "ssl", "telnetlib", "urllib", "webbrowser", "wsgiref", "xmlrpc",
}  # fmt: skip


@pytest.mark.parametrize(
    ("module", "line", "law"),
    [
        ("ear/wake.py", "import sottovoce.courier.deliver", "Law 1"),
        ("courier/deliver.py", "from sottovoce.ear import gate", "Law 1"),
        ("ear/build.py", "from sottovoce.models import download", "Law 1"),
        ("courier/deliver.py", "def get():\n    import sottovoce.models.download", "Law 1"),
        ("models/installed.py", "from sottovoce.ear import gate", "Law 1"),
        ("models/download.py", "import pyaudio", "Law 3"),
        ("ear/gate.py", "import socket", "Law 2"),
        ("ear/engines/vosk.py", "def fetch():\n    import urllib.request", "Law 2"),
        ("courier/mqtt.py", "import pyaudio", "Law 3"),
        ("ear/light.py", "import time", "Law 8"),
        ("ear/audit.py", "from pathlib import Path", "Law 8"),
        ("ear/mask.py", "import random", "Law 8"),
        ("ear/chain.py", "import os", "Law 8"),
        ("wire.py", "import socket", "Law 8"),
    ],
)
def test_a_broken_law_is_found(tmp_path, module, line, law):
    """One import too many, at the top or hidden in a function: import-linter names the law."""
    shutil.copytree(ROOT, tmp_path / "sottovoce", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    with (tmp_path / "sottovoce" / module).open("a") as file:
        file.write(f"\n{line}\n")
    run = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 1, run.stdout
    broken = [line for line in run.stdout.splitlines() if line.startswith("Law ") and " BROKEN" in line]
    assert [line[:5] for line in broken] == [law], run.stdout


def trees(folder):
    """Parse every module of a side."""
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in (ROOT / folder).rglob("*.py")}


@pytest.mark.parametrize("folder", ["ear", "courier"])
def test_nothing_is_imported_behind_the_contracts_back(folder):
    """Neither side imports by a name made at run time, nor runs code that is data."""
    for path, tree in trees(folder).items():
        calls = (node.func for node in ast.walk(tree) if isinstance(node, ast.Call))
        names = {call.id if isinstance(call, ast.Name) else "" for call in calls}
        attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not names & WAYS_AROUND, path
        assert "import_module" not in attributes, path


def test_only_the_owners_command_fetches_models():
    """What opens a connection for a model is imported by one verb, and by nothing that runs by itself."""
    users = {
        path.relative_to(ROOT).as_posix()
        for path in ROOT.rglob("*.py")
        if "sottovoce.models" in path.read_text(encoding="utf-8")
    }
    assert {user for user in users if not user.startswith("models/")} == {"cli/models.py"}


def test_only_the_link_knows_of_sockets():
    """Of the standard library's ways to a network, the ear has one, in one module."""
    found = set()
    for path, tree in trees("ear").items():
        for node in ast.walk(tree):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module] if isinstance(node, ast.ImportFrom) else []
            found |= {
                (path.name, top) for name in modules if (top := name.partition(".")[0]) in STDLIB_NETWORK
            }
    assert found == {("link.py", "socket")}
