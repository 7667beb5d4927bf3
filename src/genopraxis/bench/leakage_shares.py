"""From what was found in each case to shares with intervals, and to a verdict for each case."""

from __future__ import annotations

import numpy as np
import polars as pl

from genopraxis.bench.leakage_document import KindOfLeak, Share
from genopraxis.bench.scoring import group_codes
from genopraxis.contracts.leakage import CANNOT_TELL, FOUND, NO_TOOL, NOT_FOUND, OUTCOMES, LeakKind
from genopraxis.stats.bootstrap import grouped_bootstrap


def verdicts(cases: pl.DataFrame) -> pl.DataFrame:
    """Return one row a case: ``case_id``, ``publication``, ``verdict`` (``leaked``, ``cannot_tell`` or ``clean``).

    A leak of any kind outweighs what cannot be told.

    Parameters
    ----------
    cases
        A ``genopraxis.case-leaks/1`` table.
    """
    outcome = pl.col("outcome")
    return cases.group_by("case_id", "publication", maintain_order=True).agg(
        verdict=pl.when((outcome == FOUND).any())
        .then(pl.lit("leaked"))
        .when((outcome == CANNOT_TELL).any())
        .then(pl.lit("cannot_tell"))
        .otherwise(pl.lit("clean"))
    )


def share(records: pl.DataFrame, property_of: pl.Expr) -> Share:
    """Return how many records have a property, with an interval that resamples whole publications.

    Parameters
    ----------
    records
        With ``publication``, and ``case_id`` where that may be null.
    property_of
        A boolean expression without nulls.
    """
    values = records.select(property_of.alias("value"))["value"].to_numpy()
    named = records if "case_id" in records.columns else records.with_columns(case_id=pl.lit(""))
    (found,) = grouped_bootstrap(values.astype(np.float64), group_codes(named))
    return Share(
        count=int(values.sum()),
        n=found.n,
        groups=found.groups,
        value=found.value,
        low=found.low,
        high=found.high,
    )


def kind_shares(cases: pl.DataFrame, kind: LeakKind, *, tool: str) -> KindOfLeak:
    """Return one kind of leak over all cases, for one tool's training data where it is about them.

    Parameters
    ----------
    cases
        A ``genopraxis.case-leaks/1`` table.
    """
    own = cases.filter((pl.col("kind") == kind.name) & (pl.col("tool") == tool))
    outcomes = dict(own.group_by("outcome").len().iter_rows())
    reasons = (
        own.drop_nulls("reason").group_by("reason").len().sort("len", "reason", descending=[True, False])
    )
    return KindOfLeak(
        name=kind.name,
        label=kind.label,
        meaning=kind.meaning,
        source=kind.source,
        tool=None if tool == NO_TOOL else tool,
        outcomes={outcome: outcomes.get(outcome, 0) for outcome in OUTCOMES},
        reasons=dict(reasons.iter_rows()),
        found=share(own.filter(pl.col("outcome").is_in([FOUND, NOT_FOUND])), pl.col("outcome") == FOUND),
    )
