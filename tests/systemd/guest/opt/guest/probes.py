"""What somebody who has taken over the ear or the courier would try. Runs in the guest, inside a unit.

usage: probes.py ear|courier   (PROBE_* in the environment: what story.py prepared for it)

Prints a line of JSON for each attempt. Nothing here is a test: what must be refused is known on the host.
"""

import ctypes
import ctypes.util
import json
import mmap
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

LIBC = ctypes.CDLL(None, use_errno=True)
ATTACH, DETACH, WAIT_ALL = 16, 17, 0x40000000
NEW_USER, NEW_NET, NEW_MOUNTS = 0x10000000, 0x40000000, 0x00020000
FINIT_MODULE, DELETE_MODULE = 313, 176  # of x86-64
CHIP_INFO = 0x8044B401  # ioctl GPIO_GET_CHIPINFO_IOCTL
PATIENCE_SECONDS = 5.0
BROKER, PUBLIC = ("127.0.0.1", 1883), ("203.0.113.1", 1883)
HELLO = bytes.fromhex("100c00044d5154540402003c0000")  # MQTT 3.1.1 CONNECT, without a name
STATE, KEYS = Path("/var/lib/sottovoce"), Path("/run/sottovoce-ear/day.key")
CREDENTIALS = (
    "/run/credentials/sottovoce-courier.service/broker-password",
    "/etc/credstore/sottovoce.broker-password",
)
OWN_PASSWORD = Path(os.environ.get("CREDENTIALS_DIRECTORY", ""), "broker-password")
OUTSIDE = ("/", "/etc", "/usr/bin", "/opt/sottovoce", "/var/lib", "/var/tmp/shared", "/run", "/dev", "/home")
DEVICES = ("/dev/mem", "/dev/kmsg", "/dev/ttyS0", "/dev/input/event0", "/dev/vcs")
SOUND_SERVERS = ("/run/user/1000/pulse/native", "/run/user/1000/pipewire-0", "/run/pulse/native")
WRITABLE = [os.environ[name] for name in ("STATE_DIRECTORY", "RUNTIME_DIRECTORY") if name in os.environ] + [
    "/tmp",
    "/var/tmp",
    "/dev/shm",
]


def checked(result):
    """Raise what a call of libc left in errno."""
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def any_of(attempt, targets):
    """Attempt each; what succeeded, or the last refusal raised."""
    done, last = [], None
    for target in targets:
        try:
            attempt(target)
            done.append(str(target))
        except (OSError, subprocess.SubprocessError) as error:
            last = error
    if not done:
        raise last
    return " ".join(done)


def to_unix(address, kind=socket.SOCK_STREAM):
    """Connect to another's Unix socket."""
    with socket.socket(socket.AF_UNIX, kind) as one:
        one.settimeout(PATIENCE_SECONDS)
        one.connect(address)


def to_inet(address):
    """Connect to an address, say hello as to a broker, and get an answer."""
    with socket.create_connection(address, PATIENCE_SECONDS) as one:
        one.sendall(HELLO)
        if not one.recv(4):
            raise ConnectionResetError


def sock(family, kind, protocol=0):
    """Make what makes a socket of this kind."""
    return lambda: socket.socket(family, kind, protocol).close()


def listen():
    """Wait for calls."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 4444))
        one.listen()


def write(folder):
    """Write a file there."""
    mark = Path(folder, "mark-of-a-probe")
    mark.write_text("x")
    mark.unlink()


def opened(path, flags=os.O_RDWR):
    """Open a file, a device as a rule."""
    os.close(os.open(path, flags | os.O_NONBLOCK))


def gpio():
    """Ask the GPIO chip who it is."""
    chip = os.open("/dev/gpiochip0", os.O_RDWR)
    checked(LIBC.ioctl(chip, CHIP_INFO, ctypes.create_string_buffer(68)))


def trace():
    """Stop another process as a debugger does, and let it go on."""
    victim = int(os.environ["PROBE_VICTIM"])
    checked(LIBC.ptrace(ATTACH, victim, None, None))
    LIBC.waitpid(victim, None, WAIT_ALL)
    LIBC.ptrace(DETACH, victim, None, None)


def module():
    """Load a module, and take it out again."""
    file = os.open(os.environ["PROBE_MODULE"], os.O_RDONLY)
    checked(LIBC.syscall(FINIT_MODULE, file, b"", 0))
    LIBC.syscall(DELETE_MODULE, b"dummy", 0)


def run(*command):
    """Execute a program."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=True)
    return f"{len(done.stdout)} bytes"


def run_own(folder):
    """Execute a copy of a program in a place that is writable."""
    copy = Path(folder, "program")
    copy.write_bytes(Path("/bin/true").read_bytes())
    copy.chmod(0o700)
    try:
        run(str(copy))
    finally:
        copy.unlink()


def run_memory():
    """Execute a program that lies in no file system."""
    file = os.memfd_create("program", 0)
    os.write(file, Path("/bin/true").read_bytes())
    subprocess.run([f"/proc/self/fd/{file}"], pass_fds=[file], timeout=30, check=True)


def node(major, minor):
    """Make a device by its numbers, and open it."""
    path = Path("/var/tmp/node")
    os.mknod(path, 0o600 | 0o020000, os.makedev(major, minor))
    try:
        opened(path)
    finally:
        path.unlink()


def mount_privately():
    """Mount something where nobody else sees it."""
    return LIBC.unshare(NEW_MOUNTS) or LIBC.mount(b"none", b"/mnt", b"tmpfs", 0, None)


def in_a_child(call, *arguments):
    """Make a call of libc whose success would change all that comes after it."""
    child = os.fork()
    if child == 0:
        os._exit(ctypes.get_errno() if call(*arguments) == -1 else 0)
    number = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if number:
        raise OSError(number, os.strerror(number))


def notify():
    """Tell systemd something, as the watchdog's sign does."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.sendto(b"STATUS=probing", os.environ["NOTIFY_SOCKET"])


def both_written_and_executed():
    """Have memory for code made at run time."""
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()


SOUND = [Path(one) for one in os.environ.get("PROBE_SOUND", "").split()]

COMMON = {
    "D-Bus": lambda: to_unix("/run/dbus/system_bus_socket"),
    "a sound server's socket under /run": lambda: any_of(to_unix, SOUND_SERVERS),
    "the journal's socket": lambda: to_unix("/run/systemd/journal/socket", socket.SOCK_DGRAM),
    "ptrace a process of the ear's user": trace,
    "look at process 1": lambda: Path("/proc/1/cmdline").read_bytes().decode().split("\0")[0],
    "load a kernel module": module,
    "execute a shell": lambda: run("/bin/sh", "-c", "exit"),
    "execute a program it wrote": lambda: any_of(run_own, WRITABLE),
    "execute a program held in memory": run_memory,
    "memory both written and executed": both_written_and_executed,
    "a namespace of its own": lambda: in_a_child(LIBC.unshare, NEW_USER | NEW_NET),
    "mount something": lambda: in_a_child(mount_privately),
    "any other device": lambda: any_of(opened, DEVICES),
    "another's file in shared memory": lambda: Path("/dev/shm/of-another").read_bytes() and "",
    "a raw packet socket": sock(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3)),
    "a netlink socket": sock(socket.AF_NETLINK, socket.SOCK_RAW),
}
PROBES = {
    "ear": {
        "a TCP socket": sock(socket.AF_INET, socket.SOCK_STREAM),
        "a TCP socket, IPv6": sock(socket.AF_INET6, socket.SOCK_STREAM),
        "a UDP socket": sock(socket.AF_INET, socket.SOCK_DGRAM),
        "resolve a name": lambda: socket.getaddrinfo("broker.test", 1883)[0][4][0],
        "talk to the broker": lambda: to_inet(BROKER),
        "an abstract socket of another": lambda: to_unix("\0sound-server"),
        "write outside its folders": lambda: any_of(write, OUTSIDE),
        "read the broker's password": lambda: any_of(lambda path: Path(path).read_bytes(), CREDENTIALS),
        **COMMON,
        "its state folder": lambda: write(os.environ["STATE_DIRECTORY"]),
        "its folder in memory": lambda: write(os.environ["RUNTIME_DIRECTORY"]),
        "the microphone": lambda: any_of(opened, [one for one in SOUND if one.name.endswith("c")]),
        "the GPIO chip": gpio,
        "espeak-ng": lambda: run("/usr/bin/espeak-ng", "--stdout", "hello"),
        "flite": lambda: run("/usr/bin/flite", "-t", "hello", "-o", "/dev/null"),
        "tell systemd": notify,
    },
    "courier": {
        "a sound device": lambda: any_of(opened, SOUND),
        "a sound device it makes itself": lambda: node(116, 33),
        "the GPIO chip": gpio,
        "list the ear's state folder": lambda: str(len(list(os.scandir(STATE)))),
        "read the ear's ledger, grants, outbox": lambda: any_of(
            opened, [STATE / "sottovoce.db", *STATE.glob("*")]
        ),
        "read the ear's keys in memory": KEYS.read_bytes,
        "an address outside the house": lambda: to_inet(PUBLIC),
        "write anywhere": lambda: any_of(write, (*OUTSIDE, STATE, KEYS.parent)),
        **COMMON,
        "resolve a name": lambda: socket.getaddrinfo("broker.test", 1883)[0][4][0],
        "talk to the broker": lambda: to_inet(BROKER),
        "wait for calls on a TCP port": listen,
        "the seam": lambda: to_unix("/run/sottovoce/seam"),
        "its own password file": lambda: opened(OWN_PASSWORD, os.O_RDONLY),
    },
}  # fmt: skip


def attempt(probe):
    """Attempt one thing; whether it was refused, and how."""
    try:
        said = probe()
    except subprocess.CalledProcessError as error:
        return True, f"exit status {error.returncode}"
    except (OSError, subprocess.SubprocessError, KeyError) as error:
        return True, getattr(error, "strerror", None) or str(error) or type(error).__name__
    return False, said if isinstance(said, str) else ""


signal.signal(signal.SIGSYS, signal.SIG_IGN)
for name, probe in PROBES[sys.argv[1]].items():
    refused, how = attempt(probe)
    sys.stdout.write(json.dumps({"probe": name, "refused": refused, "how": how}) + "\n")
    sys.stdout.flush()
