"""Write bgzip: gzip in blocks, packed by threads, that tabix can index and every gzip reader can read."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from typing import IO

from isal import isal_zlib

from genopraxis.formats.vcf_blocks import EMPTY_BLOCK, map_threads

__all__ = ["write_bgzip"]

_TEXT = 0xFF00  # bytes of text in a block, as bgzip itself has it: packed, it never exceeds 64 KiB
_GROUP = 32
_LEVEL = 2
_HEADER = bytes.fromhex("1f8b08040000000000ff060042430200")


def write_bgzip(pieces: Iterable[bytes | memoryview], file: IO[bytes], *, threads: int = 1) -> None:
    """Pack pieces of text into a file, in order; memory is some ``threads + 3`` groups of 2 MiB.

    Parameters
    ----------
    pieces
        Text that may end anywhere.
    file
        Open for writing bytes. The caller makes sure that it is complete when others see it.
    threads
        Threads that pack; 1 does it in the caller's.
    """
    for packed in map_threads(_packed, _groups(pieces), threads=threads):
        file.write(packed)
    file.write(EMPTY_BLOCK)


def _groups(pieces: Iterable[bytes | memoryview]) -> Iterator[bytes]:
    """Yield the text in pieces of whole blocks, the last one with the rest."""
    size = _GROUP * _TEXT
    waiting = bytearray()
    for piece in pieces:
        waiting += piece
        whole = len(waiting) // size * size
        for start in range(0, whole, size):
            yield bytes(waiting[start : start + size])
        del waiting[:whole]
    if waiting:
        yield bytes(waiting)


def _packed(text: bytes) -> bytes:
    return b"".join(_block(text[start : start + _TEXT]) for start in range(0, len(text), _TEXT))


def _block(text: bytes) -> bytes:
    data = isal_zlib.compress(text, _LEVEL, wbits=-15)
    size = len(_HEADER) + 2 + len(data) + 8
    if size > 1 << 16:  # noise cannot be packed: stored as it is, it always fits
        data = isal_zlib.compress(text, 0, wbits=-15)
        size = len(_HEADER) + 2 + len(data) + 8
    if size > 1 << 16:
        half = len(text) // 2
        return _block(text[:half]) + _block(text[half:])
    return b"".join(
        (
            _HEADER,
            struct.pack("<H", size - 1),
            data,
            struct.pack("<II", isal_zlib.crc32(text), len(text)),
        )
    )
