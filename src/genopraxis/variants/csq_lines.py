"""The records of a batch with their consequences in INFO, written in one go."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.formats.buffers import Buffers
from genopraxis.formats.text_kernels import SLACK, Bytes, Int64
from genopraxis.formats.text_rows import joined_bytes
from genopraxis.formats.vcf_annotations import vep_alleles
from genopraxis.variants.annotated import AnnotatedBatch
from genopraxis.variants.consequence_pick import picked
from genopraxis.variants.csq_entry_kernels import Alleles, Pairs
from genopraxis.variants.csq_kernels import Lines, survey, write_lines
from genopraxis.variants.csq_text import TranscriptWords, clean, told_entries

__all__ = ["csq_lines"]

_ID, _REF, _ALT = 2, 3, 4  # columns of a record
_RECORD = 8  # marks that a record gets in INFO, at most
_NAMED = ("record", "allele", "original_ref", "original_alt")
_NOTHING = np.zeros(0, np.uint8), np.zeros(0, np.int64)


def csq_lines(
    annotated: AnnotatedBatch,
    words: TranscriptWords,
    *,
    key: str,
    added: Bytes,
    added_ends: Int64,
    buffers: Buffers | None = None,
    by_table: bool = False,
) -> Bytes:
    """Return the records as they are in the file, with more in INFO.

    Parameters
    ----------
    words
        Of the transcripts that the consequences are on.
    key
        The INFO key of the consequences.
    added, added_ends
        What else each record gets, before them: all texts joined, and where each ends.
    buffers
        What the result is taken from, if anything.
    by_table
        Write every entry by way of the table of consequences, as those that are no single bases are; for checks.

    Raises
    ------
    ValueError
        When the consequences are not our own.
    """
    batch, alleles, found = annotated.batch, annotated.alleles, annotated.found
    if found is None:
        raise ValueError("only consequences of our own are written")
    known, tables = words.known, found.views.tables
    told = np.zeros(len(found), np.bool_)
    size = survey(
        tables,
        found.alleles.alt,
        found.rows,
        found.transcripts,
        found.terms,
        found.numbers,
        known.offsets,
        int(np.diff(known.nowhere_ends, prepend=0).max()),
        told,
    )
    if by_table:
        told[:] = True
    pick = picked(found)
    texts, text_ends = told_entries(found, np.flatnonzero(told), pick, words) if told.any() else _NOTHING
    record = alleles["record"].to_numpy() - np.uint32(batch.first_record)
    odd = np.flatnonzero(_is_odd(batch.ends)[record])
    names = (
        clean(vep_alleles(alleles.select(_NAMED)[odd])["Allele"]) if odd.size else pl.Series(dtype=pl.String)
    )
    name_sizes = names.str.len_bytes().to_numpy().astype(np.int64)
    # the name of an allele comes again in each of its entries
    entries = np.searchsorted(found.rows, odd, side="right") - np.searchsorted(found.rows, odd)
    start = np.frombuffer(f"{key}=".encode() + bytes(SLACK), np.uint8)
    size += batch.data.size + added.size + texts.size + int((np.maximum(entries, 1) * name_sizes).sum())
    size += (start.size + _RECORD) * len(batch) + SLACK
    out = np.empty(size, np.uint8) if buffers is None else buffers.take(size)
    length = write_lines(
        Lines(
            data=batch.data,
            starts=batch.starts,
            ends=batch.ends,
            line_ends=batch.line_ends,
            added=added,
            added_ends=added_ends,
            key=start,
        ),
        Alleles(
            record=record,
            number=alleles["allele"].to_numpy().astype(np.int32),
            ref=found.alleles.ref,
            alt=found.alleles.alt,
            contig=found.alleles.contig,
            judged=found.alleles.judged,
            names=np.frombuffer(joined_bytes(names), np.uint8),
            name_ends=np.cumsum(name_sizes),
        ),
        Pairs(
            rows=found.rows,
            transcripts=found.transcripts,
            terms=found.terms,
            numbers=found.numbers,
            pick=pick,
            told=told,
            texts=texts,
            text_ends=text_ends,
        ),
        known,
        tables,
        out,
    )
    return out[:length]


def _is_odd(ends: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Tell which records are not one base, or mark, for another."""
    odd: NDArray[np.bool_] = (ends[:, _REF] - ends[:, _ID] != 2) | (ends[:, _ALT] - ends[:, _REF] != 2)
    return odd
