"""The only logging set-up: event names, counts and times, never words said.

A line reads `12:30:01 ear   woken word=computer`. With SOTTOVOCE_LOG=debug every library says what it
has to say as well; there are no words in that either. With SOTTOVOCE_TRACE set to a number, that file
descriptor also gets each event as a JSON line with the monotonic clock, for `sottovoce bench`
and the demo.
"""

import json
import logging
import os
import sys
import time
from typing import Final

_LOG: Final = logging.getLogger("sottovoce")
_LEVEL_VARIABLE: Final = "SOTTOVOCE_LOG"
_TRACE_VARIABLE: Final = "SOTTOVOCE_TRACE"


class Journal:
    """One process's diary."""

    def __init__(self, process: str, trace: int | None = None) -> None:
        """Write as `process`; also to the file descriptor `trace` when it is given."""
        self._process = process
        self._trace = trace

    def note(self, event: str, **facts: str | float | bool) -> None:
        """Write down that something happened. Facts are counts, names of parts, times: no words."""
        _LOG.info("%-7s %s%s", self._process, event, _tail(facts))
        self._copy(event, facts)

    def warn(self, event: str, **facts: str | float | bool) -> None:
        """Write down something the owner should look at."""
        _LOG.warning("%-7s %s%s", self._process, event, _tail(facts))
        self._copy(event, facts)

    def _copy(self, event: str, facts: dict[str, str | float | bool]) -> None:
        if self._trace is None:
            return
        line = {"process": self._process, "event": event, "at": time.monotonic(), **facts}
        try:
            os.write(self._trace, (json.dumps(line) + "\n").encode())
        except OSError:
            self._trace = None  # nobody reads the trace any more; the journal goes on


def open_journal(process: str, *, quiet: bool = False) -> Journal:
    """Set up logging for a daemon: standard error, one line an event."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", datefmt="%H:%M:%S"))
    _LOG.handlers[:] = [handler]
    _LOG.propagate = False
    _LOG.setLevel(logging.WARNING if quiet else logging.INFO)
    if os.environ.get(_LEVEL_VARIABLE) == "debug":
        logging.basicConfig(level=logging.DEBUG, handlers=[handler])
        _LOG.setLevel(logging.DEBUG)
    trace = os.environ.get(_TRACE_VARIABLE, "")
    return Journal(process, int(trace) if trace.isdigit() else None)


def _tail(facts: dict[str, str | float | bool]) -> str:
    return "".join(f" {key}={value}" for key, value in facts.items())
