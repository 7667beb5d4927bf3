"""What a VCF says of its samples: one FORMAT key of one sample as a column, and the table of genotypes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.contracts.variants import GENOTYPES
from genopraxis.formats.vcf_batches import VcfBatch
from genopraxis.formats.vcf_columns import number_column, text_column
from genopraxis.formats.vcf_field_kernels import (
    CALLED,
    COLON,
    COMMA,
    PARTLY,
    UNREADABLE,
    Numbers,
    alt_counts,
    genotype_rows,
    genotype_states,
    genotype_words,
    list_sums,
    part_spans,
    sample_spans,
)
from genopraxis.formats.vcf_info import typed_values
from genopraxis.formats.vcf_kernels import Bytes, Offsets
from genopraxis.formats.vcf_repairs import VcfRepairs

__all__ = ["genotypes", "sample_text", "sample_values"]

_WORDS = pl.Series(genotype_words(), dtype=pl.String)


def sample_text(batch: VcfBatch, sample: str, key: str) -> pl.Series:
    """Return one FORMAT key of one sample as text: one value a record, null where absent or ``.``.

    Raises
    ------
    InputError
        When there is no such sample.
    """
    cells = _Cells.of(batch, np.array([batch.header.sample_index(sample)]))
    return text_column(key, batch.data, *cells.field(key), dot_is_null=True)


def sample_values(batch: VcfBatch, sample: str, key: str) -> tuple[pl.Series, int]:
    """Return one FORMAT key of one sample with the type that the header defines, and how many were no number.

    Raises
    ------
    InputError
        When there is no such sample.
    """
    text = sample_text(batch, sample, key)
    definition = batch.header.formats.get(key)
    if definition is None:
        return text, 0
    return typed_values(text, header=batch.header, number=definition.number, kind=definition.type)


def genotypes(
    batch: VcfBatch, *, samples: Sequence[str] | None = None, carriers_only: bool = False
) -> tuple[pl.DataFrame, VcfRepairs]:
    """Return the genotypes of a batch, one row per ALT allele and sample with a called or partly called GT.

    Seen from each allele: ``1/2`` is ``1/2`` for the first ALT and ``2/1`` for the second.

    Parameters
    ----------
    batch
        Records of a VCF.
    samples
        Which samples; ``None``: all. The rows of a record are in the order of the columns.
    carriers_only
        Leave out rows of samples that carry no copy of the allele: what a cohort needs to stay small.

    Returns
    -------
    tuple of polars.DataFrame and VcfRepairs
        Rows as :data:`~genopraxis.contracts.variants.GENOTYPES`; values that made no sense, taken as missing.

    Raises
    ------
    InputError
        When there is no such sample.
    """
    names = batch.header.samples if samples is None else tuple(samples)
    columns = np.unique(np.array([batch.header.sample_index(name) for name in names], np.int64))
    if not len(columns) or not len(batch):
        return GENOTYPES.empty(), VcfRepairs()
    data = batch.data
    cells = _Cells.of(batch, columns)
    n_alts = alt_counts(data, *batch.span("ALT"))[cells.records]
    gt_starts, gt_ends = cells.field("GT")
    states = genotype_states(data, gt_starts, gt_ends, n_alts)
    rows, alleles = _rows(cells, n_alts, (states == CALLED) | (states == PARTLY))
    dosages, phased, codes, joined, longer = genotype_rows(data, gt_starts, gt_ends, rows, alleles)
    if carriers_only:
        keep = dosages > 0
        rows, alleles, codes = rows[keep], alleles[keep], codes[keep]
        dosages, phased = dosages[keep], phased[keep]
    words = _WORDS
    if longer:
        text = pl.Series([joined[:-1].tobytes().decode("ascii")])
        words = pl.concat([_WORDS, text.str.split("\n").explode()])
    numbers = _Numbers(data)
    phase_sets = _Numbers(data)
    depths = _Depths.of(cells, rows, alleles, numbers)
    whole = pl.Series(states[rows] == CALLED)
    frame = pl.DataFrame(
        [
            batch.records().gather(pl.Series(cells.records[rows])),
            pl.Series("allele", alleles),
            pl.Series("sample", [batch.header.samples[one] for one in columns], dtype=pl.String).gather(
                pl.Series(rows % len(columns))
            ),
            pl.select(dosage=pl.when(whole).then(pl.Series(dosages))).to_series(),
            words.gather(pl.Series(codes)).alias("gt"),
            pl.Series("phased", phased.astype(np.bool_)),
            phase_sets.read("phase_set", *_taken(cells.field("PS"), rows), dtype=pl.Int64),
            numbers.read("depth", *_taken(cells.field("DP"), rows), dtype=pl.Int32),
            depths.ref,
            depths.alt,
            numbers.read("genotype_quality", *_taken(cells.field("GQ"), rows), dtype=pl.Float32),
            depths.vaf,
        ]
    )
    unread = int((states == UNREADABLE).sum()) + numbers.unread
    return frame, VcfRepairs({"genotype_unreadable": unread, "phase_set_name": phase_sets.unread})


@dataclass(frozen=True, kw_only=True)
class _Cells:
    """The sample columns of a batch: one cell per record and chosen sample, record-major."""

    batch: VcfBatch
    records: NDArray[np.int64]
    starts: Offsets
    ends: Offsets
    layouts: list[list[str]]
    layout: NDArray[np.uint32]

    @classmethod
    def of(cls, batch: VcfBatch, columns: NDArray[np.int64]) -> _Cells:
        codes, layouts = batch.repeated_text("FORMAT")
        starts, ends = sample_spans(batch.data, batch.ends[:, 8], batch.line_ends, columns)
        records = np.repeat(np.arange(len(batch)), len(columns))
        return cls(
            batch=batch,
            records=records,
            starts=starts,
            ends=ends,
            layouts=[layout.split(":") for layout in layouts],
            layout=codes[records],
        )

    def field(self, key: str) -> tuple[Offsets, Offsets]:
        """Return where the value of a key is in each cell."""
        places = np.array([keys.index(key) if key in keys else -1 for keys in self.layouts], np.int32)
        return part_spans(self.batch.data, self.starts, self.ends, places[self.layout], COLON)


class _Numbers:
    """Reads numbers that may not be negative, and counts what is none."""

    def __init__(self, data: Bytes) -> None:
        self._data = data
        self.unread = 0

    def read(
        self,
        name: str,
        starts: Offsets,
        ends: Offsets,
        *,
        dtype: type[pl.DataType],
        maximum: float | None = None,
    ) -> pl.Series:
        values, unread = number_column(name, self._data, starts, ends, dtype=dtype)
        wrong = (values < 0) | (values > maximum) if maximum is not None else values < 0
        wrong = wrong.fill_null(value=False)
        if wrong.any():
            values = pl.select(pl.when(~wrong).then(values)).to_series().alias(name)
        self.unread += unread + int(wrong.sum())
        return values


@dataclass(frozen=True, kw_only=True)
class _Depths:
    """Reads of the reference and of each row's allele, and the share of the allele."""

    ref: pl.Series
    alt: pl.Series
    vaf: pl.Series

    @classmethod
    def of(
        cls, cells: _Cells, rows: NDArray[np.int64], alleles: NDArray[np.uint16], numbers: _Numbers
    ) -> _Depths:
        data = cells.batch.data
        after = alleles.astype(np.int32)
        first = np.zeros(len(rows), np.int32)

        def listed(
            key: str, name: str, which: Numbers, dtype: type[pl.DataType], top: float | None
        ) -> pl.Series:
            spans = part_spans(data, *_taken(cells.field(key), rows), which, COMMA)
            return numbers.read(name, *spans, dtype=dtype, maximum=top)

        ref = listed("AD", "ref_depth", first, pl.Int32, None)
        alt = listed("AD", "alt_depth", after, pl.Int32, None)
        total = pl.Series(list_sums(data, *_taken(cells.field("AD"), rows)))
        if any("AO" in keys and "AD" not in keys for keys in cells.layouts):  # freebayes
            ref = ref.fill_null(listed("RO", "ref_depth", first, pl.Int32, None))
            alt = alt.fill_null(listed("AO", "alt_depth", after - 1, pl.Int32, None))
            others = pl.Series(list_sums(data, *_taken(cells.field("AO"), rows)))
            reads = pl.Series(list_sums(data, *_taken(cells.field("RO"), rows)))
            summed = pl.when((others >= 0) & (reads >= 0)).then(others + reads).otherwise(-1)
            total = pl.select(pl.when(total >= 0).then(total).otherwise(summed)).to_series()
        vaf = listed("VAF", "vaf", after - 1, pl.Float32, 1).fill_null(
            listed("AF", "vaf", after - 1, pl.Float32, 1)
        )
        counted = pl.select(
            pl.when((total > 0) & (alt <= total)).then(alt.cast(pl.Float32) / total.cast(pl.Float32))
        ).to_series()
        return cls(ref=ref, alt=alt, vaf=vaf.fill_null(counted).cast(pl.Float32).alias("vaf"))


def _rows(
    cells: _Cells, n_alts: Numbers, called: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.uint16]]:
    """Return the cell and the allele of each row: records in order, in these alleles, in these samples."""
    chosen = np.flatnonzero(called)
    rows = np.repeat(chosen, n_alts[chosen])
    ends = np.cumsum(n_alts[chosen])
    alleles = (np.arange(len(rows)) - np.repeat(ends - n_alts[chosen], n_alts[chosen]) + 1).astype(np.uint16)
    if n_alts.size and int(n_alts.max()) > 1:
        order = np.lexsort((rows, alleles, cells.records[rows]))
        rows, alleles = rows[order], alleles[order]
    return rows, alleles


def _taken(spans: tuple[Offsets, Offsets], rows: NDArray[np.int64]) -> tuple[Offsets, Offsets]:
    return spans[0][rows], spans[1][rows]
