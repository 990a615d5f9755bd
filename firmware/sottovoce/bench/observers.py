"""Those who look on: a reader of the processes' trace, a subscriber at the broker, the kernel's books."""

import json
import os
import queue
import re
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from sottovoce.errors import SottovoceError

_PATIENCE_SECONDS: Final = 10.0


class NothingHappenedError(SottovoceError, TimeoutError):
    """What was to be measured did not take place."""


class Trace:
    """The events of processes that were given `environment` and the descriptor `write`."""

    def __init__(self) -> None:
        """Begin to read."""
        self._read, self.write = os.pipe()
        self.environment: Mapping[str, str] = {"SOTTOVOCE_TRACE": str(self.write)}
        self._events: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="trace", daemon=True)
        self._thread.start()

    def until(self, event: str, timeout: float) -> Iterator[dict[str, Any]]:
        """Give events as they come up to `event`, or until `timeout` seconds have passed without it."""
        ends = time.monotonic() + timeout
        while True:
            try:
                seen = self._events.get(timeout=max(0.0, ends - time.monotonic()))
            except queue.Empty:
                return
            yield seen
            if seen["event"] == event:
                return

    def close(self) -> None:
        """Let go of the writing end; reading ends with its last holder."""
        os.close(self.write)
        self._thread.join(_PATIENCE_SECONDS)

    def _run(self) -> None:
        with os.fdopen(self._read, encoding="utf-8") as lines:
            for line in lines:
                self._events.put(json.loads(line))


class Subscriber:
    """Somebody else on a broker of this machine, who notes when a message arrives on one topic."""

    def __init__(self, port: int, topic: str) -> None:
        """Subscribe on 127.0.0.1. Raises NothingHappenedError when the broker does not answer."""
        self.arrivals: queue.SimpleQueue[float] = queue.SimpleQueue()
        """The monotonic time of each, seconds."""
        ready = threading.Event()
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        self._client.on_connect = lambda client, *_: client.subscribe(topic, qos=1)
        self._client.on_subscribe = lambda *_: ready.set()
        self._client.on_message = lambda *_: self.arrivals.put(time.monotonic())
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        if not ready.wait(_PATIENCE_SECONDS):
            raise NothingHappenedError("the broker did not answer")

    def close(self) -> None:
        """Disconnect."""
        self._client.disconnect()
        self._client.loop_stop()


def peak_memory(process: int) -> float:
    """Tell a process's peak resident memory (VmHWM), MiB. Raises NothingHappenedError when it is gone."""
    try:
        status = Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
    except OSError as error:
        raise NothingHappenedError(f"process {process} has ended before its time") from error
    found = re.search(r"^VmHWM:\s*(\d+) kB", status, re.MULTILINE)
    if found is None:
        raise NothingHappenedError(f"process {process} has ended before its time")
    return int(found[1]) / 1024
