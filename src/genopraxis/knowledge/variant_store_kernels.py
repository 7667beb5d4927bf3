"""Compiled loops of looking variants up: rows by keys, and values by rows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Keys = NDArray[np.uint64]
Flags = NDArray[np.bool_]

MISSING = int(np.iinfo(np.int32).min)
"""Stands for no value in four bytes."""


@njit(cache=True, nogil=True)
def find_rows(stored: Keys, keys: Keys, keyed: Flags) -> Int64:
    """Return the first row of each key; -1 where it is not there.

    From one question to the next it goes by growing steps, so that sorted questions cost little whatever the size of
    the store, and unsorted ones no more than twice a search by halves.
    """
    n = stored.shape[0]
    rows = np.full(keys.shape[0], -1, np.int64)
    at = np.int64(0)
    previous = np.uint64(0)
    for i in range(keys.shape[0]):
        if not keyed[i]:
            continue
        key = keys[i]
        if key < previous:
            low, high = np.int64(0), at
        else:
            low = high = at
            step = np.int64(1)
            while high < n and stored[high] < key:
                low = high + 1
                high += step
                step *= 2
            high = min(high, n)
        while low < high:
            middle = (low + high) >> 1
            if stored[middle] < key:
                low = middle + 1
            else:
                high = middle
        at = low
        previous = key
        if at < n and stored[at] == key:
            rows[i] = at
    return rows


@njit(cache=True, nogil=True)
def statuses(rows: Int64, keys: Keys, keyed: Flags, contigs: Flags) -> NDArray[np.uint8]:
    """Return 0 found, 1 not found, 2 not covered, 3 no key; covered are whole chromosomes, by their codes."""
    n = rows.shape[0]
    status = np.empty(n, np.uint8)
    for i in range(n):
        if not keyed[i]:
            status[i] = 3
        elif rows[i] >= 0:
            status[i] = 0
        else:
            status[i] = 1 if contigs[keys[i] >> np.uint64(59)] else 2
    return status


@njit(cache=True, nogil=True)
def take_packed(
    codes: NDArray[Any], rows: Int64, base: int, capacity: int, far_rows: Int64, far_values: Int64
) -> Int32:
    """Return the values of codes of one or two bytes at ``rows``; :data:`MISSING` where a row is negative.

    Raises
    ------
    ValueError
        When a value that should be among the far ones is not.
    """
    n = rows.shape[0]
    values = np.empty(n, np.int32)
    for i in range(n):
        row = rows[i]
        if row < 0:
            values[i] = MISSING
            continue
        code = np.int64(codes[row])
        if code < capacity:
            values[i] = base + code
        elif code == capacity:
            values[i] = MISSING
        else:
            place = np.searchsorted(far_rows, row)
            if place == far_rows.shape[0] or far_rows[place] != row:
                raise ValueError("a value that did not fit is missing")
            values[i] = far_values[place]
    return values


@njit(cache=True, nogil=True)
def take_whole(codes: Int32, rows: Int64) -> Int32:
    """Return the numbers at ``rows``; :data:`MISSING` where a row is negative."""
    n = rows.shape[0]
    values = np.empty(n, np.int32)
    for i in range(n):
        values[i] = codes[rows[i]] if rows[i] >= 0 else MISSING
    return values


@njit(cache=True, nogil=True)
def take_floats(codes: NDArray[np.float32], rows: Int64) -> NDArray[np.float32]:
    """Return the numbers at ``rows``; NaN where a row is negative."""
    n = rows.shape[0]
    values = np.empty(n, np.float32)
    for i in range(n):
        values[i] = codes[rows[i]] if rows[i] >= 0 else np.nan
    return values


@njit(cache=True, nogil=True)
def widest_window(values: Int64, capacity: int) -> tuple[int, int]:
    """Return where, among ascending values, the most lie within a capacity, and how many these are."""
    n = values.shape[0]
    best = first = end = 0
    for begin in range(n):
        while end < n and values[end] - values[begin] < capacity:
            end += 1
        if end - begin > best:
            best = end - begin
            first = begin
    return first, best
