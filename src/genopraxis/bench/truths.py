"""The rank of each truth in a table of predictions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from genopraxis.bench.tables import CASE_RANKS, TOP
from genopraxis.contracts.ranking_bench import RankingCase

CASE = ["case_id", "level"]
_TOP_FIELDS = {"candidate_id": pl.String, "score": pl.Float64, "probability": pl.Float64}


def answers(cases: Iterable[RankingCase], *, levels: Sequence[str] | None = None) -> pl.DataFrame:
    """Return ``case_id``, ``publication``, ``level``, ``truth_ids``: a row for each case and level with a truth.

    Parameters
    ----------
    levels
        Only these.
    """
    rows = [
        (case.case_id, case.group, level, list(ids))
        for case in cases
        for level, ids in case.truths.items()
        if ids and (levels is None or level in levels)
    ]
    schema = {name: CASE_RANKS.schema[name] for name in ("case_id", "publication", "level", "truth_ids")}
    return pl.DataFrame(rows, schema=schema, orient="row")


def join_truths(
    wanted: pl.DataFrame,
    predictions: pl.DataFrame,
    candidates: pl.DataFrame,
    *,
    tool: str,
    version: str,
    regime: str,
    top: int = TOP,
) -> pl.DataFrame:
    """Find the best truth of each case.

    Parameters
    ----------
    wanted
        What :func:`answers` returns.
    predictions
        A ``genopraxis.ranking/1`` table with final ranks, best first within a case and level.
    candidates
        A ``genopraxis.candidate-counts/1`` table.
    tool, version, regime
        Which run this is.
    top
        How many of the first candidates to keep.

    Returns
    -------
    polars.DataFrame
        A ``genopraxis.case-ranks/1`` table with a row for each row of ``wanted``, in its order.
    """
    known = predictions.join(wanted, on=CASE, how="inner", maintain_order="left").with_columns(
        true=pl.col("candidate_id").is_in(pl.col("truth_ids")),
        **{name: pl.lit(None, dtype=t) for name, t in _TOP_FIELDS.items() if name not in predictions.columns},
        **({} if "listed" in predictions.columns else {"listed": pl.lit(value=True)}),
    )
    place = pl.col("rank")
    if "listed" in predictions.columns:
        # the rank that a task gives a truth may be better than its place among the others: ask the scores
        score = pl.when("listed").then("score")
        scored = (score.is_not_null() | ~pl.col("listed")).all().over(CASE)
        place = pl.when(scored).then(score.rank("average", descending=True).over(CASE)).otherwise("rank")
    best = pl.col("rank").filter("true")
    found = (
        known.with_columns(place=place)
        .group_by(CASE, maintain_order=True)
        .agg(
            rank=best.min(),
            probability=pl.col("probability").filter("true").filter(best == best.min()).max(),
            top=pl.struct(*_TOP_FIELDS).filter("listed").head(top),
            top_ranks=pl.col("place").filter("listed").head(top),
        )
    )
    return (
        wanted.join(found, on=CASE, how="left", maintain_order="left")
        .join(candidates.select(*CASE, "candidates"), on=CASE, how="left", maintain_order="left")
        .with_columns(
            tool=pl.lit(tool),
            version=pl.lit(version),
            regime=pl.lit(regime),
            candidates=pl.col("candidates").fill_null(0),
            **{
                name: pl.col(name).fill_null(pl.lit([], dtype=CASE_RANKS.schema[name]))
                for name in ("top", "top_ranks")
            },
        )
        .select(*CASE_RANKS.schema)
    )
