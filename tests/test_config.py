"""The configuration: checked once at the edge, every fault with file, line and key."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from real.owner import sottovoce
from sottovoce import config
from sottovoce.config import Config, as_toml_like, load, parse
from sottovoce.errors import ConfigError, MissingInputError

FAULTS = {
    "unknown key at the top": ('site = "a"\nsight = "b"\n', 2, "sight"),
    "unknown key in a table": ("[wake]\n\nsensitvity = 0.5\n", 3, "wake.sensitvity"),
    "unknown table": ("\n[wakeup]\nwords = []\n", 2, "wakeup"),
    "unknown key in the second of two tables": (
        '[[recipient]]\nname = "a"\ntopic = "a"\n\n[[recipient]]\nname = "b"\ntopic = "b"\nport = 1\n',
        8,
        "recipient.port",
    ),
    "a fault in the second of two tables": (
        '[[recipient]]\nname = "a"\ntopic = "a"\n[[recipient]]\nname = "b"\ntopic = "#"\n',
        6,
        "recipient.topic",
    ),
    "a key that lacks in the second of two tables": (
        '[[recipient]]\nname = "a"\ntopic = "a"\n[[recipient]]\nname = "b"\n',
        4,
        "recipient",
    ),
    "two recipients of one name": (
        '[[recipient]]\nname = "a"\ntopic = "a"\n[[recipient]]\nname = "a"\ntopic = "b"\n',
        1,
        "(top level)",
    ),
    "a fault in an inline table": ('\nbroker = {host = "h", prot = 1}\n', 2, "broker.prot"),
    "a fault behind a dotted key": ("\nwake.sensitivity = 2\n", 2, "wake.sensitivity"),
    "a table that is none": ("wake = 3\n", 1, "wake"),
    "a number that is a text": ('[broker]\nhost = "h"\nport = "1883"\n', 3, "broker.port"),
    "a number that is a truth": ('[broker]\nhost = "h"\nport = true\n', 3, "broker.port"),
    "port 0": ('[broker]\nport = 0\nhost = "h"\n', 2, "broker.port"),
    "port 65536": ('[broker]\nport = 65536\nhost = "h"\n', 2, "broker.port"),
    "no host": ("site = 'a'\n[broker]\nport = 1\n", 2, "broker"),
    "empty host": ('[broker]\nhost = ""\n', 2, "broker.host"),
    "a host of two lines": ('[broker]\nhost = "a\\nb"\n', 2, "broker.host"),
    "a CA without TLS": ('[broker]\nhost = "h"\nca_file = "ca.pem"\n', 1, "broker"),
    "a password without a name": ('[broker]\nhost = "h"\npassword_file = "p"\n', 1, "broker"),
    "rooms without a broker": ("[rooms]\nshare = true\n", 1, "(top level)"),
    "a group that is no part of a topic": ('[rooms]\ngroup = "a/b"\n', 2, "rooms.group"),
    "sensitivity over 1": ("[wake]\nsensitivity = 1.5\n", 2, "wake.sensitivity"),
    "sensitivity not a number": ("[wake]\nsensitivity = nan\n", 2, "wake.sensitivity"),
    "no wake word": ("[wake]\nwords = []\n", 2, "wake.words"),
    "a wake word that is no text": ('[wake]\nwords = [\n  "a",\n  3,\n]\n', 2, "wake.words"),
    "an unknown wake engine": ('[wake]\nengine = "cloud"\n', 2, "wake.engine"),
    "a sensitivity for a word nobody listens for": (
        "[wake]\nwords = ['jarvis']\nsensitivities = { alexa = 0.5 }\n",
        1,
        "wake",
    ),
    "a word's sensitivity over 1": ("[wake]\n[wake.sensitivities]\njarvis = 2\n", 2, "wake.sensitivities"),
    "a pause below nothing": ("[endpoint]\nsilence_ms = -1\n", 2, "endpoint.silence_ms"),
    "a sentence too long": ("[endpoint]\nlongest_ms = 20001\n", 2, "endpoint.longest_ms"),
    "an unknown engine": ('[transcribe]\nengine = "cloud"\n', 2, "transcribe.engine"),
    "an unknown voice": ('[reply]\nvoice = "hal"\n', 2, "reply.voice"),
    "an area with a digit": ('[home]\nareas = ["kitchen", "room 2"]\n', 2, "home.areas"),
    "an area of two lines": ('[home]\nareas = ["kitchen\\n"]\n', 2, "home.areas"),
    "a site with a slash": ('site = "a/b"\n', 1, "site"),
    "a site with a wildcard": ('site = "+"\n', 1, "site"),
    "a site with a line's end": ('site = "home\\n"\n', 1, "site"),
    "a recipient on every topic": ('[[recipient]]\nname = "a"\ntopic = "#"\n', 3, "recipient.topic"),
    "a recipient's topic with a line's end": (
        '[[recipient]]\nname = "a"\ntopic = "a\\n"\n',
        3,
        "recipient.topic",
    ),
}

NOT_TOML = {
    "half a line": ("site = \n", 1),
    "no end of a text": ('site = "home"\n\nsite2 = "home\n', 3),
    "a key twice": ('site = "a"\nsite = "b"\n', 2),
    "a table twice": ("[wake]\n[reply]\n[wake]\n", 3),
    "a letter that is none": ('\nsite = "\x00"\n', 2),
    "brackets too deep": ("a = " + "[" * 20_000, 1),
    "a number too long": ("a = " + "1" * 5_000, 1),
}

TABLES = ("microphone", "wake", "endpoint", "transcribe", "home", "reply", "broker")

_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
_name = st.from_regex(config._NAME, fullmatch=True)
_topic = st.from_regex(config._TOPIC, fullmatch=True)
_spoken = st.lists(st.from_regex(r"[^\W\d_]{1,8}( [^\W\d_]{1,8})?", fullmatch=True), max_size=3).map(tuple)
_share = st.floats(0, 1)
_milliseconds = st.integers(0, 60_000)


@st.composite
def _brokers(draw):
    tls, username = draw(st.booleans()), draw(_text)
    return config.Broker(
        host=draw(_name),
        port=draw(st.integers(1, 65_535)),
        username=username,
        password_file=draw(_text) if username else "",
        tls=tls,
        ca_file=draw(_text) if tls else "",
    )


@st.composite
def _wakes(draw):
    words = draw(st.lists(_text, min_size=1, max_size=3))
    return config.Wake(
        engine=draw(st.sampled_from(config.WAKE_ENGINES)),
        words=tuple(words),
        sensitivity=draw(_share),
        sensitivities=draw(st.dictionaries(st.sampled_from(words), _share)),
        access_key_file=draw(_text),
    )


_configs = st.builds(
    Config,
    site=st.from_regex(config._TOPIC_PART, fullmatch=True),
    microphone=st.builds(config.Microphone, device=_text),
    wake=_wakes(),
    endpoint=st.builds(
        config.Endpoint,
        pre_roll_ms=_milliseconds,
        silence_ms=_milliseconds,
        no_speech_ms=_milliseconds,
        longest_ms=st.integers(1_000, 20_000),
        speech_threshold=_share,
    ),
    transcribe=st.builds(
        config.Transcribe, engine=st.sampled_from(["auto", "vosk", "pocketsphinx"]), vosk_model=_text
    ),
    home=st.builds(config.Home, areas=_spoken, devices=_spoken),
    reply=st.builds(
        config.Reply,
        voice=st.sampled_from(["espeak-ng", "flite", "none"]),
        earcons=st.booleans(),
        device=_text,
    ),
    broker=st.none() | _brokers(),
    recipient=st.lists(
        st.builds(config.Recipient, name=_name, topic=_topic), max_size=3, unique_by=lambda r: r.name
    ).map(tuple),
)


def test_by_default_nothing_can_leave():
    """An empty file is a working device that names no broker: nothing leaves, not even status."""
    assert parse("", "f.toml") == Config()
    assert Config().broker is None
    assert Config().base_topic == "sottovoce/home"


def test_home_automation_can_always_be_named():
    """Without [[recipient]] a grant can name home automation, on this device's own topics."""
    (only,) = parse('site = "bedroom"', "f.toml").recipients
    assert (only.name, only.topic) == ("home automation", "sottovoce/bedroom")


@pytest.mark.parametrize(("text", "line", "key"), FAULTS.values(), ids=FAULTS.keys())
def test_every_fault_names_file_line_and_key(text, line, key):
    """A value that cannot be is refused, with the file, the line and the key at fault."""
    with pytest.raises(ConfigError) as caught:
        parse(text, "f.toml")
    assert str(caught.value).startswith(f"f.toml:{line}: {key}: ")


@pytest.mark.parametrize(("text", "line"), NOT_TOML.values(), ids=NOT_TOML.keys())
def test_what_is_not_toml_names_file_and_line(text, line):
    """A file that is no TOML is refused with the line to mend, however it is broken."""
    with pytest.raises(ConfigError) as caught:
        parse(text, "f.toml")
    assert str(caught.value).startswith(f"f.toml:{line}: not TOML: ")


@pytest.mark.parametrize("table", TABLES)
@settings(max_examples=15)
@given(key=st.from_regex(r"[a-z]{1,12}_[a-z]{1,12}z", fullmatch=True))
def test_no_table_takes_an_unknown_key(table, key):
    """In every table, a key that is not known is an error on its own line, never passed over."""
    with pytest.raises(ConfigError, match=rf"^f.toml:2: {table}\.{key}: there is no key `{key}`"):
        parse(f"[{table}]\n{key} = 1\n", "f.toml")


@given(st.text(st.characters(exclude_categories=["Cs"])) | st.from_regex(r'(\[?\[?\w+\]?\]?|"\w+" ?= ?.*)\n'))
@example('"a` - at `$.b`" = 1')
@example('"" = 1')
@example('"a\\nb" = 1')
@example("[[recipient]]\n[[recipient]]\n")
@example("recipient = [1, {}]")
@example("site = 1979-05-27")
def test_no_text_is_too_strange(text):
    """Whatever a file holds, it is a configuration or one line that names the file and a line of it."""
    said = "f.toml:1: nothing"
    try:
        parse(text, "f.toml")
    except ConfigError as error:
        said = str(error)
    found = re.match(r"f\.toml:(\d+): ", said)
    assert found
    assert 1 <= int(found[1]) <= text.count("\n") + 1
    assert len(said.splitlines()) == 1


@given(_configs)
def test_what_it_prints_it_can_read(some):
    """`sottovoce config` prints a file that makes the same configuration again."""
    assert parse(as_toml_like(some), "f.toml") == some


def test_what_cannot_be_read_is_refused(tmp_path):
    """A folder in place of the file, or bytes that are no text: refused, never the defaults instead."""
    (tmp_path / "latin.toml").write_bytes('site = "küche"'.encode("latin-1"))
    for path in (tmp_path, tmp_path / "latin.toml"):
        with pytest.raises(ConfigError, match=re.escape(str(path))):
            load(path)


def test_a_named_file_must_be_there(tmp_path):
    """A file that --config names and that is not there is an error, never the defaults instead."""
    with pytest.raises(MissingInputError, match=re.escape(str(tmp_path / "none.toml"))):
        load(tmp_path / "none.toml")


def test_the_owners_own_file_is_found(tmp_path, monkeypatch):
    """Without --config, the file in the owner's configuration folder counts; without one, the defaults."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    own, system = config.usual_places()
    assert (own, str(system)) == (tmp_path / "sottovoce/sottovoce.toml", "/etc/sottovoce/sottovoce.toml")
    own.parent.mkdir()
    own.write_text('site = "own"')
    assert load(None).site == "own"


@pytest.mark.parametrize(
    ("text", "line", "key"), [FAULTS[name] for name in ("unknown key in a table", "port 0", "no host")]
)
def test_the_command_says_it_in_one_line(tmp_path, text, line, key):
    """On the command line a fault is one line with file, line and key, and exit status 78."""
    file = tmp_path / "sottovoce.toml"
    file.write_text(text)
    done = sottovoce("config", "--config", file)
    assert (done.returncode, done.stdout) == (78, "")
    (said,) = done.stderr.splitlines()
    assert said.startswith(f"sottovoce: {file}:{line}: {key}: ")


@pytest.mark.parametrize(
    "verb",
    [
        ("config",),
        ("run", "--simulate"),
        ("ear", "--simulate"),
        ("courier", "--seam", "nowhere"),
        ("consent", "grant", "command", "--to", "home automation", "--yes"),
    ],
    ids=lambda verb: verb[0],
)
def test_every_verb_refuses_a_file_it_cannot_read(tmp_path, verb):
    """No verb goes on without the configuration it was given: exit status 78 and one line, each time."""
    (tmp_path / "sottovoce.toml").write_bytes(b"\xff\xfe")
    done = sottovoce(*verb, "--config", tmp_path / "sottovoce.toml", SOTTOVOCE_STATE=tmp_path / "state")
    assert (done.returncode, done.stdout) == (78, "")
    (said,) = done.stderr.splitlines()
    assert str(tmp_path / "sottovoce.toml") in said


def test_what_the_command_prints_it_reads(tmp_path):
    """`sottovoce config` prints every key there is; that text is itself a configuration file."""
    file = tmp_path / "sottovoce.toml"
    file.write_text('site = "bedroom"\n[broker]\nhost = "192.168.1.10"\n')
    first = sottovoce("config", "--config", file)
    assert first.returncode == 0
    file.write_text(first.stdout)
    assert sottovoce("config", "--config", file).stdout == first.stdout
    assert load(file).broker == config.Broker(host="192.168.1.10")
