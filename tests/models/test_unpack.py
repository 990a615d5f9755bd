"""Archives that would do harm: none gets a byte out of its folder, none grows past its caps."""

import io
import shutil
import stat
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sottovoce.errors import ModelError, StateError
from sottovoce.models import unpack

MODEL = {
    "am/final.mdl": b"a" * 5000,
    "conf/mfcc.conf": b"--x\n",
    "graph/HCLr.fst": b"h",
    "graph/Gr.fst": b"g",
}


def packed(files, path, root="vosk-model-small-xx/", **entry):
    """Pack files; `entry` sets fields of every entry."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(root + name)
            info.compress_type = zipfile.ZIP_DEFLATED
            for field, value in entry.items():
                setattr(info, field, value)
            archive.writestr(info, content)
    return path


def contents(folder):
    """Read all files of a folder."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in Path(folder).rglob("*") if p.is_file()}


@pytest.fixture
def folder(tmp_path):
    """An empty folder in a folder, so that a way out of it is seen."""
    (tmp_path / "beside").mkdir()
    (tmp_path / "beside" / "folder").mkdir()
    return tmp_path / "beside" / "folder"


@pytest.mark.parametrize("root", ["", "vosk-model-small-xx/", "a/b/"])
def test_a_model_is_unpacked_without_what_is_wrapped_around_it(tmp_path, folder, root):
    """Files stand where libvosk looks for them, however many folders the archive has around them."""
    told = []
    unpack.unpack(packed(MODEL, tmp_path / "m.zip", root), folder, lambda *now: told.append(now))
    assert contents(folder) == MODEL
    assert told[-1] == (sum(map(len, MODEL.values())),) * 2


def test_folders_have_their_own_entries_too(tmp_path, folder):
    """As zip(1) packs them."""
    packed({"": b"", "am/": b"", **MODEL}, tmp_path / "m.zip")
    unpack.unpack(tmp_path / "m.zip", folder, lambda *_: None)
    assert contents(folder) == MODEL


@pytest.mark.parametrize(
    "name",
    [
        "../escaped", "am/../../escaped", "/escaped", "//escaped", "am//escaped", "./escaped", "am/./escaped",
        "..\\escaped", "C:escaped", "C:\\escaped", "am/\x1b[31mescaped", "a\nb", "a/" * 6 + "escaped",
        "x" * 300, "é" * 60, "..", "../",
    ],
)  # fmt: skip
def test_no_path_leads_out_of_the_folder(tmp_path, folder, name):
    """Whatever way a path might lead elsewhere: refused in one line, and nothing written at all."""
    packed({**MODEL, name: b"harm"}, tmp_path / "m.zip", root="")
    before = contents(tmp_path)
    with pytest.raises(ModelError, match=r"m\.zip: not a model's archive") as refused:
        unpack.unpack(tmp_path / "m.zip", folder, lambda *_: None)
    assert contents(tmp_path) == before
    assert str(refused.value).isprintable()


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK])
def test_no_link_and_no_device(tmp_path, folder, kind):
    """A symbolic link would lead out; a device or a pipe has no place in a model."""
    packed({"am": b"/etc"}, tmp_path / "m.zip", external_attr=(kind | 0o777) << 16)
    with pytest.raises(ModelError, match="a link or a device"):
        unpack.unpack(tmp_path / "m.zip", folder, lambda *_: None)
    assert not list(folder.iterdir())


def test_a_bomb_is_refused_before_it_goes_off(tmp_path, folder):
    """Much from little: the ratio gives it away."""
    packed({**MODEL, "big": bytes(50_000_000)}, tmp_path / "m.zip")
    with pytest.raises(ModelError, match="too much for a model"):
        unpack.unpack(tmp_path / "m.zip", folder, lambda *_: None)
    assert not list(folder.iterdir())


def test_too_many_files_are_refused(tmp_path, folder):
    """An archive of very many files is no model."""
    packed({f"f{number}": b"" for number in range(unpack.MOST_FILES + 1)}, tmp_path / "m.zip")
    with pytest.raises(ModelError, match="files in it"):
        unpack.unpack(tmp_path / "m.zip", folder, lambda *_: None)


def test_a_size_that_is_a_lie_is_found_out(tmp_path, folder):
    """An archive that says a file is small and packs a large one gives no more than it said."""
    content = bytearray(packed({"am": b"x" * 4000}, tmp_path / "m.zip", root="").read_bytes())
    for field in (content.index(b"PK\x03\x04") + 22, content.index(b"PK\x01\x02") + 24):
        content[field : field + 4] = (10).to_bytes(4, "little")
    (tmp_path / "m.zip").write_bytes(content)
    with pytest.raises(ModelError, match="not a model's archive"):
        unpack.unpack(tmp_path / "m.zip", folder, lambda *_: None)
    assert all(len(found) <= 10 for found in contents(folder).values())


def test_a_name_that_is_there_twice_is_refused(tmp_path, folder):
    """The second would overwrite the first, or a folder."""
    content = packed({"am/x": b"1", "am/y": b"2"}, tmp_path / "m.zip").read_bytes()
    (tmp_path / "m.zip").write_bytes(content.replace(b"am/y", b"am/x"))
    with pytest.raises(ModelError, match="twice"):
        unpack.unpack(tmp_path / "m.zip", folder, lambda *_: None)
    packed({"am": b"1", "am/x": b"2"}, tmp_path / "n.zip", root="")
    with pytest.raises(ModelError, match="twice"):
        unpack.unpack(tmp_path / "n.zip", folder, lambda *_: None)


def test_encrypted_and_unusual_packing_are_refused(tmp_path, folder):
    """What the standard archive of a model does not have."""
    with zipfile.ZipFile(tmp_path / "m.zip", "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("am/x", b"1")
    with pytest.raises(ModelError, match="unusual"):
        unpack.unpack(tmp_path / "m.zip", folder, lambda *_: None)
    content = bytearray(packed({"am": b"x"}, tmp_path / "n.zip", root="").read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "n.zip").write_bytes(content)
    with pytest.raises(ModelError, match="encrypted"):
        unpack.unpack(tmp_path / "n.zip", folder, lambda *_: None)


@pytest.mark.parametrize("content", [b"", b"PK", b"no archive at all", bytes(1000)])
def test_what_is_no_archive_is_refused(tmp_path, folder, content):
    """Any other file."""
    (tmp_path / "m.zip").write_bytes(content)
    with pytest.raises(ModelError, match="not a model's archive"):
        unpack.unpack(tmp_path / "m.zip", folder, lambda *_: None)


def test_an_archive_with_nothing_in_it_is_refused(tmp_path, folder):
    """Not even a folder."""
    packed({}, tmp_path / "m.zip")
    with pytest.raises(ModelError, match="nothing in it"):
        unpack.unpack(tmp_path / "m.zip", folder, lambda *_: None)


def test_a_full_disk_is_told_before_it_is_full(folder):
    """More is needed than there is: said in MB, and nothing begun."""
    with pytest.raises(StateError, match=r"MB free, \d+ MB needed"):
        unpack.room(folder, shutil.disk_usage(folder).free)
    unpack.room(folder, 0)


@settings(max_examples=100)
@given(st.data())
def test_a_garbled_archive_is_refused_or_gives_only_what_was_packed(tmp_path_factory, data):
    """Bytes changed, cut off or put in anywhere: a ModelError, or files that are as they were packed."""
    base = tmp_path_factory.mktemp("garbled")
    buffer = io.BytesIO()
    packed(MODEL, buffer)
    content = bytearray(buffer.getvalue())
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    del content[data.draw(st.integers(len(content) // 2, len(content))) :]
    (base / "m.zip").write_bytes(content)
    (base / "in").mkdir()
    before = {path for path in base.rglob("*") if "in" not in path.parts}
    try:
        unpack.unpack(base / "m.zip", base / "in", lambda *_: None)
        assert set(contents(base / "in").values()) <= set(MODEL.values())
    except ModelError as error:
        told = str(error)
        assert told.isprintable()
    assert {path for path in base.rglob("*") if "in" not in path.parts} == before
