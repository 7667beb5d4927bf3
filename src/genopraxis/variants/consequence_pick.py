"""Which of the consequences of an allele is read first."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.contracts.consequences import TERMS
from genopraxis.variants.consequence import Consequences
from genopraxis.variants.consequence_table import consequence_table
from genopraxis.variants.pair_kernels import pick_pairs

__all__ = ["picked", "picked_table", "with_pick"]

_SEVERITY = {term: place for place, term in enumerate(TERMS)}


def picked(found: Consequences) -> NDArray[np.bool_]:
    """Tell which pairs :func:`with_pick` picks of the table of the same consequences."""
    pick = np.zeros(len(found), np.bool_)
    pick_pairs(found.rows, found.transcripts, found.terms, np.asarray(found.set.flags), pick)
    return pick


def picked_table(found: Consequences) -> pl.DataFrame:
    """Return the table of consequences with ``pick``."""
    table = consequence_table(found)
    pick = np.ones(len(table), np.bool_)  # an allele without a transcript has one row
    pick[table["transcript_id"].is_not_null().to_numpy()] = picked(found)
    return table.with_columns(pl.Series("pick", pick))


def with_pick(consequences: pl.DataFrame, alleles: int) -> pl.DataFrame:
    """Add ``pick``: the row to read first of each allele, the most severe; then MANE Select, canonical, first.

    Parameters
    ----------
    consequences
        Sorted by ``row``; every one of ``alleles`` rows occurs.
    """
    rows = consequences["row"].to_numpy()
    if len(rows) == alleles:
        return consequences.with_columns(pl.lit(value=True).alias("pick"))
    severity = (
        consequences["consequence"]
        .list.first()
        .replace_strict(_SEVERITY, default=len(_SEVERITY), return_dtype=pl.Int64)
    ).to_numpy()
    place = severity << 2
    place += (~consequences["mane_select"].to_numpy()).astype(np.int64) << 1
    place += (~consequences["canonical"].to_numpy()).astype(np.int64)
    key = (place << 32) | np.arange(len(rows))
    starts = np.flatnonzero(np.r_[True, rows[1:] != rows[:-1]]) if len(rows) else np.zeros(0, np.int64)
    pick = np.zeros(len(rows), np.bool_)
    if len(starts):
        pick[np.minimum.reduceat(key, starts) & 0xFFFFFFFF] = True
    return consequences.with_columns(pl.Series("pick", pick))
