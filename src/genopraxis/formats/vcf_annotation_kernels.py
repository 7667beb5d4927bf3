"""Compiled loops over annotations in INFO: many keys at once, entries and their fields, values of alleles."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from genopraxis.formats.vcf_field_kernels import BAR, COMMA, DOT, EQUALS, SEMICOLON
from genopraxis.formats.vcf_kernels import Bytes, Offsets

_LOWER, _AND, _OPEN, _CLOSE = 32, 38, 40, 41


@njit(cache=True, nogil=True)
def many_info_spans(
    data: Bytes, starts: Offsets, ends: Offsets, keys: Bytes, key_ends: NDArray[np.int64]
) -> tuple[Offsets, Offsets, NDArray[np.int64]]:
    """Find many keys of INFO in one pass.

    Parameters
    ----------
    data, starts, ends
        Spans of INFO, one a record.
    keys, key_ends
        The keys, joined, and where each ends.

    Returns
    -------
    tuple of arrays
        Keys × records: where the value begins and ends, (-1, -1) where the key is absent; an empty span for a flag.
        And how often each key was given again in one record, which is ignored.
    """
    n_keys, n = key_ends.shape[0], starts.shape[0]
    begins = np.full((n_keys, n), -1, np.int32)
    stops = np.full((n_keys, n), -1, np.int32)
    again = np.zeros(n_keys, np.int64)
    slots = 64
    while slots < 4 * n_keys:
        slots *= 2
    table = np.full(slots, -1, np.int64)
    for k in range(n_keys):
        first = key_ends[k - 1] if k else 0
        slot = _key_hash(keys, first, key_ends[k]) & (slots - 1)
        while table[slot] >= 0:
            slot = (slot + 1) & (slots - 1)
        table[slot] = k
    for i in range(n):
        at = starts[i]
        end = ends[i]
        while at < end:
            stop = at
            while stop < end and data[stop] != EQUALS and data[stop] != SEMICOLON:
                stop += 1
            found = -1
            slot = _key_hash(data, at, stop) & (slots - 1)
            while table[slot] >= 0:
                k = table[slot]
                first = key_ends[k - 1] if k else 0
                if _equal(data, at, stop, keys, first, key_ends[k]):
                    found = k
                    break
                slot = (slot + 1) & (slots - 1)
            begin = stop
            if stop < end and data[stop] == EQUALS:
                begin = stop + 1
            stop = begin
            while stop < end and data[stop] != SEMICOLON:
                stop += 1
            if found >= 0:
                if begins[found, i] >= 0:
                    again[found] += 1
                else:
                    begins[found, i] = begin
                    stops[found, i] = stop
            at = stop + 1
    return begins, stops, again


@njit(cache=True, nogil=True)
def _key_hash(data: Bytes, start: int, end: int) -> int:
    value = np.uint32(2166136261)
    for k in range(start, end):
        value = np.uint32((value ^ np.uint32(data[k])) * np.uint32(16777619))
    return int(value ^ (value >> np.uint32(15)))


@njit(cache=True, nogil=True)
def _equal(data: Bytes, start: int, end: int, other: Bytes, first: int, last: int) -> bool:
    if end - start != last - first:
        return False
    for k in range(end - start):  # noqa: SIM110 - numba compiles no generators
        if data[start + k] != other[first + k]:
            return False
    return True


@njit(cache=True, nogil=True)
def split_entries(
    data: Bytes, starts: Offsets, ends: Offsets
) -> tuple[NDArray[np.int64], Offsets, Offsets, int]:
    """Split values at their commas: the record and the span of each entry, and how many entries were empty.

    Empty ones are left out, and so is a value ``.``.
    """
    n = starts.shape[0]
    total = 0
    for i in range(n):
        if starts[i] >= 0:
            total += 1
            for k in range(starts[i], ends[i]):
                if data[k] == COMMA:
                    total += 1
    records = np.empty(total, np.int64)
    begins = np.empty(total, np.int32)
    stops = np.empty(total, np.int32)
    out = 0
    empty = 0
    for i in range(n):
        if starts[i] < 0 or (ends[i] - starts[i] == 1 and data[starts[i]] == DOT):
            continue
        begin = starts[i]
        for k in range(starts[i], ends[i] + 1):
            if k == ends[i] or data[k] == COMMA:
                if k == begin:
                    empty += 1
                else:
                    records[out] = i
                    begins[out] = begin
                    stops[out] = k
                    out += 1
                begin = k + 1
    return records[:out].copy(), begins[:out].copy(), stops[:out].copy(), empty


@njit(cache=True, nogil=True)
def field_spans(
    data: Bytes, starts: Offsets, ends: Offsets, slots: NDArray[np.int64], n_slots: int
) -> tuple[Offsets, Offsets, NDArray[np.int32]]:
    """Split entries at their bars and keep the fields that are wanted.

    Parameters
    ----------
    data, starts, ends
        Spans of the entries.
    slots, n_slots
        For each field its row in the result, -1 for one that is not wanted; number of rows.

    Returns
    -------
    tuple of arrays
        ``n_slots`` × entries: where the field begins and ends, (-1, -1) where it is missing, empty or ``.``; and
        how many fields each entry has.
    """
    n = starts.shape[0]
    begins = np.full((n_slots, n), -1, np.int32)
    stops = np.full((n_slots, n), -1, np.int32)
    counts = np.zeros(n, np.int32)
    for i in range(n):
        begin = starts[i]
        number = 0
        for k in range(starts[i], ends[i] + 1):
            if k == ends[i] or data[k] == BAR:
                if number < slots.shape[0] and slots[number] >= 0:
                    size = k - begin
                    if size > 1 or (size == 1 and data[begin] != DOT):
                        begins[slots[number], i] = begin
                        stops[slots[number], i] = k
                number += 1
                begin = k + 1
        counts[i] = number
    return begins, stops, counts


@njit(cache=True, nogil=True)
def first_of_rows(
    rows: NDArray[np.int64], starts: Offsets, ends: Offsets, n_rows: int
) -> tuple[Offsets, Offsets]:
    """Return, for each row, the first span among its entries that is there; rows < 0 belong to none."""
    begins = np.full(n_rows, -1, np.int32)
    stops = np.full(n_rows, -1, np.int32)
    for i in range(rows.shape[0]):
        row = rows[i]
        if row >= 0 and begins[row] < 0 <= starts[i]:
            begins[row] = starts[i]
            stops[row] = ends[i]
    return begins, stops


@njit(cache=True, nogil=True)
def values_of_alleles(
    data: Bytes,
    starts: Offsets,
    ends: Offsets,
    records: NDArray[np.int64],
    alleles: NDArray[np.uint16],
    n_alts: NDArray[np.int32],
    with_ref: bool,  # noqa: FBT001 - numba has no keyword-only arguments
    shared: bool,  # noqa: FBT001
) -> tuple[Offsets, Offsets, int]:
    """Find the value of each allele in comma-separated values of records.

    Parameters
    ----------
    data
        Bytes of the batch.
    starts, ends
        Spans of the value, one a record.
    records, alleles
        Record and number of each allele.
    n_alts
        Alleles of each record.
    with_ref
        The header says that REF has a value too, the first.
    shared
        One value holds for every allele of a record: the place has it, not the allele.

    Returns
    -------
    tuple
        Spans, (-1, -1) where there is none; a record with one allele has all its values in one span. And how many
        records have a number of values that does not fit their alleles.
    """
    n = records.shape[0]
    begins = np.full(n, -1, np.int32)
    stops = np.full(n, -1, np.int32)
    misfits = 0
    for i in range(n):
        record = records[i]
        start, end = starts[record], ends[record]
        if start < 0 or end == start:
            continue
        alts = n_alts[record]
        values = 1
        if alts > 1 or with_ref:
            for k in range(start, end):
                if data[k] == COMMA:
                    values += 1
        wanted = -1
        if with_ref and values == alts + 1:
            wanted = alleles[i]
        elif alts == 1 or (shared and values == 1):
            begins[i] = start
            stops[i] = end
            continue
        elif values == alts:
            wanted = alleles[i] - 1
        if wanted < 0:
            missing = values == 1 and end - start == 1 and data[start] == DOT
            if alleles[i] == 1 and not missing:
                misfits += 1
            continue
        number = 0
        begin = start
        for k in range(start, end + 1):
            if k == end or data[k] == COMMA:
                if number == wanted:
                    begins[i] = begin
                    stops[i] = k
                    break
                number += 1
                begin = k + 1
    return begins, stops, misfits


@njit(cache=True, nogil=True)
def list_elements(
    data: Bytes,
    starts: Offsets,
    ends: Offsets,
    with_words: bool,  # noqa: FBT001 - numba has no keyword-only arguments
) -> tuple[NDArray[np.int64], Offsets, Offsets]:
    """Split values at ``,``, ``|`` and ``&``, as lists over transcripts have them.

    With words, the number of ``deleterious(0.01)`` is kept, and a word without a number is empty.

    Returns
    -------
    tuple of arrays
        The value that each element is of, ascending, and its span.
    """
    total = 0
    for i in range(starts.shape[0]):
        if starts[i] >= 0:
            total += 1
            for k in range(starts[i], ends[i]):
                if data[k] == COMMA or data[k] == BAR or data[k] == _AND:
                    total += 1
    owners = np.empty(total, np.int64)
    begins = np.empty(total, np.int32)
    stops = np.empty(total, np.int32)
    out = 0
    for i in range(starts.shape[0]):
        if starts[i] < 0:
            continue
        begin = starts[i]
        for k in range(starts[i], ends[i] + 1):
            if k == ends[i] or data[k] == COMMA or data[k] == BAR or data[k] == _AND:
                first, last = begin, k
                if with_words and last > first:
                    if data[last - 1] == _CLOSE:
                        last -= 1
                        while first < last and data[first] != _OPEN:
                            first += 1
                        first = min(first + 1, last)
                    elif (data[first] | _LOWER) >= 97:
                        first = last
                owners[out] = i
                begins[out] = first
                stops[out] = last
                out += 1
                begin = k + 1
    return owners, begins, stops
