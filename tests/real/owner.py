"""The owner at the terminal: runs the `sottovoce` command as a process of its own."""

import os
import subprocess
import sys

COMMAND = [sys.executable, "-m", "sottovoce"]
PATIENCE_SECONDS = 30


def sottovoce(*words, **environment):
    """Run a verb to its end; its exit status, standard output and standard error, as text."""
    return subprocess.run(
        [*COMMAND, *map(str, words)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
        env={**os.environ, **{name: str(value) for name, value in environment.items()}},
    )


def grant(state, config, *words, to="home automation"):
    """Grant `command` to a recipient; the grant's id."""
    done = sottovoce(
        "consent", "grant", "command", "--to", to, "--yes", "--state", state, "--config", config, *words
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split("consent revoke ")[1].strip()
