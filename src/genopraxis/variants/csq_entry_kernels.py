"""Compiled loops that write one entry of ``CSQ``: what a single base does to a transcript, from the integers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from genopraxis.contracts.consequences import TERMS
from genopraxis.formats.text_kernels import (
    Bytes,
    Int64,
    copy_text,
    put_number,
    store_word,
    text_table,
    text_word,
    text_words,
)
from genopraxis.variants.codons import THREE_LETTERS
from genopraxis.variants.consequence_kernels import (
    ALT_AA,
    ALT_CODON,
    ANCHOR,
    CDS,
    CODON,
    CODON_PLACE,
    DISTANCE,
    EXON,
    EXTENSION,
    INTRON_NUMBER,
    LAST_EXON,
    NMD_RULE,
    OFFSET,
    REF_AA,
    REF_CODON,
    REF_MISMATCH,
    SPLICE_DISTANCE,
    START_LOST,
    STOP_LOST,
    Int32,
    Tables,
)  # fmt: skip
from genopraxis.variants.consequence_table import SHOWN_CODONS, UNRELIABLE
from genopraxis.variants.pair_kernels import lowest_bit

NAMES, CODING, PROTEIN, TAIL, PIECES = range(5)
"""Texts of each transcript: gene to biotype; what stands before HGVS c. and p.; CANONICAL to FLAGS."""

_UNRELIABLE = np.int64(UNRELIABLE)
_BAR = ord("|")
_BARS, _EXTENDED, _SAME, _START = (text_word(text) for text in ("||||", "extTer", "%3D)", "Met1?)"))
_BASES = np.frombuffer(b"ACGTN" + b"TGCAN", np.uint8)
_LETTERS = text_words([THREE_LETTERS.get(chr(code), "") for code in range(128)])
_LENGTHS = np.array([len(THREE_LETTERS.get(chr(code), "")) for code in range(128)], np.int64)
_CODONS = text_words(SHOWN_CODONS)
_TERMS, TERM_WIDTH, _TERM_SIZES = text_table(list(TERMS))
_IMPACTS, _IMPACT_WIDTH, _IMPACT_SIZES = text_table(
    [f"|{impact}|" for impact in (*TERMS.values(), "MODIFIER")]
)
_N_TERMS = len(TERMS)
# NMD, LAST_EXON and PICK
_MARKS, _MARK_WIDTH, _MARK_SIZES = text_table(
    [
        f"|{escape}|{last}|{pick}|"
        for escape in ("", "NMD_escaping_variant")
        for last in ("", "NO", "YES")
        for pick in ("", "1")
    ]
)
_MISMATCH, _, _MISMATCH_SIZES = text_table(["reference_mismatch"])
_MISMATCH_SIZE = int(_MISMATCH_SIZES[0])


class Alleles(NamedTuple):
    """Of each allele: record in the batch, number, bases as numbers, how it is to be judged.

    ``names`` are those of the alleles of records that are not one base for another.
    """

    record: NDArray[np.uint32]
    number: Int32
    ref: Bytes
    alt: Bytes
    contig: Int32
    judged: NDArray[np.bool_]
    names: Bytes
    name_ends: Int64


class Pairs(NamedTuple):
    """Pairs of allele and transcript; ``texts`` are the entries of those that are ``told``, from the terms to FLAGS."""

    rows: Int32
    transcripts: Int32
    terms: Int64
    numbers: Int32
    pick: NDArray[np.bool_]
    told: NDArray[np.bool_]
    texts: Bytes
    text_ends: Int64


class Known(NamedTuple):
    """Texts of transcripts, :data:`PIECES` each; entries of alleles without a transcript.

    These are on a contig that has some, or on one without any, or no sequence.
    """

    pieces: Bytes
    offsets: Int64
    nowhere: Bytes
    nowhere_ends: Int64


@njit(cache=True, nogil=True, inline="always")
def write_entry(
    alleles: Alleles, pairs: Pairs, known: Known, tables: Tables, pair: int, out: Bytes, at: int
) -> int:
    """Write an entry from the terms to FLAGS."""
    transcript = int(pairs.transcripts[pair])
    numbers = pairs.numbers
    at = _terms(pairs.terms[pair], out, at)
    piece = PIECES * transcript
    at = _piece(known, piece + NAMES, out, at)
    exons = int(tables.exon_offset[transcript + 1] - tables.exon_offset[transcript])
    exon, intron = int(numbers[EXON, pair]), int(numbers[INTRON_NUMBER, pair])
    if exon > 0:
        at = put_number(out, at, exon)
        out[at] = 47
        at = put_number(out, at + 1, exons)
    out[at] = _BAR
    at += 1
    if intron > 0:
        at = put_number(out, at, intron)
        out[at] = 47
        at = put_number(out, at + 1, exons - 1)
    out[at] = _BAR
    at += 1
    if numbers[DISTANCE, pair] == 0:
        at = _piece(known, piece + CODING, out, at)
        at = _substitution(alleles, pairs, tables, pair, out, at)
    out[at] = _BAR
    at += 1
    sound = np.int64(tables.flags[transcript]) & _UNRELIABLE == 0
    if numbers[REF_AA, pair] and sound:
        at = _piece(known, piece + PROTEIN, out, at)
        at = _protein(pairs.terms[pair], numbers, pair, out, at)
    out[at] = _BAR
    at += 1
    if exon > 0:
        at = put_number(out, at, int(numbers[ANCHOR, pair]) + 1)
    if numbers[CODON, pair]:
        at = _codon(numbers, pair, out, at)
    else:
        store_word(out, at, _BARS)
        at += 4
    out[at] = _BAR
    at += 1
    if numbers[DISTANCE, pair]:
        at = put_number(out, at, int(numbers[DISTANCE, pair]))
    out[at] = _BAR
    at += 1
    if numbers[SPLICE_DISTANCE, pair]:
        at = put_number(out, at, int(numbers[SPLICE_DISTANCE, pair]))
    mark = 6 * (numbers[NMD_RULE, pair] > 1) + 2 * numbers[LAST_EXON, pair] + pairs.pick[pair]
    at = copy_text(out, at, _MARKS, mark * _MARK_WIDTH, _MARK_SIZES[mark])
    at = _piece(known, piece + TAIL, out, at)
    if numbers[REF_MISMATCH, pair]:
        if out[at - 1] != _BAR:
            out[at] = 38
            at += 1
        at = copy_text(out, at, _MISMATCH, 0, _MISMATCH_SIZE)
    return at


@njit(cache=True, nogil=True, inline="always")
def _piece(known: Known, piece: int, out: Bytes, at: int) -> int:
    start = known.offsets[piece]
    return copy_text(out, at, known.pieces, start, known.offsets[piece + 1] - start)


@njit(cache=True, nogil=True, inline="always")
def _terms(mask: int, out: Bytes, at: int) -> int:
    """Write the terms and the impact of the first one."""
    out[at] = _BAR
    if mask == 0:
        return copy_text(out, at + 1, _IMPACTS, _N_TERMS * _IMPACT_WIDTH, _IMPACT_SIZES[_N_TERMS])
    first = lowest_bit(mask)
    while mask:
        term = lowest_bit(mask)
        at = copy_text(out, at + 1, _TERMS, term * TERM_WIDTH, _TERM_SIZES[term])
        out[at] = 38
        mask &= mask - 1
    return copy_text(out, at, _IMPACTS, first * _IMPACT_WIDTH, _IMPACT_SIZES[first])


@njit(cache=True, nogil=True, inline="always")
def _substitution(alleles: Alleles, pairs: Pairs, tables: Tables, pair: int, out: Bytes, at: int) -> int:
    """Write number and bases of HGVS c. or n.; see :mod:`genopraxis.variants.hgvs_coding`."""
    transcript, row = pairs.transcripts[pair], pairs.rows[pair]
    anchor, offset = int(pairs.numbers[ANCHOR, pair]), int(pairs.numbers[OFFSET, pair])
    start, end = int(tables.cds_start[transcript]), int(tables.cds_end[transcript])
    number = anchor + 1
    if start >= 0:
        if anchor < start:
            number = anchor - start
        elif anchor < end:
            number = anchor - start + 1
        else:
            number = anchor - end + 1
            out[at] = 42
            at += 1
    at = put_number(out, at, number)
    if offset:
        if offset > 0:
            out[at] = 43
            at += 1
        at = put_number(out, at, offset)
    strand = 0 if tables.strand[transcript] > 0 else 5
    out[at] = _BASES[strand + min(alleles.ref[row], 4)]
    out[at + 1] = 62
    out[at + 2] = _BASES[strand + min(alleles.alt[row], 4)]
    return at + 3


@njit(cache=True, nogil=True, inline="always")
def _protein(mask: int, numbers: Int32, pair: int, out: Bytes, at: int) -> int:
    """Write HGVS p. from behind its parenthesis."""
    before, after = numbers[REF_AA, pair], numbers[ALT_AA, pair]
    if mask & START_LOST:
        store_word(out, at, _START)
        return at + 6
    store_word(out, at, _LETTERS[42 if mask & STOP_LOST else before])
    at = put_number(out, at + (3 if mask & STOP_LOST else _LENGTHS[before]), int(numbers[CODON, pair]))
    if before == after and not mask & STOP_LOST:
        store_word(out, at, _SAME)
        return at + 4
    store_word(out, at, _LETTERS[after])
    at += _LENGTHS[after]
    if mask & STOP_LOST:
        store_word(out, at, _EXTENDED)
        at += 6
        if numbers[EXTENSION, pair] < 0:
            out[at] = 63
            at += 1
        else:
            at = put_number(out, at, int(numbers[EXTENSION, pair]))
    out[at] = 41
    return at + 1


@njit(cache=True, nogil=True, inline="always")
def _codon(numbers: Int32, pair: int, out: Bytes, at: int) -> int:
    """Write CDS_position, Protein_position, Amino_acids and Codons, each after a bar."""
    out[at] = _BAR
    at += 1
    if numbers[CDS, pair]:
        at = put_number(out, at, int(numbers[CDS, pair]))
    out[at] = _BAR
    at = put_number(out, at + 1, int(numbers[CODON, pair]))
    out[at] = _BAR
    at += 1
    before, after = numbers[REF_AA, pair], numbers[ALT_AA, pair]
    if before == 0:
        out[at] = _BAR
        return at + 1
    out[at] = before
    at += 1
    if after != before:
        out[at] = 47
        out[at + 1] = after
        at += 2
    out[at] = _BAR
    place = numbers[CODON_PLACE, pair]
    store_word(out, at + 1, _CODONS[3 * numbers[REF_CODON, pair] + place])
    out[at + 4] = 47
    store_word(out, at + 5, _CODONS[3 * numbers[ALT_CODON, pair] + place])
    return at + 8
