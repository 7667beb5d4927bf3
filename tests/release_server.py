"""A release server on 127.0.0.1 that behaves like GitHub's, and misbehaves on request."""

from __future__ import annotations

import hashlib
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TAG = "v2025-01-17"


@dataclass
class Behaviour:
    """What the server serves and how it misbehaves; a test changes it at will.

    Parameters
    ----------
    files
        Bytes by name, below ``/files/``.
    cuts
        For the next requests of a file: close after so many bytes; ``None``: send all.
    ignore_range, no_length, other_range
        Send the whole file although a part was asked for; state no length; send another part.
    suffix
        Bytes sent after the file.
    status
        Answer of a path other than 200.
    redirects
        Where a path leads.
    listing
        Replaces parts of the listing, or is the listing's text.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    cuts: list[int | None] = field(default_factory=list)
    ignore_range: bool = False
    no_length: bool = False
    other_range: bool = False
    suffix: bytes = b""
    status: dict[str, int] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    listing: str | None = None
    digests: bool = True
    tag: str = TAG
    base: str = ""
    requests: list[tuple[str, str | None]] = field(default_factory=list)

    @property
    def releases(self) -> str:
        """Address of the release listing."""
        return f"{self.base}/releases"

    def assets(self) -> list[dict[str, Any]]:
        """Return the assets of the listing."""
        return [
            {
                "name": name,
                "browser_download_url": f"{self.base}/files/{name}",
                "size": len(data),
                "digest": f"sha256:{hashlib.sha256(data).hexdigest()}" if self.digests else None,
            }
            for name, data in self.files.items()
        ]

    def of_files(self) -> list[tuple[str, str | None]]:
        """Return the name and Range header of each file that was asked for."""
        return [(p.removeprefix("/files/"), r) for p, r in self.requests if p.startswith("/files/")]


class _Handler(BaseHTTPRequestHandler):
    behaviour: Behaviour

    def do_GET(self) -> None:
        b = self.behaviour
        b.requests.append((self.path, self.headers.get("Range")))
        if self.path in b.status:
            self.send_error(b.status[self.path])
        elif self.path in b.redirects:
            self.send_response(302)
            self.send_header("Location", b.redirects[self.path])
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.path in {"/releases/latest", f"/releases/tags/{b.tag}"}:
            text = b.listing
            if text is None:
                text = json.dumps({"tag_name": b.tag, "assets": b.assets()})
            self._send(200, text.encode(), {})
        elif self.path.removeprefix("/files/") in b.files:
            self._send_file(b.files[self.path.removeprefix("/files/")])
        else:
            self.send_error(404)

    def _send_file(self, data: bytes) -> None:
        b, asked = self.behaviour, self.headers.get("Range")
        status, headers, begin = 200, dict[str, str](), 0
        if asked and not b.ignore_range:
            begin = int(asked.removeprefix("bytes=").removesuffix("-"))
            if begin >= len(data):
                self.send_error(416)
                return
            if b.other_range:  # as long as what was asked for, but from the beginning of the file
                data, begin = data[: len(data) - begin], 0
            status = 206
            headers = {"Content-Range": f"bytes {begin}-{len(data) - 1}/{len(data)}"}
        cut = b.cuts.pop(0) if b.cuts else None
        self._send(status, data[begin:] + b.suffix, headers, cut=cut)

    def _send(self, status: int, body: bytes, headers: dict[str, str], *, cut: int | None = None) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if not self.behaviour.no_length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body if cut is None else body[:cut])
        self.close_connection = True

    def log_message(self, *_args: object) -> None:
        """Keep quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def server_bind(self) -> None:
        # http.server would look up the name of the host
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def handle_error(self, *_args: object) -> None:
        """A client may go away; that is no error of the server."""


@contextmanager
def serving(files: dict[str, bytes]) -> Iterator[Behaviour]:
    """Serve a release on an ephemeral port until the block ends."""
    behaviour = Behaviour(files=files)
    handler = type("Handler", (_Handler,), {"behaviour": behaviour})
    with _Server(("127.0.0.1", 0), handler) as server:
        behaviour.base = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield behaviour
        finally:
            server.shutdown()
            thread.join()
