"""Fetch one file, whole and as it should be, or say why not. What was cut off goes on where it was.

The only module that opens a connection for a download; nothing runs it but `sottovoce models get`.
"""

import contextlib
import functools
import hashlib
import http.client
import re
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final
from urllib.parse import urlsplit

from sottovoce.errors import DownloadError, ModelError, UsageError

_CHUNK: Final = 65_536
_PATIENCE_SECONDS: Final = 30.0
_LOOPBACK: Final = {"127.0.0.1", "localhost", "::1"}

Progress = Callable[[int], None]
"""Told how many bytes of the file there are now."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to be fetched."""

    url: str
    size: int
    """Bytes; another size is refused before anything is fetched."""
    sha256: str | None
    """Lower case; None to take what comes."""

    @property
    def host(self) -> str:
        """The host that gives it."""
        return urlsplit(self.url).hostname or ""


class _SameHost(urllib.request.HTTPRedirectHandler):
    """Follows a server to another of its own addresses, and to nobody else's."""

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Refuse another host, and the way from HTTPS to anything else. Raises DownloadError."""
        old, new = urlsplit(req.full_url), urlsplit(newurl)
        if new.hostname != old.hostname or new.scheme not in {old.scheme, "https"}:
            raise DownloadError(
                f"{old.hostname} sends on to {new.scheme}://{new.hostname}: not followed",
                "give another place by --from",
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def check_place(base: str, *, pinned: bool) -> None:
    """See that a place may be fetched from: HTTPS, or plain HTTP where a digest decides anyway.

    Raises UsageError.
    """
    place = urlsplit(base)
    if place.scheme not in {"https", "http"} or not place.hostname:
        raise UsageError(f"{base!r} is no web address", "such as https://example.org/models/")
    if place.scheme == "http" and not pinned and place.hostname not in _LOOPBACK:
        raise UsageError(f"{base}: plain HTTP, and no digest to check by", "give an https address")


def fetch(wanted: Wanted, part: Path, progress: Progress) -> str:
    """Fetch into `part`, going on from what is there already; its SHA-256 in lower case.

    Raises DownloadError when it cannot be fetched whole (what came stays, for the next time), and
    ModelError when the whole of it is not what was wanted (then nothing stays).
    """
    while (have := _size(part)) < wanted.size:
        fault = "the connection was cut off"
        try:
            _more(wanted, part, have, progress)
        except DownloadError:
            raise
        except (OSError, http.client.HTTPException) as error:
            fault = _reason(error)
        if _size(part) <= have:  # an attempt that brought nothing is the last one
            raise DownloadError(
                f"{wanted.url}: {fault} (at {_size(part)} of {wanted.size} bytes)",
                "what came is kept: the next time goes on from there",
            )
    found = digest(part)
    if wanted.sha256 not in {None, found} or _size(part) != wanted.size:
        part.unlink()
        raise ModelError(
            f"{wanted.url}: not the file it should be: SHA-256 {found}, wanted {wanted.sha256}",
            "nothing of it was kept; try again, or another place by --from",
        )
    return found


def digest(file: Path) -> str:
    """Reckon a file's SHA-256."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _more(wanted: Wanted, part: Path, have: int, progress: Progress) -> None:
    """Ask once for what is missing, and write what comes of it."""
    request = urllib.request.Request(wanted.url, headers={"User-Agent": "sottovoce"})  # noqa: S310  checked
    if have:
        request.add_header("Range", f"bytes={have}-")
    with _opened(request) as answer:
        start = _start(answer, wanted, have)
        with part.open("ab" if start else "wb") as file:
            at = start
            while chunk := answer.read(_CHUNK):
                at += len(chunk)
                if at > wanted.size:
                    raise DownloadError(f"{wanted.url}: gives more than {wanted.size} bytes", "not taken")
                file.write(chunk)
                progress(at)


@contextlib.contextmanager
def _opened(request: urllib.request.Request) -> Iterator[http.client.HTTPResponse]:
    opener = urllib.request.build_opener(_SameHost, urllib.request.HTTPSHandler(context=_verifying()))
    try:
        with opener.open(request, timeout=_PATIENCE_SECONDS) as answer:
            yield answer
    except urllib.error.HTTPError as error:
        error.close()
        raise DownloadError(
            f"{request.full_url}: the server says {error.code} {error.reason}", "try again later"
        ) from error


@functools.cache
def _verifying() -> ssl.SSLContext:
    """Trust whom this machine trusts."""
    return ssl.create_default_context()


def _start(answer: http.client.HTTPResponse, wanted: Wanted, have: int) -> int:
    """Say at which byte an answer begins. Raises DownloadError for an answer to another question."""
    length, start = answer.headers.get("Content-Length", ""), 0
    if answer.status == http.HTTPStatus.PARTIAL_CONTENT:
        given = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", answer.headers.get("Content-Range", ""))
        if given is None or (int(given[1]), int(given[2])) != (have, wanted.size):
            raise DownloadError(f"{wanted.url}: gives another part than was asked for", "try again later")
        start = have
    if length.isdigit() and start + int(length) != wanted.size:
        raise DownloadError(
            f"{wanted.url}: {start + int(length)} bytes, and {wanted.size} are wanted: another file",
            "give another place by --from",
        )
    return start


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


def _reason(error: Exception) -> str:
    inner = error.reason if isinstance(error, urllib.error.URLError) else error
    return getattr(inner, "strerror", None) or str(inner) or type(inner).__name__
