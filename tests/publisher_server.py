"""A publisher's server on 127.0.0.1: any paths, HEAD, ranges, checksum headers; and it misbehaves on request."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler

from release_server import _Server

MODIFIED = "Sun, 07 Jan 2024 10:00:00 GMT"


@dataclass
class Publisher:
    """What the server serves and how it misbehaves; a test changes it at will.

    Parameters
    ----------
    files, headers
        Bytes and further headers by path.
    cuts
        For the next GET requests: close after so many bytes; ``None``: send all.
    lengths
        Content-Length that is stated instead of the true one, by path.
    no_length, no_head, ignore_range, no_version
        State no length; refuse HEAD; send all although a part was asked for; state neither ETag nor date.
    status, redirects
        Answer of a path other than 200; where it leads.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    headers: dict[str, dict[str, str]] = field(default_factory=dict)
    cuts: list[int | None] = field(default_factory=list)
    lengths: dict[str, int] = field(default_factory=dict)
    no_length: bool = False
    no_head: bool = False
    ignore_range: bool = False
    no_version: bool = False
    etag: str | None = None
    status: dict[str, int] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    base: str = ""
    requests: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    def gets(self, path: str) -> list[str | None]:
        """Return the Range header of each GET of a path."""
        return [
            headers.get("range")
            for method, asked, headers in self.requests
            if (method, asked) == ("GET", path)
        ]


class _Handler(BaseHTTPRequestHandler):
    publisher: Publisher

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        p = self.publisher
        p.requests.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}))
        self.close_connection = True
        if not body and p.no_head:
            self.send_error(405)
        elif self.path in p.status:
            self.send_error(p.status[self.path])
        elif self.path in p.redirects:
            self.send_response(302)
            self.send_header("Location", p.redirects[self.path])
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.path not in p.files:
            self.send_error(404)
        else:
            self._file(p.files[self.path], body=body)

    def _file(self, data: bytes, *, body: bool) -> None:
        p, asked, begin = self.publisher, self.headers.get("Range"), 0
        changed = self.headers.get("If-Range", p.etag or MODIFIED) != (p.etag or MODIFIED)
        if body and asked and not p.ignore_range and not changed:
            begin = int(asked.removeprefix("bytes=").removesuffix("-"))
            if begin >= len(data):
                self.send_error(416)
                return
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {begin}-{len(data) - 1}/{len(data)}")
        else:
            self.send_response(200)
        for name, value in p.headers.get(self.path, {}).items():
            self.send_header(name, value)
        if not p.no_version:
            self.send_header("Last-Modified", MODIFIED)
            if p.etag:
                self.send_header("ETag", p.etag)
        if not p.no_length:
            self.send_header("Content-Length", str(p.lengths.get(self.path, len(data)) - begin))
        self.end_headers()
        if body:
            cut = p.cuts.pop(0) if p.cuts else None
            sent = data[begin:]
            self.wfile.write(sent if cut is None else sent[:cut])

    def log_message(self, *_args: object) -> None:
        """Keep quiet."""


@contextmanager
def publishing() -> Iterator[Publisher]:
    """Serve on an ephemeral port until the block ends."""
    publisher = Publisher()
    handler = type("Handler", (_Handler,), {"publisher": publisher})
    with _Server(("127.0.0.1", 0), handler) as server:
        publisher.base = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield publisher
        finally:
            server.shutdown()
            thread.join()
