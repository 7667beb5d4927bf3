"""Compiled loops that write records with their consequences; the layout is that of :data:`.csq_text.FIELDS`.

What single bases do is written straight from the integers; entries of other pairs of allele and transcript come as
texts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, cast

import numpy as np
from numba import njit
from numpy.typing import NDArray

from genopraxis.formats.text_kernels import SLACK, Bytes, Int64, copy_bytes, copy_text, put_number
from genopraxis.knowledge.transcripts import Flag
from genopraxis.variants.consequence_alleles import NO_BASE
from genopraxis.variants.consequence_kernels import (
    CODON,
    DISTANCE,
    EXACT,
    EXON,
    INTRON_NUMBER,
    Int32,
    Tables,
)
from genopraxis.variants.csq_entry_kernels import PIECES, TERM_WIDTH, Alleles, Known, Pairs, write_entry

_NO_BASE = NO_BASE
_GAPPED = np.int64(Flag.ALIGNMENT_GAP)
_ID, _REF, _ALT, _FILTER, _INFO = 2, 3, 4, 6, 7  # columns of a record
_BAR, _COMMA, _SEMICOLON, _DOT = (ord(mark) for mark in "|,;.")
# digits, bars and signs of an entry at most,
# with allele, number and comma: a told one; any other one; inside a transcript; in an exon or intron; in a codon
_ROOM_TOLD, _ROOM, _ROOM_INSIDE, _ROOM_PLACE, _ROOM_CODON = 16, 128, 32, 40, 80

# see consequence_kernels: nothing is allocated here
_OPTIONS: dict[str, Any] = {"cache": True, "nogil": True, "_nrt": False}
_Function = TypeVar("_Function", bound=Callable[..., object])
_without_counting = cast("Callable[[_Function], _Function]", njit(**_OPTIONS))


class Lines(NamedTuple):
    """The records of a batch, what is added to INFO before the consequences, and the key of these."""

    data: Bytes
    starts: Int32
    ends: NDArray[np.int32]
    line_ends: Int32
    added: Bytes
    added_ends: Int64
    key: Bytes


@_without_counting
def survey(
    tables: Tables,
    alt: Bytes,
    rows: Int32,
    transcripts: Int32,
    terms: Int64,
    numbers: Int32,
    offsets: Int64,
    nowhere: int,
    told: NDArray[np.bool_],
) -> int:
    """Mark the pairs whose texts the loops here cannot write; return what room the entries of the others may need.

    ``nowhere`` is the room for the entry of an allele that meets no transcript.
    """
    size = alt.size * (nowhere + _ROOM)
    for pair in range(rows.size):
        if pair == 0 or rows[pair] != rows[pair - 1]:
            size -= nowhere + _ROOM
        transcript = transcripts[pair]
        outside = numbers[DISTANCE, pair] != 0
        if not outside and (
            numbers[EXACT, pair] != 0
            or alt[rows[pair]] == _NO_BASE
            or np.int64(tables.flags[transcript]) & _GAPPED
        ):
            told[pair] = True
            size += _ROOM_TOLD
            continue
        size += offsets[PIECES * transcript + PIECES] - offsets[PIECES * transcript] + _ROOM
        if not outside:
            size += _ROOM_INSIDE
        if numbers[EXON, pair] or numbers[INTRON_NUMBER, pair]:
            size += _ROOM_PLACE
        if numbers[CODON, pair]:
            size += _ROOM_CODON
        mask = terms[pair]
        while mask:
            size += TERM_WIDTH
            mask &= mask - 1
    return size


@_without_counting
def write_lines(
    lines: Lines, alleles: Alleles, pairs: Pairs, known: Known, tables: Tables, out: Bytes
) -> int:
    """Write the records, with what is found in INFO; return the number of bytes.

    ``out`` must have room for all texts, what :func:`survey` says, and the key and 8 bytes a record.
    """
    at = 0
    row = 0
    pair = 0
    name = 0
    text = 0
    for record in range(lines.starts.size):
        start = lines.starts[record]
        first_info = lines.ends[record, _FILTER] + 1
        last_info = max(first_info, lines.ends[record, _INFO])
        empty = last_info == first_info or (last_info - first_info == 1 and lines.data[first_info] == _DOT)
        at = copy_bytes(out, at, lines.data, start, (first_info if empty else last_info) - start)
        begin = lines.added_ends[record - 1] if record else 0
        if lines.added_ends[record] > begin:
            if not empty:
                out[at] = _SEMICOLON
                at += 1
            empty = False
            at = copy_bytes(out, at, lines.added, begin, lines.added_ends[record] - begin)
        simple = (
            lines.ends[record, _REF] - lines.ends[record, _ID] == 2
            and lines.ends[record, _ALT] - lines.ends[record, _REF] == 2
        )
        begun = False
        while row < alleles.record.size and alleles.record[row] == record:
            more = True
            while more:
                if begun:
                    out[at] = _COMMA
                    at += 1
                else:
                    if not empty:
                        out[at] = _SEMICOLON
                        at += 1
                    at = copy_text(out, at, lines.key, 0, lines.key.size - SLACK)
                    begun = True
                    empty = False
                if simple:
                    out[at] = lines.data[lines.ends[record, _REF] + 1]
                    at += 1
                else:
                    begin = alleles.name_ends[name - 1] if name else 0
                    at = copy_bytes(out, at, alleles.names, begin, alleles.name_ends[name] - begin)
                if pair < pairs.rows.size and pairs.rows[pair] == row:
                    if pairs.told[pair]:
                        begin = pairs.text_ends[text - 1] if text else 0
                        at = copy_bytes(out, at, pairs.texts, begin, pairs.text_ends[text] - begin)
                        text += 1
                    else:
                        at = write_entry(alleles, pairs, known, tables, pair, out, at)
                    pair += 1
                    more = pair < pairs.rows.size and pairs.rows[pair] == row
                else:
                    kind = 2 if not alleles.judged[row] else (0 if alleles.contig[row] >= 0 else 1)
                    begin = known.nowhere_ends[kind - 1] if kind else 0
                    at = copy_text(out, at, known.nowhere, begin, known.nowhere_ends[kind] - begin)
                    more = False
                out[at] = _BAR
                at = put_number(out, at + 1, int(alleles.number[row]))
            if not simple:
                name += 1
            row += 1
        if empty:
            out[at] = _DOT
            at += 1
        at = copy_bytes(out, at, lines.data, last_info, max(lines.line_ends[record] - last_info, 0))
        out[at] = 10
        at += 1
    return at
