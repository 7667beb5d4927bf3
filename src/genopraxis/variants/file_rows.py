"""Which row of the allele table an annotation in a file is about."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.formats.vcf_allele_name_kernels import csq_alleles
from genopraxis.formats.vcf_annotations import AnnotationEntries
from genopraxis.formats.vcf_batches import VcfBatch
from genopraxis.formats.vcf_field_kernels import alt_counts
from genopraxis.formats.vcf_repairs import VcfRepairs

__all__ = ["Placed", "RowsOfAlleles", "place_entries"]

GUESSED, HAPLOTYPE = 1, 2
"""Bits of ``Placed.marks``: the allele is a good guess; several variants together do what is said."""


@dataclass(frozen=True, kw_only=True)
class RowsOfAlleles:
    """The rows of the allele table by record of the batch and number of the allele."""

    n_alts: NDArray[np.int32]
    records: NDArray[np.int64]
    alleles: NDArray[np.uint16]
    first: NDArray[np.int64]
    rows: NDArray[np.int64]

    @classmethod
    def of(cls, batch: VcfBatch, table: pl.DataFrame) -> RowsOfAlleles:
        """Index an allele table of a batch, of which rows may be missing."""
        n_alts = alt_counts(batch.data, *batch.span("ALT"))
        first = np.cumsum(n_alts, dtype=np.int64) - n_alts
        records = table["record"].to_numpy().astype(np.int64) - batch.first_record
        alleles = table["allele"].to_numpy()
        rows = np.full(int(n_alts.sum()), -1, np.int64)
        rows[first[records] + alleles - 1] = np.arange(len(table))
        return cls(n_alts=n_alts, records=records, alleles=alleles, first=first, rows=rows)

    def row(self, records: NDArray[np.int64], alleles: NDArray[np.uint16]) -> NDArray[np.int64]:
        """Return the row of each allele: -1 where the table has none, -2 where the record has no such allele."""
        known = (alleles >= 1) & (alleles <= self.n_alts[records])
        found = np.full(len(records), -2, np.int64)
        found[known] = self.rows[self.first[records[known]] + alleles[known] - 1]
        return found


@dataclass(frozen=True, kw_only=True)
class Placed:
    """Entries with the rows of the allele table that they are about.

    Parameters
    ----------
    entries
        Index of the entry; it may occur more than once.
    rows
        Row of the allele table, ascending; within one in the order of the file.
    marks
        ``GUESSED`` and ``HAPLOTYPE``.
    repairs
        What was left out.
    """

    entries: NDArray[np.int64]
    rows: NDArray[np.int64]
    marks: NDArray[np.uint8]
    repairs: VcfRepairs


def place_entries(entries: AnnotationEntries, rows: RowsOfAlleles) -> Placed:
    """Return the rows of the allele table that entries are about; entries about none are left out and counted."""
    if entries.field.style == "bcsq":
        return _place_csq(entries, rows)
    found = rows.row(entries.records, entries.alleles)
    return _sorted(
        np.arange(len(entries)),
        found,
        np.where(entries.guessed, GUESSED, 0).astype(np.uint8),
        VcfRepairs({"annotation_allele": int((found == -2).sum())}),
    )


def _sorted(
    entries: NDArray[np.int64], rows: NDArray[np.int64], marks: NDArray[np.uint8], repairs: VcfRepairs
) -> Placed:
    kept = rows >= 0
    entries, rows, marks = entries[kept], rows[kept], marks[kept]
    if len(rows) and bool((rows[1:] < rows[:-1]).any()):
        order = np.argsort(rows, kind="stable")
        entries, rows, marks = entries[order], rows[order], marks[order]
    return Placed(entries=entries, rows=rows, marks=marks, repairs=repairs)


def _place_csq(entries: AnnotationEntries, rows: RowsOfAlleles) -> Placed:
    """Place entries of bcftools csq, which name no allele.

    A change that is written out tells it. Without one, what is said depends on the place and holds for all alleles;
    that is a guess where one of several is no single base. ``@62890`` stands for the entries of the record there
    whose change has an allele of this record too.
    """
    batch, records = entries.batch, entries.records
    everything = np.arange(len(entries))
    codes, texts = entries.words("Consequence", everything)
    points = np.array([text.startswith("@") for text in texts], np.bool_)[codes]
    change_starts, change_ends = entries.spans.get("dna_change", (np.full(len(entries), -1, np.int32),) * 2)
    alleles = csq_alleles(
        batch.data,
        batch.positions,
        batch.span("REF"),
        batch.span("ALT"),
        records,
        (change_starts, change_ends),
    )
    written = change_starts >= 0
    told = np.flatnonzero(written & ~points)
    for_all = np.flatnonzero(~written & ~points)
    counts = rows.n_alts[records[for_all]]
    spread = np.repeat(for_all, counts)
    numbers = (np.arange(len(spread)) - np.repeat(np.cumsum(counts) - counts, counts) + 1).astype(np.uint16)
    longer = _has_longer_allele(batch)
    pointers = np.flatnonzero(points)
    targets = np.array([int(text[1:]) if text[1:].isdigit() else -1 for text in texts], np.int64)[codes]
    source, target, met = _pointed(entries, pointers, targets[pointers], (change_starts, change_ends))
    chosen = np.concatenate([told, spread, target])
    found = np.concatenate(
        [
            rows.row(records[told], alleles[told]),
            rows.row(records[spread], numbers),
            rows.row(records[source], met),
        ]
    )
    marks = np.zeros(len(chosen), np.uint8)
    guess = (rows.n_alts[records[spread]] > 1) & longer[records[spread]]
    marks[len(told) : len(told) + len(spread)][guess] |= GUESSED
    plus_codes, changes = entries.words("dna_change", chosen)
    marks[np.array(["+" in text for text in changes], np.bool_)[plus_codes]] |= HAPLOTYPE
    lost = len(pointers) - len(np.unique(source))
    unplaced = int((found[: len(told)] == -2).sum())
    return _sorted(
        chosen, found, marks, VcfRepairs({"annotation_allele": unplaced, "annotation_pointer": lost})
    )


def _pointed(
    entries: AnnotationEntries,
    pointers: NDArray[np.int64],
    targets: NDArray[np.int64],
    changes: tuple[NDArray[np.int32], NDArray[np.int32]],
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.uint16]]:
    """Return, for pointers, the entries that they stand for, and the allele of the pointing record."""
    batch, records = entries.batch, entries.records
    wanted = {
        (int(batch.chrom_codes[records[pointer]]), target)
        for pointer, target in zip(pointers.tolist(), targets.tolist(), strict=True)
    }
    at: dict[tuple[int, int], list[int]] = {place: [] for place in wanted}
    if wanted:
        near = np.isin(batch.positions[records], targets) & (changes[0] >= 0)
        for entry in np.flatnonzero(near).tolist():
            place = (
                int(batch.chrom_codes[records[entry]]),
                int(batch.positions[records[entry]]),
            )
            if place in at:
                at[place].append(entry)
    pairs = [
        (pointer, entry)
        for pointer, target in zip(pointers.tolist(), targets.tolist(), strict=True)
        for entry in at[int(batch.chrom_codes[records[pointer]]), target]
    ]
    source, target = np.array(pairs, np.int64).reshape(-1, 2).T.copy()
    met = csq_alleles(
        batch.data,
        batch.positions,
        batch.span("REF"),
        batch.span("ALT"),
        records[source],
        (changes[0][target], changes[1][target]),
    )
    kept = met > 0
    return source[kept], target[kept], met[kept]


def _has_longer_allele(batch: VcfBatch) -> NDArray[np.bool_]:
    """Tell which records have an allele of more than one base."""
    ref_starts, ref_ends = batch.span("REF")
    alt_starts, alt_ends = batch.span("ALT")
    commas = alt_counts(batch.data, alt_starts, alt_ends)
    return (ref_ends - ref_starts > 1) | (alt_ends - alt_starts > 2 * commas - 1)
