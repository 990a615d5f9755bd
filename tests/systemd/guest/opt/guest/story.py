"""What happens on the machine under test: the world around the units, then what they may and may not do.

Runs as root beside them, started at boot. Prints a line of JSON for each thing the host wants to know.
"""

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import traceback
from pathlib import Path

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

PATIENCE_SECONDS = 120
EAR, COURIER = "sottovoce-ear.service", "sottovoce-courier.service"
PYTHON, PROBES = "/opt/sottovoce/bin/python", "/opt/guest/probes.py"
SENTENCE, SOUND = "computer, turn on the kitchen light", Path("/opt/guest/sentence.wav")
DROP_INS = Path("/run/systemd/system")
CGROUP = Path("/sys/fs/cgroup/system.slice") / EAR
USER = ["User=sottovoce-ear", "Group=sottovoce", "SupplementaryGroups=audio gpio"]
SOTTOVOCE = "/opt/sottovoce/bin/sottovoce"
OWNER = ["setpriv", "--reuid=sottovoce-ear", "--regid=sottovoce", "--clear-groups", SOTTOVOCE]
HEADER_BYTES = 100
NO_NETWORK_LINES = ["PrivateNetwork=no", "IPAddressDeny=", "RestrictAddressFamilies="]
CONFIG = Path("/etc/sottovoce/sottovoce.toml")
PASSWORD = Path("/etc/credstore/sottovoce.broker-password").read_text().strip()


def tell(what, **facts):
    """Have the host know something."""
    sys.stdout.write(json.dumps({"what": what, **facts}) + "\n")


def run(*command, check=True):
    """Run a program; what it printed."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def wait(what, fits):
    """Wait until something fits, and give it."""
    until = time.monotonic() + PATIENCE_SECONDS
    while not (found := fits()):
        if time.monotonic() > until:
            raise TimeoutError(what)
        time.sleep(0.05)
    return found


def show(unit, name):
    """Ask systemd for a property of a unit."""
    return run("systemctl", "show", "--value", "--property", name, unit)


def is_active(unit):
    """Whether a unit runs and, if it says so itself, is ready."""
    return show(unit, "ActiveState") == "active"


class World:
    """What a house has: a name server, sound servers, a broker at which somebody listens, devices' owners."""

    def __init__(self):
        self._files, self._servers = [], []
        run("ip", "address", "add", "203.0.113.1/32", "dev", "lo")
        self._serve(self._names, socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 53))
        self._serve(self._greet, socket.AF_INET, socket.SOCK_STREAM, ("203.0.113.1", 1883))
        for name in ("/run/user/1000/pulse/native", "/run/user/1000/pipewire-0", "/run/pulse/native"):
            Path(name).parent.mkdir(parents=True, exist_ok=True)
            self._serve(self._greet, socket.AF_UNIX, socket.SOCK_STREAM, name)
            Path(name).chmod(0o777)
        self._serve(self._greet, socket.AF_UNIX, socket.SOCK_STREAM, "\0sound-server")
        Path("/dev/shm/of-another").write_text("of another")
        Path("/var/tmp/shared").mkdir(mode=0o1777)
        Path("/var/tmp/shared").chmod(0o1777)
        self.arrived, self._turn = [], threading.Condition()

    def own_devices(self):
        """Do what udev does on a Pi: sound and pins to their groups. The paths of the sound devices."""
        wait("devices", lambda: Path("/dev/snd/pcmC0D0c").exists() and Path("/dev/gpiochip0").exists())
        sound = sorted(str(one) for one in Path("/dev/snd").iterdir() if not one.is_dir())
        for path, group in [(one, "audio") for one in sound] + [("/dev/gpiochip0", "gpio")]:
            shutil.chown(path, "root", group)
            Path(path).chmod(0o660)
        return sound

    def subscribe(self):
        """Have the broker know one password, and be somebody there who sees everything."""
        run("mosquitto_passwd", "-c", "-b", "/etc/mosquitto/guest.passwords", "sottovoce", PASSWORD)
        shutil.chown("/etc/mosquitto/guest.passwords", "mosquitto")
        run("systemctl", "restart", "mosquitto.service")
        client = paho.Client(CallbackAPIVersion.VERSION2, client_id="somebody")
        client.username_pw_set("sottovoce", PASSWORD)
        client.on_connect = lambda *_: client.subscribe("#", qos=1)
        client.on_message = lambda _, __, message: self.arrived.append(
            (message.topic, message.payload.decode())
        )
        client.connect_async("127.0.0.1", 1883)
        client.loop_start()

    def arrival(self, topic, payload=None):
        """Wait for a message, and give its payload."""

        def found():
            return [said for where, said in self.arrived if where == topic and payload in {None, said}]

        return wait(f"{topic} {payload}", found)[-1]

    def _serve(self, answer, family, kind, address):
        server = socket.socket(family, kind)
        server.bind(address)
        if kind == socket.SOCK_STREAM:
            server.listen()
        threading.Thread(target=answer, args=(server,), daemon=True).start()

    @staticmethod
    def _greet(server):
        while True:
            with server.accept()[0] as caller:
                caller.sendall(b"here")

    @staticmethod
    def _names(server):
        """Any name is 127.0.0.1, and has no other kind of address."""
        while True:
            query, asker = server.recvfrom(512)
            end = query.index(0, 12) + 5
            question, wants_ipv4 = query[12:end], query[end - 3] == 1
            head = query[:2] + b"\x81\x80\0\1" + (b"\0\1" if wants_ipv4 else b"\0\0") + b"\0\0\0\0"
            answer = b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4\x7f\0\0\1" if wants_ipv4 else b""
            server.sendto(head + question + answer, asker)


def drop_in(unit, *lines):
    """Change a unit by these lines of [Service]; without lines, back to what it was."""
    folder = DROP_INS / f"{unit}.d"
    shutil.rmtree(folder, ignore_errors=True)
    if lines:
        folder.mkdir(parents=True)
        (folder / "zz.conf").write_text("[Service]\n" + "\n".join(lines) + "\n")
    run("systemctl", "daemon-reload")


def probe(side, unit, column, lines, prepared):
    """Run the probes in place of a unit's program, all else as it stands but for `lines`."""
    result = Path(f"/var/log/{side}-{column}.json")
    drop_in(
        unit,
        "Type=oneshot",
        "WatchdogSec=0",
        "Restart=no",
        "NotifyAccess=all",
        "TimeoutStartSec=300",
        *lines,
        *(f'Environment="{name}={value}"' for name, value in prepared.items()),
        "ExecStart=",
        f"ExecStart={PYTHON} {PROBES} {side}",
        f"StandardOutput=truncate:{result}",
    )
    run("systemctl", "restart", unit, check=False)
    attempts = [json.loads(line) for line in result.read_text().splitlines()]
    tell("probes", side=side, column=column, attempts=attempts, result=show(unit, "Result"))
    drop_in(unit)


def bare(side, column, lines, prepared):
    """Run the probes in a unit that has nothing of the sandbox: who and where, and that is all."""
    unit = f"bare-{side}-{column}.service"
    (DROP_INS / unit).write_text("[Service]\nExecStart=/bin/true\n")
    probe(side, unit, column, lines, prepared)


def story():
    """Tell it all, from boot on."""
    world = World()
    sound = world.own_devices()
    victim = subprocess.Popen(["setpriv", "--reuid=sottovoce-ear", "--clear-groups", "sleep", "infinity"])
    prepared = {
        "PROBE_SOUND": " ".join(sound),
        "PROBE_VICTIM": victim.pid,
        "PROBE_MODULE": run("modinfo", "--field", "filename", "dummy"),
    }
    world.subscribe()
    ready(world)
    hears_and_tells(world)
    watchdog()
    Path("/run/sottovoce-ear/day.key").write_text("secret")
    for column, lines in {"root": [], "user": ["DynamicUser=yes", "SupplementaryGroups=sottovoce"]}.items():
        bare(
            "courier", column, [*lines, "LoadCredential=broker-password:sottovoce.broker-password"], prepared
        )
    run("systemctl", "stop", COURIER)
    probe("courier", COURIER, "unit", [], prepared)
    run("systemctl", "start", COURIER)
    run("systemctl", "stop", EAR)
    folders = ["StateDirectory=sottovoce", "RuntimeDirectory=sottovoce-ear"]
    bare(
        "ear",
        "root",
        ["StateDirectory=other", "RuntimeDirectory=other"],
        prepared,
    )
    bare("ear", "user", [*USER, *folders], prepared)
    probe("ear", EAR, "less network lines", NO_NETWORK_LINES, prepared)
    probe("ear", EAR, "unit", [], prepared)
    victim.kill()


def ready(world):
    """At boot, by itself: the ear hears and says so; the courier tells the broker."""
    wait("the ear", lambda: is_active(EAR))
    begun = int(show(EAR, "ExecMainStartTimestampMonotonic")) / 1e6
    heard = int(show(EAR, "ActiveEnterTimestampMonotonic")) / 1e6
    world.arrival("sottovoce/guest/availability", "online")
    microphone = world.arrival("sottovoce/guest/mic/open", "ON")
    streams = [
        path
        for path in Path("/proc/asound").glob("card*/pcm*c/sub*/status")
        if "closed" not in path.read_text()
    ]
    tell(
        "ready",
        kernel_to_ready=round(heard, 1),
        start_to_ready=round(heard - begun, 1),
        microphone=microphone,
        streams=[str(one) for one in streams],
        failed=run("systemctl", "--failed", "--plain", "--no-legend"),
        **memory(),
    )


def memory():
    """The ear's memory: what its cgroup had at most, in megabytes, and its process."""
    pid = show(EAR, "MainPID")
    status = Path(f"/proc/{pid}/status").read_text()
    resident = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    peak = int((CGROUP / "memory.peak").read_text())
    return {"cgroup_peak_mb": round(peak / 1e6, 1), "resident_peak_mb": round(resident / 1e3, 1)}


def hears_and_tells(world):
    """Under a grant a sentence becomes a command at the broker, by either recogniser; it is answered."""
    run("flite", "-voice", "slt", "-t", SENTENCE, "-o", str(SOUND))
    run(
        *OWNER, "consent", "grant", "command", "--to", "home automation", "--for", "1d", "--yes",
        "--state", "/var/lib/sottovoce", "--config", str(CONFIG),
    )  # fmt: skip
    vosk = Path("/etc/sottovoce/vosk.toml")
    vosk.write_text(f'{CONFIG.read_text()}\n[transcribe]\nengine = "vosk"\nvosk_model = "own"\n')
    for recogniser, config in {"pocketsphinx": CONFIG, "vosk, own model": vosk}.items():
        hears(world, recogniser, config)


def hears(world, recogniser, config):
    """Play the sentence to the ear, and wait for its command."""
    options = f"--config {config} --simulate --input {SOUND} --output /var/lib/sottovoce/answer.wav"
    drop_in(EAR, "ExecStart=", f"ExecStart={SOTTOVOCE} ear --seam-fd 3 {options}")
    world.arrived.clear()
    run("systemctl", "restart", EAR)
    begun, peaks = time.monotonic(), {}

    def sampled():
        with contextlib.suppress(OSError, StopIteration):  # it has ended
            peaks.update(memory())
        return [said for topic, said in world.arrived if topic == "sottovoce/guest/command"]

    arrived = wait(f"the command, by {recogniser}", sampled)
    answer = Path("/var/lib/sottovoce/answer.wav")
    wait("the answer", lambda: answer.stat().st_size > HEADER_BYTES)
    tell("command", recogniser=recogniser, payload=json.loads(arrived[0]), answer_bytes=answer.stat().st_size,
         ready_to_command=round(time.monotonic() - begun, 1), **peaks)  # fmt: skip
    run("systemctl", "stop", EAR)


def watchdog():
    """An ear that hangs is ended, and comes back."""
    drop_in(EAR, "WatchdogSec=8")
    run("systemctl", "restart", EAR)
    before, pid = int(show(EAR, "NRestarts")), show(EAR, "MainPID")
    time.sleep(12)
    alive = show(EAR, "MainPID") == pid
    os.kill(int(pid), 19)
    wait("the watchdog", lambda: int(show(EAR, "NRestarts")) > before and is_active(EAR))
    tell("watchdog", alive_meanwhile=alive, came_back=show(EAR, "MainPID") != pid)
    drop_in(EAR)


try:
    story()
except Exception:  # noqa: BLE001  whatever it is, the host is to know it
    tell(
        "broken",
        why=traceback.format_exc(),
        journal=run("journalctl", "--no-pager", "-b", "-n", "120", check=False),
    )
tell("end")
run("systemctl", "poweroff", "--force", "--force", check=False)
