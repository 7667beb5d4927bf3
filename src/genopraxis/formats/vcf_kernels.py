"""Compiled loops over the bytes of VCF lines: where lines and columns end, positions, distinct texts.

A *span* is ``[start, end)`` in the bytes of a batch. Nothing here knows what a column means beyond its place.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Offsets = NDArray[np.int32]

TAB, NEWLINE, RETURN, HASH = 9, 10, 13, 35
FIXED = 9  # CHROM … FORMAT: the columns whose ends are noted

MOST_AT_ONE_PLACE = 1000  # records at one position that are compared with each other

# what stops a scan
SOUND, TOO_FEW, TOO_MANY, BAD_POSITION, NUL, HEADER_LINE = range(6)
# what is counted
BLANK, CARRIAGE, TRAILING, HIGH = range(4)


@njit(cache=True, nogil=True)
def scan_lines(
    data: Bytes, n_columns: int, starts: Offsets, ends: Offsets, line_ends: Offsets, lines: Offsets,
    positions: NDArray[np.int64], tallies: NDArray[np.int64],
) -> tuple[int, int, int]:  # fmt: skip
    """Find the records in ``data``, which ends with a line end.

    Parameters
    ----------
    data
        Whole lines.
    n_columns
        Columns that every record has, 8 or more.
    starts, line_ends, lines, positions
        Filled, one per record: offset of its first byte, of its line end, its 0-based line in ``data``, its POS.
    ends
        Filled, records × 9: offset of the end of each of the first nine columns (of the line end, if fewer).
    tallies
        Filled: blank lines, lines with CR, lines with trailing tabs, bytes above 127.

    Returns
    -------
    tuple of int
        Number of records; what stopped the scan (``SOUND`` if nothing); the 0-based line where it stopped.
    """
    n = 0
    line = 0
    at = 0
    size = data.shape[0]
    while at < size:
        start = at
        tabs = 0
        tabs_end = 0  # tabs at the very end of the line
        high = 0
        while True:
            byte = data[at]
            if byte <= 13:
                if byte == TAB:
                    if tabs < FIXED:
                        ends[n, tabs] = at
                    tabs += 1
                    tabs_end += 1
                    at += 1
                    continue
                if byte == NEWLINE:
                    break
                if byte == 0:
                    return n, NUL, line
                if byte == RETURN and data[at + 1] == NEWLINE:
                    break
            elif byte > 127:
                high += 1
            tabs_end = 0
            at += 1
        end = at
        at += 1
        if data[end] == RETURN:
            tallies[CARRIAGE] += 1
            at += 1
        tallies[HIGH] += high
        if end == start:
            tallies[BLANK] += 1
            line += 1
            continue
        if data[start] == HASH:
            return n, HEADER_LINE, line
        if tabs + 1 > n_columns and tabs_end >= tabs + 1 - n_columns:
            # empty columns beyond the last one, as spreadsheets add
            tallies[TRAILING] += 1
            surplus = tabs + 1 - n_columns
            tabs -= surplus
            end -= surplus
        if tabs + 1 < n_columns:
            return n, TOO_FEW, line
        if tabs + 1 > n_columns:
            return n, TOO_MANY, line
        if tabs < FIXED:
            for column in range(tabs, FIXED):
                ends[n, column] = end
        position = 0
        first = ends[n, 0] + 1
        last = ends[n, 1]
        if last == first or last - first > 10:
            return n, BAD_POSITION, line
        for k in range(first, last):
            digit = data[k] - 48
            if digit < 0 or digit > 9:
                return n, BAD_POSITION, line
            position = position * 10 + digit
        starts[n] = start
        line_ends[n] = end
        lines[n] = line
        positions[n] = position
        n += 1
        line += 1
    return n, SOUND, line


@njit(cache=True, nogil=True)
def distinct_texts(
    data: Bytes, starts: Offsets, ends: Offsets
) -> tuple[NDArray[np.uint32], NDArray[np.int64]]:
    """Number the distinct texts of spans in the order of their first use.

    Returns
    -------
    tuple of arrays
        The number of each span's text; for each number the index of its first span.
    """
    n = starts.shape[0]
    codes = np.empty(n, np.uint32)
    firsts = np.empty(n, np.int64)
    slots = 1024
    table = np.full(slots, -1, np.int64)
    found = 0
    previous = -1
    for i in range(n):
        start, length = starts[i], ends[i] - starts[i]
        if previous >= 0 and _same(data, start, length, starts[firsts[previous]], ends[firsts[previous]]):
            codes[i] = previous
            continue
        slot = _hash(data, start, length) & (slots - 1)
        while table[slot] >= 0:
            known = firsts[table[slot]]
            if _same(data, start, length, starts[known], ends[known]):
                break
            slot = (slot + 1) & (slots - 1)
        if table[slot] < 0:
            if 2 * (found + 1) > slots:
                slots *= 4
                table = np.full(slots, -1, np.int64)
                for k in range(found):
                    first = firsts[k]
                    place = _hash(data, starts[first], ends[first] - starts[first]) & (slots - 1)
                    while table[place] >= 0:
                        place = (place + 1) & (slots - 1)
                    table[place] = k
                slot = _hash(data, start, length) & (slots - 1)
                while table[slot] >= 0:
                    slot = (slot + 1) & (slots - 1)
            firsts[found] = i
            table[slot] = found
            found += 1
        previous = table[slot]
        codes[i] = previous
    return codes, firsts[:found].copy()


@njit(cache=True, nogil=True)
def repeated_records(
    data: Bytes, codes: NDArray[np.uint32], positions: NDArray[np.int64], starts: Offsets, ends: Offsets
) -> int:
    """Count records whose contig, position and text of the span also an earlier one beside them has."""
    repeated = 0
    for i in range(1, positions.shape[0]):
        k = i - 1
        while k >= 0 and positions[k] == positions[i] and codes[k] == codes[i]:
            if _same(data, starts[i], ends[i] - starts[i], starts[k], ends[k]):
                repeated += 1
                break
            k -= 1
            if i - k > MOST_AT_ONE_PLACE:
                break
    return repeated


@njit(cache=True, nogil=True)
def _same(data: Bytes, start: int, length: int, other: int, other_end: int) -> bool:
    if other_end - other != length:
        return False
    for k in range(length):  # noqa: SIM110 - numba compiles no generators
        if data[start + k] != data[other + k]:
            return False
    return True


@njit(cache=True, nogil=True)
def _hash(data: Bytes, start: int, length: int) -> int:
    value = np.uint64(14695981039346656037)
    for k in range(start, start + length):
        value = (value ^ np.uint64(data[k])) * np.uint64(1099511628211)
    return int((value ^ (value >> np.uint64(29))) & np.uint64(0x7FFFFFFF))


@njit(cache=True, nogil=True)
def text_codes(data: Bytes, starts: Offsets, ends: Offsets) -> tuple[NDArray[np.uint32], Bytes, int]:
    """Prepare texts for a dictionary: one byte is its own code, a longer text is 128 + its number.

    Returns
    -------
    tuple
        Codes; the longer texts, each with a line end after it; their number. An absent text (``start`` < 0) has
        code 0, an empty one counts as longer. Bytes above 127 are never codes.
    """
    n = starts.shape[0]
    total = 0
    for i in range(n):
        length = ends[i] - starts[i]
        if starts[i] >= 0 and (length != 1 or data[starts[i]] > 127):
            total += length + 1
    codes = np.empty(n, np.uint32)
    joined = np.empty(total, np.uint8)
    at = 0
    longer = 0
    for i in range(n):
        start, end = starts[i], ends[i]
        if start < 0:
            codes[i] = 0
        elif end - start == 1 and data[start] <= 127:
            codes[i] = data[start]
        else:
            codes[i] = 128 + longer
            longer += 1
            for k in range(start, end):
                joined[at] = data[k]
                at += 1
            joined[at] = NEWLINE
            at += 1
    return codes, joined, longer


@njit(cache=True, nogil=True)
def numbers(data: Bytes, starts: Offsets, ends: Offsets) -> tuple[NDArray[np.float64], NDArray[np.uint8]]:
    """Read decimal numbers: value, and 0 sound, 1 missing (absent, empty or ``.``), 2 not plain: read it slowly."""
    n = starts.shape[0]
    values = np.zeros(n, np.float64)
    states = np.zeros(n, np.uint8)
    for i in range(n):
        start, end = starts[i], ends[i]
        if start < 0 or end == start or (end - start == 1 and data[start] == 46):
            states[i] = 1
            continue
        at = start
        negative = data[at] == 45
        if negative:
            at += 1
        mantissa = np.int64(0)
        digits = 0
        decimals = -1
        power = 0
        sound = True
        while at < end:
            byte = data[at]
            if 48 <= byte <= 57:
                mantissa = mantissa * 10 + (byte - 48)
                digits += 1
                if decimals >= 0:
                    decimals += 1
            elif byte == 46 and decimals < 0:
                decimals = 0
            elif (byte | 32) == 101 and digits > 0 and at + 1 < end:  # e
                power, sound = _exponent(data, at + 1, end)
                break
            else:
                sound = False
                break
            at += 1
        power -= max(decimals, 0)
        # 15 digits and 10**22 are exact in double precision, so the quotient or product is rounded once
        if not sound or digits == 0 or digits > 15 or power < -22 or power > 22:
            states[i] = 2
            continue
        value = np.float64(mantissa)
        if power < 0:
            value /= 10.0**-power
        elif power > 0:
            value *= 10.0**power
        values[i] = -value if negative else value
    return values, states


@njit(cache=True, nogil=True)
def _exponent(data: Bytes, at: int, end: int) -> tuple[int, bool]:
    """Read the exponent of a number: one or two digits, with or without a sign; else it is not sound."""
    negative = data[at] == 45
    if negative or data[at] == 43:
        at += 1
    if at == end or end - at > 2:
        return 0, False
    value = 0
    for k in range(at, end):
        if data[k] < 48 or data[k] > 57:
            return 0, False
        value = value * 10 + (data[k] - 48)
    return (-value if negative else value), True
