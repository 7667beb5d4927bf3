"""Compiled loop of the 3' rule: how far an insertion or a deletion can move along a contig."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
_N = 78


@njit(cache=True, nogil=True)
def shift_right(bases: Bytes, start: int, end: int, inserted: Bytes, limit: int, unknown: int) -> int:
    """Return by how many bases ``[start, end)`` → ``inserted`` can move right within ``limit``; 0 for a delins.

    ``unknown`` is the code of an unknown base, over which nothing moves.
    """
    steps = 0
    if end > start and inserted.size == 0:
        while (
            end + steps < limit
            and bases[end + steps] != unknown
            and bases[start + steps] == bases[end + steps]
        ):
            steps += 1
    elif end == start and inserted.size > 0:
        while start + steps < limit:
            base = bases[start + steps]
            if base == unknown or base != inserted[steps % inserted.size]:
                break
            steps += 1
    return steps


@njit(cache=True, nogil=True)
def shift_left(bases: Bytes, start: int, end: int, inserted: Bytes, limit: int, unknown: int) -> int:
    """Return by how many bases ``[start, end)`` → ``inserted`` can move left down to ``limit``; 0 for a delins."""
    steps = 0
    size = inserted.size
    if end > start and size == 0:
        while start - steps > limit:
            base = bases[start - steps - 1]
            if base == unknown or base != bases[end - steps - 1]:
                break
            steps += 1
    elif end == start and size > 0:
        while start - steps > limit:
            base = bases[start - steps - 1]
            if base == unknown or base != inserted[size - 1 - steps % size]:
                break
            steps += 1
    return steps
