"""Files in, safely: plain or gzip, bounded in memory, and one clear error for everything that can be wrong.

What writes is in :mod:`genopraxis.formats.writing` and is offered here too: a room imports one module.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from io import BufferedReader
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from genopraxis.contracts.errors import InputError
from genopraxis.contracts.provenance import InputDigest
from genopraxis.formats.file_names import printable_name, safe_name, safe_names
from genopraxis.formats.writing import atomic_file, atomic_folder, ensure_writable_folder

if TYPE_CHECKING:
    from _hashlib import HASH

__all__ = [
    "DOCUMENT_LIMIT",
    "LINE_LIMIT",
    "SINGLE_DOCUMENT_LIMIT",
    "atomic_file",
    "atomic_folder",
    "digest",
    "ensure_writable_folder",
    "iter_lines",
    "iter_raw_lines",
    "printable_name",
    "read_bytes",
    "read_text",
    "read_with_digest",
    "safe_name",
    "safe_names",
]

SINGLE_DOCUMENT_LIMIT = 256 * 1024**2
# a document that is parsed as a whole takes many times its size
DOCUMENT_LIMIT = 32 * 1024**2
LINE_LIMIT = 16 * 1024**2

_CHUNK = 1024**2
_GZIP_MAGIC = b"\x1f\x8b"
_UTF8_BOM = b"\xef\xbb\xbf"
_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")


def read_bytes(path: str | os.PathLike[str], *, limit_bytes: int = SINGLE_DOCUMENT_LIMIT) -> bytes:
    """Return the bytes of a file, decompressed when it is gzip (told by its first bytes, not by its name).

    Parameters
    ----------
    path
        A regular file.
    limit_bytes
        Largest size after decompression; reading stops there, so that a small file cannot fill the memory.

    Raises
    ------
    InputError
        Missing, unreadable, empty, damaged or too large.
    """
    return _bytes(path, limit_bytes=limit_bytes, sha256=None)


def read_with_digest(
    path: str | os.PathLike[str], *, limit_bytes: int = DOCUMENT_LIMIT
) -> tuple[bytes, InputDigest]:
    """Return what :func:`read_bytes` returns, and the digest of the very bytes that were read.

    The file is opened once: a digest taken before or after could be one of other bytes.

    Parameters
    ----------
    path
        A regular file, plain or gzip.
    limit_bytes
        Largest size after decompression.

    Returns
    -------
    tuple of bytes and InputDigest
        The decompressed bytes; name and SHA-256 of the file as it is on disk (compressed, if it is).

    Raises
    ------
    InputError
        As :func:`read_bytes`.
    """
    sha256 = hashlib.sha256()
    data = _bytes(path, limit_bytes=limit_bytes, sha256=sha256)
    return data, InputDigest(name=printable_name(path), sha256=sha256.hexdigest())


def _bytes(path: str | os.PathLike[str], *, limit_bytes: int, sha256: HASH | None) -> bytes:
    data = bytearray()
    with _opened(path, limit_bytes=limit_bytes, sha256=sha256) as stream:
        while chunk := stream.read(_CHUNK):
            if len(data) + len(chunk) > limit_bytes:
                raise _too_large(path, limit_bytes)
            data += chunk
    if not data:
        raise _empty(path)
    return bytes(data)


def read_text(path: str | os.PathLike[str], *, limit_bytes: int = SINGLE_DOCUMENT_LIMIT) -> str:
    r"""Return a UTF-8 file as text, with ``\n`` line ends and without a byte order mark.

    Parameters
    ----------
    path
        A regular file, plain or gzip.
    limit_bytes
        Largest size after decompression.

    Raises
    ------
    InputError
        As :func:`read_bytes`, and when the text is not UTF-8 (the message names the byte offset).
    """
    return decode(read_bytes(path, limit_bytes=limit_bytes), where=os.fspath(path))


def decode(data: bytes, *, where: str) -> str:
    r"""Return UTF-8 bytes as text, with ``\n`` line ends and without a byte order mark.

    Raises
    ------
    InputError
        When the bytes are not UTF-8.
    """
    body = data.removeprefix(_UTF8_BOM)
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        offset = error.start + len(data) - len(body)
        raise _not_utf8(where, f"byte offset {offset}", data) from error
    return text.replace("\r\n", "\n") if "\r\n" in text else text


def iter_lines(
    path: str | os.PathLike[str],
    *,
    limit_line_bytes: int = LINE_LIMIT,
    limit_bytes: int | None = None,
    sha256: HASH | None = None,
) -> Iterator[tuple[int, str]]:
    r"""Yield ``(line number, text)`` of a UTF-8 file, plain or gzip, without holding it in memory.

    Parameters
    ----------
    path
        A regular file.
    limit_line_bytes
        Longest line, without its line end.
    limit_bytes
        Largest size of the whole file after decompression; ``None``: no limit.
    sha256
        A ``hashlib.sha256()`` that takes in the bytes of the file as they are on disk, as they are read: after
        the last line it is the digest of the file.

    Yields
    ------
    tuple of int and str
        1-based line number; the line without ``\n`` or ``\r\n``. Empty lines are included.

    Raises
    ------
    InputError
        As :func:`read_text`, and when a line is too long.
    """
    where = os.fspath(path)
    offset = 0
    lines = iter_raw_lines(path, limit_line_bytes=limit_line_bytes, limit_bytes=limit_bytes, sha256=sha256)
    for number, raw in lines:
        line = raw.removesuffix(b"\n").removesuffix(b"\r") if raw.endswith(b"\n") else raw
        body = line.removeprefix(_UTF8_BOM) if number == 1 else line
        try:
            text = body.decode("utf-8")
        except UnicodeDecodeError as error:
            start = offset + error.start + len(line) - len(body)
            raise _not_utf8(where, f"line {number}, byte offset {start}", line) from error
        offset += len(raw)
        yield number, text


def iter_raw_lines(
    path: str | os.PathLike[str],
    *,
    limit_line_bytes: int = LINE_LIMIT,
    limit_bytes: int | None = None,
    sha256: HASH | None = None,
) -> Iterator[tuple[int, bytes]]:
    r"""Yield ``(line number, bytes)`` of a file, plain or gzip: its lines as they are, line ends included.

    Parameters
    ----------
    path, limit_line_bytes, limit_bytes, sha256
        As in :func:`iter_lines`.

    Raises
    ------
    InputError
        As :func:`read_bytes`, and when a line is too long.
    """
    size = 0
    with _opened(path, limit_bytes=limit_bytes, sha256=sha256) as stream:
        # two bytes more than the limit, for the line end of the longest line allowed
        for number, raw in enumerate(iter(lambda: stream.readline(limit_line_bytes + 2), b""), start=1):
            line = raw.removesuffix(b"\n").removesuffix(b"\r") if raw.endswith(b"\n") else raw
            if len(line) > limit_line_bytes:
                raise InputError(
                    f"line {number} is longer than {_size(limit_line_bytes)}",
                    where=os.fspath(path),
                    hint="one record a line is expected; is this the right file?",
                )
            size += len(raw)
            if limit_bytes is not None and size > limit_bytes:
                raise _too_large(path, limit_bytes)
            yield number, raw
    if not size:
        raise _empty(path)


def digest(path: str | os.PathLike[str]) -> InputDigest:
    """Return the name and SHA-256 of a file's bytes, as they are on disk (compressed, if they are).

    Raises
    ------
    InputError
        Missing or unreadable.
    """
    with _raw(path) as stream:
        value = hashlib.file_digest(stream, "sha256").hexdigest()
    return InputDigest(name=printable_name(path), sha256=value)


class _Hashed(io.RawIOBase):
    """A stream that hashes every byte on its way to the reader."""

    def __init__(self, stream: BufferedReader, sha256: HASH) -> None:
        self._stream = stream
        self._sha256 = sha256

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        view = memoryview(buffer)
        n = self._stream.readinto(view)
        self._sha256.update(view[:n])
        return n


@contextmanager
def _opened(
    path: str | os.PathLike[str], *, limit_bytes: int | None = None, sha256: HASH | None = None
) -> Iterator[IO[bytes]]:
    with ExitStack() as stack:
        raw = stack.enter_context(_raw(path))
        compressed = raw.peek(len(_GZIP_MAGIC))[: len(_GZIP_MAGIC)] == _GZIP_MAGIC
        if limit_bytes is not None:
            # hopeless files are refused before they are read; gzip makes what it cannot compress a little larger
            on_disk = limit_bytes if not compressed else 2 * limit_bytes + _CHUNK
            if os.fstat(raw.fileno()).st_size > on_disk:
                raise _too_large(path, limit_bytes)
        if sha256 is not None:
            raw = stack.enter_context(BufferedReader(_Hashed(raw, sha256), _CHUNK))
        if not compressed:
            yield raw
            return
        try:
            yield cast("IO[bytes]", stack.enter_context(gzip.GzipFile(fileobj=raw, mode="rb")))
        except EOFError as error:
            raise InputError(
                "the gzip data end too early: the file is truncated",
                where=os.fspath(path),
                hint="copy or download the file again",
            ) from error
        except (gzip.BadGzipFile, zlib.error) as error:
            raise InputError(
                f"the gzip data are damaged ({error})",
                where=os.fspath(path),
                hint="copy or download the file again; `gzip -t FILE` checks it",
            ) from error


@contextmanager
def _raw(path: str | os.PathLike[str]) -> Iterator[BufferedReader]:
    where = os.fspath(path)
    try:
        # a pipe or a device may block for ever or never end
        if not stat.S_ISREG(Path(path).stat().st_mode):
            kind = "a folder" if Path(path).is_dir() else "not a regular file"
            raise InputError(f"is {kind}", where=where, hint="give the path of one file")
        stream = Path(path).open("rb")  # noqa: SIM115 - closed below, where other errors are told apart
    except FileNotFoundError as error:
        raise InputError("no such file", where=where, hint="check the path and its spelling") from error
    except NotADirectoryError as error:
        raise InputError(
            "no such file: a part of the path is a file, not a folder", where=where, hint="check the path"
        ) from error
    except PermissionError as error:
        raise InputError(
            "no permission to read this file", where=where, hint="ask its owner for access, or copy it"
        ) from error
    except ValueError as error:
        raise InputError(
            "the path holds a NUL character", where=repr(where), hint="check the path"
        ) from error
    except OSError as error:
        raise InputError(
            f"cannot be opened ({error.strerror})", where=where, hint="check the path"
        ) from error
    with stream:
        try:
            yield stream
        except OSError as error:
            raise InputError(
                f"cannot be read to its end ({error.strerror})",
                where=where,
                hint="check the disk or the network",
            ) from error


def _not_utf8(where: str, position: str, start: bytes) -> InputError:
    guess = "UTF-16" if start.startswith(_UTF16_BOMS) else "LATIN1"
    return InputError(
        f"the text is not UTF-8 ({position})",
        where=where,
        hint=f"convert it, for example with `iconv -f {guess} -t UTF-8 FILE`",
    )


def _too_large(path: str | os.PathLike[str], limit: int) -> InputError:
    return InputError(
        f"holds more than {_size(limit)} (after decompression, if compressed)",
        where=os.fspath(path),
        hint="is this the right file? Split it if it is",
    )


def _empty(path: str | os.PathLike[str]) -> InputError:
    return InputError("the file is empty", where=os.fspath(path), hint="check how it was made or copied")


def _size(number: int) -> str:
    return f"{number / 1024**2:g} MiB" if number >= 1024**2 else f"{number} bytes"
