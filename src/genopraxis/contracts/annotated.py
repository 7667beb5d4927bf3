"""The table of annotated variants: what `genopraxis annotate` writes, and what later rooms read."""

from __future__ import annotations

from dataclasses import replace

import polars as pl

from genopraxis.contracts.consequences import CONSEQUENCES
from genopraxis.contracts.table import Column, TableContract
from genopraxis.contracts.variants import ALLELES

__all__ = ["ANNOTATED"]

ANNOTATED = TableContract(
    name="annotated-variants",
    version=1,
    description="One row per allele and reported transcript. After these columns come, by name, those of the stores "
    "that were joined (`<store>_status`, `<store>_<column>`), scores of INFO, and of samples "
    "(`<sample>.<column>`, as in the table of genotypes; or counts over all samples).",
    columns=(
        *ALLELES.columns,
        Column(
            name="consequence_source",
            dtype=pl.String,
            description="genopraxis, or the INFO field of another program; missing: nobody says",
            nullable=True,
        ),
        Column(
            name="pick",
            dtype=pl.Boolean,
            description="the row to read first of this allele: the most severe; then MANE Select, canonical, first",
        ),
        *(replace(column, nullable=True) for column in CONSEQUENCES.columns if column.name != "row"),
    ),
)
