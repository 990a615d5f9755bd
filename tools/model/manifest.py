"""What the model was made from, so that a test sees when the script went on without it."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from model.make import SEED, Size
from model.speech import HELD_OUT

NAME: Final = "manifest.json"


LOOKING_ON: Final = frozenset({"__main__.py", "manifest.py", "measure.py"})
"""Modules that have no part in what the model becomes."""


def digest_of_script() -> str:
    """Give the SHA-256 of what makes the model, modules and word list, by name and content."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.iterdir()):
        if path.suffix in {".py", ".txt"} and path.name not in LOOKING_ON:
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def write_manifest(folder: Path, size: Size, figures: dict[str, Any], minutes: float) -> None:
    """Note what the model in `folder` was made from, and the figures measured on it."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != NAME)
    facts = {
        "script": digest_of_script(),
        "seed": SEED,
        "size": asdict(size),
        "voices measured with": [asdict(voice) for voice in HELD_OUT],
        "figures": figures,
        "minutes": round(minutes, 1),
        "files": {
            str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
        },
    }
    (folder / NAME).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
