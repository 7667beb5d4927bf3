"""What alleles on one chromosome copy do together, as a table for the terminal."""

from __future__ import annotations

import polars as pl
from rich.table import Table

from genopraxis.render.terminal import table

__all__ = ["haplotype_table"]

_SHOWN = 10
_ORDER = {"HIGH": 0, "MODERATE": 1, "LOW": 2, "MODIFIER": 3}


def haplotype_table(haplotypes: pl.DataFrame) -> Table:
    """Return the groups that change most, those whose phase is known first.

    Parameters
    ----------
    haplotypes
        Rows as :data:`~genopraxis.contracts.haplotype_consequences.HAPLOTYPE_CONSEQUENCES`.
    """
    ranked = haplotypes.sort(
        pl.col("phased").not_(),
        pl.col("impact_change") == "same",
        pl.col("impact").replace_strict(_ORDER),
        "chrom",
        "pos",
        maintain_order=True,
    )
    rows = [
        [
            " + ".join(row["variants"]),
            row["gene"] or row["transcript_id"],
            " / ".join(one or "–" for one in row["single_hgvs_p"]),
            row["hgvs_p"] or row["hgvs_c"] or "",
            f"{row['impact'].lower()}{'' if row['impact_change'] == 'same' else ', ' + row['impact_change']}",
            row["phase"],
        ]
        for row in ranked.head(_SHOWN).iter_rows(named=True)
    ]
    more = haplotypes.height - len(rows)
    title = f"Together on one copy: {haplotypes.height:,}" + (f", {len(rows)} shown" if more else "")
    return table(title, ["variants", "gene", "each alone", "together", "impact", "phase"], rows)
