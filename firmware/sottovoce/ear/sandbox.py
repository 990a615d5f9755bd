"""The ear's cage: a seccomp filter that it puts on itself before it loads an engine.

From then on, in every thread and every child, the kernel refuses sockets of any family but
AF_UNIX, and io_uring, which could open sockets past the filter. It cannot be taken off. Nor does
anybody get a copy of its memory, in which there is sound: no core dump, no debugger of the same user.
"""

import ctypes
import errno
import os
import re
import resource
from pathlib import Path
from typing import Final

import pyseccomp as seccomp

from sottovoce.errors import SandboxError

_AF_UNIX: Final = 1  # of socket(2); the module `socket` itself has no place here
_PR_SET_DUMPABLE: Final = 4  # of prctl(2); a core dump that is piped to a program heeds no limit
_HINT: Final = "give --allow-uncaged to run without it, if you know why"


def cage() -> None:
    """Refuse internet sockets and core dumps to this process for good. Raises SandboxError."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0):
        raise SandboxError("prctl: the kernel refused to keep its memory to itself", _HINT)
    try:
        rules = seccomp.SyscallFilter(seccomp.ALLOW)
        rules.set_attr(seccomp.Attr.CTL_TSYNC, 1)  # all threads, those of libraries too
        refuse = seccomp.ERRNO(errno.EACCES)
        for call in ("socket", "socketpair"):
            rules.add_rule(refuse, call, seccomp.Arg(0, seccomp.NE, _AF_UNIX))
        rules.add_rule(refuse, "io_uring_setup")
        rules.load()
    except (OSError, ValueError, RuntimeError, AttributeError) as error:
        raise SandboxError(f"seccomp: the kernel refused the filter: {error}", _HINT) from error
    if filters() < 1:
        raise SandboxError("seccomp: the filter was taken and is not in force", _HINT)


def filters(status: Path = Path("/proc/self/status")) -> int:
    """Count the seccomp filters in force on this process, as the kernel tells. Raises SandboxError."""
    try:
        text = status.read_text(encoding="ascii")
    except OSError as error:
        raise SandboxError(f"{status}: {os.strerror(error.errno or 0)}", _HINT) from error
    mode = re.search(r"^Seccomp:\s*(\d)", text, re.MULTILINE)
    count = re.search(r"^Seccomp_filters:\s*(\d+)", text, re.MULTILINE)
    if mode is None or mode[1] != "2":
        return 0
    return int(count[1]) if count else 1
