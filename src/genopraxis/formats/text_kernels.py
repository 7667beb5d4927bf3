"""Compiled loops that put rows of text together from parts that repeat, and put text into lines."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Int64 = NDArray[np.int64]

WORD, NUMBER = 0, 1
"""What a code is: the number of a word; or itself a whole number, of which 0 is written as nothing."""

_DIGITS = 20


@njit(cache=True, nogil=True, inline="always")
def _put(number: int, out: Bytes, at: int) -> int:
    """Write a whole number and return the place behind it."""
    if number < 0:
        out[at] = 45
        at += 1
        number = -number
    end = at
    rest = number
    while rest > 0:
        rest //= 10
        end += 1
    place = end
    while place > at:
        place -= 1
        out[place] = 48 + number % 10
        number //= 10
    return end


@njit(cache=True, nogil=True)
def assemble(
    kinds: NDArray[np.int8], codes: Int64, words: Bytes, offsets: Int64, groups: Int64, out: Bytes, ends: Int64
) -> int:
    """Write the parts of each row one after the other, and the rows of a group separated by commas.

    Parameters
    ----------
    kinds
        What the codes of each column are.
    codes
        Columns × rows.
    words, offsets
        All words joined, and where each begins and ends.
    groups
        Group of each row, ascending.
    out
        With room for all of it.
    ends
        Where the text of each group ends; groups without a row keep the end of the one before.

    Returns
    -------
    int
        Bytes written.
    """
    at = 0
    group = -1
    for row in range(codes.shape[1]):
        if groups[row] == group:
            out[at] = 44
            at += 1
        else:
            for passed in range(max(group, 0), groups[row]):
                ends[passed] = at
            group = groups[row]
        for column in range(kinds.size):
            code = codes[column, row]
            if kinds[column] == NUMBER:
                if code != 0:
                    at = _put(code, out, at)
            else:
                for place in range(offsets[code], offsets[code + 1]):
                    out[at] = words[place]
                    at += 1
    for passed in range(max(group, 0), ends.size):
        ends[passed] = at
    return at


@njit(cache=True, nogil=True)
def assembled_size(kinds: NDArray[np.int8], codes: Int64, offsets: Int64) -> int:
    """Return how many bytes :func:`assemble` may need."""
    total = 0
    for column in range(kinds.size):
        if kinds[column] == NUMBER:
            total += _DIGITS * codes.shape[1]
        else:
            for row in range(codes.shape[1]):
                code = codes[column, row]
                total += offsets[code + 1] - offsets[code]
    return total + codes.shape[1]


@njit(cache=True, nogil=True)
def with_info(
    data: Bytes,
    starts: NDArray[np.int32],
    info_starts: NDArray[np.int32],
    info_ends: NDArray[np.int32],
    line_ends: NDArray[np.int32],
    added: Bytes,
    added_ends: Int64,
    key: Bytes,
    entries: Bytes,
    entry_ends: Int64,
    out: Bytes,
) -> int:
    """Write lines with more in INFO: ``added`` as it is, then ``key`` and ``entries`` where a line has some.

    Returns
    -------
    int
        Bytes written; ``out`` must have room for all texts, two bytes a line, and the keys.
    """
    at = 0
    for line in range(starts.size):
        first_info, last_info = info_starts[line], info_ends[line]
        empty = last_info <= first_info or (last_info - first_info == 1 and data[first_info] == 46)
        stop = first_info if empty else last_info
        size = stop - starts[line]
        out[at : at + size] = data[starts[line] : stop]
        at += size
        first = added_ends[line - 1] if line else 0
        if added_ends[line] > first:
            if not empty:
                out[at] = 59
                at += 1
            empty = False
            size = added_ends[line] - first
            out[at : at + size] = added[first : first + size]
            at += size
        first = entry_ends[line - 1] if line else 0
        if entry_ends[line] > first:
            if not empty:
                out[at] = 59
                at += 1
            empty = False
            out[at : at + key.size] = key
            at += key.size
            size = entry_ends[line] - first
            out[at : at + size] = entries[first : first + size]
            at += size
        if empty:
            out[at] = 46
            at += 1
        size = max(line_ends[line] - last_info, 0)
        out[at : at + size] = data[last_info : last_info + size]
        at += size
        out[at] = 10
        at += 1
    return at
