"""`sottovoce home`, as its owner meets it."""

import json

import pytest

from fakes.house import HOUSE, TEXT
from real.devices import Tasmota, Zigbee2mqtt
from real.owner import sottovoce
from sottovoce.bench.broker import Broker
from sottovoce.ear.grants import Grants
from sottovoce.ear.store import open_store
from sottovoce.house.wiring import fingerprint, topics


@pytest.fixture
def options(tmp_path):
    """The options for an owner whose home.toml is that of the house of everything."""
    (tmp_path / "home.toml").write_text(TEXT, encoding="utf-8")
    (tmp_path / "c.toml").write_text('site = "home"\n')
    return ["--config", tmp_path / "c.toml"]


def test_check_says_what_it_comes_to(options, tmp_path):
    """How many devices, commands and states; a fault with its line, and status 78."""
    done = sottovoce("home", "check", *options)
    assert done.stdout == f"{tmp_path}/home.toml: 11 devices, 16 commands wired, 9 tell a state.\n"
    (tmp_path / "home.toml").write_text('[[device]]\ntype = "light"\ncolour = "red"\n')
    done = sottovoce("home", "check", *options)
    assert (done.returncode, done.stdout) == (78, "")
    assert done.stderr.startswith(
        f"sottovoce: {tmp_path}/home.toml:3: device.colour: there is no key `colour`"
    )


def test_list_shows_areas_devices_and_other_names(options):
    """By area; what is not wired is told, and what asks first."""
    lines = sottovoce("home", "list", *options).stdout.splitlines()
    assert "  light, or big light (light): on, off, dim; tells its state" in lines
    assert lines.index("kitchen") < lines.index(
        "  light, or big light (light): on, off, dim; tells its state"
    )
    assert "  temperature (temperature): tells degrees" in lines
    assert "  alarm (alarm): not wired; asks first" in lines
    assert "hall" in lines


def test_wire_shows_all_of_it_and_makes_a_grant(options, tmp_path):
    """Each topic before the owner agrees; listed as what it is; written down; revoked as any other."""
    state = ["--state", tmp_path / "state"]
    refused = sottovoce("home", "wire", *options, *state)  # nobody says yes
    assert refused.returncode == 130
    assert all(topic in refused.stdout for topic in topics(HOUSE))
    assert "No grants" in sottovoce("consent", "list", *options, *state).stdout
    done = sottovoce("home", "wire", "--yes", *options, *state)
    assert done.returncode == 0, done.stderr
    assert fingerprint(HOUSE) in done.stdout
    grant = done.stdout.split("consent revoke ")[1].split()[0]
    (line,) = sottovoce("consent", "list", *options, *state).stdout.splitlines()
    assert line.startswith(f"{grant}  command to house devices in home.toml, by your wiring, until ")
    assert "lapsed" not in line
    receipt = json.loads(sottovoce("consent", "receipt", grant, *state).stdout)
    assert receipt["sottovoce"]["topic"] == fingerprint(HOUSE)
    assert sottovoce("consent", "revoke", grant, *state).returncode == 0


def test_a_changed_file_is_told_and_wired_anew(options, tmp_path):
    """The list says that the grant has lapsed; wiring anew leaves one grant, and the ledger has both."""
    state = ["--state", tmp_path / "state"]
    sottovoce("home", "wire", "--yes", *options, *state)
    (tmp_path / "home.toml").write_text(TEXT.replace("kitchen_light", "other"), encoding="utf-8")
    (line,) = sottovoce("consent", "list", *options, *state).stdout.splitlines()
    assert line.endswith(
        "by your wiring, lapsed: home.toml has changed; to agree to it as it is, sottovoce home wire"
    )
    (row,) = json.loads(sottovoce("consent", "list", "--json", *options, *state).stdout)
    assert row["live"] is False
    Grants(open_store(tmp_path / "state")).know([])  # as the ear does when it starts
    sottovoce("home", "wire", "--yes", *options, *state)
    (line,) = sottovoce("consent", "list", *options, *state).stdout.splitlines()
    assert "lapsed" not in line
    assert "you revoked grant" in sottovoce("ledger", "show", *state).stdout


@pytest.mark.parametrize("verb", ["check", "list", "wire"])
def test_without_a_home_toml_it_says_what_to_do(tmp_path, verb):
    """No file, or none that wires anything: one line, and where to begin."""
    (tmp_path / "c.toml").write_text("")
    done = sottovoce("home", verb, "--config", tmp_path / "c.toml")
    assert done.returncode == 64
    assert "home.toml" in done.stderr
    assert "sottovoce home discover" in done.stderr


def test_no_recipient_is_granted_the_form_of_the_wiring(options):
    """Nor is it offered."""
    done = sottovoce("consent", "grant", "command", "--to", "home automation", "--form", "wired", *options)
    assert done.returncode == 64
    assert "wired" not in sottovoce("consent", "grant", "--help").stdout


def test_what_is_discovered_can_be_used(tmp_path):
    """Its output is a home.toml: saved, it is checked and listed. Nothing is published meanwhile."""
    with Broker() as broker, Zigbee2mqtt(broker.port) as zigbee, Tasmota(broker.port):
        (tmp_path / "c.toml").write_text(f'[broker]\nhost = "127.0.0.1"\nport = {broker.port}\n')
        done = sottovoce("home", "discover", "--seconds", "1", "--config", tmp_path / "c.toml")
        assert zigbee.got == []
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith("3 devices found.")
    (tmp_path / "home.toml").write_text(done.stdout, encoding="utf-8")
    done = sottovoce("home", "check", "--config", tmp_path / "c.toml")
    assert done.stdout.endswith("home.toml: 3 devices, 5 commands wired, 3 tell a state.\n")


def test_discover_needs_a_broker(tmp_path):
    """None named: status 78; none there: 75."""
    (tmp_path / "c.toml").write_text("")
    assert sottovoce("home", "discover", "--config", tmp_path / "c.toml").returncode == 78
    with Broker() as broker:
        (tmp_path / "c.toml").write_text(f'[broker]\nhost = "127.0.0.1"\nport = {broker.port}\n')
    done = sottovoce("home", "discover", "--seconds", "1", "--config", tmp_path / "c.toml")
    assert done.returncode == 69
    assert "no broker to be reached" in done.stderr
