"""The set of the demo: a broker, the pair of processes, a microphone that is spoken into, a switch."""

import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import soundfile

from sottovoce.bench.broker import Broker
from sottovoce.bench.speech import PacedMicrophone, Saying, speak
from sottovoce.demo.observers import Arrival, Lines, Seen, Subscriber, UnexpectedTurnError, trace_line
from sottovoce.pair import Pair
from sottovoce.vocabulary import SAMPLE_RATE

SITE: Final = "demo"
RECIPIENT: Final = "home automation"
COMMAND_TOPIC: Final = f"sottovoce/{SITE}/command"
Event = dict[str, Any]


class Scene:
    """Everything that runs during the demo. A context: nothing is left running after it."""

    def __init__(self, folder: Path, say: Callable[[str], None], settings: str = "") -> None:
        """Keep state, configuration and the answers' WAV in `folder`; `say` shows the owner's terminal.

        `settings` is more of the configuration, as TOML.
        """
        self._settings = settings
        self.state = folder / "demo-state"
        self.config = folder / "sottovoce.toml"
        self.answers = folder / "answers.wav"
        self.trace: Seen[Event] = Seen()
        self.terminal: Seen[str] = Seen()
        self._say = say
        self._closing = contextlib.ExitStack()

    def __enter__(self) -> Self:
        """Start the broker, the subscriber and the pair, and wait until the ear is ready."""
        with contextlib.ExitStack() as starting:
            self._start(starting)
            self._closing = starting.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End all of it, the last started first."""
        self._closing.close()

    @property
    def arrivals(self) -> Seen[Arrival]:
        """What the subscriber got."""
        return self._subscriber.seen

    def speak(self, text: str, voice: str) -> Saying:
        """Say a sentence into the microphone, in real time, without waiting for its end."""
        return self.microphone.say(speak(text, voice))

    def grant(self) -> list[str]:
        """Let home automation have commands for a day, as the owner would; the lines that prints."""
        return self.owner("consent", "grant", "command", "--to", RECIPIENT, "--for", "1d", "--yes")

    def flip(self, *, muted: bool) -> float:
        """Flip the privacy switch; the monotonic time at which it was done."""
        at = time.monotonic()
        self.pair.order("mute" if muted else "live")
        return at

    def owner(self, *words: str) -> list[str]:
        """Run a `sottovoce` command as the owner would, on this device's state; the lines it prints."""
        options = ["--state", str(self.state)] + ["--config", str(self.config)] * ("grant" in words)
        run = subprocess.run(  # noqa: S603  our own command
            [sys.executable, "-m", "sottovoce", *words, *options], capture_output=True, text=True, check=False
        )
        if run.returncode:
            raise UnexpectedTurnError(f"demo: sottovoce {' '.join(words)} failed: {run.stderr.strip()}")
        return run.stdout.splitlines()

    def transcribe(self, text: str, voice: str, vosk_model: str) -> list[str]:
        """Have a sentence written down by Vosk, from a recording; the lines that prints."""
        recording, config = self.state / "sentence.wav", self.state / "vosk.toml"
        soundfile.write(recording, speak(text, voice), SAMPLE_RATE)
        config.write_text(f'[transcribe]\nengine = "vosk"\nvosk_model = "{vosk_model}"\n', encoding="utf-8")
        return self.owner("transcribe", str(recording), "--config", str(config))

    def expect(self, event: str, mark: int, **facts: object) -> Event:
        """Wait for an event of the trace with these facts, after `mark`."""

        def fits(seen: Event) -> bool:
            return seen["event"] == event and all(seen.get(key) == value for key, value in facts.items())

        return self.trace.wait(f"{event} {facts or ''}".strip(), fits, mark)

    def _start(self, starting: contextlib.ExitStack) -> None:
        shutil.rmtree(self.state, ignore_errors=True)  # no grant of an earlier demo may stand
        self.broker = starting.enter_context(Broker())
        self.config.write_text(
            f'site = "{SITE}"\n[broker]\nhost = "127.0.0.1"\nport = {self.broker.port}\n{self._settings}',
            encoding="utf-8",
        )
        self._subscriber = Subscriber(self.broker.port)
        starting.callback(self._subscriber.close)
        trace = Lines(trace_line(self.trace))
        starting.callback(trace.close)
        words = Lines(self._word)
        starting.callback(words.close)
        self.microphone = PacedMicrophone()
        starting.callback(self.microphone.close)
        self._pipes = (trace.write, words.write)
        self.start_pair(starting)

    def start_pair(self, starting: contextlib.ExitStack | None = None) -> None:
        """Start ear and courier, or start them again once they are stopped; wait until they are ready."""
        mark = self.trace.count
        self.pair = (starting or self._closing).enter_context(self._pair(*self._pipes))
        self.expect("ready", mark, process="ear")
        self.expect("broker", mark, connected=True)

    def _pair(self, trace: int, words: int) -> Pair:
        return Pair(
            ["--config", str(self.config), "--state", str(self.state)],
            ["--simulate", "--input", "-", "--output", str(self.answers), "--show-words"],
            sound=self.microphone.descriptor,
            output=words,
            environment={"SOTTOVOCE_TRACE": str(trace)},
            keep_descriptors=(trace,),
        )

    def _word(self, line: str) -> None:
        if line.startswith(("heard", "answered")):
            self.terminal.add(line)
        elif line.startswith("sottovoce:"):
            self._say(line)


def processes_of(folder: Path) -> list[int]:
    """Find processes whose command line names `folder`: what a demo would have left running."""
    found, not_its_own = [], {os.getpid(), os.getppid()}  # who started it may name the folder too
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) not in not_its_own:
            with contextlib.suppress(OSError):
                if str(folder).encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
    return found
