"""Compiled loops that tell which allele of its record an annotation means, by the names that programs give alleles."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from genopraxis.formats.vcf_field_kernels import COMMA
from genopraxis.formats.vcf_kernels import Bytes, Offsets

# how programs name the alleles of a record
AS_VEP, AS_IS, MINIMAL = range(3)
_STAR, _PLUS, _MINUS, _LESS, _ARROW, _D, _I = 42, 43, 45, 60, 62, 68, 73
_LOWER = 32


@njit(cache=True, nogil=True)
def assign_alleles(
    data: Bytes,
    refs: tuple[Offsets, Offsets],
    alts: tuple[Offsets, Offsets],
    records: NDArray[np.int64],
    names: tuple[Offsets, Offsets],
    first_try: int,
) -> tuple[NDArray[np.uint16], NDArray[np.uint8]]:
    """Find out which allele each entry means.

    VEP takes the first base off all alleles of a record where one has another length than REF and all begin alike
    (those with ``*`` aside); other programs name alleles as they are; ``--minimal`` trims each for itself. All
    entries of a record are named in one way, which is the first that explains them all.

    Parameters
    ----------
    data
        Bytes of the batch.
    refs, alts
        Spans of REF and ALT, one a record.
    records, names
        Of each entry: the record, ascending, and the span of the allele's name.
    first_try
        The way to name alleles that is tried first.

    Returns
    -------
    tuple of arrays
        The allele of each entry, first ALT 1, 0 where it is none of the record; and 1 where that is a good guess
        only: the record was split or rewritten after it was annotated.
    """
    n = records.shape[0]
    alleles = np.zeros(n, np.uint16)
    guessed = np.zeros(n, np.uint8)
    low = 0
    while low < n:
        record = records[low]
        high = low
        same = True
        while high < n and records[high] == record:
            same = same and _alike(data, names[0][low], names[1][low], names[0][high], names[1][high])
            high += 1
        start, end = alts[0][record], alts[1][record]
        count = 1
        for k in range(start, end):
            if data[k] == COMMA:
                count += 1
        begins = np.empty(count, np.int32)
        stops = np.empty(count, np.int32)
        begin = start
        number = 0
        for k in range(start, end + 1):
            if k == end or data[k] == COMMA:
                begins[number] = begin
                stops[number] = k
                number += 1
                begin = k + 1
        ref, ref_end = refs[0][record], refs[1][record]
        trimmed = _vep_trims(data, ref, ref_end, begins, stops)
        best = -1
        best_way = first_try
        for turn in range(3):
            way = (first_try + turn) % 3 if first_try == AS_VEP else (AS_IS, AS_VEP, MINIMAL)[turn]
            met = 0
            for entry in range(low, high):
                if _named(data, names[0][entry], names[1][entry], ref, ref_end, begins, stops, way, trimmed):
                    met += 1
            if met > best:
                best = met
                best_way = way
            if met == high - low:
                break
        single = count == 1
        snv = single and ref_end - ref == 1 and stops[0] - begins[0] == 1
        for entry in range(low, high):
            name, name_end = names[0][entry], names[1][entry]
            found = _named(data, name, name_end, ref, ref_end, begins, stops, best_way, trimmed)
            if single and not same and found and not snv:
                guessed[entry] = 1  # what a name means depended on the alleles that were split off
            elif single and same and found == 0:
                # another base is another allele's; an indel may have been moved since
                another = snv and name_end - name == 1 and _base(data[name])
                if not another:
                    found = 1
                    guessed[entry] = name >= 0
            alleles[entry] = found
        low = high
    return alleles, guessed


@njit(cache=True, nogil=True)
def csq_alleles(
    data: Bytes,
    positions: NDArray[np.int64],
    refs: tuple[Offsets, Offsets],
    alts: tuple[Offsets, Offsets],
    records: NDArray[np.int64],
    changes: tuple[Offsets, Offsets],
) -> NDArray[np.uint16]:
    """Find the allele of a record that is written out in a change of bcftools csq, ``62893C>A+62896G>T``.

    Parameters
    ----------
    data
        Bytes of the batch.
    positions, refs, alts
        POS, and spans of REF and ALT, of the records.
    records, changes
        The record, and the span of the change, of each question.

    Returns
    -------
    array
        The allele, first ALT 1; 0 where the change has none of the record.
    """
    n = records.shape[0]
    found = np.zeros(n, np.uint16)
    for i in range(n):
        record = records[i]
        at, end = changes[0][i], changes[1][i]
        while 0 <= at < end and found[i] == 0:
            position = 0
            while at < end and 48 <= data[at] <= 57:
                position = position * 10 + (data[at] - 48)
                at += 1
            begin = at
            arrow = -1
            while at < end and data[at] != _PLUS:
                if data[at] == _ARROW and arrow < 0:
                    arrow = at
                at += 1
            if (
                arrow >= 0
                and position == positions[record]
                and _alike(data, begin, arrow, refs[0][record], refs[1][record])
            ):
                number = 1
                first = alts[0][record]
                for k in range(alts[0][record], alts[1][record] + 1):
                    if k == alts[1][record] or data[k] == COMMA:
                        if _alike(data, arrow + 1, at, first, k):
                            found[i] = number
                            break
                        number += 1
                        first = k + 1
            at += 1
    return found


@njit(cache=True, nogil=True)
def _named(
    data: Bytes,
    name: int,
    name_end: int,
    ref: int,
    ref_end: int,
    begins: Offsets,
    stops: Offsets,
    way: int,
    trimmed: bool,  # noqa: FBT001 - numba has no keyword-only arguments
) -> int:
    """Return which allele has this name, first ALT 1; 0 where none has, or more than one."""
    found = 0
    for a in range(begins.shape[0]):
        begin, stop = begins[a], stops[a]
        first = data[begin] if stop > begin else 0
        if first == _LESS:
            met = _symbolic(data, name, name_end, begin, stop)
        else:
            plain = stop > begin and first != _STAR and data[stop - 1] != _STAR
            if way == AS_VEP and trimmed and plain:
                begin += 1
            elif way == MINIMAL and plain:
                begin, stop = _minimal(data, ref, ref_end, begin, stop)
            if stop == begin:
                met = name_end - name == 1 and data[name] == _MINUS
            else:
                met = _alike(data, name, name_end, begin, stop)
        if met:
            if found:
                return 0
            found = a + 1
    return found


@njit(cache=True, nogil=True)
def _vep_trims(data: Bytes, ref: int, ref_end: int, begins: Offsets, stops: Offsets) -> bool:
    indel = False
    alike = True
    for a in range(begins.shape[0]):
        first = data[begins[a]] if stops[a] > begins[a] else 0
        indel = indel or stops[a] - begins[a] != ref_end - ref or first in (_D, _I)
        star = False
        for k in range(begins[a], stops[a]):
            star = star or data[k] == _STAR
        if not star:
            alike = alike and first == data[ref]
    return indel and alike


@njit(cache=True, nogil=True)
def _minimal(data: Bytes, ref: int, ref_end: int, begin: int, stop: int) -> tuple[int, int]:
    while begin < stop and ref < ref_end and data[begin] == data[ref]:
        begin += 1
        ref += 1
    while stop > begin and ref_end > ref and data[stop - 1] == data[ref_end - 1]:
        stop -= 1
        ref_end -= 1
    return begin, stop


@njit(cache=True, nogil=True)
def _symbolic(data: Bytes, name: int, name_end: int, begin: int, stop: int) -> bool:
    """Tell whether a name means ``<DEL>`` and the like: as it is, or in words (``deletion``)."""
    if _alike(data, name, name_end, begin, stop):
        return True
    if name_end - name < 3 or stop - begin < 5:
        return False
    if _alike(data, name, name + 3, begin + 1, begin + 4):
        return True
    initial, kind = data[name] | _LOWER, data[begin + 1] | _LOWER
    # copy_number_variation for <CNV>, tandem_duplication for <DUP:TANDEM>
    return bool((initial == 99 and kind == 99) or (initial == 116 and kind == 100))


@njit(cache=True, nogil=True)
def _base(byte: int) -> bool:
    upper = byte & ~_LOWER
    return upper in (65, 67, 71, 84)


@njit(cache=True, nogil=True)
def _alike(data: Bytes, start: int, end: int, other: int, other_end: int) -> bool:
    """Compare two spans without regard to letter case."""
    if end - start != other_end - other:
        return False
    for k in range(end - start):
        one, two = data[start + k], data[other + k]
        if one != two and ((one | _LOWER) != (two | _LOWER) or (one | _LOWER) < 97 or (one | _LOWER) > 122):
            return False
    return True
