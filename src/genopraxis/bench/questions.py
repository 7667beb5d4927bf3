"""What a tool's list says to "is the answer among the first k?": a probability, and scores to compare it with."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from genopraxis.bench.scoring import FloatArray, group_codes
from genopraxis.stats.ranking import hits_at

QUESTIONS = {"top1": 1, "top10": 10}
"""Each question and its k."""

PROBABILITY, SCORE, MARGIN, CONSTANT = "probability", "score", "margin", "constant"

_ROUNDING = 0.01  # tables are rounded: so much above 1 is still a sum of probabilities


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One question put to one run, case by case.

    Parameters
    ----------
    predicted
        Shape (cases,): the probability that the truth is among the first k.
    right
        Whether it was.
    groups
        Which cases belong together.
    confidence
        By name, what may tell right from wrong; probability first. A score that is not given is left out.
    """

    predicted: FloatArray
    right: npt.NDArray[np.bool_]
    groups: npt.NDArray[np.intp]
    confidence: dict[str, FloatArray] = field(default_factory=dict)


def ask(ranks: pl.DataFrame, *, k: int) -> Asked | str:
    """Put a question to one run.

    Parameters
    ----------
    ranks
        The rows of a ``genopraxis.case-ranks/1`` table of one tool, version, regime and level.
    k
        How much of the list is read.

    Returns
    -------
    Asked or str
        In text, why nothing can be said.

    Notes
    -----
    The probability is the sum over candidates with a middle rank up to k, as a hit is a truth with such a rank:
    where two tie for the first place, no candidate is the first. A case without candidates has probability 0,
    and so has whatever is not listed.
    """
    if "top_ranks" not in ranks.columns:
        return "the ranks of the candidates were not kept; run the bench again"
    cases = ranks.sort("case_id")
    listed = _listed(cases)
    if listed["probability"].is_null().all():
        return "it gives no probability"
    if not (listed["position"] == k).any():
        return f"it never lists {k} candidates"
    own = listed.filter(pl.col("rank") <= k)
    if own["probability"].null_count():
        n = own.filter(pl.col("probability").is_null())["case"].n_unique()
        return f"in {n:,} case(s) a candidate has no probability"
    if gaps := _with_gaps(cases, listed, k):
        return f"in {gaps:,} case(s) candidates before place {k} are not listed"
    sums = own.group_by("case").agg(pl.col("probability").sum())
    predicted = np.zeros(cases.height)
    predicted[sums["case"].to_numpy()] = sums["probability"].to_numpy()
    if (predicted > 1 + _ROUNDING).any():
        return (
            f"in {int((predicted > 1 + _ROUNDING).sum()):,} case(s) the probabilities add up to more than 1"
        )
    predicted = np.minimum(predicted, 1.0)
    return Asked(
        predicted=predicted,
        right=hits_at(cases["rank"].fill_null(float("nan")).to_numpy(), k),
        groups=group_codes(cases),
        confidence={
            PROBABILITY: predicted,
            **_scores(cases.height, listed),
            CONSTANT: np.zeros(cases.height),
        },
    )


def _listed(cases: pl.DataFrame) -> pl.DataFrame:
    """Return a row for each listed candidate: case number, 1-based position, rank, score and probability."""
    return (
        cases.select("top", pl.col("top_ranks").alias("rank"))
        .with_row_index("case")
        .filter(pl.col("top").list.len() > 0)
        .explode("top", "rank")
        .unnest("top")
        .with_columns(position=pl.int_range(1, pl.len() + 1).over("case"))
    )


def _with_gaps(cases: pl.DataFrame, listed: pl.DataFrame, k: int) -> int:
    """Count the cases whose list leaves out a candidate before place k."""
    # without a gap, a rank is no greater than the last place of those that share it
    last = pl.col("rank").rank("max").over("case")
    within = listed.with_columns(gap=pl.col("rank") > last).filter(pl.col("position") <= k)
    found = within.group_by("case").agg(pl.col("gap").any(), pl.len().alias("listed"))
    known = cases.select(wanted=pl.col("candidates").clip(upper_bound=k)).with_row_index("case")
    joined = known.join(found, on="case", how="left")
    short = pl.col("listed").fill_null(0) < pl.col("wanted")
    return joined.filter(short | pl.col("gap").fill_null(value=False)).height


def _scores(n: int, listed: pl.DataFrame) -> dict[str, FloatArray]:
    """Return the first score and its distance to the second, where the lists have them."""
    first, second = (listed.filter(pl.col("position") == place) for place in (1, 2))
    if first["score"].null_count():
        return {}
    score = np.full(n, -np.inf)
    score[first["case"].to_numpy()] = first["score"].to_numpy()
    found = {SCORE: score}
    if not second["score"].null_count() and bool(np.isfinite(score[first["case"].to_numpy()]).all()):
        # nothing comes near an only candidate
        margin = np.where(score > -np.inf, np.inf, -np.inf)
        at = second["case"].to_numpy()
        margin[at] = score[at] - second["score"].to_numpy()
        found[MARGIN] = margin
    return found
