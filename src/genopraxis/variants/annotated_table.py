"""Annotated batches as one flat table: one row per allele and reported transcript."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.contracts.annotated import ANNOTATED
from genopraxis.contracts.consequences import CONSEQUENCES
from genopraxis.contracts.variants import ALLELES, GENOTYPES
from genopraxis.variants.annotated import AnnotatedBatch

__all__ = ["SAMPLE_LIMIT", "TableLayout"]

SAMPLE_LIMIT = 10
"""Samples that get columns of their own; of more samples the table holds counts."""

_OF_SAMPLE = {
    name: dtype for name, dtype in GENOTYPES.schema.items() if name not in ("record", "allele", "sample")
}
_COUNTS = {
    "samples_called": ("samples whose genotype is called", pl.UInt32),
    "samples_het": ("of these, with one copy beside another allele", pl.UInt32),
    "samples_hom": ("of these, with this allele alone", pl.UInt32),
    "copies": ("copies of this allele in called genotypes", pl.UInt32),
}
_CONSEQUENCES = [name for name in CONSEQUENCES.schema if name != "row"]


@dataclass(frozen=True, kw_only=True)
class TableLayout:
    """Which columns the table has: the same for every batch, whatever is in it.

    Parameters
    ----------
    samples
        Whose genotypes are shown; none without genotypes.
    known
        Columns of each store, by its name.
    scores
        Columns read from INFO.
    """

    samples: Sequence[str]
    known: Mapping[str, Mapping[str, pl.DataType]]
    scores: Mapping[str, pl.DataType | type[pl.DataType]]

    @property
    def own_columns(self) -> bool:
        """Whether each sample has columns of its own."""
        return len(self.samples) <= SAMPLE_LIMIT

    @property
    def schema(self) -> dict[str, pl.DataType | type[pl.DataType]]:
        """Name and type of each column, in order."""
        columns: dict[str, pl.DataType | type[pl.DataType]] = dict(ANNOTATED.schema)
        for store, own in self.known.items():
            columns |= {f"{store}_{name}": dtype for name, dtype in own.items()}
        columns |= self.scores
        if self.own_columns:
            for sample in self.samples:
                columns |= {f"{sample}.{name}": dtype for name, dtype in _OF_SAMPLE.items()}
        else:
            columns |= {name: dtype for name, (_, dtype) in _COUNTS.items()}
        return columns

    def table(self, annotated: AnnotatedBatch) -> pl.DataFrame:
        """Return the rows of a batch."""
        alleles = annotated.alleles
        parts = [alleles.select(list(ALLELES.schema))]
        parts += [
            frame.rename({name: f"{store}_{name}" for name in frame.columns})
            for store, frame in annotated.known.items()
        ]
        if self.scores:
            parts.append(annotated.scores.select(list(self.scores)))
        parts.append(self._of_samples(annotated))
        wide = pl.concat([part for part in parts if part.width], how="horizontal")
        told = annotated.consequences
        if told is None:
            return wide.with_columns(
                pl.lit(None, pl.String).alias("consequence_source"),
                pl.lit(value=True).alias("pick"),
                *(pl.lit(None, CONSEQUENCES.schema[name]).alias(name) for name in _CONSEQUENCES),
            ).select(list(self.schema))
        rows = told["row"]
        if not _is_each_once(rows.to_numpy(), alleles.height):
            wide = wide.select(pl.all().gather(rows))
        return pl.concat(
            [wide, told.select("pick", *_CONSEQUENCES)], how="horizontal"
        ).with_columns(pl.lit(annotated.source, pl.String).alias("consequence_source")).select(
            list(self.schema)
        )  # fmt: skip

    def _of_samples(self, annotated: AnnotatedBatch) -> pl.DataFrame:
        genotypes = annotated.genotypes
        if genotypes is None or not self.samples:
            return pl.DataFrame()
        rows = _rows_of(genotypes, annotated.alleles)
        if not self.own_columns:
            return _counts(genotypes, rows, annotated.alleles.height)
        parts = []
        for sample in self.samples:
            if len(self.samples) == 1:
                own, places = genotypes, rows
            else:
                theirs = genotypes["sample"] == sample
                own, places = genotypes.filter(theirs), rows[theirs.to_numpy()]
            own = own.select(list(_OF_SAMPLE))
            if not _is_each_once(places, annotated.alleles.height):
                at = np.full(annotated.alleles.height, -1, np.int64)
                at[places] = np.arange(len(places))
                index = pl.Series(at)
                own = own.select(pl.all().gather(index.set(index < 0, None)))
            parts.append(own.rename({name: f"{sample}.{name}" for name in _OF_SAMPLE}))
        return pl.concat(parts, how="horizontal")


def _is_each_once(rows: NDArray[np.integer], n: int) -> bool:
    """Tell whether rows are 0, 1, … n - 1; they are in ascending order."""
    return len(rows) == n and (n == 0 or (int(rows[0]) == 0 and bool((np.diff(rows) == 1).all())))


def _rows_of(genotypes: pl.DataFrame, alleles: pl.DataFrame) -> NDArray[np.int64]:
    """Return the row of the allele table of each genotype."""
    keys = [
        (frame["record"].to_numpy().astype(np.int64) << 16) | frame["allele"].to_numpy()
        for frame in (alleles, genotypes)
    ]
    rows: NDArray[np.int64] = np.searchsorted(keys[0], keys[1])
    return rows


def _counts(genotypes: pl.DataFrame, rows: NDArray[np.int64], n: int) -> pl.DataFrame:
    dosage = genotypes["dosage"]
    called = dosage.is_not_null().to_numpy()
    copies = dosage.fill_null(0).to_numpy()
    alone = ~genotypes["gt"].str.contains(r"[02.]").to_numpy()
    flags = {
        "samples_called": called,
        "samples_het": called & (copies > 0) & ~alone,
        "samples_hom": called & (copies > 0) & alone,
        "copies": np.where(called, copies, 0),
    }
    return pl.DataFrame(
        {
            name: pl.Series(np.bincount(rows, weights=of, minlength=n)).cast(pl.UInt32)
            for name, of in flags.items()
        }
    )
