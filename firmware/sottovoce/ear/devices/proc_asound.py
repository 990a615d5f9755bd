"""The kernel's word on microphones: /proc/asound, where ALSA tells of each stream.

`/proc/asound/card*/pcm*c/sub*/status` holds `closed`, or a state and the thread that opened it
(sound/core/pcm.c, snd_pcm_substream_proc_status_read).
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sottovoce.ear.proof import Capture

_ROOT: Final = Path("/proc/asound")
_TASKS: Final = Path("/proc/self/task")


class ProcAsound:
    """Reads the status of every capture stream there is."""

    def __init__(self, root: Path = _ROOT, tasks: Path = _TASKS) -> None:
        """Read under `root`; the threads of this process are named under `tasks`."""
        self._root = root
        self._tasks = tasks

    def captures(self) -> tuple[Capture, ...] | None:
        """List the capture streams that are open; None without ALSA, or where it keeps one to itself.

        A container may see an empty folder, and a kernel may be built without the status files.
        """
        try:
            known = (self._root / "pcm").read_text(encoding="ascii", errors="replace")
        except OSError:
            return None
        for card, device in re.findall(r"^(\d+)-(\d+):.*: capture \d+", known, re.MULTILINE):
            if not any(self._root.glob(f"card{int(card)}/pcm{int(device)}c/sub*")):
                return None
        try:
            return tuple(self._open())
        except OSError:
            return None

    def _open(self) -> Iterator[Capture]:
        for path in sorted(self._root.glob("card*/pcm*c/sub*/status")):
            try:
                text = path.read_text(encoding="ascii", errors="replace")
            except FileNotFoundError:  # unplugged just now
                continue
            if text.strip() != "closed":
                yield Capture(str(path.parent.relative_to(self._root)), self._is_ours(text))

    def _is_ours(self, status: str) -> bool:
        owner = re.search(r"^owner_pid\s*:\s*(\d+)", status, re.MULTILINE)
        return owner is not None and (self._tasks / owner[1]).is_dir()
