"""The ear's cage: the kernel refuses it the internet, in every thread and child, for good."""

import subprocess
import sys

import pytest

from sottovoce.ear.sandbox import filters
from sottovoce.errors import SandboxError

_TRIES = """
import ctypes, errno, socket, subprocess, sys, threading
from sottovoce.ear.sandbox import cage, filters
seen = {}
waiting = threading.Event()

def tried(family, kind=socket.SOCK_STREAM):
    try:
        socket.socket(family, kind).close()
    except OSError as error:
        return errno.errorcode[error.errno]
    return "open"

def in_an_older_thread():
    waiting.wait()
    seen["older thread"] = tried(socket.AF_INET)

older = threading.Thread(target=in_an_older_thread)
older.start()
assert tried(socket.AF_INET) == "open", "this machine has no internet sockets: nothing is shown here"
before = filters()
cage()
assert filters() == before + 1
waiting.set()
older.join()
for name in ("AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET", "AF_VSOCK", "AF_ALG"):
    seen[name] = tried(getattr(socket, name), socket.SOCK_DGRAM)
seen["AF_BLUETOOTH"] = tried(31, socket.SOCK_DGRAM)  # not every Python knows its name
seen["raw"] = tried(socket.AF_INET, socket.SOCK_RAW)
child = "import socket; socket.socket()"
seen["child"] = "EACCES" if b"PermissionError" in subprocess.run(
    [sys.executable, "-c", child], stderr=subprocess.PIPE).stderr else "open"
libc = ctypes.CDLL(None, use_errno=True)
seen["io_uring"] = "open" if libc.syscall(425, 8, None) >= 0 else errno.errorcode[ctypes.get_errno()]
try:
    socket.create_connection(("127.0.0.1", 9))
except PermissionError:
    seen["connection"] = "EACCES"
assert set(seen.values()) == {"EACCES"}, seen
assert tried(socket.AF_UNIX) == "open"
a, b = socket.socketpair()
a.send(b"x")
assert b.recv(1) == b"x"
print(len(seen), "ways refused")
"""


def test_no_way_to_the_internet_is_left():
    """Sockets of every other family, io_uring, threads from before, children: all refused; Unix works."""
    run = subprocess.run([sys.executable, "-c", _TRIES], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout == "12 ways refused\n"


_DIES = """
import ctypes, os, resource
from sottovoce.ear.sandbox import cage
resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
if {caged}:
    cage()
print(ctypes.CDLL(None).prctl(3), resource.getrlimit(resource.RLIMIT_CORE)[0], flush=True)
os.abort()
"""


@pytest.mark.parametrize(("caged", "told"), [(True, ["0", "0"]), (False, ["1", "-1"])])
def test_no_core_dump_holds_what_was_heard(tmp_path, caged, told):
    """The kernel writes no image of its memory, to a file or into a program, when it dies."""
    script = _DIES.format(caged=caged)
    command = [sys.executable, "-c", script]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert run.returncode == -6
    assert run.stdout.split() == told, run.stderr


def test_the_engines_load_in_the_cage():
    """Wake engine, detector and recogniser need nothing that the cage refuses."""
    script = """
from sottovoce.ear.sandbox import cage
cage()
from pathlib import Path
from sottovoce.config import Config
from sottovoce.ear import build
from sottovoce.ear.act import sentences
from sottovoce.ear.engines.porcupine import Porcupine
from sottovoce.ear.grammar import compile_grammar
from sottovoce.ear.understand import templates
Porcupine({"computer": 0.8})
build.make_detector()
build.make_transcriber(Config(), Path("/nowhere"), compile_grammar(templates([sentences("clock")], {})))
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr


@pytest.mark.parametrize(
    ("status", "count"),
    [
        ("Seccomp:\t2\nSeccomp_filters:\t3\n", 3),
        ("Seccomp:\t2\n", 1),
        ("Seccomp:\t0\nSeccomp_filters:\t0\n", 0),
        ("Seccomp:\t1\n", 0),
        ("Name:\tpython\n", 0),
    ],
)
def test_the_kernel_is_asked_what_is_in_force(tmp_path, status, count):
    """Only the kernel's own word counts: old kernels name no number, and strict mode is not ours."""
    (tmp_path / "status").write_text(status)
    assert filters(tmp_path / "status") == count


def test_without_the_kernels_word_there_is_no_cage(tmp_path):
    """Where it cannot be asked, that is an error, and not a cage."""
    with pytest.raises(SandboxError):
        filters(tmp_path / "nothing")
