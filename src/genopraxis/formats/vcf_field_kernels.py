"""Compiled loops within columns: one key of INFO, one key of one sample, one value of a list, genotypes."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from genopraxis.formats.vcf_kernels import TAB, Bytes, Offsets

Numbers = NDArray[np.int32]

COLON, SEMICOLON, COMMA, EQUALS, DOT, SLASH, BAR = 58, 59, 44, 61, 46, 47, 124
# what a genotype is; 0: not called
CALLED, PARTLY, UNREADABLE = range(1, 4)
_MISSING = -1
LONGEST = 36  # codes below are genotypes of one or two copies


@njit(cache=True, nogil=True)
def info_spans(data: Bytes, starts: Offsets, ends: Offsets, key: Bytes) -> tuple[Offsets, Offsets]:
    """Find one key of INFO: the span of its value; an empty one for a flag; (-1, -1) where it is absent."""
    n = starts.shape[0]
    size = key.shape[0]
    begins = np.full(n, -1, np.int32)
    stops = np.full(n, -1, np.int32)
    for i in range(n):
        at = starts[i]
        end = ends[i]
        while at < end:
            matched = at + size <= end
            k = 0
            while matched and k < size:
                matched = data[at + k] == key[k]
                k += 1
            after = at + size
            if matched and after < end and data[after] != EQUALS and data[after] != SEMICOLON:
                matched = False
            stop = after if matched else at
            while stop < end and data[stop] != SEMICOLON:
                stop += 1
            if matched:
                begins[i] = min(after + 1, stop) if after < end else after
                stops[i] = stop
                break
            at = stop + 1
    return begins, stops


@njit(cache=True, nogil=True)
def sample_spans(
    data: Bytes, format_ends: Offsets, line_ends: Offsets, samples: NDArray[np.int64]
) -> tuple[Offsets, Offsets]:
    """Find the columns of some samples, by number and ascending: one span per record and sample, record-major."""
    n = format_ends.shape[0]
    wanted = samples.shape[0]
    begins = np.empty(n * wanted, np.int32)
    stops = np.empty(n * wanted, np.int32)
    out = 0
    for i in range(n):
        at = format_ends[i] + 1
        column = 0
        for s in range(wanted):
            while column < samples[s]:
                while data[at] != TAB:
                    at += 1
                at += 1
                column += 1
            begins[out] = at
            while at < line_ends[i] and data[at] != TAB:
                at += 1
            stops[out] = at
            at += 1
            column += 1
            out += 1
    return begins, stops


@njit(cache=True, nogil=True)
def part_spans(
    data: Bytes, starts: Offsets, ends: Offsets, numbers: Numbers, separator: int
) -> tuple[Offsets, Offsets]:
    """Find part ``numbers[i]`` (0-based) of each span; (-1, -1) where it is negative or there are fewer parts."""
    n = starts.shape[0]
    begins = np.full(n, -1, np.int32)
    stops = np.full(n, -1, np.int32)
    for i in range(n):
        left = int(numbers[i])
        if left < 0 or starts[i] < 0:
            continue
        at = starts[i]
        end = ends[i]
        while left > 0 and at < end:
            if data[at] == separator:
                left -= 1
            at += 1
        if left > 0 or (at == end and (at == starts[i] or data[at - 1] != separator)):
            continue
        begins[i] = at
        while at < end and data[at] != separator:
            at += 1
        stops[i] = at
    return begins, stops


@njit(cache=True, nogil=True)
def list_sums(data: Bytes, starts: Offsets, ends: Offsets) -> NDArray[np.int64]:
    """Add up comma-separated whole numbers; missing ones count nothing; -1 where anything else is found."""
    n = starts.shape[0]
    sums = np.full(n, -1, np.int64)
    for i in range(n):
        if starts[i] < 0 or starts[i] == ends[i]:
            continue
        total = 0
        value = 0
        sound = True
        for k in range(starts[i], ends[i]):
            byte = data[k]
            if 48 <= byte <= 57:
                value = value * 10 + (int(byte) - 48)
            elif byte == COMMA:
                total += value
                value = 0
            elif byte != DOT:
                sound = False
        if sound:
            sums[i] = total + value
    return sums


@njit(cache=True, nogil=True)
def alt_counts(data: Bytes, starts: Offsets, ends: Offsets) -> Numbers:
    """Count the alleles of ALT columns."""
    n = starts.shape[0]
    counts = np.ones(n, np.int32)
    for i in range(n):
        for k in range(starts[i], ends[i]):
            if data[k] == COMMA:
                counts[i] += 1
    return counts


@njit(cache=True, nogil=True)
def genotype_states(data: Bytes, starts: Offsets, ends: Offsets, n_alts: Numbers) -> NDArray[np.uint8]:
    """Tell of each genotype whether it is called, partly called, not called, or makes no sense."""
    n = starts.shape[0]
    states = np.zeros(n, np.uint8)
    for i in range(n):
        if starts[i] < 0 or starts[i] == ends[i]:
            continue
        called = 0
        missing = 0
        at = starts[i]
        if data[at] == SLASH or data[at] == BAR:  # VCF 4.4 may begin with the phase of the first copy
            at += 1
        sound = True
        while sound:
            allele, at = _allele(data, at, ends[i])
            if allele == _MISSING:
                missing += 1
            elif allele < 0 or allele > n_alts[i]:
                sound = False
            else:
                called += 1
            if at >= ends[i]:
                break
            sound = sound and (data[at] == SLASH or data[at] == BAR)
            at += 1
        if not sound:
            states[i] = UNREADABLE
        elif called:
            states[i] = PARTLY if missing else CALLED
    return states


@njit(cache=True, nogil=True)
def _allele(data: Bytes, at: int, end: int) -> tuple[int, int]:
    """Read an allele number or ``.``: the number, -1 if missing, -2 if neither; and where it ends."""
    if at < end and data[at] == DOT:
        return _MISSING, at + 1
    value = 0
    first = at
    while at < end and 48 <= data[at] <= 57 and value < 100_000:
        value = value * 10 + (data[at] - 48)
        at += 1
    return (value if at > first else -2), at


@njit(cache=True, nogil=True)
def genotype_rows(
    data: Bytes, starts: Offsets, ends: Offsets, cells: NDArray[np.int64], alleles: NDArray[np.uint16]
) -> tuple[NDArray[np.int8], NDArray[np.uint8], NDArray[np.uint32], Bytes, int]:
    """Describe the genotype of each row from the view of its allele.

    Parameters
    ----------
    data
        Bytes of the batch.
    starts, ends
        Spans of GT by cell; those of the rows are called or partly called.
    cells, alleles
        The cell and the allele of each row.

    Returns
    -------
    tuple
        Copies of the allele; whether the genotype is phased; a code for its text, see :func:`genotype_words`, or
        ``LONGEST`` + the number of a longer one; the longer texts, each with a line end; their number.
    """
    n = cells.shape[0]
    dosages = np.zeros(n, np.int8)
    phased = np.zeros(n, np.uint8)
    codes = np.empty(n, np.uint32)
    total = 0
    for i in range(n):
        total += ends[cells[i]] - starts[cells[i]] + 1
    joined = np.empty(total, np.uint8)
    used = 0
    longer = 0
    for i in range(n):
        at, end = starts[cells[i]], ends[cells[i]]
        lead = data[at]
        if lead in (SLASH, BAR):
            at += 1
        copies = 0
        slashes = 0
        code = 0
        begin = used
        while True:
            allele, at = _allele(data, at, end)
            # 0 reference, 1 this allele, 2 another, 3 not called
            view = 3 if allele < 0 else 0 if allele == 0 else 1 if allele == alleles[i] else 2
            if view == 1:
                dosages[i] += 1
            joined[used] = DOT if view == 3 else 48 + view
            used += 1
            code = code * 4 + view
            copies += 1
            if at >= end:
                break
            if data[at] == SLASH:
                slashes += 1
            joined[used] = data[at]
            used += 1
            at += 1
        phased[i] = copies > 1 and slashes == 0
        if copies <= 2:
            # 0–3 one copy, 4–19 unphased, 20–35 phased
            codes[i] = code if copies == 1 else code + (20 if phased[i] else 4)
            used = begin
        else:
            codes[i] = LONGEST + longer
            longer += 1
            joined[used] = 10
            used += 1
    return dosages, phased, codes, joined[:used].copy(), longer


def genotype_words() -> list[str]:
    """Return the texts of the codes below ``LONGEST``."""
    views = "012."
    return [
        *views,
        *(f"{first}/{second}" for first in views for second in views),
        *(f"{first}|{second}" for first in views for second in views),
    ]
