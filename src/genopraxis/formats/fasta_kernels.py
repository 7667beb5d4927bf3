"""The compiled loops over the bases of a contig."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

LOWER, AMBIGUOUS, INVALID = 1, 2, 4


def _tables() -> tuple[Bytes, Bytes]:
    """Return what becomes of each byte, and which of the three kinds it is, as bits."""
    bases = np.full(256, ord("N"), np.uint8)
    kinds = np.full(256, INVALID, np.uint8)
    for letters, kind in ((b"ACGTN", 0), (b"RYSWKMBDHV", AMBIGUOUS)):
        for letter in letters:
            bases[letter] = bases[letter | 0x20] = ord("N") if kind else letter
            kinds[letter], kinds[letter | 0x20] = kind, kind | LOWER
    return bases, kinds


BASES, KINDS = _tables()


@njit(cache=True, nogil=True)
def clean_bases(raw: Bytes, bases: Bytes, kinds: Bytes, into: Bytes) -> int:
    """Write bases in upper case, IUPAC codes as N; return the bits of all kinds that occurred."""
    seen = np.uint8(0)
    for i in range(raw.size):
        byte = raw[i]
        into[i] = bases[byte]
        seen |= kinds[byte]
    return int(seen)


@njit(cache=True, nogil=True)
def count_kind(raw: Bytes, kinds: Bytes, kind: int) -> int:
    """Return how many bytes are of a kind."""
    n = 0
    for i in range(raw.size):
        n += (kinds[raw[i]] & kind) != 0
    return n
