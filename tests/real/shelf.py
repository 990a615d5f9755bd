"""A real HTTP server on this machine that gives files as a shop of models does, or badly."""

import contextlib
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Shelf:
    """Serves files from memory, with ranges; what it should do wrong is set by its fields. A context."""

    def __init__(self, **files):
        self.files = {name.replace("_", "-") + ".zip": content for name, content in files.items()}
        self.asked = []
        """Path and Range of each request, in order."""
        self.cuts = []
        """After how many bytes to hang up, request by request; then no more."""
        self.knows_ranges = True
        self.redirect = ""
        """Where to send everybody."""
        self.status = 0
        """A status to answer with, and nothing else."""
        self.endless = False
        """Say no length, and never stop."""
        self.shift = 0
        """Added to the byte it says a part begins at."""
        shelf = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                shelf.give(self)

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/models/"

    def give(self, request):
        span = request.headers.get("Range")
        self.asked.append((request.path, span))
        content = self.files.get(request.path.rpartition("/")[2])
        if self.redirect or self.status or content is None:
            request.send_response(302 if self.redirect else self.status or 404)
            if self.redirect:
                request.send_header("Location", self.redirect)
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        start = int(re.fullmatch(r"bytes=(\d+)-", span)[1]) if span and self.knows_ranges else 0
        request.send_response(206 if start else 200)
        if start:
            first = start + self.shift
            request.send_header("Content-Range", f"bytes {first}-{len(content) - 1}/{len(content)}")
        if not self.endless:
            request.send_header("Content-Length", str(len(content) - start))
        request.end_headers()
        with contextlib.suppress(ConnectionError):
            while self.endless:
                request.wfile.write(content)
                request.close_connection = True
        cut = self.cuts.pop(0) if self.cuts else None
        request.wfile.write(content[start:] if cut is None else content[start : start + cut])
        if cut is not None:
            request.wfile.flush()
            request.close_connection = True

    def __enter__(self):
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()
