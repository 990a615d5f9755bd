"""One device of home.toml: what it is called, how it is reached, how it is read."""

import tomllib
from pathlib import Path
from string import Template
from typing import Annotated, Final, Literal

import msgspec

from sottovoce.config import SpokenName, Table
from sottovoce.house.types import HARMLESS, TYPES, Action, StateWord, Type, TypeName

_ID: Final = r"^[^\x00-\x1f\x7f-\x9f+#$]{1,100}\Z"
_TOPIC: Final = r"^[^\x00-\x1f\x7f-\x9f]{1,200}\Z"
_PATH: Final = r"^[^\x00-\x1f\x7f-\x9f]{1,100}\Z"
IN_WORDS: Final = {
    _ID: "1 to 100 characters in one line, without + # $",
    _TOPIC: "1 to 200 characters in one line",
    _PATH: "1 to 100 characters in one line",
}
LONGEST_TOPIC: Final = 240
OWN: Final = "sottovoce/"
"""Where this device's own topics begin: no wiring may speak there."""
FAINT: Final = 30
"""Percent of "dim the light", when nobody says how far."""
PAYLOAD_NUMBERS: Final = ("channel", "percent", "level", "byte")

Id = Annotated[str, msgspec.Meta(pattern=_ID)]
TopicTemplate = Annotated[str, msgspec.Meta(pattern=_TOPIC)]
PayloadTemplate = Annotated[str, msgspec.Meta(max_length=1000)]
Raw = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
KindName = Literal["", "zigbee2mqtt", "tasmota", "shelly", "shelly-gen2", "esphome", "generic"]


class State(Table, frozen=True):
    """Where a device tells how it is, and how that is read."""

    topic: TopicTemplate = ""
    path: Annotated[str, msgspec.Meta(pattern=_PATH)] = ""
    """Keys into JSON, with dots between; empty when the payload itself is the value."""
    words: dict[StateWord, Raw | tuple[Raw, ...]] = msgspec.field(default_factory=dict)
    """What it says for each word we know; ">0" is any number above 0. A number needs none."""


class Wires(Table, frozen=True):
    """How a kind of device, or one device, is reached and read."""

    topic: TopicTemplate = ""
    """Where commands go."""
    topics: dict[Action, TopicTemplate] = msgspec.field(default_factory=dict)
    """For single actions, in place of `topic`."""
    payload: dict[Action, PayloadTemplate] = msgspec.field(default_factory=dict)
    """What is said there for each action."""
    state: State | None = None


class Device(Wires, frozen=True, kw_only=True):
    """One thing in the house."""

    type: TypeName
    kind: KindName = ""
    """How it is wired, out of presets.toml; `generic`: by the keys below alone. Empty: not at all, what is
    asked of it goes to whom you granted commands."""
    name: SpokenName = ""
    """As you say it, without the area; the type, when left out."""
    area: SpokenName = ""
    aliases: tuple[SpokenName, ...] = ()
    """More names."""
    id: Id = ""
    object: Id = ""
    channel: Annotated[int, msgspec.Meta(ge=0, le=255)] = 0
    unit: SpokenName = ""
    """Of the number it tells."""
    tells: bool = True
    """Whether its state is read; false when another device of this name tells it."""
    dangerous: bool | None = None
    """Whether it asks before it acts. Locks, garages, gates, alarms and ovens always do."""
    allow_by_voice: bool = False
    """Whether a spoken yes may open, unlock, disarm or turn on what is dangerous; else the button must."""

    def __post_init__(self) -> None:
        """Refuse what could not work, or would do something else than it says."""
        if self.kind not in {"", "generic"} and self._preset is None:
            raise ValueError(f'`kind` {self.kind!r} knows no {self.type}: use "generic", and say how')
        if not self.kind and (self.topic or self.topics or self.payload or self.state):
            raise ValueError('wiring without a `kind`: add kind = "generic"')
        if self.dangerous is False and self.is_a.dangerous:
            raise ValueError(f"a {self.type} always asks: `dangerous` cannot be false")
        if self.is_a.number and not self.spoken_unit:
            raise ValueError(f"a {self.type} needs a `unit`")
        self._check_actions()
        self._check_state()

    @property
    def is_a(self) -> Type:
        """What such a thing can do."""
        return TYPES[self.type]

    @property
    def said(self) -> str:
        """Its name, as it is said."""
        return (self.name or self.type).lower()

    @property
    def names(self) -> tuple[str, ...]:
        """All its names, in lower case."""
        return (self.said, *(alias.lower() for alias in self.aliases))

    @property
    def label(self) -> str:
        """Area and name."""
        return f"{self.area.lower()} {self.said}".strip()

    @property
    def spoken_unit(self) -> str:
        """The unit of the number it tells."""
        return self.unit or self.is_a.unit

    @property
    def asks(self) -> bool:
        """Whether it asks before it acts."""
        return bool(self.dangerous) or self.is_a.dangerous

    def by_voice(self, action: Action) -> bool:
        """Whether a spoken yes is enough."""
        return self.allow_by_voice or action in HARMLESS

    @property
    def wires(self) -> Wires:
        """The preset's wiring, with what the owner says of this device over it."""
        preset = self._preset or Wires()
        state = preset.state
        if self.state is not None:
            base = state or State()
            state = State(
                topic=self.state.topic or base.topic,
                path=self.state.path or base.path,
                words=self.state.words or base.words,
            )
        return Wires(
            topic=self.topic or preset.topic,
            topics={**preset.topics, **self.topics},
            payload={**preset.payload, **self.payload},
            state=state if self.tells and state and state.topic else None,
        )

    def topic_for(self, action: Action) -> str | None:
        """Where this action is asked for; None when it is not wired."""
        wires = self.wires
        template = wires.topics.get(action, wires.topic)
        if action not in wires.payload or not template:
            return None
        return self._topic(template)

    def payload_for(self, action: Action, percent: int = FAINT) -> bytes:
        """What is said there; `percent` counts for "dim"."""
        percent = max(0, min(100, percent))
        numbers = (self.channel, percent, (percent * 254 + 50) // 100, (percent * 255 + 50) // 100)
        return (
            Template(self.wires.payload[action])
            .substitute(dict(zip(PAYLOAD_NUMBERS, map(str, numbers), strict=True)))
            .encode()
        )

    @property
    def state_topic(self) -> str | None:
        """Where it tells how it is; None when nobody listens for that."""
        state = self.wires.state
        return self._topic(state.topic) if state else None

    @property
    def _preset(self) -> Wires | None:
        known = PRESETS.get(self.kind, {})
        return known.get(self.type) or known.get(_ALIKE.get(self.type, ""))

    def _topic(self, template: str) -> str:
        """Fill in a topic. Raises ValueError for what is none, or not ours to use."""
        keys = {"id": self.id, "object": self.object, "channel": str(self.channel)}
        try:
            topic = Template(template).substitute({key: value for key, value in keys.items() if value})
        except KeyError as error:
            name = error.args[0]
            wrong = f"the key {name} is needed here" if name in keys else f"no ${name} in a topic"
            raise ValueError(wrong) from None
        if any(sign in topic for sign in "+#") or topic.startswith("$"):
            raise ValueError("a topic has no + and no #, and does not begin with $")
        if topic.startswith(OWN):
            raise ValueError(f"topics under {OWN} are this device's own")
        if not 0 < len(topic) <= LONGEST_TOPIC:
            raise ValueError(f"a topic has 1 to {LONGEST_TOPIC} characters")
        return topic

    def _check_actions(self) -> None:
        wires = self.wires
        for action in (*self.payload, *self.topics):
            if action not in self.is_a.actions:
                raise ValueError(f"a {self.type} does not {action}")
        for action in wires.payload:
            if self.topic_for(action) is None:
                raise ValueError(f"no `topic` for {action}")
            try:
                self.payload_for(action)
            except KeyError as error:
                known = ", ".join(f"${number}" for number in PAYLOAD_NUMBERS)
                raise ValueError(f"no ${error.args[0]} in a payload: only {known}") from None
            except ValueError:
                raise ValueError("a $ alone in a payload: write $$") from None

    def _check_state(self) -> None:
        state = self.wires.state
        if state is None:
            return
        self._topic(state.topic)
        for word in state.words:
            if word not in self.is_a.states:
                raise ValueError(f"a {self.type} is never {word}")
        if self.is_a.states and not state.words:
            raise ValueError(f"`state` needs `words`: what it says for {' and '.join(self.is_a.states)}")


_ALIKE: Final = {"garage": "cover", "gate": "cover", "oven": "switch", "fan": "switch"}
"""Wired like another type, where a kind has no wiring of its own for them."""

PRESETS: Final = msgspec.convert(
    tomllib.loads((Path(__file__).parent / "presets.toml").read_text(encoding="utf-8")),
    dict[str, dict[str, Wires]],
)
"""kind -> type -> wiring."""
