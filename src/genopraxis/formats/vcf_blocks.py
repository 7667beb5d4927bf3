"""The text of a VCF in pieces, whatever it is packed in: plain, gzip, bgzip (in threads) or BCF."""

from __future__ import annotations

import struct
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from typing import IO, Literal, TypeVar, cast

import pysam
from isal import isal_zlib

from genopraxis.contracts.errors import InputError

__all__ = ["EMPTY_BLOCK", "DamagedError", "Packing", "map_threads", "packing_of", "text_pieces"]

Packing = Literal["plain", "gzip", "bgzip", "bcf"]
Item = TypeVar("Item")
Result = TypeVar("Result")

_IsalError = cast("type[Exception]", isal_zlib.IsalError)  # its stub makes it an instance
_READ = 1 << 20
_HEADER = 18  # bytes of a BGZF block header with its one extra field
_GZIP_MAGIC = b"\x1f\x8b"
_BLOCK_MAGIC = b"\x1f\x8b\x08\x04"
_BCF_MAGIC = b"BCF\x02"
EMPTY_BLOCK = bytes.fromhex("1f8b08040000000000ff0600424302001b0003000000000000000000")
_GROUP = 32  # BGZF blocks, of at most 64 KiB of text each, that a thread unpacks at once
_BCF_LINES = 2000
_AGAIN = "copy or download the file again"


class DamagedError(InputError):
    """The file ends too early or its compressed data are damaged; whoever reads it knows the line."""


def packing_of(start: bytes) -> Packing:
    """Tell how a file is packed from its first 64 KiB: its bytes, not its name."""
    if start.startswith(_BCF_MAGIC):
        return "bcf"
    if not start.startswith(_GZIP_MAGIC):
        return "plain"
    if start.startswith(_BLOCK_MAGIC) and start[12:16] == b"BC\x02\x00":
        try:
            first = isal_zlib.decompressobj(wbits=31).decompress(start, 8)
        except _IsalError:
            first = b""
        return "bcf" if first.startswith(_BCF_MAGIC) else "bgzip"
    return "gzip"


def text_pieces(stream: IO[bytes], *, path: str, packing: Packing, threads: int) -> Iterator[bytes]:
    """Yield the text of a VCF in pieces that end anywhere.

    Parameters
    ----------
    stream
        The open file, at its start.
    path
        Its path; BCF is opened again by name.
    packing
        How it is packed, see :func:`packing_of`.
    threads
        Threads that unpack; 1 unpacks here.

    Raises
    ------
    DamagedError
        When the file ends too early or its compressed data are damaged.
    """
    if packing == "plain":
        pieces = iter(lambda: stream.read(_READ), b"")
    elif packing == "gzip":
        pieces = _gzip(stream)
    elif packing == "bcf":
        return _bcf(path, threads=threads)
    else:
        return map_threads(_unpack, _block_groups(stream), threads=threads)
    return pieces


def map_threads(
    function: Callable[[Item], Result], items: Iterable[Item], *, threads: int
) -> Generator[Result]:
    """Yield ``function(item)`` in the order of the items, computed by threads.

    At most ``threads + 2`` items are under way or wait, so memory stays bounded. It pays for functions that
    release the GIL. What the items themselves raise is raised after the results of those before.
    """
    if threads <= 1:
        yield from map(function, items)
        return
    waiting: deque[Future[Result]] = deque()
    source = iter(items)
    problem: Exception | None = None
    with ThreadPoolExecutor(threads) as pool:
        try:
            while problem is None:
                try:
                    waiting.append(pool.submit(function, next(source)))
                except StopIteration:
                    break
                except Exception as error:  # noqa: BLE001 - it is raised again, after what came before it
                    problem = error
                if len(waiting) > threads + 1:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
    if problem is not None:
        raise problem


def _gzip(stream: IO[bytes]) -> Iterator[bytes]:
    unpacker = isal_zlib.decompressobj(wbits=31)
    begun = False
    while raw := stream.read(_READ):
        while raw:
            if not begun:
                raw = raw.lstrip(b"\0")  # padding between members is allowed
                if not raw:
                    break
                begun = True
            try:
                text = unpacker.decompress(raw, _READ)  # a bound: a small file may hold gigabytes
            except _IsalError as error:
                raise DamagedError(
                    f"the gzip data are damaged ({error})", hint=f"{_AGAIN}; `gzip -t FILE` checks it"
                ) from error
            if text:
                yield text
            raw = unpacker.unconsumed_tail
            if unpacker.eof:
                raw = unpacker.unused_data
                unpacker, begun = isal_zlib.decompressobj(wbits=31), False
    if begun:
        raise DamagedError("the gzip data end too early: the file is truncated", hint=_AGAIN)


def _block_groups(stream: IO[bytes]) -> Iterator[list[bytes]]:
    """Yield BGZF blocks as they are, some at a time; the file must end with an empty one."""
    group: list[bytes] = []
    rest = b""
    last = b""
    offset = 0
    while True:
        read = stream.read(_READ)
        data = rest + read
        at = 0
        while len(data) - at >= _HEADER:
            if data[at : at + 4] != _BLOCK_MAGIC or data[at + 12 : at + 16] != b"BC\x02\x00":
                if group:
                    yield group
                raise DamagedError(f"the bgzip data are damaged at byte {offset + at}", hint=_AGAIN)
            size = int.from_bytes(data[at + 16 : at + 18], "little") + 1
            if len(data) - at < size:
                break
            last = data[at : at + size]
            group.append(last)
            at += size
            if len(group) == _GROUP:
                yield group
                group = []
        rest = data[at:]
        offset += at
        if not read:
            break
    if group:
        yield group
    if rest or last != EMPTY_BLOCK:
        what = "within a block" if rest else "without the empty block that marks the end"
        raise DamagedError(
            f"the bgzip data end {what}: the file is truncated",
            hint=f"{_AGAIN}; if it is whole, `gzip -dc FILE | bgzip > NEW.vcf.gz` adds the mark",
        )


def _unpack(blocks: list[bytes]) -> bytes:
    texts = []
    for block in blocks:
        crc, size = struct.unpack("<II", block[-8:])
        try:
            text = isal_zlib.decompress(block[_HEADER:-8], wbits=-15, bufsize=max(size, 1))
        except _IsalError as error:
            raise DamagedError(f"the bgzip data are damaged ({error})", hint=_AGAIN) from error
        if len(text) != size or isal_zlib.crc32(text) != crc:
            raise DamagedError("the bgzip data are damaged: a checksum is wrong", hint=_AGAIN)
        texts.append(text)
    return b"".join(texts)


_VERBOSITY = threading.Lock()


def _bcf(path: str, *, threads: int) -> Iterator[bytes]:
    try:
        file = _quiet(lambda: pysam.VariantFile(path, "r", threads=max(1, threads)))
    except (OSError, ValueError) as error:
        raise DamagedError("the BCF header cannot be read", hint=_AGAIN) from error
    with closing(file):
        yield str(file.header).encode("utf-8", "surrogateescape")
        records = iter(file)
        more = True
        while more:
            lines, more = _quiet(lambda: _bcf_lines(records))
            yield "".join(lines).encode("utf-8", "surrogateescape")


def _bcf_lines(records: Iterator[pysam.VariantRecord]) -> tuple[list[str], bool]:
    lines = []
    try:
        for record in records:
            lines.append(str(record))
            if len(lines) == _BCF_LINES:
                return lines, True
    except (OSError, ValueError) as error:
        raise DamagedError("the BCF data end too early or are damaged", hint=_AGAIN) from error
    return lines, False


def _quiet(call: Callable[[], Result]) -> Result:
    with _VERBOSITY:  # htslib writes to standard error, and its verbosity is global
        verbosity = pysam.set_verbosity(0)
        try:
            return call()
        finally:
            pysam.set_verbosity(verbosity)
