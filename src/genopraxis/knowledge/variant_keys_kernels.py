"""Compiled loop over the alleles of variants: their keys, base by base."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Int64 = NDArray[np.int64]
Keys = NDArray[np.uint64]

MOST_BASES = 11
MOST_POSITIONS = 1 << 28
_BETWEEN = 62  # >


def two_bits() -> Bytes:
    """Return the code of each letter: A 0, C 1, G 2, T 3, and 4 for what is no base."""
    codes = np.full(256, 4, np.uint8)
    codes[np.frombuffer(b"ACGT", np.uint8)] = np.arange(4, dtype=np.uint8)
    return codes


def crc_table() -> NDArray[np.uint32]:
    """Return the table of the CRC-32 of ISO 3309, which zlib computes too."""
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(
            table & np.uint32(1), (table >> np.uint32(1)) ^ np.uint32(0xEDB88320), table >> np.uint32(1)
        )
    return table.astype(np.uint32)


@njit(cache=True, nogil=True)
def allele_keys(
    codes: Bytes,
    positions: Int64,
    refs: Bytes,
    ref_ends: Int64,
    alts: Bytes,
    alt_ends: Int64,
    letters: Bytes,
    checksums: NDArray[np.uint32],
) -> tuple[Keys, NDArray[np.bool_]]:
    """Make the key of each variant.

    Parameters
    ----------
    codes
        Of the chromosome; 0: none.
    positions
        1-based.
    refs, alts
        All alleles, one after the other.
    ref_ends, alt_ends
        Where each of them ends.
    letters, checksums
        What :func:`two_bits` and :func:`crc_table` return.

    Returns
    -------
    tuple of arrays
        Keys, 0 where there is none; and whether there is one.
    """
    n = codes.shape[0]
    keys = np.zeros(n, np.uint64)
    keyed = np.zeros(n, np.bool_)
    ref_end = alt_end = np.int64(0)
    for i in range(n):
        ref, alt = ref_end, alt_end
        ref_end, alt_end = ref_ends[i], alt_ends[i]
        place = positions[i] - 1
        if codes[i] == 0 or place < 0 or place >= MOST_POSITIONS or ref == ref_end or alt == alt_end:
            continue
        bases = np.uint64(0)
        odd = np.uint8(0)
        for at in range(ref, ref_end):
            code = letters[refs[at]]
            odd |= code
            bases = (bases << np.uint64(2)) | np.uint64(code)
        for at in range(alt, alt_end):
            code = letters[alts[at]]
            odd |= code
            bases = (bases << np.uint64(2)) | np.uint64(code)
        if odd & np.uint8(4):
            continue
        length = (ref_end - ref) + (alt_end - alt)
        if length <= MOST_BASES:
            alleles = (
                np.uint64(ref_end - ref) << np.uint64(27)
                | np.uint64(alt_end - alt) << np.uint64(23)
                | bases << np.uint64(2 * (MOST_BASES - length) + 1)
            )
        else:
            crc = np.uint32(0xFFFFFFFF)
            for at in range(ref, ref_end):
                crc = checksums[(crc ^ refs[at]) & np.uint32(255)] ^ (crc >> np.uint32(8))
            crc = checksums[(crc ^ np.uint32(_BETWEEN)) & np.uint32(255)] ^ (crc >> np.uint32(8))
            for at in range(alt, alt_end):
                crc = checksums[(crc ^ alts[at]) & np.uint32(255)] ^ (crc >> np.uint32(8))
            crc = ~crc
            alleles = np.uint64(crc & np.uint32(0x3FFFFFFF)) << np.uint64(1) | np.uint64(1)
        keys[i] = np.uint64(codes[i]) << np.uint64(59) | np.uint64(place) << np.uint64(31) | alleles
        keyed[i] = True
    return keys, keyed
