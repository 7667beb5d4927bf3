"""One pass over INFO for many keys: gnomAD's lines have hundreds of them, and each pass costs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Offsets = NDArray[np.int32]

_SEMICOLON, _EQUALS, _COMMA = 59, 61, 44


def key_table(keys: Sequence[str]) -> tuple[NDArray[np.int32], Bytes, NDArray[np.int32]]:
    """Return a hash table of keys for :func:`spans_of_keys`: slots, the keys joined, and where each begins."""
    joined = [key.encode() for key in keys]
    starts = np.zeros(len(joined) + 1, np.int32)
    np.cumsum([len(key) for key in joined], out=starts[1:])
    text = np.frombuffer(b"".join(joined), np.uint8)
    slots = np.full(max(16, 1 << (4 * max(1, len(joined))).bit_length()), -1, np.int32)
    fill_slots(text, starts, slots)
    return slots, text, starts


@njit(cache=True, nogil=True)
def fill_slots(text: Bytes, starts: NDArray[np.int32], slots: NDArray[np.int32]) -> None:
    """Place each key in an open hash table whose size is a power of two."""
    for k in range(starts.shape[0] - 1):
        value = np.uint32(2166136261)
        for at in range(starts[k], starts[k + 1]):
            value = np.uint32((value ^ np.uint32(text[at])) * np.uint32(16777619))
        slot = int(value) & (slots.shape[0] - 1)
        while slots[slot] >= 0:
            slot = (slot + 1) & (slots.shape[0] - 1)
        slots[slot] = k


@njit(cache=True, nogil=True)
def spans_of_keys(
    data: Bytes,
    firsts: Offsets,
    lasts: Offsets,
    slots: NDArray[np.int32],
    text: Bytes,
    starts: NDArray[np.int32],
) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """Find keys in INFO columns.

    Returns
    -------
    tuple of arrays
        Keys × records: where the value begins and ends; an empty span for a flag, (-1, -1) where the key is absent.
        Where a record repeats a key, its first value.
    """
    n_keys = starts.shape[0] - 1
    n = firsts.shape[0]
    begins = np.full((n_keys, n), -1, np.int32)
    stops = np.full((n_keys, n), -1, np.int32)
    for i in range(n):
        at = firsts[i]
        end = lasts[i]
        while at < end:
            value = np.uint32(2166136261)
            stop = at
            while stop < end and data[stop] != _EQUALS and data[stop] != _SEMICOLON:
                value = np.uint32((value ^ np.uint32(data[stop])) * np.uint32(16777619))
                stop += 1
            slot = int(value) & (slots.shape[0] - 1)
            found = -1
            while slots[slot] >= 0:
                k = slots[slot]
                if starts[k + 1] - starts[k] == stop - at:
                    same = True
                    for m in range(stop - at):
                        if text[starts[k] + m] != data[at + m]:
                            same = False
                            break
                    if same:
                        found = k
                        break
                slot = (slot + 1) & (slots.shape[0] - 1)
            begin = stop + 1 if stop < end and data[stop] == _EQUALS else stop
            while stop < end and data[stop] != _SEMICOLON:
                stop += 1
            if found >= 0 and begins[found, i] < 0:
                begins[found, i] = min(begin, stop)
                stops[found, i] = stop
            at = stop + 1
    return begins, stops


@njit(cache=True, nogil=True)
def commas(data: Bytes, starts: Offsets, ends: Offsets) -> NDArray[np.int32]:
    """Count the commas of spans."""
    counts = np.zeros(starts.shape[0], np.int32)
    for i in range(starts.shape[0]):
        for at in range(max(starts[i], 0), ends[i]):
            if data[at] == _COMMA:
                counts[i] += 1
    return counts
