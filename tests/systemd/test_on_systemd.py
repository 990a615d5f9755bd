"""The units, booted in a real systemd: that they work, and what they refuse. By `make test-systemd`."""

import pytest

from systemd.guest import boot
from systemd.table import table

pytestmark = pytest.mark.systemd

ALLOWED = {
    "ear": {
        "its state folder", "its folder in memory", "the microphone", "the GPIO chip", "espeak-ng", "flite",
        "tell systemd",
    },
    "courier": {
        "resolve a name", "talk to the broker", "wait for calls on a TCP port", "the seam",
        "its own password file",
    },
}  # fmt: skip
"""What each must be able to do; all else that the probes try is refused."""
NETWORK = {
    "a TCP socket", "a TCP socket, IPv6", "a UDP socket", "resolve a name", "talk to the broker",
    "an abstract socket of another", "a netlink socket",
}  # fmt: skip


@pytest.fixture(scope="module")
def told():
    """What was told on the machine, all of it; the tables are printed as they are."""
    said = boot()
    print(table(said))  # noqa: T201  the table is what one runs it for
    assert [one for one in said if one["what"] == "broken"] == []
    return said


def the(told, what):
    """Give the one thing of this kind that was told."""
    return next(one for one in told if one["what"] == what)


def attempts(told, side, column):
    """Tell which attempts were refused there: name -> whether."""
    probes = next(
        one for one in told if one["what"] == "probes" and (one["side"], one["column"]) == (side, column)
    )
    return {one["probe"]: one["refused"] for one in probes["attempts"]}


def test_at_boot_it_hears_by_itself(told):
    """Through ALSA, in its cage; the courier tells so at the broker, by the password it was lent."""
    ready = the(told, "ready")
    assert ready["microphone"] == "ON"
    assert any("pcm1c" in stream for stream in ready["streams"])
    assert ready["failed"] == ""


@pytest.mark.parametrize("recogniser", ["pocketsphinx", "vosk, own model"])
def test_a_granted_command_arrives_and_is_answered(told, recogniser):
    """From the sentence to the broker, through both units; the voice it starts may be executed."""
    command = next(one for one in told if one["what"] == "command" and one["recogniser"] == recogniser)
    assert command["payload"]["intent"] == "HomeTurnOn"
    assert command["payload"]["slots"] == {"area": "kitchen", "name": "light"}
    assert command["answer_bytes"] > 10_000


def test_an_ear_that_hangs_is_ended_and_comes_back(told):
    """The watchdog is heard through the cage, and believed when it falls silent."""
    watchdog = the(told, "watchdog")
    assert watchdog["alive_meanwhile"]
    assert watchdog["came_back"]


@pytest.mark.parametrize("side", ["ear", "courier"])
def test_it_is_refused_all_but_its_work(told, side):
    """Whoever takes over the process can do its work, and nothing else that was tried."""
    unit = attempts(told, side, "unit")
    assert {name for name, refused in unit.items() if not refused} == ALLOWED[side]


@pytest.mark.parametrize("side", ["ear", "courier"])
def test_each_refusal_is_the_units_and_not_the_machines(told, side):
    """Without the unit's lines the same probes succeed, every one: it is there to be had."""
    root, unit = attempts(told, side, "root"), attempts(told, side, "unit")
    assert root.keys() == unit.keys()
    assert {name for name, refused in root.items() if refused} - NOT_AS_ROOT == set()


def test_without_its_network_lines_the_ear_gets_out(told):
    """Take PrivateNetwork, IPAddressDeny and RestrictAddressFamilies away, and the probes see it at once."""
    unit, less = attempts(told, "ear", "unit"), attempts(told, "ear", "less network lines")
    assert {name for name in unit if unit[name] and not less[name]} >= NETWORK


NOT_AS_ROOT = {"tell systemd"}
"""Nobody waits for a message from the bare unit."""
