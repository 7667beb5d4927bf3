"""Compiled loops that split records into alleles, trim these and move them to the left."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Offsets = NDArray[np.int32]
Flags = NDArray[np.uint8]

# numbers of KINDS
SNV, MNV, INSERTION, DELETION, DELINS, SYMBOLIC, BREAKEND, SPANNING, NON_REF, NONE = range(10)
# what an allele is made of; PLAIN alleles alone are moved
PLAIN, AMBIGUOUS, OTHER, INVALID = range(4)
# how REF compares with the genome
MATCHES, DIFFERS, UNKNOWN = range(3)
# what is noted of an allele
LOWER, AMBIGUITY, TRIMMED, SHIFTED, EQUAL = 1, 2, 4, 8, 16

_N = 78
_UNSEEN = np.frombuffer(b"<NON_REF>", np.uint8)
_LETTER = np.zeros(256, np.uint8)  # 1 base, 2 IUPAC code
for _code in b"ACGTNacgtn":
    _LETTER[_code] = 1
for _code in b"RYSWKMBDHVryswkmbdhv":
    _LETTER[_code] = 2
_UPPER = np.arange(256, dtype=np.uint8)
for _code in range(97, 123):
    _UPPER[_code] = _code - 32


@njit(cache=True, nogil=True)
def split_alts(
    data: Bytes, starts: Offsets, ends: Offsets
) -> tuple[NDArray[np.int64], NDArray[np.uint16], Offsets, Offsets]:
    """Split ALT columns at their commas.

    Returns
    -------
    tuple of arrays
        For each allele: index of its record, its number (first ALT 1), and its span.
    """
    n = starts.shape[0]
    total = n
    for i in range(n):
        if ends[i] - starts[i] > 1:
            for k in range(starts[i], ends[i]):
                if data[k] == 44:
                    total += 1
    records = np.empty(total, np.int64)
    alleles = np.empty(total, np.uint16)
    begins = np.empty(total, np.int32)
    stops = np.empty(total, np.int32)
    at = 0
    for i in range(n):
        begin = starts[i]
        number = 1
        for k in range(starts[i], ends[i] + 1):
            if k == ends[i] or data[k] == 44:
                records[at] = i
                alleles[at] = number
                begins[at] = begin
                stops[at] = k
                at += 1
                number += 1
                begin = k + 1
    return records, alleles, begins, stops


@njit(cache=True, nogil=True)
def describe(data: Bytes, starts: Offsets, ends: Offsets) -> tuple[Flags, Flags]:
    """Tell what texts are made of (``PLAIN``, ``AMBIGUOUS``, ``OTHER``) and whether they have lower-case letters."""
    n = starts.shape[0]
    forms = np.zeros(n, np.uint8)
    notes = np.zeros(n, np.uint8)
    for i in range(n):
        if ends[i] == starts[i]:
            forms[i] = INVALID
        for k in range(starts[i], ends[i]):
            letter = _LETTER[data[k]]
            if letter == 0:
                forms[i] = OTHER
                notes[i] = 0
                break
            if letter == 2:
                forms[i] = AMBIGUOUS
                notes[i] |= AMBIGUITY
            if data[k] >= 97:
                notes[i] |= LOWER
    return forms, notes


@njit(cache=True, nogil=True)
def other_kind(data: Bytes, start: int, end: int) -> int:
    """Return the kind of an allele that is no sequence, -1 if it is none at all."""
    length = end - start
    first, last = data[start], data[end - 1]
    if length == 1:
        if first == 42:
            return SPANNING
        if first == 46:
            return NONE
        if first == 88:  # X: the unseen allele of old samtools
            return NON_REF
        return -1
    if first == 60 and last == 62:
        if length == 3 and (data[start + 1] == 42 or data[start + 1] == 88):
            return NON_REF
        if length == _UNSEEN.shape[0]:
            same = True
            for k in range(length):
                same = same and data[start + k] == _UNSEEN[k]
            if same:
                return NON_REF
        return SYMBOLIC
    brackets = 0
    for k in range(start, end):
        if data[k] == 91 or data[k] == 93:
            brackets += 1
        elif data[k] <= 32:
            return -1
    if brackets == 2:
        return BREAKEND
    if brackets == 0 and (first == 46) != (last == 46):  # a single breakend
        for k in range(start, end):
            if data[k] != 46 and _LETTER[data[k]] == 0:
                return -1
        return BREAKEND
    return -1


@njit(cache=True, nogil=True)
def normalise_alleles(
    data: Bytes, sequence: Bytes, which: NDArray[np.int64], positions: NDArray[np.int64],
    records: NDArray[np.int64], ref_forms: Flags, alt_forms: Flags, ref_starts: Offsets, ref_ends: Offsets,
    alt_starts: Offsets, alt_ends: Offsets, ref_prefixes: Offsets, alt_prefixes: Offsets, notes: Flags,
    kinds: Flags, checks: Flags,
) -> int:  # fmt: skip
    """Normalise alleles of one contig in place.

    Parameters
    ----------
    data
        Bytes of the batch.
    sequence
        The contig, upper-case; index 0 is position 1. Empty: not known, so nothing is checked or moved.
    which
        The alleles, as indexes into the arrays of alleles.
    positions
        One per allele, 1-based: POS, changed to the new position.
    records
        Index of each allele's record.
    ref_forms, alt_forms
        One per record, and one per allele: see :func:`describe`.
    ref_starts, ref_ends, alt_starts, alt_ends
        One span per allele, changed to what is left of it.
    ref_prefixes, alt_prefixes
        Filled, one per allele: how many bases of ``sequence``, from the new position on, come before that.
    notes, kinds, checks
        Filled, one per allele; ``notes`` already tells of lower case and IUPAC codes.

    Returns
    -------
    int
        Index of the first allele that is neither a sequence nor another allele of VCF; -1 if there is none.

    References
    ----------
    Tan, Abecasis, Kang 2015, doi 10.1093/bioinformatics/btv112
    """
    has_sequence = sequence.shape[0] > 0
    for index in which:
        ref_start, ref_end = ref_starts[index], ref_ends[index]
        alt_start, alt_end = alt_starts[index], alt_ends[index]
        ref_form, alt_form = ref_forms[records[index]], alt_forms[index]
        if ref_form >= OTHER or alt_form == INVALID:
            return int(index)
        origin = positions[index] - 1
        check = UNKNOWN
        if has_sequence:
            check = compare_reference(data, ref_start, ref_end, sequence, origin)
        checks[index] = check
        if alt_form == OTHER:
            kind = other_kind(data, alt_start, alt_end)
            if kind < 0:
                return int(index)
            kinds[index] = kind
            continue
        ref_length, alt_length = ref_end - ref_start, alt_end - alt_start
        if ref_length == 1 and alt_length == 1:
            kinds[index] = SNV
            if _UPPER[data[ref_start]] == _UPPER[data[alt_start]]:
                kinds[index] = NONE
                notes[index] |= EQUAL
            continue
        if _equal(data, ref_start, ref_end, alt_start, alt_end):
            kinds[index] = NONE
            notes[index] |= EQUAL
            continue
        start = origin
        prefix = 0  # bases of the genome before what is left of ALT; REF is the genome throughout
        if not (has_sequence and check != MATCHES) and ref_form == PLAIN and alt_form == PLAIN:
            while True:
                at = ref_start + ref_length - 1
                last = sequence[start + ref_length - 1] if has_sequence else _UPPER[data[at]]
                at = alt_start + alt_length - 1
                other = _UPPER[data[at]] if alt_length > 0 else sequence[start + prefix - 1]
                if last != other:
                    break
                if min(ref_length, prefix + alt_length) <= 1:
                    if start == 0 or not has_sequence:
                        break
                    start -= 1
                    ref_length += 1
                    prefix += 1
                    notes[index] |= SHIFTED
                ref_length -= 1
                if alt_length > 0:
                    alt_length -= 1
                else:
                    prefix -= 1
            while min(ref_length, prefix + alt_length) > 1:
                if prefix > 0:
                    prefix -= 1
                elif _UPPER[data[ref_start + start - origin]] == _UPPER[data[alt_start]]:
                    alt_start += 1
                    alt_length -= 1
                else:
                    break
                start += 1
                ref_length -= 1
            if ref_length < ref_end - ref_start:
                notes[index] |= TRIMMED
        if start >= origin:
            ref_prefix = 0
            ref_start += start - origin
        else:
            ref_prefix = min(origin - start, ref_length)
        ref_starts[index], ref_ends[index] = ref_start, ref_start + ref_length - ref_prefix
        alt_starts[index], alt_ends[index] = alt_start, alt_start + alt_length
        ref_prefixes[index], alt_prefixes[index] = ref_prefix, prefix
        positions[index] = start + 1
        if ref_length == prefix + alt_length:
            kinds[index] = SNV if ref_length == 1 else MNV
            continue
        ref_end, alt_end = ref_starts[index] + ref_length - ref_prefix, alt_start + alt_length
        first = sequence[start] if ref_prefix > 0 else _UPPER[data[ref_starts[index]]]
        other = sequence[start] if prefix > 0 else _UPPER[data[alt_start]]
        beside = first == other
        if start == 0 and alt_length > 0 and ref_prefix == 0:
            # at the start of a contig the base beside an indel is the one after it
            beside = beside or _UPPER[data[ref_end - 1]] == _UPPER[data[alt_end - 1]]
        if beside and ref_length == 1:
            kinds[index] = INSERTION
        elif beside and prefix + alt_length == 1:
            kinds[index] = DELETION
        else:
            kinds[index] = DELINS
    return -1


@njit(cache=True, nogil=True)
def compare_reference(data: Bytes, start: int, end: int, sequence: Bytes, origin: int) -> int:
    """Compare REF with the genome at a 0-based position; where either has N or an IUPAC code, nobody knows."""
    if origin < 0 or origin + (end - start) > sequence.shape[0]:
        return DIFFERS
    check = MATCHES
    for k in range(end - start):
        base = sequence[origin + k]
        found = _UPPER[data[start + k]]
        if base != found:
            if base != _N and found != _N and _LETTER[found] != 2:
                return DIFFERS
            check = UNKNOWN
    return check


@njit(cache=True, nogil=True)
def _equal(data: Bytes, start: int, end: int, other: int, other_end: int) -> bool:
    if end - start != other_end - other:
        return False
    for k in range(end - start):  # noqa: SIM110 - numba compiles no generators
        if _UPPER[data[start + k]] != _UPPER[data[other + k]]:
            return False
    return True


@njit(cache=True, nogil=True)
def copy_prefixes(
    sequence: Bytes, which: NDArray[np.int64], positions: NDArray[np.int64], lengths: Offsets,
    into: Bytes, offsets: NDArray[np.int64],
) -> None:  # fmt: skip
    """Copy the bases of the genome that come before alleles to ``into``, each at its offset."""
    for index in which:
        for k in range(lengths[index]):
            into[offsets[index] + k] = sequence[positions[index] - 1 + k]


@njit(cache=True, nogil=True)
def allele_codes(
    data: Bytes, starts: Offsets, ends: Offsets, upper: Flags, prefixes: Bytes, offsets: NDArray[np.int64],
    lengths: Offsets,
) -> tuple[NDArray[np.uint32], Bytes, int]:  # fmt: skip
    """Return what :func:`genopraxis.formats.vcf_kernels.text_codes` does, of prefix and rest, in upper case."""
    n = starts.shape[0]
    total = 0
    for i in range(n):
        length = lengths[i] + ends[i] - starts[i]
        if length != 1:
            total += length + 1
    codes = np.empty(n, np.uint32)
    joined = np.empty(total, np.uint8)
    at = 0
    longer = 0
    for i in range(n):
        if lengths[i] + ends[i] - starts[i] == 1:
            byte = data[starts[i]] if lengths[i] == 0 else prefixes[offsets[i]]
            codes[i] = _UPPER[byte] if upper[i] else byte
            continue
        codes[i] = 128 + longer
        longer += 1
        for k in range(lengths[i]):
            joined[at] = prefixes[offsets[i] + k]
            at += 1
        for k in range(starts[i], ends[i]):
            joined[at] = _UPPER[data[k]] if upper[i] else data[k]
            at += 1
        joined[at] = 10
        at += 1
    return codes, joined, longer
