"""The kernel's word on microphones, in folders as the kernel writes them."""

import os
import shutil
import threading

import pytest

from sottovoce.ear.devices.proc_asound import ProcAsound
from sottovoce.ear.proof import Capture

RUNNING = """state: RUNNING
owner_pid   : {pid}
trigger_time: 2046.905418312
tstamp      : 0.000000000
delay       : 512
avail       : 0
avail_max   : 1024
-----
hw_ptr      : 87552
appl_ptr    : 87552
"""


class Machine:
    """A /proc of the test's own: one card with a microphone and a loudspeaker, one with a microphone."""

    def __init__(self, folder):
        self.root, self.tasks = folder / "asound", folder / "task"
        for thread in (100, 101):
            (self.tasks / str(thread)).mkdir(parents=True)
        self.write("card0/pcm0p/sub0", RUNNING.format(pid=100))  # it plays: no concern of ours
        self.write("card0/pcm0c/sub0", "closed\n")
        self.write("card1/pcm0c/sub0", "closed\n")
        self.list("00-00: bcm2835 : playback 8 : capture 1", "01-00: USB Audio : USB Audio : capture 1")

    def list(self, *streams):
        """Write the list of streams that the kernel keeps beside their folders."""
        (self.root / "pcm").write_text("".join(f"{stream}\n" for stream in streams))

    def write(self, stream, text):
        folder = self.root / stream
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "status").write_text(text)

    def captures(self):
        return ProcAsound(self.root, self.tasks).captures()


@pytest.fixture
def machine(tmp_path):
    """A machine on which nobody listens."""
    return Machine(tmp_path)


def test_closed_streams_are_none(machine):
    """All closed: nobody listens, whatever is played."""
    assert machine.captures() == ()


def test_whose_stream_it_is(machine):
    """A stream that a thread of this process opened is ours, any other is another's; all are named."""
    machine.write("card0/pcm0c/sub0", RUNNING.format(pid=101))
    machine.write("card1/pcm0c/sub0", RUNNING.format(pid=4711))
    assert machine.captures() == (
        Capture("card0/pcm0c/sub0", ours=True),
        Capture("card1/pcm0c/sub0", ours=False),
    )


@pytest.mark.parametrize("state", ["OPEN", "SETUP", "PREPARED", "RUNNING", "XRUN", "PAUSED", "DISCONNECTED"])
def test_every_state_but_closed_is_open(machine, state):
    """A stream that is held and not read right now is open all the same."""
    machine.write("card1/pcm0c/sub0", RUNNING.format(pid=100).replace("RUNNING", state))
    assert machine.captures() == (Capture("card1/pcm0c/sub0", ours=True),)


@pytest.mark.parametrize("text", ["state: RUNNING\n", "", "\xff\xfe", "state: OPEN\nowner_pid   : 10\n"])
def test_what_is_not_understood_is_open_and_not_ours(machine, text):
    """A status without an owner, empty or garbled, is no proof that it is closed; 10 is not 100."""
    machine.write("card1/pcm0c/sub0", text)
    assert machine.captures() == (Capture("card1/pcm0c/sub0", ours=False),)


def test_without_alsa_nothing_is_told(tmp_path):
    """No /proc/asound: that proves nothing, and is not the same as nothing open."""
    assert ProcAsound(tmp_path / "none").captures() is None


def test_a_card_without_a_microphone_is_closed(machine):
    """Only loudspeakers: nobody listens."""
    shutil.rmtree(machine.root / "card1")
    shutil.rmtree(machine.root / "card0/pcm0c")
    machine.list("00-00: bcm2835 : playback 8")
    assert machine.captures() == ()


def test_an_empty_folder_proves_nothing(tmp_path):
    """A container may be shown an empty /proc/asound: that is not the kernel's word."""
    (tmp_path / "asound").mkdir()
    assert ProcAsound(tmp_path / "asound", tmp_path).captures() is None


def test_a_stream_the_kernel_keeps_to_itself_proves_nothing(machine):
    """A kernel may list a microphone and tell nothing of its stream."""
    shutil.rmtree(machine.root / "card1")
    assert machine.captures() is None


def test_a_status_that_cannot_be_read_proves_nothing(machine):
    """One stream that tells nothing, and the whole is unknown: it may be the one that is open."""
    status = machine.root / "card1/pcm0c/sub0/status"
    status.unlink()
    status.mkdir()
    assert machine.captures() is None


def test_a_stream_without_a_status_is_gone(machine):
    """Unplugged in between: the others are told."""
    machine.write("card0/pcm0c/sub0", RUNNING.format(pid=100))
    status = machine.root / "card1/pcm0c/sub0/status"
    status.unlink()
    status.symlink_to(machine.root / "unplugged")
    assert machine.captures() == (Capture("card0/pcm0c/sub0", ours=True),)


def test_cards_that_come_and_go_end_nothing(machine):
    """A card plugged in and pulled out while it is looked at: an answer each time, and no error."""
    over = threading.Event()

    def plug():
        while not over.is_set():
            machine.write("card2/pcm0c/sub0", "closed\n")
            shutil.rmtree(machine.root / "card2")

    plugging = threading.Thread(target=plug)
    plugging.start()
    try:
        found = {machine.captures() for _ in range(2000)}
    finally:
        over.set()
        plugging.join()
    assert () in found
    assert found <= {(), None, (Capture("card2/pcm0c/sub0", ours=False),)}  # its status half written


def test_the_threads_of_this_process_are_looked_up_where_the_kernel_has_them(machine):
    """With nothing given but the streams, this very thread is ours."""
    machine.write("card1/pcm0c/sub0", RUNNING.format(pid=threading.get_native_id()))
    assert ProcAsound(machine.root).captures() == (Capture("card1/pcm0c/sub0", ours=True),)
    machine.write("card1/pcm0c/sub0", RUNNING.format(pid=os.getppid()))
    assert ProcAsound(machine.root).captures() == (Capture("card1/pcm0c/sub0", ours=False),)
