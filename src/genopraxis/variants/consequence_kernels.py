"""Compiled loops of consequences: which transcripts an allele meets, and what a single-base change does to each.

Terms are bits in the order of :data:`genopraxis.contracts.consequences.TERMS`. Distances to splice sites follow VEP
110: donor and acceptor are the first two and last two bases of an intron; introns of up to 13 bases have none.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

from genopraxis.contracts.consequences import TERMS
from genopraxis.knowledge.transcripts import Flag
from genopraxis.knowledge.transcripts_kernels import BIN_BITS, codon_at

Int32 = NDArray[np.int32]
Int64 = NDArray[np.int64]
Bytes = NDArray[np.uint8]


def _bit(term: str) -> np.int64:
    return np.int64(1 << list(TERMS).index(term))


ACCEPTOR, DONOR = _bit("splice_acceptor_variant"), _bit("splice_donor_variant")
STOP_GAINED, STOP_LOST, START_LOST = _bit("stop_gained"), _bit("stop_lost"), _bit("start_lost")
MISSENSE, SYNONYMOUS = _bit("missense_variant"), _bit("synonymous_variant")
STOP_RETAINED, CODING = _bit("stop_retained_variant"), _bit("coding_sequence_variant")
INCOMPLETE_TERMINAL = _bit("incomplete_terminal_codon_variant")
FIFTH, REGION = _bit("splice_donor_5th_base_variant"), _bit("splice_region_variant")
DONOR_REGION, TRACT = _bit("splice_donor_region_variant"), _bit("splice_polypyrimidine_tract_variant")
UTR5, UTR3 = _bit("5_prime_UTR_variant"), _bit("3_prime_UTR_variant")
NON_CODING_EXON, INTRON = _bit("non_coding_transcript_exon_variant"), _bit("intron_variant")
NMD_TRANSCRIPT, NON_CODING = _bit("NMD_transcript_variant"), _bit("non_coding_transcript_variant")
UPSTREAM, DOWNSTREAM = _bit("upstream_gene_variant"), _bit("downstream_gene_variant")
_INCOMPLETE_5, _NMD = np.int64(Flag.INCOMPLETE_CDS_5), np.int64(Flag.NMD)
_COMPLETED, _GAPPED = np.int64(Flag.STOP_BY_POLYADENYLATION), np.int64(Flag.ALIGNMENT_GAP)
_MITOCHONDRIAL = np.int64(Flag.MITOCHONDRIAL_CODE)

# rows of the table of integers that the kernels fill, one column per pair of allele and transcript
(
    EXON, INTRON_NUMBER, ANCHOR, OFFSET, CDS, CODON, REF_CODON, ALT_CODON, CODON_PLACE, REF_AA, ALT_AA, DISTANCE,
    SPLICE_DISTANCE, NMD_RULE, LAST_EXON, EXTENSION, EXACT, REF_MISMATCH, COLUMNS,
) = range(19)  # fmt: skip
"""Zero means nothing in every row but these: ANCHOR transcript base, 0-based, of use where EXON or INTRON_NUMBER is;
OFFSET from it into an intron; CDS, CODON 1-based; REF_AA, ALT_AA ASCII; NMD_RULE 1 decay, 2–5 a rule; LAST_EXON 1 no,
2 yes; EXTENSION codons to the next stop, -1 none found. A new table is all zeros."""

# Counting references to the arrays of a set at each access takes 15 times as long as all else; a function that
# allocates nothing needs no counting. The option is numba's own, though its stubs do not name it.
_OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": False}
_Function = TypeVar("_Function", bound=Callable[..., None])
_without_counting = cast("Callable[[_Function], _Function]", njit(**_OPTIONS))

SHORT_INTRON = 13
NEAR_EXON = 17


class Tables(NamedTuple):
    """Arrays of a transcript set, in the form that compiled code takes."""

    start: Int32
    end: Int32
    strand: NDArray[np.int8]
    flags: NDArray[np.uint32]
    exon_offset: Int64
    exon_start: Int32
    exon_end: Int32
    exon_cdna: Int32
    cds_start: Int32
    cds_end: Int32
    phase: NDArray[np.int8]
    sequence_offset: Int64
    sequence: Bytes
    recoded_transcript: Int32
    recoded_codon: Int32
    codes: Bytes


@njit(cache=True, nogil=True, inline="always")
def _gap(start: int, end: int, t_start: int, t_end: int) -> int:
    """Return the distance of ``[start, end)`` to a transcript; 0 inside. An insertion at its edge is outside."""
    if start >= t_end:
        return start - t_end + 1
    if end <= t_start:
        return t_start - end + 1
    return 0


@njit(cache=True, nogil=True)
def join(
    contig: Int32,
    start: Int32,
    end: Int32,
    t_start: Int32,
    t_end: Int32,
    wanted: NDArray[np.bool_],
    contig_bins: Int64,
    offset: Int64,
    members: Int32,
    flank: int,
    counts: Int64,
    rows: Int32,
    transcripts: Int32,
    filling: int,
) -> int:
    """Count the transcripts within ``flank`` of each allele, or with ``filling`` write the pairs; return how many."""
    total = 0
    for row in range(start.size):
        if contig[row] < 0:
            continue
        base = contig_bins[contig[row]]
        limit = contig_bins[contig[row] + 1] - base - 1
        low = start[row] >> BIN_BITS
        high = min(max(end[row] - 1, start[row]) >> BIN_BITS, limit)
        # an insertion lies between two bases, which may be in two bins
        if start[row] == end[row] and start[row] > 0:
            low = (start[row] - 1) >> BIN_BITS
        found = 0
        for place in range(low, high + 1):
            for at in range(offset[base + place], offset[base + place + 1]):
                transcript = members[at]
                if not wanted[transcript]:
                    continue
                # reported in the first bin that both reach
                first = max(0, t_start[transcript] - flank) >> BIN_BITS
                if place != max(low, first):
                    continue
                if _gap(start[row], end[row], t_start[transcript], t_end[transcript]) > flank:
                    continue
                if filling:
                    rows[total + found] = row
                    transcripts[total + found] = transcript
                found += 1
        if not filling:
            counts[row] = found
        total += found
    return total


@njit(cache=True, nogil=True, inline="always")
def exon_before(tables: Tables, transcript: int, position: int) -> int:
    """Return the last exon, by place in the genome, that begins at or before a position; -1 before all."""
    low, high = tables.exon_offset[transcript], tables.exon_offset[transcript + 1]
    first = low
    while low < high:
        middle = (low + high) >> 1
        if tables.exon_start[middle] <= position:
            low = middle + 1
        else:
            high = middle
    return -1 if low == first else low - 1


@njit(cache=True, nogil=True, inline="always")
def number_of(tables: Tables, transcript: int, exon: int) -> int:
    """Return the 1-based number of an exon in the direction of its transcript."""
    if tables.strand[transcript] > 0:
        return exon - int(tables.exon_offset[transcript]) + 1
    return int(tables.exon_offset[transcript + 1]) - exon


@njit(cache=True, nogil=True, inline="always")
def _place_from(tables: Tables, transcript: int, exon: int, position: int) -> tuple[int, int]:
    """Return :func:`place` from the exon that begins at or before the position."""
    start, end = tables.exon_start[exon], tables.exon_end[exon]
    forward = tables.strand[transcript] > 0
    if position < end:
        inside = position - start if forward else end - 1 - position
        return tables.exon_cdna[exon] + inside, 0
    left, right = position - end + 1, tables.exon_start[exon + 1] - position
    if forward:
        if left <= right:
            return tables.exon_cdna[exon] + (end - start) - 1, left
        return tables.exon_cdna[exon + 1], -right
    if right <= left:
        size = tables.exon_end[exon + 1] - tables.exon_start[exon + 1]
        return tables.exon_cdna[exon + 1] + size - 1, right
    return tables.exon_cdna[exon], -left


@njit(cache=True, nogil=True, inline="always")
def place(tables: Tables, transcript: int, position: int) -> tuple[int, int]:
    """Return the nearest transcript base (0-based) of a position inside, and the offset from it into an intron."""
    return _place_from(tables, transcript, exon_before(tables, transcript, position), position)


@njit(cache=True, nogil=True)
def places(tables: Tables, transcripts: Int32, position: Int32, anchor: Int32, offset: Int32) -> None:
    """Write :func:`place` of many positions; those outside their transcript get an anchor of -1."""
    for pair in range(transcripts.size):
        transcript = transcripts[pair]
        anchor[pair] = -1
        if tables.start[transcript] <= position[pair] < tables.end[transcript]:
            anchor[pair], offset[pair] = place(tables, transcript, position[pair])


@njit(cache=True, nogil=True, inline="always")
def nmd_rule(tables: Tables, transcript: int, stop: int) -> int:
    """Return by which rule a stop codon at transcript base ``stop`` escapes decay: 1–4, or 0 for none."""
    low, high = tables.exon_offset[transcript], tables.exon_offset[transcript + 1]
    if high - low == 1:
        return 1
    last = high - 1 if tables.strand[transcript] > 0 else low
    junction = tables.exon_cdna[last]
    if stop >= junction:
        return 2
    if stop >= junction - 50:
        return 3
    if stop - tables.cds_start[transcript] < 100:
        return 4
    return 0


@njit(cache=True, nogil=True, inline="always")
def _base(tables: Tables, transcript: int, at: int) -> int:
    """Return a base of the coding sequence for reading: 4 before it, and A after it where the tail completes it."""
    if at < tables.cds_start[transcript]:
        return 4
    if at >= tables.cds_end[transcript]:
        return 0
    return int(tables.sequence[tables.sequence_offset[transcript] + at])


@njit(cache=True, nogil=True, inline="always")
def is_recoded(tables: Tables, transcript: int, codon: int) -> bool:
    """Tell whether a codon (0-based) is read as selenocysteine."""
    for at in range(tables.recoded_transcript.size):
        if tables.recoded_transcript[at] == transcript and tables.recoded_codon[at] == codon:
            return True
    return False


@njit(cache=True, nogil=True, inline="always")
def extension(tables: Tables, transcript: int, after: int, code: int) -> int:
    """Return how many codons follow transcript base ``after`` until a stop, that stop included; -1 without one."""
    offset = tables.sequence_offset[transcript]
    size = tables.sequence_offset[transcript + 1] - offset
    for at in range(after, size - 2, 3):
        codon = codon_at(tables.sequence, offset + at, offset, offset + size)
        if codon == 64:
            return -1
        if tables.codes[code, codon] == 42:
            return (at - after) // 3 + 1
    return -1


@njit(cache=True, nogil=True, inline="always")
def _coding(tables: Tables, transcript: int, cdna: int, alt: int, pair: int, out: Int32) -> np.int64:
    flags = np.int64(tables.flags[transcript])
    pad = (3 - tables.phase[transcript]) % 3
    inside = cdna - tables.cds_start[transcript] + pad
    codon = inside // 3
    first = tables.cds_start[transcript] - pad + 3 * codon
    out[CDS, pair] = inside + 1
    out[CODON, pair] = codon + 1
    if tables.sequence_offset[transcript + 1] == tables.sequence_offset[transcript]:
        return CODING
    if first + 3 > tables.cds_end[transcript] and (flags & _COMPLETED) == 0:
        return INCOMPLETE_TERMINAL | CODING
    code = 1 if flags & _MITOCHONDRIAL else 0
    where = inside % 3
    weight = 16 if where == 0 else (4 if where == 1 else 1)
    b0, b1, b2 = (
        _base(tables, transcript, first), _base(tables, transcript, first + 1), _base(tables, transcript, first + 2),
    )  # fmt: skip
    out[CODON_PLACE, pair] = where
    if b0 > 3 or b1 > 3 or b2 > 3 or alt > 3:
        return CODING
    before = 16 * b0 + 4 * b1 + b2
    old = b0 if where == 0 else (b1 if where == 1 else b2)
    after = before + weight * (alt - old)
    ref_aa, alt_aa = int(tables.codes[code, before]), int(tables.codes[code, after])
    if (
        before == 56
        and ref_aa == 42
        and tables.recoded_transcript.size
        and is_recoded(tables, transcript, codon)
    ):
        ref_aa = 85
    out[REF_CODON, pair] = before
    out[ALT_CODON, pair] = after
    out[REF_AA, pair] = ref_aa
    out[ALT_AA, pair] = alt_aa
    if ref_aa == alt_aa:
        return STOP_RETAINED if ref_aa == 42 else SYNONYMOUS
    if codon == 0 and (flags & _INCOMPLETE_5) == 0:
        return START_LOST
    if alt_aa == 42:
        out[NMD_RULE, pair] = 1 + nmd_rule(tables, transcript, first)
        return STOP_GAINED
    if ref_aa == 42:
        whole = first + 3 <= tables.cds_end[transcript]
        out[EXTENSION, pair] = extension(tables, transcript, first + 3, code) if whole else -1
        return STOP_LOST
    return MISSENSE


@njit(cache=True, nogil=True, inline="always")
def _splice_exonic(
    tables: Tables, transcript: int, exon: int, position: int, pair: int, out: Int32
) -> np.int64:
    """Mark the last three bases of an exon before an intron and the first three after one."""
    low, high = tables.exon_offset[transcript], tables.exon_offset[transcript + 1]
    forward = tables.strand[transcript] > 0
    terms = np.int64(0)
    nearest = 0
    if exon > low and tables.exon_start[exon] - tables.exon_end[exon - 1] > SHORT_INTRON:
        left = position - tables.exon_start[exon] + 1
        nearest = left if forward else -left
        if left <= 3:
            terms |= REGION
    if exon + 1 < high and tables.exon_start[exon + 1] - tables.exon_end[exon] > SHORT_INTRON:
        right = tables.exon_end[exon] - position
        if nearest == 0 or right < abs(nearest) or (right == -nearest and not forward):
            nearest = -right if forward else right
        if right <= 3:
            terms |= REGION
    out[SPLICE_DISTANCE, pair] = nearest
    return terms


@njit(cache=True, nogil=True, inline="always")
def splice_terms(donor: int, acceptor: int) -> np.int64:
    """Return the terms of one intron base from its distances to the exons before and after it (1: next to it)."""
    terms = np.int64(0)
    if donor <= 2:
        terms |= DONOR
    if acceptor <= 2:
        terms |= ACCEPTOR
    if donor == 5:
        terms |= FIFTH
    elif 3 <= donor <= 6:
        terms |= DONOR_REGION
    if (3 <= donor <= 8 or 3 <= acceptor <= 8) and terms == 0:
        terms |= REGION
    if 3 <= acceptor <= 17:
        terms |= TRACT
    if donor >= 3 and acceptor >= 3:
        terms |= INTRON
    return terms


@njit(cache=True, nogil=True, inline="always")
def _inside(tables: Tables, transcript: int, position: int, alt: int, pair: int, out: Int32) -> np.int64:
    exon = exon_before(tables, transcript, position)
    forward = tables.strand[transcript] > 0
    coding = tables.cds_start[transcript] >= 0
    flags = np.int64(tables.flags[transcript])
    count = tables.exon_offset[transcript + 1] - tables.exon_offset[transcript]
    end = tables.exon_end[exon]
    terms = np.int64(0)
    cdna, offset = _place_from(tables, transcript, exon, position)
    out[ANCHOR, pair] = cdna
    out[OFFSET, pair] = offset
    short = False
    if position >= end:
        left, right = position - end + 1, tables.exon_start[exon + 1] - position
        intron = number_of(tables, transcript, exon if forward else exon + 1)
        out[INTRON_NUMBER, pair] = intron
        donor, acceptor = (left, right) if forward else (right, left)
        short = left + right - 1 <= SHORT_INTRON
        if not short:
            out[SPLICE_DISTANCE, pair] = donor if donor <= acceptor else -acceptor
            terms = splice_terms(donor, acceptor)
            # a lost splice site is judged by the exon base next to it
            if (
                terms & (DONOR | ACCEPTOR)
                and tables.cds_start[transcript] <= cdna < tables.cds_end[transcript]
            ):
                out[NMD_RULE, pair] = 1 + nmd_rule(tables, transcript, cdna)
    else:
        number = number_of(tables, transcript, exon)
        out[EXON, pair] = number
        out[LAST_EXON, pair] = 2 if number == count else 1
        terms = _splice_exonic(tables, transcript, exon, position, pair, out)
    if position < end or short:
        if not coding:
            terms |= NON_CODING_EXON
        elif cdna < tables.cds_start[transcript]:
            terms |= UTR5
        elif cdna >= tables.cds_end[transcript]:
            terms |= UTR3
        elif short:
            terms |= CODING
        else:
            terms |= _coding(tables, transcript, cdna, alt, pair, out)
    elif not coding:
        terms |= NON_CODING
    if flags & _NMD:
        terms |= NMD_TRANSCRIPT
    return terms


@_without_counting
def single_bases(
    tables: Tables,
    start: Int32,
    end: Int32,
    ref: Bytes,
    alt: Bytes,
    rows: Int32,
    transcripts: Int32,
    terms: Int64,
    out: Int32,
) -> None:
    """Fill the terms and integers, all zeros, of pairs; ``EXACT`` marks those that these rules cannot answer.

    ``alt`` is the number of the new base on the forward strand, or 255 for an allele that is no single base.
    """
    for pair in range(rows.size):
        row, transcript = rows[pair], transcripts[pair]
        forward = tables.strand[transcript] > 0
        gap = _gap(start[row], end[row], tables.start[transcript], tables.end[transcript])
        if gap > 0:
            out[DISTANCE, pair] = gap
            before = end[row] <= tables.start[transcript]
            terms[pair] = UPSTREAM if before == forward else DOWNSTREAM
            continue
        if np.int64(tables.flags[transcript]) & _GAPPED:
            out[EXACT, pair] = 1
            continue
        if alt[row] == 255:
            _interval(tables, transcript, start[row], end[row], pair, terms, out)
            continue
        base = alt[row] if forward or alt[row] > 3 else 3 - alt[row]
        terms[pair] = _inside(tables, transcript, start[row], base, pair, out)
        size = tables.sequence_offset[transcript + 1] - tables.sequence_offset[transcript]
        if out[EXON, pair] > 0 and size > 0 and ref[row] < 4:
            found = tables.sequence[tables.sequence_offset[transcript] + out[ANCHOR, pair]]
            wanted = ref[row] if forward else 3 - ref[row]
            if found < 4 and found != wanted:
                out[REF_MISMATCH, pair] = 1


@njit(cache=True, nogil=True, inline="always")
def _interval(
    tables: Tables, transcript: int, start: int, end: int, pair: int, terms: Int64, out: Int32
) -> None:
    """Answer an allele that lies deep in one intron; leave any other to the exact way."""
    exon = exon_before(tables, transcript, start)
    inner = exon >= 0 and exon + 1 < tables.exon_offset[transcript + 1]
    if (
        not inner
        or start < tables.exon_end[exon] + NEAR_EXON
        or end > tables.exon_start[exon + 1] - NEAR_EXON
    ):
        out[EXACT, pair] = 1
        return
    forward = tables.strand[transcript] > 0
    out[INTRON_NUMBER, pair] = number_of(tables, transcript, exon if forward else exon + 1)
    left, right = start - tables.exon_end[exon] + 1, tables.exon_start[exon + 1] - max(end - 1, start)
    donor, acceptor = (left, right) if forward else (right, left)
    out[SPLICE_DISTANCE, pair] = donor if donor <= acceptor else -acceptor
    terms[pair] = INTRON
    if tables.cds_start[transcript] < 0:
        terms[pair] |= NON_CODING
    if np.int64(tables.flags[transcript]) & _NMD:
        terms[pair] |= NMD_TRANSCRIPT
