"""The one button of the device, as software learns of it."""

from collections.abc import Callable
from typing import Protocol

from sottovoce.vocabulary import Press


class Button(Protocol):
    """A button that is pressed for a short, a long or a very long time."""

    def watch_button(self, pressed: Callable[[Press], None]) -> None:
        """Call `pressed` at every press, from any thread."""
