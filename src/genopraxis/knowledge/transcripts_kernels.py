"""Compiled loops over transcripts: splicing sequences, checking reading frames, an index by place."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Bytes = NDArray[np.uint8]

BIN_BITS = 14


@njit(cache=True, nogil=True)
def splice(
    contig: Bytes, base_codes: Bytes, starts: Int32, ends: Int32, cdna: Int32, strand: int, out: Bytes
) -> None:
    """Write the bases of one transcript, numbered, to ``out``; blocks give where in the transcript they begin."""
    for block in range(starts.size):
        at = cdna[block]
        if strand > 0:
            for place in range(starts[block], ends[block]):
                out[at] = base_codes[contig[place]]
                at += 1
        else:
            for place in range(ends[block] - 1, starts[block] - 1, -1):
                code = base_codes[contig[place]]
                out[at] = 3 - code if code < 4 else code
                at += 1


@njit(cache=True, nogil=True)
def codon_at(sequence: Bytes, at: int, low: int, high: int) -> int:
    """Return the number of the codon at ``at``; 64 when a base is unknown or outside ``[low, high)``."""
    if at < low or at + 3 > high:
        return 64
    first, second, third = sequence[at], sequence[at + 1], sequence[at + 2]
    if first > 3 or second > 3 or third > 3:
        return 64
    return 16 * int(first) + 4 * int(second) + int(third)


@njit(cache=True, nogil=True)
def check_frames(
    sequence: Bytes,
    offsets: Int64,
    cds_start: Int32,
    cds_end: Int32,
    phase: NDArray[np.int8],
    code_of: NDArray[np.int8],
    codes: Bytes,
    first: Bytes,
    last: Bytes,
    stops: Int32,
    opals: Int32,
    unknown: Int32,
) -> None:
    """Read each coding sequence: number of the first codon, last amino acid, stops before it, TGA among them."""
    for row in range(cds_start.size):
        first[row] = 64
        last[row] = 88
        if cds_start[row] < 0 or offsets[row + 1] == offsets[row]:
            continue
        begin = offsets[row] + cds_start[row] + phase[row]
        end = offsets[row] + cds_end[row]
        whole = (end - begin) // 3
        for number in range(whole):
            codon = codon_at(sequence, begin + 3 * number, begin, end)
            amino_acid = codes[code_of[row], codon]
            if number == 0:
                first[row] = codon
            if codon == 64:
                unknown[row] += 1
            if number == whole - 1 and (end - begin) % 3 == 0:
                last[row] = amino_acid
            elif amino_acid == 42:
                stops[row] += 1
                if codon == 56:
                    opals[row] += 1


@njit(cache=True, nogil=True)
def count_bins(
    contig: Int32, start: Int32, end: Int32, contig_bins: Int64, flank: int, counts: Int64
) -> None:
    """Count the transcripts, with flanks, that reach into each bin of ``2**BIN_BITS`` bases."""
    for row in range(start.size):
        base = contig_bins[contig[row]]
        limit = contig_bins[contig[row] + 1] - base - 1
        low = max(0, start[row] - flank) >> BIN_BITS
        high = min((end[row] - 1 + flank) >> BIN_BITS, limit)
        for place in range(low, high + 1):
            counts[base + place] += 1


@njit(cache=True, nogil=True)
def fill_bins(
    contig: Int32, start: Int32, end: Int32, contig_bins: Int64, flank: int, cursor: Int64, members: Int32
) -> None:
    """Write the transcripts of each bin; ``cursor`` begins at the offset of each bin and is used up."""
    for row in range(start.size):
        base = contig_bins[contig[row]]
        limit = contig_bins[contig[row] + 1] - base - 1
        low = max(0, start[row] - flank) >> BIN_BITS
        high = min((end[row] - 1 + flank) >> BIN_BITS, limit)
        for place in range(low, high + 1):
            members[cursor[base + place]] = row
            cursor[base + place] += 1
