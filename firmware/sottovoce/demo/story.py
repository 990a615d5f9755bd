"""The story the demo tells. Each step does something real, checks it, and says what happened."""

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sottovoce.config import OWN_MODEL
from sottovoce.demo.observers import PATIENCE_SECONDS, Arrival, UnexpectedTurnError
from sottovoce.demo.scene import COMMAND_TOPIC, RECIPIENT, Scene

SENTENCE: Final = "computer, turn on the kitchen light"
QUESTION: Final = "computer, what time is it"
QUIET_SECONDS: Final = 2.0
"""How long the demo listens for what must not come."""


@dataclass(frozen=True, slots=True)
class Teller:
    """How the story is shown."""

    step: Callable[[str], None]
    """A heading."""
    says: Callable[[str], None]
    """Somebody speaks to the device."""
    tell: Callable[[str], None]
    """What happened."""
    show: Callable[[str], None]
    """Something quoted to the letter."""


def tell(scene: Scene, teller: Teller) -> None:
    """Tell all of it. Raises UnexpectedTurnError where it goes otherwise."""
    without_consent(scene, teller)
    with_consent(scene, teller)
    switch(scene, teller)
    answer(scene, teller)
    ledger(scene, teller, commands=2)


def without_consent(scene: Scene, teller: Teller) -> None:
    """(a) Heard and understood, and sent nothing: nobody opted in."""
    teller.step("(a) Nobody has opted in yet")
    mark, arrived = scene.trace.count, scene.arrivals.count
    heard = _say(scene, teller, SENTENCE, "slt")
    scene.expect("woken", mark, word="computer")
    teller.tell('It heard the wake word "computer".')
    scene.expect("understood", mark, intent="HomeTurnOn")
    scene.expect("answered", mark)
    teller.show(scene.terminal.wait("the words", lambda line: "HomeTurnOn" in line, heard))
    _nothing_sent(scene, arrived)
    teller.tell("It SENT NOTHING: there is no grant. The broker saw its state and no word of it.")


def with_consent(scene: Scene, teller: Teller) -> None:
    """(b) The owner grants `command` to home automation, and the same sentence arrives."""
    teller.step(f"(b) The owner lets {RECIPIENT} have commands, for one day")
    for line in scene.grant():
        teller.show(line)
    arrival = _command(scene, teller, "awb")
    teller.tell(f"{RECIPIENT} received, as it arrived:")
    teller.show(f"{arrival.topic}  {arrival.payload}")


def switch(scene: Scene, teller: Teller) -> None:
    """(c) The privacy switch is flipped in mid-sentence, and back."""
    teller.step("(c) The privacy switch is flipped in mid-sentence")
    mark, arrived = scene.trace.count, scene.arrivals.count
    teller.says(SENTENCE)
    half = scene.speak(SENTENCE, "rms")
    scene.expect("woken", mark, word="computer")
    at = scene.flip(muted=True)
    muted = scene.expect("switch", mark, position="muted")
    red = scene.expect("light", mark, colour="red")
    teller.tell("*click* The switch went to DEAF right after the wake word.")
    wiped = (muted["at"] - at) * 1000
    teller.tell(
        f"All sound held was overwritten {wiped:.0f} ms after the flip; the microphone was closed and the"
        f" light red after {(red['at'] - at) * 1000:.0f} ms."
    )
    half.wait(PATIENCE_SECONDS)
    deaf = scene.trace.count
    teller.says(f"{SENTENCE} (into the deaf device)")
    scene.speak(SENTENCE, "slt").wait(PATIENCE_SECONDS)
    time.sleep(QUIET_SECONDS)
    heard = [
        e["event"]
        for e in scene.trace.since(mark)
        if e["event"] in {"endpoint", "understood", "not_understood"}
    ]
    heard += [e["event"] for e in scene.trace.since(deaf) if e["event"] == "woken"]
    if heard:
        raise UnexpectedTurnError(f"demo: {heard[0]} while the switch was off")
    _nothing_sent(scene, arrived)
    teller.tell("Nothing of it was heard: neither the half sentence nor the whole one after it.")
    mark = scene.trace.count
    scene.flip(muted=False)
    scene.expect("light", mark, colour="off")
    teller.tell("*click* Back to LIVE, the red light is off.")
    arrival = _command(scene, teller, "kal16")
    teller.tell("It works again:")
    teller.show(f"{arrival.topic}  {arrival.payload}")


def answer(scene: Scene, teller: Teller) -> None:
    """(d) A question, answered by voice into a WAV and as text."""
    teller.step("(d) A question")
    mark = scene.trace.count
    heard = _say(scene, teller, QUESTION, "slt")
    scene.expect("understood", mark, intent="ClockTime")
    scene.expect("answered", mark)
    teller.show(scene.terminal.wait("the answer", lambda line: line.startswith("answered"), heard))
    teller.tell(f"The same by voice: {scene.answers} ({scene.answers.stat().st_size // 1024} KiB).")
    teller.tell("PocketSphinx heard all this. Once more by libvosk, with the model that comes along:")
    lines = scene.transcribe(QUESTION, "slt", OWN_MODEL)
    if not lines[-1].endswith("what time is it"):
        raise UnexpectedTurnError(f"demo: libvosk heard: {lines[-1]}")
    teller.show(f'heard "{lines[-1].split(maxsplit=1)[1]}" (confidence {lines[-1].split()[0]})')


def ledger(scene: Scene, teller: Teller, commands: int) -> None:
    """(e) What left, as the ledger has it."""
    teller.step("(e) The ledger: everything that left this device")
    sent = [line for line in scene.owner("ledger", "show") if "  sent " in line]
    arrived = [got for got in scene.arrivals.since(0) if got.topic == COMMAND_TOPIC]
    if not len(sent) == len(arrived) == commands:
        raise UnexpectedTurnError(
            f"demo: {commands} commands were granted, {len(arrived)} arrived, {len(sent)} in the ledger"
        )
    teller.show(f"{len(sent)} commands to {RECIPIENT}, nothing else; the last: {sent[-1]}")


def _say(scene: Scene, teller: Teller, text: str, voice: str) -> int:
    """Say a sentence to its end; a mark in the terminal's lines from before it."""
    mark = scene.terminal.count
    teller.says(text)
    scene.speak(text, voice)
    return mark


def _command(scene: Scene, teller: Teller, voice: str) -> Arrival:
    """Say the sentence and wait for it at the subscriber and in the ledger."""
    mark, arrived = scene.trace.count, scene.arrivals.count
    _say(scene, teller, SENTENCE, voice)
    arrival = scene.arrivals.wait("the command", lambda got: got.topic == COMMAND_TOPIC, arrived)
    body = json.loads(arrival.payload)
    if (body["intent"], body["slots"]) != ("HomeTurnOn", {"area": "kitchen", "name": "light"}):
        raise UnexpectedTurnError(f"demo: the wrong command arrived: {arrival.payload}")
    scene.expect("sent", mark)
    scene.expect("answered", mark)
    return arrival


def _nothing_sent(scene: Scene, arrived: int) -> None:
    for got in scene.arrivals.since(arrived):
        if got.topic == COMMAND_TOPIC or "kitchen" in got.payload:
            raise UnexpectedTurnError(f"demo: {got.topic} was published without a grant")
