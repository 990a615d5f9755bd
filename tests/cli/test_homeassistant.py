"""`sottovoce homeassistant`: what it is told, as a person or a program reads it, and how it forgets."""

import json

import pytest

from real.owner import sottovoce
from real.subscriber import Subscriber
from sottovoce.bench.broker import Broker

CONFIG = "homeassistant/device/sottovoce_attic/config"


@pytest.fixture
def config(tmp_path):
    """Write a configuration file."""

    def write(text):
        path = tmp_path / "sottovoce.toml"
        path.write_text(f'site = "attic"\n{text}')
        return path

    return write


def test_the_message_can_be_read(config):
    """As JSON it is the message itself; for people it names the topic and each entity."""
    path = config('[home_assistant]\nname = "Bedside"\nsuggested_area = "Bedroom"\n')
    told = json.loads(sottovoce("homeassistant", "discovery", "--json", "--config", path).stdout)
    assert told["device"]["name"] == "Bedside"
    assert told["device"]["suggested_area"] == "Bedroom"
    lines = sottovoce("homeassistant", "discovery", "--config", path).stdout.splitlines()
    assert CONFIG in lines[0]
    assert len(lines) == 1 + len(told["components"])


def test_the_device_is_taken_away(config):
    """What is retained at the broker is gone; a device with discovery on is told to come again."""
    with Broker() as broker, Subscriber(broker.port) as somebody:
        path = config(f'[broker]\nhost = "127.0.0.1"\nport = {broker.port}\n')
        somebody.publish(CONFIG, "{}", retain=True)
        done = sottovoce("homeassistant", "remove", "--config", path)
        assert done.returncode == 0, done.stderr
        assert "It shows up again" in done.stdout
        somebody.wait(CONFIG, "")
        with Subscriber(broker.port) as later:
            later.flush()
            assert later.on(CONFIG) == []


@pytest.mark.parametrize(
    ("text", "status", "said"),
    [
        ("", 78, "no broker is named"),
        ('[broker]\nhost = "127.0.0.1"\nport = 9\n', 69, "127.0.0.1:9: the broker cannot be reached"),
        ('[home_assistant]\nprefix = "a/#"\n', 78, "prefix"),
    ],
    ids=["no broker", "nobody there", "a wildcard as prefix"],
)
def test_what_cannot_be_is_one_line_and_a_status(config, text, status, said):
    """Whoever cannot be told is named."""
    done = sottovoce("homeassistant", "remove", "--config", config(text))
    assert (done.returncode, len(done.stderr.splitlines())) == (status, 1)
    assert said in done.stderr
