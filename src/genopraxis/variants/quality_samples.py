"""What the genotypes of a batch say of each sample, as counts that can be added up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.contracts.errors import ContractError, InputError
from genopraxis.variants.quality_kernels import (
    DEPTH_EDGES,
    Place,
    Seen,
    Type,
    count_genotypes,
    empty_counts,
)

__all__ = ["AlleleFacts", "SampleCounts", "median_of", "median_place", "sample_counts"]


@dataclass(frozen=True, kw_only=True)
class AlleleFacts:
    """What counting needs to know of each allele, as arrays.

    Parameters
    ----------
    records, numbers
        Its record; its number in the record, first 1.
    passing
        Whether its record passed its filters, or none was applied.
    biallelic
        Whether it is the only allele of its record.
    types, places
        Numbers of :class:`~genopraxis.variants.quality_kernels.Type` and ``Place``.
    """

    records: NDArray[np.uint32]
    numbers: NDArray[np.uint16]
    passing: NDArray[np.bool_]
    biallelic: NDArray[np.bool_]
    types: NDArray[np.uint8]
    places: NDArray[np.uint8]

    @property
    def first(self) -> NDArray[np.bool_]:
        """Whether it is the first of its record."""
        return np.asarray(self.numbers == 1)


@dataclass(frozen=True, kw_only=True)
class SampleCounts:
    """Counts of each sample.

    Parameters
    ----------
    samples
        In the order of the columns.
    records
        Records that passed their filters or have none.
    y_sites
        Of these, biallelic SNVs on Y outside the pseudo-autosomal regions.
    seen
        Samples × :class:`~genopraxis.variants.quality_kernels.Seen`.
    depths
        Samples × regions × bins between ``DEPTH_EDGES``; the last is open.
    qualities
        Samples × GQ, 0 to 99 and more.
    balances
        Samples × share of the alternative allele's reads at heterozygous SNVs, in steps of 2.5 %.
    """

    samples: tuple[str, ...]
    records: int
    y_sites: int
    seen: NDArray[np.int64]
    depths: NDArray[np.int64]
    qualities: NDArray[np.int64]
    balances: NDArray[np.int64]

    def __add__(self, other: SampleCounts) -> SampleCounts:
        if self.samples != other.samples:
            raise ValueError("counts of other samples cannot be added")
        return SampleCounts(
            samples=self.samples,
            records=self.records + other.records,
            y_sites=self.y_sites + other.y_sites,
            seen=self.seen + other.seen,
            depths=self.depths + other.depths,
            qualities=self.qualities + other.qualities,
            balances=self.balances + other.balances,
        )

    def of(self, what: Seen) -> NDArray[np.int64]:
        """Return one count of every sample."""
        column: NDArray[np.int64] = self.seen[:, what]
        return column


def sample_counts(genotypes: pl.DataFrame, facts: AlleleFacts, samples: tuple[str, ...]) -> SampleCounts:
    """Count the genotypes of a batch.

    Parameters
    ----------
    genotypes
        Rows as :data:`~genopraxis.contracts.variants.GENOTYPES`, all of them, carriers or not.
    facts
        Of the alleles of the batch, sorted by record and number.
    samples
        All samples of the file.

    Raises
    ------
    InputError
        When a sample is named twice.
    ContractError
        When a genotype is of an allele or a sample that is not there.
    """
    if len(set(samples)) < len(samples):
        twice = next(name for number, name in enumerate(samples) if name in samples[:number])
        raise InputError(f"sample {twice!r} is named twice", hint="name each sample once")
    seen, depths, qualities, balances = empty_counts(len(samples))
    if genotypes.height:
        count_genotypes(
            DEPTH_EDGES,
            _sample_numbers(genotypes["sample"], samples),
            _rows(genotypes, facts),
            _whole(genotypes["dosage"], np.int8),
            genotypes["gt"].str.len_bytes().to_numpy(),
            genotypes["phased"].to_numpy(),
            genotypes["phase_set"].is_not_null().to_numpy(),
            _whole(genotypes["depth"], np.int32),
            _whole(genotypes["ref_depth"], np.int32),
            _whole(genotypes["alt_depth"], np.int32),
            genotypes["genotype_quality"].fill_null(float("nan")).to_numpy(),
            genotypes["vaf"].fill_null(float("nan")).to_numpy(),
            facts.first,
            facts.biallelic,
            facts.passing,
            facts.types,
            facts.places,
            seen,
            depths,
            qualities,
            balances,
        )
    on_y = facts.places == Place.Y
    return SampleCounts(
        samples=samples,
        records=int((facts.first & facts.passing).sum()),
        y_sites=int((on_y & facts.passing & facts.biallelic & (facts.types <= Type.TRANSVERSION)).sum()),
        seen=seen,
        depths=depths,
        qualities=qualities,
        balances=balances,
    )


def _sample_numbers(names: pl.Series, samples: tuple[str, ...]) -> NDArray[np.uint32]:
    if len(samples) == 1 and (names == samples[0]).all():
        return np.zeros(len(names), np.uint32)
    try:
        numbers = names.cast(pl.Enum(samples)).to_physical().cast(pl.UInt32)
    except pl.exceptions.InvalidOperationError as error:
        raise ContractError("a genotype is of a sample that the header does not name") from error
    return np.asarray(numbers.to_numpy())


def _rows(genotypes: pl.DataFrame, facts: AlleleFacts) -> NDArray[np.int64]:
    """Return the row of each genotype's allele."""
    records, numbers = genotypes["record"].to_numpy(), genotypes["allele"].to_numpy()
    rows = np.zeros(0, np.int64)
    if facts.records.size:
        begin = int(facts.records[0])
        first = np.flatnonzero(facts.first)
        # records are numbered on, so that the first allele of a record is found by its number
        place = np.minimum(records.astype(np.int64) - begin, first.size - 1)
        rows = np.minimum(first[place] + numbers - 1, facts.records.size - 1)
        if (facts.records[rows] == records).all() and (facts.numbers[rows] == numbers).all():
            return np.asarray(rows)
    raise ContractError("a genotype is of an allele that the table of alleles does not have")


def _whole(values: pl.Series, dtype: Any) -> NDArray[Any]:
    return np.asarray(values.fill_null(-1).to_numpy(), dtype)


def median_of(counts: NDArray[np.int64]) -> float | None:
    """Return the median of depths counted between ``DEPTH_EDGES``; within a wide bin, its middle by proportion."""
    total = int(counts.sum())
    if not total:
        return None
    ends = np.cumsum(counts)
    low, high = (int(np.searchsorted(ends, rank + 1)) for rank in ((total - 1) // 2, total // 2))
    return (_inside(low, ends, counts, (total - 1) // 2) + _inside(high, ends, counts, total // 2)) / 2


def _inside(place: int, ends: NDArray[np.int64], counts: NDArray[np.int64], rank: int) -> float:
    begin = int(DEPTH_EDGES[place])
    width = int(DEPTH_EDGES[place + 1]) - begin if place + 1 < len(DEPTH_EDGES) else 1
    before = int(ends[place] - counts[place])
    return begin + (width - 1) * (rank - before) / int(counts[place])


def median_place(counts: NDArray[np.int64]) -> float | None:
    """Return the median of numbers that were counted by themselves, such as GQ."""
    total = int(counts.sum())
    if not total:
        return None
    ends = np.cumsum(counts)
    return sum(float(np.searchsorted(ends, rank + 1)) for rank in ((total - 1) // 2, total // 2)) / 2
