"""firmware/HOME.md says what is so."""

import re
from pathlib import Path
from typing import get_args

import sottovoce
from sottovoce.cli.main import cli
from sottovoce.ear.confirm import WINDOW_SECONDS
from sottovoce.ear.redact import WIRED_SECONDS
from sottovoce.ear.skills.house import FRESH_SECONDS
from sottovoce.house import file
from sottovoce.house.device import PAYLOAD_NUMBERS, Device, KindName
from sottovoce.house.types import TYPES

PAGE = (Path(sottovoce.__file__).parent.parent / "HOME.md").read_text(encoding="utf-8")


def test_its_example_loads():
    """Every device of it, as it stands there."""
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert len(file.parse(example, "HOME.md").device) == 6


def test_it_names_every_type_kind_and_key():
    """Nothing that home.toml knows is left out."""
    words = set(re.findall(r"`\$?([\w-]+)", PAGE)) | set(re.findall(r"^(\w+) =", PAGE, re.MULTILINE))
    assert words >= {*TYPES, *filter(None, get_args(KindName)), *PAYLOAD_NUMBERS, *Device.__struct_fields__}


def test_its_commands_are_there():
    """Each verb of `sottovoce home`, and no other."""
    assert set(re.findall(r"sottovoce home (\w+)", PAGE)) == set(cli.commands["home"].commands)


def test_its_times_are_so():
    """How long a question waits, how long a command, how old is old."""
    assert (WINDOW_SECONDS, WIRED_SECONDS, FRESH_SECONDS) == (10.0, 30, 15 * 60)
