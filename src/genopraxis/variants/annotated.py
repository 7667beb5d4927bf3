"""A batch of a VCF with everything that was found out of it: what writers, summary and later rooms take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from genopraxis.formats.vcf_batches import VcfBatch
from genopraxis.formats.vcf_repairs import VcfRepairs
from genopraxis.variants.consequence import Consequences
from genopraxis.variants.consequence_pick import picked_table
from genopraxis.variants.normalise_counts import NormaliseCounts

__all__ = ["AnnotatedBatch"]


class _Consequences:
    """The table of consequences: the one given, or made of ``found`` when it is asked for."""

    def __get__(self, batch: AnnotatedBatch | None, owner: type[AnnotatedBatch]) -> pl.DataFrame | None:
        if batch is None:
            return None  # the default of the field
        kept = vars(batch)
        if kept[_KEPT] is None and batch.found is not None:
            kept[_KEPT] = picked_table(batch.found)
        table: pl.DataFrame | None = kept[_KEPT]
        return table

    def __set__(self, batch: AnnotatedBatch, table: pl.DataFrame | None) -> None:
        vars(batch)[_KEPT] = table


_KEPT = "_consequences"


@dataclass(frozen=True, kw_only=True)
class AnnotatedBatch:
    """One batch, annotated. Every table but ``consequences`` and ``genotypes`` has a row per row of ``alleles``.

    Parameters
    ----------
    batch
        The records as they are in the file.
    alleles
        Rows as :data:`~genopraxis.contracts.variants.ALLELES`.
    consequences
        Rows as :data:`~genopraxis.contracts.consequences.CONSEQUENCES`, sorted by ``row``, at least one an allele;
        ``None`` when nothing tells consequences. What we found ourselves is made into a table when it is asked for,
        once: writers that do without it save the most of their time.
    source
        Who says so: ``genopraxis``, or the INFO field (``CSQ``, ``ANN``, ``BCSQ``) that another program wrote.
    found
        The same as integers, where we made them.
    known
        By name of the store: ``status`` and its columns, as :meth:`VariantStore.find` and the views return them.
    scores
        Columns read from INFO, under our names.
    genotypes
        Rows as :data:`~genopraxis.contracts.variants.GENOTYPES`, of every sample with a called or partly called GT.
    counts
        What normalising did in this batch.
    repairs
        What had to be repaired in INFO and FORMAT of this batch.
    """

    batch: VcfBatch
    alleles: pl.DataFrame
    consequences: _Consequences = _Consequences()
    source: str | None = None
    found: Consequences | None = None
    known: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    scores: pl.DataFrame = field(default_factory=pl.DataFrame)
    genotypes: pl.DataFrame | None = None
    counts: NormaliseCounts = field(default_factory=NormaliseCounts)
    repairs: VcfRepairs = field(default_factory=VcfRepairs)
