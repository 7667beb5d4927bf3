"""One pass over INFO for many keys: gnomAD's lines have hundreds of them, and each pass costs."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Offsets = NDArray[np.int32]

NO_NUMBER = int(np.iinfo(np.int64).min)
"""Stands for no value."""

_SEMICOLON, _EQUALS, _COMMA, _DOT = 59, 61, 44, 46
_DIGITS = 15


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
    # records repeat one another: what followed a wanted key last time most likely follows it now
    follows = np.full(n_keys + 1, -1, np.int32)
    for i in range(n):
        at = firsts[i]
        end = lasts[i]
        left = n_keys
        previous = n_keys
        while at < end and left > 0:
            found = follows[previous]
            stop = at
            if found >= 0:
                stop = _is_key(data, at, end, text, starts[found], starts[found + 1])
            if found < 0 or stop < 0:
                found, stop = _look_up(data, at, end, slots, text, starts)
                if found >= 0:
                    follows[previous] = found
            begin = stop + 1 if stop < end and data[stop] == _EQUALS else stop
            while stop < end and data[stop] != _SEMICOLON:
                stop += 1
            if found >= 0:
                previous = found
                if begins[found, i] < 0:
                    begins[found, i] = min(begin, stop)
                    stops[found, i] = stop
                    left -= 1
            at = stop + 1
    return begins, stops


@njit(cache=True, nogil=True)
def _is_key(data: Bytes, at: int, end: int, text: Bytes, first: int, last: int) -> int:
    """Return where the key at ``at`` ends if it is this one; -1 if it is another."""
    stop = at + (last - first)
    if stop > end or (stop < end and data[stop] != _EQUALS and data[stop] != _SEMICOLON):
        return -1
    for k in range(last - first):
        if text[first + k] != data[at + k]:
            return -1
    return stop


@njit(cache=True, nogil=True)
def _look_up(
    data: Bytes, at: int, end: int, slots: NDArray[np.int32], text: Bytes, starts: NDArray[np.int32]
) -> tuple[int, int]:
    """Return the number of the key at ``at``, -1 if it is not wanted, and where it ends."""
    value = np.uint32(2166136261)
    stop = at
    while stop < end and data[stop] != _EQUALS and data[stop] != _SEMICOLON:
        value = np.uint32((value ^ np.uint32(data[stop])) * np.uint32(16777619))
        stop += 1
    slot = int(value) & (slots.shape[0] - 1)
    while slots[slot] >= 0:
        k = slots[slot]
        if (
            starts[k + 1] - starts[k] == stop - at
            and _is_key(data, at, end, text, starts[k], starts[k + 1]) >= 0
        ):
            return k, stop
        slot = (slot + 1) & (slots.shape[0] - 1)
    return -1, stop


@njit(cache=True, nogil=True)
def whole_numbers(
    data: Bytes,
    begins: NDArray[np.int32],
    stops: NDArray[np.int32],
    records: NDArray[np.int64],
    parts: NDArray[np.int64],
) -> tuple[NDArray[np.int64], bool]:
    """Read whole numbers of 0 or more of one field.

    Parameters
    ----------
    begins, stops
        Span of the field in each record.
    records
        The record of each allele.
    parts
        Which part of the field is about each allele; negative: the field has one value.

    Returns
    -------
    tuple
        A number for each allele, :data:`NO_NUMBER` where it is missing; and whether all of them could be read so.
    """
    n = records.shape[0]
    values = np.full(n, NO_NUMBER, np.int64)
    for i in range(n):
        at = begins[records[i]]
        end = stops[records[i]]
        if at < 0:
            continue
        if parts[i] >= 0:
            left = parts[i]
            while left > 0 and at < end:
                if data[at] == _COMMA:
                    left -= 1
                at += 1
            if left > 0:
                continue
            stop = at
            while stop < end and data[stop] != _COMMA:
                stop += 1
            end = stop
        if at == end or (end - at == 1 and data[at] == _DOT):
            continue
        if end - at > _DIGITS:
            return values, False
        value = np.int64(0)
        for k in range(at, end):
            digit = np.int64(data[k]) - 48
            if digit < 0 or digit > 9:
                return values, False
            value = value * 10 + digit
        values[i] = value
    return values, True


@njit(cache=True, nogil=True)
def commas(data: Bytes, starts: Offsets, ends: Offsets) -> NDArray[np.int32]:
    """Count the commas of spans."""
    counts = np.zeros(starts.shape[0], np.int32)
    for i in range(starts.shape[0]):
        for at in range(max(starts[i], 0), ends[i]):
            if data[at] == _COMMA:
                counts[i] += 1
    return counts
