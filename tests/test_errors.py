"""The error tree: drawn first, then declared; each error says what, and what to do."""

import os
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sottovoce import errors

TREE = [
    declared
    for declared in vars(errors).values()
    if isinstance(declared, type) and issubclass(declared, errors.SottovoceError)
]


def _drawn():
    """Read the drawing in the module's docstring: name to exit status and name of the parent."""
    drawn, above = {}, {0: ("SottovoceError", 0)}
    for line in errors.__doc__.splitlines():
        if found := re.match(r" {4}([│ ├└─]+)([A-Za-z]+)(?: +(\d\d))?", line):
            depth = len(found[1]) // 4
            parent, inherited = above[depth - 1]
            status = int(found[3] or inherited)
            drawn[found[2]] = (status, parent)
            above[depth] = (found[2], status)
    return drawn


def test_the_drawing_is_the_tree():
    """The tree in the docstring is the one declared: every name, parent and exit status."""
    declared = {
        error.__name__: (error.exit_status, error.__bases__[0].__name__)
        for error in TREE
        if error is not errors.SottovoceError
    }
    assert _drawn() == declared


@pytest.mark.parametrize("error", TREE, ids=lambda error: error.__name__)
def test_every_status_is_a_sysexits_one(error):
    """Each error ends the command with a status of sysexits(3): never 0, never the shell's own."""
    assert error.exit_status in {value for name, value in vars(os).items() if name.startswith("EX_")} - {0}


@pytest.mark.parametrize(
    "error", [e for e in TREE if e is not errors.SottovoceError], ids=lambda error: error.__name__
)
def test_every_error_is_also_the_nearest_builtin(error):
    """Code that knows nothing of us can catch each error by a builtin name."""
    builtin = {OSError, ValueError, RuntimeError}
    assert any(issubclass(error, one) for one in builtin)


@pytest.mark.parametrize("error", TREE, ids=lambda error: error.__name__)
@settings(max_examples=15)
@given(what=st.text(min_size=1), hint=st.text())
def test_every_error_is_one_line(error, what, hint):
    """Whatever an error quotes, it prints as one line, with its hint in brackets behind it."""
    said = str(error(what, hint))
    assert len(said.splitlines()) == 1
    assert said.isprintable()
    assert said.endswith(")") or not hint
    assert (error(what, hint).what, error(what, hint).hint) == (what, hint)
