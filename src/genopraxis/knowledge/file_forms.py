"""What the bytes of a downloaded file must look like: told by its begin, and by its end where no checksum is stated."""

from __future__ import annotations

import gzip
import zipfile
import zlib
from pathlib import Path
from typing import Literal

Form = Literal["bgzip", "gzip", "zip", "text"]

HEAD_BYTES = 64

_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_BGZIP_END = bytes.fromhex(
    "1f8b08040000000000ff0600424302001b0003000000000000000000"
)  # SAM specification, 4.1.2
_BLOCK = 1 << 20


def wrong_start(head: bytes, form: Form) -> str | None:
    """Return why a file of this form cannot begin so, or ``None``.

    Parameters
    ----------
    head
        The first :data:`HEAD_BYTES` bytes, or all where there are fewer.
    """
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if text.startswith((b"<!doctype", b"<html", b"<head", b"<?xml", b"<error")):
        return "a web page came instead of the file"
    if form in {"gzip", "bgzip"}:
        if not head.startswith(_GZIP):
            return "what came is not gzip"
        if form == "bgzip" and not (len(head) >= 14 and head[3] & 4 and head[12:14] == b"BC"):
            return "what came is gzip, but not bgzip"
    elif form == "zip":
        if not head.startswith(_ZIP):
            return "what came is not a zip archive"
    elif head.startswith((_GZIP, _ZIP)) or b"\0" in head:
        return "what came is not text"
    return None


def wrong_end(path: Path, form: Form) -> str | None:
    """Return why a file is not whole, as far as its form tells, or ``None``."""
    if form == "bgzip":
        with path.open("rb") as handle:
            handle.seek(max(0, path.stat().st_size - len(_BGZIP_END)))
            return None if handle.read() == _BGZIP_END else "it does not end as a whole bgzip file does"
    if form == "gzip":
        try:
            with gzip.open(path) as handle:
                while handle.read(_BLOCK):
                    pass
        except (EOFError, gzip.BadGzipFile, zlib.error):
            return "it is not a whole gzip file"
    elif form == "zip" and not zipfile.is_zipfile(path):
        return "it is not a whole zip archive"
    return None
