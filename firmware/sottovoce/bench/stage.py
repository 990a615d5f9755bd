"""All that a spoken command passes through: microphone, the real pair of processes, a real mosquitto."""

import contextlib
import queue
import time
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import numpy as np

from sottovoce.bench.broker import Broker
from sottovoce.bench.observers import NothingHappenedError, Subscriber, Trace, peak_memory
from sottovoce.bench.speech import PacedMicrophone
from sottovoce.config import Config, load
from sottovoce.ear.grants import Grants, draw_up
from sottovoce.ear.store import open_store
from sottovoce.pair import Pair
from sottovoce.vocabulary import SAMPLE_RATE, Grant, Kind, Samples

_START_SECONDS: Final = 30.0
_ANSWER_SECONDS: Final = 6.0
"""From the end of what is said to the answer's end."""
_ARRIVAL_SECONDS: Final = 5.0
_LEAD_SECONDS: Final = 0.5


class Stage:
    """Broker, subscriber, microphone, ear and courier; and a grant. A context."""

    def __init__(self, folder: Path) -> None:
        """Keep state and configuration in an empty `folder`."""
        self._folder = folder
        self._closing = contextlib.ExitStack()

    def __enter__(self) -> Self:
        """Start all of it and wait until it is ready. Raises SottovoceError."""
        with contextlib.ExitStack() as starting:
            self._start(starting)
            self._closing = starting.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all of it, the last started first."""
        self._closing.close()

    def command(self, samples: Samples) -> float | None:
        """Say a command; milliseconds from its endpoint to its arrival, None when it was not understood."""
        lead = np.zeros(round(_LEAD_SECONDS * SAMPLE_RATE), dtype=np.int16)
        said = self._microphone.say(np.concatenate([lead, samples]))
        said.wait(len(samples) / SAMPLE_RATE + _ANSWER_SECONDS)
        events = {event["event"]: event for event in self._trace.until("answered", _ANSWER_SECONDS)}
        if "shared" not in events:
            return None
        try:
            arrived = self.subscriber.arrivals.get(timeout=_ARRIVAL_SECONDS)
        except queue.Empty as error:
            raise NothingHappenedError("a command was shared and did not arrive at the broker") from error
        return (arrived - float(events["endpoint"]["at"])) * 1000

    def memory(self) -> tuple[float, float]:
        """Tell the peak resident memory of ear and courier, MiB."""
        courier = self.pair.courier.pid if self.pair.courier else 0
        return peak_memory(self.pair.ear.pid), peak_memory(courier)

    def _start(self, starting: contextlib.ExitStack) -> None:
        broker = starting.enter_context(Broker())
        path, state = self._folder / "sottovoce.toml", self._folder / "state"
        path.write_text(
            f'[broker]\nhost = "127.0.0.1"\nport = {broker.port}\n[reply]\nvoice = "flite"\n',
            encoding="utf-8",
        )
        config = load(path)
        topic = grant_commands(config, state)
        self.subscriber = Subscriber(broker.port, topic)
        starting.callback(self.subscriber.close)
        self._trace = Trace()
        starting.callback(self._trace.close)
        self._microphone = PacedMicrophone()
        starting.callback(self._microphone.close)
        log = starting.enter_context((self._folder / "log").open("wb"))
        self.pair = starting.enter_context(
            Pair(
                ["--config", str(path), "--state", str(state)],
                ["--simulate", "--input", "-", "--output", str(self._folder / "answers.wav")],
                sound=self._microphone.descriptor,
                output=log,
                environment=self._trace.environment,
                keep_descriptors=(self._trace.write,),
            )
        )
        self._await_ready()

    def _await_ready(self) -> None:
        seen = {event["event"] for event in self._trace.until("broker", _START_SECONDS)}
        if not {"ready", "broker"} <= seen:
            lines = (self._folder / "log").read_text(encoding="utf-8", errors="replace").splitlines()
            raise NothingHappenedError(f"ear and courier did not start: {lines[-1] if lines else 'no word'}")


def grant_commands(config: Config, state: Path) -> str:
    """Grant `command` to the first recipient for an hour; the topic on which commands arrive there."""
    recipient, now = config.recipients[0], time.time()
    grant = Grant(
        id="",
        kind=Kind.COMMAND,
        recipient=recipient.name,
        topic=recipient.topic,
        purpose="to measure",
        humans_listen=False,
        retention="until it is measured",
        intents=(),
        granted_at=now,
        ends_at=now + 3600,
        text_hash="",
    )
    with contextlib.closing(open_store(state)) as store:
        Grants(store).add(draw_up(grant))
    return f"{recipient.topic}/{Kind.COMMAND}"
