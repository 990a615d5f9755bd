"""The courier as a process, between a real broker and an ear in the test's hands."""

import contextlib
import json
import os
import socket
import subprocess
import sys

from real.seam import End
from real.subscriber import Subscriber
from sottovoce.wire import Chime, Ready, Say, Status

CONFIG = "homeassistant/device/sottovoce_home/config"
STATUS = Status(state="idle", reasons=(), microphone_open=True, switch="live", sensitivity=0.8)


@contextlib.contextmanager
def courier(folder, port, settings=""):
    """Run a courier; the ear's end of its seam."""
    (folder / "sottovoce.toml").write_text(f'[broker]\nhost = "127.0.0.1"\nport = {port}\n{settings}')
    read, write = os.pipe()
    with socket.socket(socket.AF_UNIX) as listening, os.fdopen(write, "wb"):
        listening.bind(str(folder / "seam"))
        listening.listen(1)
        command = [sys.executable, "-m", "sottovoce", "courier", "--seam", str(folder / "seam")]
        command += ["--config", str(folder / "sottovoce.toml"), "--orders-fd", str(read)]
        process = subprocess.Popen(command, pass_fds=[read], stderr=subprocess.DEVNULL)
        os.close(read)
        try:
            with End(listening.accept()[0], hears_ear=False) as ear:
                ear.greet()
                while ear.hear() != Ready(connected=True):
                    pass
                yield ear
        finally:
            process.terminate()
            process.wait(10)


def test_home_assistant_is_told_again_when_it_comes_up(tmp_path, broker):
    """The message, that the device is there, and how it was last: from memory, the ear is not asked."""
    with Subscriber(broker.port) as somebody, courier(tmp_path, broker.port) as ear:
        ear.say(STATUS)
        somebody.wait("sottovoce/home/state", "idle")
        for topic in (CONFIG, "sottovoce/home/state"):
            somebody.publish(topic, "", retain=True)
        somebody.publish("homeassistant/status", "online")
        assert json.loads(somebody.wait(CONFIG, count=3).payload)["device"]["name"] == "Sottovoce home"
        somebody.wait("sottovoce/home/state", "idle", count=2)
        assert ear.pending() == []
        topics = [arrival.topic for arrival in somebody.arrivals]
        again = topics[topics.index("homeassistant/status") :]
        assert again.index(CONFIG) < again.index("sottovoce/home/availability")
        assert again.index("sottovoce/home/availability") < again.index("sottovoce/home/state")


def test_without_discovery_home_assistant_is_told_nothing(tmp_path, broker):
    """Neither at the connection nor when it comes up."""
    off = "[home_assistant]\ndiscovery = false\n"
    with Subscriber(broker.port) as somebody, courier(tmp_path, broker.port, off) as ear:
        ear.say(STATUS)
        somebody.wait("sottovoce/home/state", "idle")
        somebody.wait("sottovoce/home/firmware")
        somebody.publish("homeassistant/status", "online")
        somebody.publish("sottovoce/home/chime/set", "PRESS")
        assert ear.hear() == Chime()  # it has had the birth by then
        somebody.flush()
        assert somebody.on(CONFIG) == []
        assert somebody.on("sottovoce/home/state") == ["idle"]


def test_what_is_asked_for_crosses_the_seam(tmp_path, broker):
    """A text to say comes to the ear as it was checked; garbage does not."""
    with Subscriber(broker.port) as somebody, courier(tmp_path, broker.port) as ear:
        somebody.publish("sottovoce/home/say/set", "x" * 501)
        somebody.publish("sottovoce/home/say/set", "Lunch\nis ready.")
        assert ear.hear() == Say(text="Lunch is ready.")
