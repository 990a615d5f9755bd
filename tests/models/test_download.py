"""Fetching from a real server that is slow of mind, cut off, or false: the whole right file, or an error."""

import hashlib
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from real.shelf import Shelf
from sottovoce.errors import DownloadError, ModelError, UsageError
from sottovoce.models.download import Wanted, check_place, fetch

CONTENT = bytes(range(256)) * 1200
SIZE = len(CONTENT)
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def shelf():
    """A server with the one file."""
    with Shelf(small=CONTENT) as given:
        yield given


def wanted(shelf, size=SIZE, sha256=DIGEST):
    """Want that file, as it should be or otherwise."""
    return Wanted(shelf.url + "small.zip", size, sha256)


def fetched(shelf, part, **given):
    """Fetch into `part`; the progress that was told, and what is there then."""
    told = []
    assert fetch(wanted(shelf, **given), part, told.append) == DIGEST
    assert part.read_bytes() == CONTENT
    return told


def test_a_file_is_fetched_whole(shelf, tmp_path):
    """It is there to the last byte, in one request, and the progress rises to the end."""
    told = fetched(shelf, tmp_path / "part")
    assert told == sorted(told)
    assert told[-1] == len(CONTENT)
    assert shelf.asked == [("/models/small.zip", None)]


def test_what_was_cut_off_goes_on_where_it_was(shelf, tmp_path):
    """Three connections that break off, each farther on: every byte is fetched once."""
    shelf.cuts = [100_000, 50_000, 7]
    fetched(shelf, tmp_path / "part")
    assert [span for _, span in shelf.asked] == [None, "bytes=100000-", "bytes=150000-", "bytes=150007-"]


def test_a_later_command_goes_on_from_what_is_there(shelf, tmp_path):
    """What an interrupted command had fetched is not fetched again."""
    (tmp_path / "part").write_bytes(CONTENT[:200_000])
    fetched(shelf, tmp_path / "part")
    assert shelf.asked == [("/models/small.zip", "bytes=200000-")]


def test_a_whole_part_is_checked_and_not_fetched(shelf, tmp_path):
    """A command that was interrupted after the last byte needs no network."""
    (tmp_path / "part").write_bytes(CONTENT)
    fetched(shelf, tmp_path / "part")
    assert shelf.asked == []


def test_a_server_without_ranges_starts_anew(shelf, tmp_path):
    """It gives the whole file when asked for the rest: that is taken for what it is."""
    shelf.knows_ranges = False
    (tmp_path / "part").write_bytes(CONTENT[:1000])
    fetched(shelf, tmp_path / "part")


@pytest.mark.parametrize("cut", [0, 1000])
def test_a_server_that_never_gets_farther_is_given_up(shelf, tmp_path, cut):
    """No endless loop: an attempt that brings nothing new is the last; what came before is kept."""
    shelf.knows_ranges = False
    shelf.cuts = [cut] * 10
    with pytest.raises(DownloadError, match=rf"cut off \(at {cut} of {len(CONTENT)} bytes\)|at {cut} of"):
        fetch(wanted(shelf), tmp_path / "part", lambda _: None)
    assert len(shelf.asked) <= 2


def test_a_wrong_digest_is_refused_and_nothing_kept(shelf, tmp_path):
    """Another file of the same size: both digests are told, and the next time starts from nothing."""
    with pytest.raises(ModelError, match=rf"SHA-256 {DIGEST}, wanted {'0' * 64}"):
        fetch(wanted(shelf, sha256="0" * 64), tmp_path / "part", lambda _: None)
    assert not (tmp_path / "part").exists()


def test_a_part_of_another_file_is_found_out(shelf, tmp_path):
    """What was there before was not of this file: the whole is refused, and gone."""
    (tmp_path / "part").write_bytes(b"?" * 1000)
    with pytest.raises(ModelError, match="not the file it should be"):
        fetch(wanted(shelf), tmp_path / "part", lambda _: None)
    assert not (tmp_path / "part").exists()
    fetched(shelf, tmp_path / "part")


def test_a_part_that_is_too_long_is_found_out(shelf, tmp_path):
    """More is there than the file has: refused, and gone; even where no digest is asked for."""
    (tmp_path / "part").write_bytes(CONTENT + b"!")
    with pytest.raises(ModelError):
        fetch(wanted(shelf, sha256=None), tmp_path / "part", lambda _: None)
    assert not (tmp_path / "part").exists()


@pytest.mark.parametrize("size", [len(CONTENT) - 1, len(CONTENT) + 1, 1])
def test_another_size_is_refused_before_a_byte_is_taken(shelf, tmp_path, size):
    """The server says how much it would give: if that is not what it should be, none of it is taken."""
    with pytest.raises(DownloadError, match="another file"):
        fetch(wanted(shelf, size=size), tmp_path / "part", lambda _: None)
    assert not (tmp_path / "part").exists()


ELSEWHERE = ["http://localhost:1/models/small.zip", "https://example.org/x", "file:///etc/passwd"]


@pytest.mark.parametrize("where", ELSEWHERE)
def test_nobody_is_followed_to_another_host(shelf, tmp_path, where):
    """A redirect to another host, or to anything but the web, is an error that names it."""
    shelf.redirect = where
    with pytest.raises(DownloadError, match=r"not followed|not allowed"):
        fetch(wanted(shelf), tmp_path / "part", lambda _: None)


def test_a_redirect_that_never_ends_is_given_up(shelf, tmp_path):
    """A server that sends round and round."""
    shelf.redirect = "/models/small.zip"
    with pytest.raises(DownloadError, match="302"):
        fetch(wanted(shelf), tmp_path / "part", lambda _: None)


def test_a_server_that_never_stops_is_stopped(shelf, tmp_path):
    """No length is told and bytes come for ever: no more is taken than the file should have."""
    shelf.endless = True
    with pytest.raises(DownloadError, match="gives more than"):
        fetch(wanted(shelf), tmp_path / "part", lambda _: None)
    assert (tmp_path / "part").stat().st_size <= SIZE


@pytest.mark.parametrize("status", [403, 404, 416, 500, 503])
def test_a_refusal_is_told(shelf, tmp_path, status):
    """The server's own word stands in the error; what was there is kept."""
    shelf.status = status
    (tmp_path / "part").write_bytes(CONTENT[:10])
    with pytest.raises(DownloadError, match=f"the server says {status}"):
        fetch(wanted(shelf), tmp_path / "part", lambda _: None)
    assert (tmp_path / "part").read_bytes() == CONTENT[:10]


def test_another_part_than_was_asked_for_is_refused(shelf, tmp_path):
    """An answer that begins elsewhere would make a file with a hole."""
    shelf.shift = 5
    (tmp_path / "part").write_bytes(CONTENT[:10])
    with pytest.raises(DownloadError, match="another part"):
        fetch(wanted(shelf), tmp_path / "part", lambda _: None)


def test_no_server_at_all_is_one_clear_error(tmp_path):
    """Nobody listens there: said in one line, with the address."""
    with Shelf() as gone:
        url = gone.url
    with pytest.raises(DownloadError, match=r"127\.0\.0\.1.*[Rr]efused"):
        fetch(Wanted(url + "small.zip", 10, None), tmp_path / "part", lambda _: None)


@settings(max_examples=15)
@given(st.lists(st.integers(0, len(CONTENT)), max_size=6), st.integers(0, len(CONTENT)), st.booleans())
def test_however_it_is_cut_off_the_file_is_whole_or_there_is_an_error(tmp_path_factory, cuts, had, ranges):
    """Any interruptions, on top of any beginning: never a file that is not the right one."""
    part = tmp_path_factory.mktemp("cut") / "part"
    part.write_bytes(CONTENT[:had])
    with Shelf(small=CONTENT) as shelf:
        shelf.cuts, shelf.knows_ranges = list(cuts), ranges
        try:
            fetched(shelf, part)
        except DownloadError:
            assert CONTENT.startswith(part.read_bytes())


@pytest.mark.parametrize(
    ("place", "pinned", "good"),
    [
        ("https://alphacephei.com/vosk/models/x.zip", True, True),
        ("https://alphacephei.com/vosk/models/x.zip", False, True),
        ("http://mirror.lan/x.zip", True, True),
        ("http://mirror.lan/x.zip", False, False),
        ("http://127.0.0.1:8000/x.zip", False, True),
        ("ftp://mirror.lan/x.zip", True, False),
        ("file:///tmp/x.zip", True, False),
        ("/tmp/x.zip", True, False),
        ("https:///x.zip", True, False),
    ],
)
def test_plain_http_is_for_what_a_digest_decides(place, pinned, good):
    """HTTPS always; plain HTTP only where the bytes are checked anyway; nothing else."""
    if good:
        check_place(place, pinned=pinned)
        return
    with pytest.raises(UsageError):
        check_place(place, pinned=pinned)


def test_a_proxy_of_the_owner_is_used(shelf, tmp_path):
    """Whoever has to go through a proxy sets http_proxy, as for every other program."""
    before = os.environ.get("http_proxy")
    os.environ["http_proxy"] = shelf.url
    try:
        fetch(Wanted("http://nowhere.invalid/models/small.zip", len(CONTENT), DIGEST), tmp_path / "p", print)
    finally:
        os.environ.pop("http_proxy") if before is None else os.environ.update(http_proxy=before)
    assert shelf.asked == [("http://nowhere.invalid/models/small.zip", None)]
