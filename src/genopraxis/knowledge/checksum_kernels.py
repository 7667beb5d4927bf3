"""Compiled loops over bytes for two checksums that the standard library lacks: BSD ``sum`` and CRC-32C."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

_POLYNOMIAL = 0x82F63B78  # Castagnoli's, reflected (RFC 3720)


def _table() -> NDArray[np.uint32]:
    table = np.zeros(256, np.uint32)
    for byte in range(256):
        value = byte
        for _ in range(8):
            value = (value >> 1) ^ (_POLYNOMIAL if value & 1 else 0)
        table[byte] = value
    return table


CRC_TABLE = _table()


@njit(cache=True, nogil=True)
def bsd_sum(data: Bytes, start: int) -> int:
    """Return the 16-bit rotating checksum of ``sum -r`` after more bytes; it begins at 0."""
    value = start
    for byte in data:
        value = ((value >> 1) + ((value & 1) << 15) + int(byte)) & 0xFFFF
    return value


@njit(cache=True, nogil=True)
def crc32c(data: Bytes, start: int, table: NDArray[np.uint32]) -> int:
    """Return the CRC-32C (RFC 3720) after more bytes; it begins at 0."""
    value = np.uint32(start) ^ np.uint32(0xFFFFFFFF)
    for byte in data:
        value = table[(value ^ np.uint32(byte)) & np.uint32(0xFF)] ^ (value >> np.uint32(8))
    return int(value ^ np.uint32(0xFFFFFFFF))
