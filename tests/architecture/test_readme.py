"""The README names what is there."""

import re
from pathlib import Path

import sottovoce

REPOSITORY = Path(sottovoce.__file__).parent.parent.parent
README = (REPOSITORY / "README.md").read_text()


def test_every_path_it_names_is_there():
    """No file or folder of this repository is named that does not exist."""
    named = set(re.findall(r"`((?:firmware|tests|hardware|systemd)/[\w./-]*)`", README))
    assert len(named) > 10
    assert [name for name in named if not (REPOSITORY / name).exists()] == []


def test_every_promise_names_a_test_and_a_line_that_is_in_its_unit():
    """Each row of the promise table points to a test, and to a line that the unit really has."""
    table = README.partition("| promise | test | unit line |")[2].partition("\n\n")[0]
    rows = [row.split("|")[1:4] for row in table.splitlines()[2:]]
    assert len(rows) >= 8
    for promise, tests, line in rows:
        assert "`tests/" in tests, promise
        unit, wanted = re.search(r"`(sottovoce-\w+\.service)`: `(.+?)`", line).groups()
        assert wanted in (REPOSITORY / "systemd" / unit).read_text(), promise


def test_its_two_commands_are_targets_of_the_makefile():
    """`make demo` and `make test` exist, and CI calls both."""
    makefile = (REPOSITORY / "Makefile").read_text()
    ci = (REPOSITORY / ".ci" / "run").read_text()
    for target in ("demo", "test"):
        assert f"make {target}" in README
        assert f"\n{target}:" in makefile
        assert f"\nmake {target}" in ci
