"""Counts of a variant in several files, as exomes and genomes of one release, added up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import polars as pl

from genopraxis.knowledge.frequency_view import FILE_AF, FILE_FAF95, FILE_FAF95_GROUP
from genopraxis.knowledge.variant_store_card import StoreColumn

__all__ = ["added_up"]

_VARIANT = ("key", "digest")


def added_up(
    columns: Sequence[StoreColumn], repeated: Counter[str]
) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """Return what makes one row of a variant's rows: within one file the first counts, those of several add up.

    Parameters
    ----------
    repeated
        Told how many variants came from more than one file (``several``), and how many rows were added to others
        (``added``).
    """
    counts = [column.name for column in columns if column.dtype == "int32"]
    others = [column.name for column in columns if column.dtype != "int32"]
    stated = {FILE_FAF95, FILE_FAF95_GROUP, FILE_AF}

    def combine(rows: pl.DataFrame) -> pl.DataFrame:
        single = rows.unique((*_VARIANT, "source"), keep="first", maintain_order=True)
        several = pl.len() > 1
        made = single.group_by(_VARIANT, maintain_order=True).agg(
            pl.col("source").first(),
            # a count that no file has stays missing
            *(
                pl.when(pl.col(name).is_not_null().any()).then(pl.col(name).sum()).alias(name)
                for name in counts
            ),
            *(
                # what a file states of its own samples does not hold of all
                pl.when(several).then(None).otherwise(pl.col(name).first()).alias(name)
                if name in stated or name.startswith("af_")
                else pl.col(name).first()
                for name in others
            ),
        )
        repeated["added"] += single.height - made.height
        repeated["several"] += int((single.group_by(_VARIANT).len()["len"] > 1).sum())
        return made

    return combine
