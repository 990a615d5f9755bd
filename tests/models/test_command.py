"""`sottovoce models` as its owner meets it: a whole model in its place, or none and one clear line."""

import contextlib
import hashlib
import io
import json
import shutil
import signal
import subprocess
import sys
import threading
import zipfile

import pytest
from click.testing import CliRunner

from real.shelf import Shelf
from sottovoce.cli.main import cli
from sottovoce.ear.engines import own_model
from sottovoce.ear.engines.vosk_model import try_out
from sottovoce.errors import DownloadError, ModelError, SottovoceError, StateError, UsageError
from sottovoce.models import catalogue, installed

NAME = "vosk-model-small-xx-0.1"


def archived(leave_out="", cut=""):
    """Pack the model that comes with Sottovoce as a published one is; without a file, or with one cut."""
    buffer = io.BytesIO()
    folder = own_model.folder()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder).as_posix()
            if path.is_file() and name != leave_out:
                content = path.read_bytes()
                archive.writestr(f"{NAME}/{name}", content[: len(content) // 2] if name == cut else content)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def archive():
    """A published model's archive."""
    return archived()


@pytest.fixture
def shop(archive, tmp_path):
    """A server with that model, and a catalogue that names it."""
    with Shelf() as shelf:
        shelf.files[f"{NAME}.zip"] = archive
        shelf.catalogue = tmp_path / "catalogue.toml"
        shelf.catalogue.write_text(listed(shelf.url, archive))
        yield shelf


def listed(base, archive, *, pin=True):
    """Write a catalogue of one model."""
    digest = f'sha256 = "{hashlib.sha256(archive).hexdigest()}"\n' if pin else ""
    return (
        f'base = "{base}"\n[sources]\ntest = "this test"\n[[model]]\nlanguage = "xx"\nname = "{NAME}"\n'
        f'spoken = "Test"\nsize = {len(archive)}\nsources = ["test"]\n{digest}'
    )


class Owner:
    """Runs the command on a state folder of its own."""

    def __init__(self, state, catalogue_file):
        self.state = state
        self._catalogue = str(catalogue_file)

    def words(self, verb, *words):
        more = [] if verb == "remove" else ["--catalogue", self._catalogue]
        return ["models", verb, *words, *more, "--state", str(self.state)]

    def run(self, verb, *words, answer=""):
        """Run it; what it printed. Raises its error."""
        ended = CliRunner().invoke(cli, self.words(verb, *words), input=answer, standalone_mode=False)
        if ended.exception is not None:
            raise ended.exception
        return ended.output

    def refused(self, error, *words):
        """Run it and be refused in one line; that line."""
        with pytest.raises(error) as told:
            self.run(*words)
        assert isinstance(told.value, SottovoceError)
        assert str(told.value).isprintable()
        return str(told.value)

    def has_one(self, archive):
        """Have the model installed, by the quick way: without a trial."""
        file = self.state.parent / "has.zip"
        file.write_bytes(archive)
        record = installed.Record(name=NAME, sha256="0" * 64, checked="pinned", installed_at=0.0)
        installed.install(self.state, "xx", file, record, lambda _: None, lambda *_: None)

    def nothing_installed(self):
        """Whether there is no model, and no half of one; what waits in .downloads aside."""
        place = self.state / "models"
        left = {path.name for path in place.iterdir()} if place.is_dir() else set()
        return not installed.installed(self.state) and left <= {".downloads", ".lock"}


@pytest.fixture
def owner(shop, tmp_path):
    """An owner with nothing installed."""
    return Owner(tmp_path / "state", shop.catalogue)


def test_a_model_is_fetched_checked_and_installed(owner, shop):
    """It is whole, libvosk lives through it, it is told what was checked; nothing else is left."""
    told = owner.run("get", "xx")
    assert f"Installed {NAME} for xx. SHA-256 " in told
    assert "as it should be" in told
    [model] = installed.installed(owner.state)
    assert (model.language, model.record.name, model.record.checked) == ("xx", NAME, "pinned")
    try_out(model.folder)
    assert not list((owner.state / "models" / ".downloads").iterdir())
    assert len(shop.asked) == 1


def test_the_list_says_what_there_is(owner, archive):
    """Published, then installed; as text and as JSON."""
    assert NAME in owner.run("list")
    own, published = json.loads(owner.run("list", "--json"))
    assert (own["name"], own["installed"], own["in_use"]) == ("own", True, False)
    assert (published["name"], published["installed"]) == (NAME, False)
    owner.has_one(archive)
    _, row = json.loads(owner.run("list", "--json"))
    assert (row["installed"], row["in_use"], row["checked"]) == (True, False, "pinned")
    assert owner.run("list").count("installed") == 2


def test_what_is_in_use_is_marked(owner, archive, tmp_path):
    """The language that is configured, the folder that is, or the own model; none for PocketSphinx."""
    owner.has_one(archive)
    config = tmp_path / "c.toml"

    def used(text):
        config.write_text(f"[transcribe]\n{text}\n")
        rows = json.loads(owner.run("list", "--json", "--config", str(config)))
        return [row["name"] for row in rows if row["in_use"]]

    assert used('language = "xx"') == [NAME]
    assert used('vosk_model = "own"') == ["own"]
    assert used(f'vosk_model = "{tmp_path}"') == [str(tmp_path)]
    assert used('language = "fr"') == used('language = "xx"\nengine = "pocketsphinx"') == []


def test_another_file_than_the_catalogue_knows_is_refused(owner, shop, archive):
    """One byte is another: nothing is installed, nothing of it is kept."""
    changed = bytearray(archive)
    changed[len(changed) // 2] ^= 1
    shop.files[f"{NAME}.zip"] = bytes(changed)
    assert "not the file it should be" in owner.refused(ModelError, "get", "xx")
    assert owner.nothing_installed()
    assert not list((owner.state / "models" / ".downloads").iterdir())


def test_a_model_without_a_digest_is_refused_until_the_owner_says_so(owner, shop, archive):
    """Nothing is fetched; taken unchecked only when asked for in so many words, and told as that."""
    shop.catalogue.write_text(listed(shop.url, archive, pin=False))
    refused = owner.refused(ModelError, "get", "xx")
    assert "no SHA-256 of it is known" in refused
    assert "sottovoce models add" in refused
    assert shop.asked == []
    told = owner.run("get", "xx", "--accept-unpinned")
    assert f"SHA-256 {hashlib.sha256(archive).hexdigest()}: CHECKED BY NOBODY" in told
    assert "never checked by a digest" in owner.run("list")


def test_without_a_network_it_says_what_to_do(owner, archive, tmp_path):
    """One line: what to fetch elsewhere, and the command that installs it here."""
    with Shelf() as gone:
        url = gone.url
    (tmp_path / "catalogue.toml").write_text(listed(url, archive))
    refused = owner.refused(DownloadError, "get", "xx")
    assert f"fetch {url}{NAME}.zip by other means, then: sottovoce models add {NAME}.zip" in refused
    assert owner.nothing_installed()


def test_a_mirror_is_as_good(owner, shop, archive, tmp_path):
    """--from another place: the digest is the same."""
    (tmp_path / "catalogue.toml").write_text(listed("https://nowhere.invalid/", archive))
    owner.run("get", "xx", "--from", shop.url)
    assert len(installed.installed(owner.state)) == 1


def test_a_language_nobody_publishes(owner):
    """Those that there are, are named."""
    assert "known: xx" in owner.refused(UsageError, "get", "tlh")


def test_killed_while_fetching_it_goes_on_where_it_was(owner, shop, archive):
    """Kill -9 in the middle: nothing is installed; the next command asks for the rest alone."""
    half, go_on = threading.Event(), threading.Event()
    give = shop.give

    def slowly(request):
        shop.cuts = [len(archive) // 2]
        give(request)
        half.set()
        go_on.wait(20)

    shop.give = slowly
    running = subprocess.Popen([sys.executable, "-m", "sottovoce", *owner.words("get", "xx")])
    assert half.wait(20)
    part = owner.state / "models" / ".downloads" / f"{NAME}.zip.part"
    while not part.exists() or part.stat().st_size < len(archive) // 2 - 65_536:
        assert running.poll() is None
    running.send_signal(signal.SIGKILL)
    running.wait()
    shop.give, shop.cuts = give, []
    go_on.set()
    had = part.stat().st_size
    assert owner.nothing_installed()
    owner.run("get", "xx")
    assert shop.asked[-1][1] == (f"bytes={had}-" if had else None)
    assert installed.find(owner.state, "xx").record.checked == "pinned"


def test_what_a_killed_command_left_half_is_no_model(owner, archive):
    """Half an unpacked model is never listed; the next command sweeps it away."""
    left = owner.state / "models" / ".unpacking-killed" / "xx"
    shutil.copytree(own_model.folder(), left)
    assert installed.installed(owner.state) == []
    owner.has_one(archive)
    assert not left.parent.exists()


@pytest.mark.parametrize("at", range(4))
def test_a_fault_at_any_step_leaves_no_model(owner, archive, tmp_path, at):
    """Whatever ends the installation, at its beginning or near its end: no model, nor half of one."""
    steps = []

    def fail(*_):
        steps.append(None)
        if len(steps) > at * 2:
            raise KeyboardInterrupt

    (tmp_path / "a.zip").write_bytes(archive)
    record = installed.Record(name="x", sha256="0" * 64, checked="owner", installed_at=0.0)
    with pytest.raises(KeyboardInterrupt):
        installed.install(owner.state, "xx", tmp_path / "a.zip", record, fail, fail)
    assert owner.nothing_installed()


def test_two_commands_do_not_get_in_each_others_way(owner):
    """The second is told that another is at work."""
    with installed.locked(owner.state):
        assert "another command is at work" in owner.refused(StateError, "get", "xx")
    assert owner.nothing_installed()


def test_one_that_is_installed_is_not_overwritten(owner, shop, archive):
    """It is named, with the way to take it away; nothing is fetched."""
    owner.has_one(archive)
    asked = len(shop.asked)
    assert "sottovoce models remove xx" in owner.refused(UsageError, "get", "xx")
    assert len(shop.asked) == asked


def test_remove_asks_and_removes(owner, archive):
    """No is no; yes takes all of it away; what is not there is said."""
    owner.has_one(archive)
    with contextlib.suppress(Exception):
        owner.run("remove", "xx", answer="n\n")
    assert len(installed.installed(owner.state)) == 1
    assert "Removed" in owner.run("remove", "xx", answer="y\n")
    assert owner.nothing_installed()
    assert "sottovoce models list" in owner.refused(UsageError, "remove", "xx", "--yes")
    assert "no model '..'" in owner.refused(UsageError, "remove", "..", "--yes")


def test_a_file_one_brought_is_installed(owner, archive, tmp_path):
    """A published one by its digest, whatever it is called; others by the owner's word."""
    (tmp_path / "brought.zip").write_bytes(archive)
    assert "as it should be" in owner.run("add", str(tmp_path / "brought.zip"))
    owner.run("remove", "xx", "--yes")
    digest = hashlib.sha256(archive).hexdigest()
    told = owner.run("add", str(tmp_path / "brought.zip"), "--sha256", digest.upper(), "--language", "yy")
    assert "for yy" in told
    assert "as you said" in told
    assert 'language = "yy"' in told


def test_a_file_that_is_not_what_its_name_says_is_refused(owner, archive, tmp_path):
    """A published name with another content: both digests are told."""
    file = tmp_path / f"{NAME}.zip"
    file.write_bytes(archive + b"\0")
    assert "not the file it should be" in owner.refused(ModelError, "add", str(file))
    assert "not the file it should be" in owner.refused(ModelError, "add", str(file), "--sha256", "0" * 64)
    assert owner.nothing_installed()


def test_what_add_cannot_know_it_asks_for(owner, archive, tmp_path):
    """A file of no known model: for which language? A digest that is none, a file that is not there."""
    (tmp_path / "own.zip").write_bytes(archived(leave_out="manifest.json") + b"")
    file = tmp_path / "own.zip"
    file.write_bytes(file.read_bytes() + b"\0")
    assert "for which language?" in owner.refused(UsageError, "add", str(file))
    assert "for which language?" in owner.refused(UsageError, "add", str(file), "--language", "../x")
    assert "no SHA-256" in owner.refused(UsageError, "add", str(file), "--sha256", "abc")
    assert "no such file" in owner.refused(UsageError, "add", str(tmp_path / "none.zip"))
    assert "CHECKED BY NOBODY" in owner.run("add", str(file), "--language", "xx")


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ({"leave_out": "am/final.mdl"}, "not a whole Vosk model"),
        ({"cut": "am/final.mdl"}, "not a Vosk model"),
        ({"cut": "graph/HCLr.fst"}, "not a Vosk model"),
        ({"cut": "conf/model.conf"}, "not a Vosk model"),
    ],
    ids=lambda value: "-".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else "",
)
def test_a_broken_model_is_not_installed(owner, tmp_path, fault, told):
    """The archive is whole and the model in it is not: libvosk is asked, in a process of its own."""
    (tmp_path / "broken.zip").write_bytes(archived(**fault))
    refused = owner.refused(ModelError, "add", str(tmp_path / "broken.zip"), "--language", "xx")
    assert told in refused
    assert "broken.zip" in refused
    assert owner.nothing_installed()


def test_a_state_folder_that_cannot_be_used_is_one_clear_error(owner, tmp_path):
    """A file stands where the folder should be."""
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "models").write_text("in the way")
    owner.refused(StateError, "get", "xx")


def test_the_catalogue_names_who_recorded_each_digest():
    """Every pin was recorded by two or more named sources; HTTPS; one model a language; sizes of models."""
    known = catalogue.load()
    assert known.base.startswith("https://")
    assert known.base.endswith("/")
    languages = [model.language for model in known.model]
    assert len(set(languages)) == len(languages)
    assert {"en", "fr", "de", "es", "it", "nl"} <= set(languages)
    for model in known.model:
        assert set(model.sources) <= set(known.sources), model.name
        assert model.sha256 is None or len(set(model.sources) - {"list"}) >= 2, model.name
        assert 20_000_000 < model.size < 100_000_000, model.name
    assert len({model.sha256 for model in known.model}) == len(known.model)


@pytest.mark.parametrize("content", ["", "base = 1", 'base = "x"\n[sources]\n[[model]]\nlanguage = "x"\n'])
def test_a_catalogue_that_is_none_is_not_passed_over(tmp_path, content):
    """It is part of the program: a fault in it is loud."""
    (tmp_path / "c.toml").write_text(content)
    with pytest.raises(ValueError):  # noqa: PT011  msgspec's own words
        catalogue.load(tmp_path / "c.toml")
