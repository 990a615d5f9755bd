"""`sottovoce review`: the owner goes through what was kept, at the terminal."""

import contextlib
import json
import os
import pty
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import soundfile
from click.testing import CliRunner

from fakes.shelf import OTHERS, WORDS, a_clip, a_sentence
from sottovoce.cli.main import cli
from sottovoce.config import parse
from sottovoce.ear import build
from sottovoce.ear.clip import decode
from sottovoce.ear.consent import is_live
from sottovoce.ear.corrections import Corrections
from sottovoce.ear.grants import Grants
from sottovoce.ear.ledger import Ledger
from sottovoce.ear.outbox import Outbox
from sottovoce.ear.store import open_store
from sottovoce.errors import UsageError
from sottovoce.journal import Journal
from sottovoce.vocabulary import SAMPLE_RATE, Form, Kind

CONFIG = """
[review]
keep = true
[reply]
voice = "flite"
[[recipient]]
name = "the workshop"
topic = "sottovoce/workshop"
"""


class Owner:
    """Somebody at the terminal, with a state folder and sentences kept in it."""

    def __init__(self, folder):
        self.folder, self.state = folder, folder / "state"
        self.state.mkdir()
        self.config = folder / "sottovoce.toml"
        self.config.write_text(CONFIG)
        self.quarantine = build.make_quarantine(parse(CONFIG, "here"), self.state, Journal("test"))
        self.at = time.time() - 100

    def keep(self, *names, clip=None):
        for name in names:
            self.at += 1
            self.quarantine.keep(a_sentence(name, self.at, clip))

    def command(self, *words):
        return ["review", *words, "--config", str(self.config), "--state", str(self.state)]

    def says(self, *lines, words=()):
        """Give the command these answers; what it showed. Raises its error."""
        result = CliRunner().invoke(cli, self.command(*words), input="".join(f"{line}\n" for line in lines))
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result.stdout

    @property
    def left(self):
        return [kept.name for kept in self.quarantine.kept()]

    @property
    def store(self):
        return open_store(self.state)

    @property
    def waiting(self):
        return Outbox(self.store, time.time).waiting()

    @property
    def corrections(self):
        return [(one.heard, one.meant, one.typed) for one in Corrections(self.state).all()]

    def events(self):
        return [entry["event"] for entry in Ledger(self.state, time.time).entries()]


@pytest.fixture
def owner(tmp_path, monkeypatch):
    """An owner whose session has a folder in memory."""
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.delenv("RUNTIME_DIRECTORY", raising=False)
    return Owner(tmp_path)


def test_nothing_is_told_as_nothing(owner):
    """With nothing kept it says so; with keeping off it says how to turn it on."""
    assert owner.says() == "Nothing waits for review.\n"
    assert owner.says(words=["list"]) == "Nothing waits for review.\n"
    owner.config.write_text("")
    assert "keep = true" in owner.says()
    assert not (owner.state / "quarantine").exists()


def test_it_goes_through_them_one_by_one(owner):
    """When it was, how long, how it was taken, and the guesses numbered; oldest first, until it is enough."""
    owner.keep("oldest00", "middle00", "newest00", clip=a_clip(1.5))
    shown = owner.says("s", "q")
    assert shown.index("1 of 3: oldest00") < shown.index("2 of 3: middle00")
    assert "newest00" not in shown
    assert "1.5 s of sound, understood as HomeTurnOn" in shown
    assert f"1  {WORDS}\n   2  {OTHERS[0]}" in shown
    assert owner.left == ["oldest00", "middle00", "newest00"]


def test_deleting_is_at_once(owner):
    """What is deleted is gone, whatever happens to the rest."""
    owner.keep("oldest00", "newest00")
    assert "Deleted" in owner.says("d", "q")
    assert owner.left == ["newest00"]
    assert owner.events() == ["kept", "kept", "deleted"]


def test_it_plays(owner):
    """`p` plays the clip as it was said; after a trim, what is left of it."""
    clip = a_clip(1.0)
    owner.keep("oldest00", clip=clip)
    heard = owner.folder / "heard.wav"
    owner.says("p", "t", "0.25", "0.75", "q", words=["--play-to", str(heard)])
    samples, rate = soundfile.read(heard, dtype="int16")
    assert rate == SAMPLE_RATE
    assert np.array_equal(samples[: len(clip)], clip)
    part = clip[len(clip) // 4 : len(clip) * 3 // 4]
    rest = np.trim_zeros(samples[len(clip) :])
    assert np.array_equal(rest, np.trim_zeros(part))
    assert np.array_equal(owner.quarantine.open("oldest00").clip, clip)


def test_what_has_no_sound_says_so(owner):
    """A snippet without a clip can be read all the same."""
    owner.keep("oldest00")
    assert "There is no sound with it." in owner.says("p", "q")


@pytest.mark.parametrize(
    ("answers", "kept"),
    [
        (["2", "s"], (WORDS, OTHERS[0], False)),
        (["1", "s"], (WORDS, WORDS, False)),
        (["w", "Tell Susan, about the QUIXOTIC marmalade!", "d"],
         (WORDS, "tell susan about the quixotic marmalade", True)),
        (["w", WORDS.upper(), "s"], (WORDS, WORDS, False)),
        (["2", "1", "q"], (WORDS, WORDS, False)),
    ],
    ids=["picked", "confirmed", "written", "written as heard", "changed my mind"],
)  # fmt: skip
def test_what_you_say_it_was_is_kept_for_the_device(owner, answers, kept):
    """The last word counts, in the form engines write; of a sentence that is then deleted too."""
    owner.keep("oldest00")
    owner.says(*answers)
    assert owner.corrections == [kept]
    assert not owner.waiting
    assert set(owner.events()) <= {"kept", "deleted"}


def test_a_correction_stands_in_its_one_file_and_nowhere_else(owner):
    """Also when the same sentence is approved in another form: no database, ledger or file beside has it."""
    owner.keep("oldest00", clip=a_clip())
    owner.says("w", "start the samovar", "a", "transcript", "masked", "", "", "", "y")
    files = [path for path in owner.state.rglob("*") if path.is_file() and b"samovar" in path.read_bytes()]
    assert [path.name for path in files] == ["corrections.json"]
    assert owner.waiting


@pytest.mark.parametrize("answer", ["0", "3", "99", "x", "-1", "²"])
def test_an_answer_that_is_none_does_nothing(owner, answer):
    """A number that was not offered, or any other letter: it asks again."""
    owner.keep("oldest00")
    assert "That is none of these." in owner.says(answer, "q")
    assert owner.left == ["oldest00"]
    assert owner.corrections == []


def test_approving_shows_the_whole_text_and_asks(owner):
    """Which sentence, to whom, in which form, for how long: and the answer is no unless it is yes."""
    owner.keep("oldest00")
    shown = owner.says("a", "", "", "", "", "", "", "q")
    assert "I let the workshop (MQTT topics under sottovoce/workshop) have my transcripts" in shown
    assert "the one sentence oldest00 and no other" in shown
    assert "People may look at it." in shown
    assert "Nothing leaves." in shown
    assert owner.left == ["oldest00"]
    assert not owner.waiting
    assert Grants(owner.store).all() == []
    assert owner.events() == ["kept"]


def test_an_approved_transcript_waits_as_it_was_corrected(owner):
    """It is on its way under a grant for it alone, of a day at most; what was kept is destroyed."""
    owner.keep("oldest00", "newest00")
    owner.says("w", "tell susan", "a", "transcript", "verbatim", "", "n", "a week", "y", "q")
    (envelope,) = owner.waiting
    assert (envelope.topic, envelope.snippet_id) == ("sottovoce/workshop/transcript", "oldest00")
    assert json.loads(envelope.body)["text"] == "tell susan"
    (grant,) = Grants(owner.store).all()
    assert (grant.snippet, grant.kind, grant.form) == ("oldest00", Kind.TRANSCRIPT, Form.VERBATIM)
    assert (grant.humans_listen, grant.retention) == (False, "a week")
    assert grant.ends_at - grant.granted_at <= 24 * 3600
    assert is_live(grant, time.time())
    assert owner.left == ["newest00"]
    assert owner.events() == ["kept", "kept", "granted", "approved"]
    assert not any("susan" in json.dumps(entry) for entry in Ledger(owner.state, time.time).entries())


def test_an_approved_clip_waits_as_it_was_trimmed(owner):
    """In one's own voice, where that was agreed to in as many words: cut, and nothing else changed."""
    clip = a_clip(1.0)
    owner.keep("oldest00", clip=clip)
    shown = owner.says("t", "0.5", "1", "a", "audio", "own-voice", "", "", "", "y", "q",
                       words=["--play-to", str(owner.folder / "heard.wav")])  # fmt: skip
    assert "THE RECORDING OF YOUR OWN VOICE" in shown
    (envelope,) = owner.waiting
    assert np.array_equal(decode(envelope.clip), clip[len(clip) // 2 :])
    assert WORDS.encode() not in envelope.body


def test_an_approved_clip_is_re_spoken_unless_you_say_otherwise(owner):
    """By default the device says it again: nothing of the speaker's sound is in it."""
    clip = a_clip(1.0)
    owner.keep("oldest00", clip=clip)
    owner.says("a", "audio", "", "", "", "", "y")
    (envelope,) = owner.waiting
    assert json.loads(envelope.body)["form"] == "re-spoken"
    spoken = decode(envelope.clip)
    assert len(spoken) > SAMPLE_RATE // 2
    assert clip.tobytes()[:64] not in spoken.tobytes()


def test_what_cannot_be_made_ready_stays_and_its_grant_is_taken_back(owner):
    """With no voice to say it again, nothing leaves and no grant stands."""
    owner.config.write_text(CONFIG.replace('"flite"', '"none"'))
    owner.keep("oldest00", clip=a_clip())
    assert "nothing leaves, and it stays here" in owner.says("a", "audio", "", "", "", "", "y", "q")
    assert owner.left == ["oldest00"]
    assert Grants(owner.store).all() == []
    assert owner.events() == ["kept", "granted", "revoked"]


def test_several_recipients_are_asked_for(owner):
    """With more than one it asks to whom."""
    owner.config.write_text(CONFIG + '[[recipient]]\nname = "the school"\ntopic = "school"\n')
    owner.keep("oldest00")
    shown = owner.says("a", "the school", "", "", "", "", "", "y")
    assert "the workshop, the school" in shown
    assert owner.waiting[0].topic == "school/transcript"


def test_it_can_be_listed_and_deleted_without_asking(owner):
    """For programs: no words; the first letters of a name will do, if they mean one."""
    owner.keep("aaaabbbbcccc", "aaaabbbbdddd")
    rows = json.loads(owner.says(words=["list", "--json"]))
    assert [row["id"] for row in rows] == ["aaaabbbbcccc", "aaaabbbbdddd"]
    assert all(row["until"] - row["at"] == 24 * 3600 for row in rows)
    shown = owner.says(words=["list"])
    assert "aaaabbbb" in shown
    assert not any(word in shown for word in WORDS.split())
    for few in ("", "a", "aaaabbbb", "zzzzzzzz", "../aaaab"):
        with pytest.raises(UsageError):
            owner.says(words=["delete", few])
    owner.says(words=["delete", "aaaabbbbc"])
    assert owner.left == ["aaaabbbbdddd"]


def test_corrections_are_shown_and_forgotten(owner):
    """What it learnt is the owner's to read and to take back; an unknown name is proposed for the house."""
    assert "No corrections yet" in owner.says(words=["corrections"])
    owner.keep("oldest00", "newest00")
    owner.says("w", "turn on the zigbee samovar", "1", "s", "w", "turn on the zigbee samovar", "q")
    shown = owner.says(words=["corrections"])
    assert f'right: "{WORDS}" (once)' in shown
    assert f'heard "{WORDS}", meant "turn on the zigbee samovar" (once)' in shown
    assert '"zigbee samovar". If it is a device' in shown
    assert len(json.loads(owner.says(words=["corrections", "--json"]))) == 2
    assert owner.says(words=["corrections", "--forget"]) == "Forgotten.\n"
    assert owner.corrections == []
    assert list(owner.state.glob("corrections*")) == []


def test_a_device_of_home_toml_is_no_unknown_name(owner):
    """Its name is in a sentence already: nobody is told to add it once more."""
    owner.keep("oldest00")
    owner.says("w", "turn on the samovar", "q")
    assert 'No sentence of mine has "samovar"' in owner.says(words=["corrections"])
    house = '[[device]]\nname = "samovar"\ntype = "switch"\nkind = "tasmota"\nid = "samovar"\n'
    owner.config.with_name("home.toml").write_text(house)
    assert "samovar" in owner.says(words=["corrections"])
    assert "No sentence of mine" not in owner.says(words=["corrections"])


def test_ctrl_c_loses_nothing(owner):
    """At a real terminal, in the middle of a sentence: what was said stays said, the rest is there still."""
    owner.keep("oldest00", "newest00")
    outside, inside = pty.openpty()
    command = [sys.executable, "-m", "sottovoce", *owner.command()]
    with subprocess.Popen(
        command, stdin=inside, stdout=inside, stderr=inside, start_new_session=True
    ) as process:
        os.close(inside)
        shown = b""

        def until(mark):
            nonlocal shown
            while mark not in shown:
                shown += os.read(outside, 4096)
            shown = shown.partition(mark)[2]

        until(b"quit\r\n> ")
        os.write(outside, b"2\n")
        until(b"quit\r\n> ")
        os.killpg(process.pid, signal.SIGINT)
        for _ in range(5):  # one that comes just before readline waits is seen at the next key
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(4)
                break
            os.write(outside, b"\n")
        else:
            process.kill()
        assert process.wait() == 130
    os.close(outside)
    assert owner.left == ["oldest00", "newest00"]
    assert owner.corrections == [(WORDS, OTHERS[0], False)]


def test_a_broken_one_is_told_in_a_line_and_the_next_one_shown(owner):
    """What opens no more is deleted, told, and ends nothing."""
    owner.keep("oldest00", "newest00")
    path = owner.state / "quarantine" / "oldest00.sealed"
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    assert "2 of 2: newest00" in owner.says("q")
    assert owner.left == ["newest00"]
