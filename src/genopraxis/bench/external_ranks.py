"""The rank of each truth in a prediction table that another program wrote."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from genopraxis.bench.tables import CASE_RANKS, TOP
from genopraxis.bench.truths import CASE, answers, join_truths
from genopraxis.contracts.errors import InputError
from genopraxis.contracts.ranking import RANKING
from genopraxis.contracts.ranking_bench import RankingCase
from genopraxis.contracts.scorecard import Notice

_NAMED = 50  # how many case ids a notice lists at most


def case_ranks(
    predictions: pl.DataFrame,
    cases: Iterable[RankingCase],
    *,
    tool: str,
    version: str,
    regime: str,
    top: int = TOP,
) -> tuple[pl.DataFrame, list[Notice]]:
    """Find the truth of each case in a prediction table.

    Parameters
    ----------
    predictions
        A ``genopraxis.ranking/1`` table.
    cases
        The cases with their answers.
    tool, version, regime
        Which run this is.
    top
        How many of the first candidates to keep.

    Returns
    -------
    polars.DataFrame
        A ``genopraxis.case-ranks/1`` table with one row for each case whose truth is stated at a level that
        the predictions hold. The rank is that of the best of the case's truth ids; null, a miss, when none
        is listed or the case is absent from the predictions.
    list of Notice
        Cases without any prediction, predictions for unknown cases, and levels that have no truth.

    Raises
    ------
    InputError
        When identifiers of predictions and truths are of different kinds at a level (``MIM:154700`` and
        ``OMIM:154700``): every case would be a miss for a reason that has nothing to do with the tool.

    Notes
    -----
    Programs number ties in different ways (1 2 2 4, 1 3 3 4, 1 2 2 3). Within a case the given ranks are
    ranked again, so that ties share their middle rank whichever way was used. Two cases are left as given,
    since the list is not complete: a case that lists nothing but its truth, and a row whose rank is greater
    than the number of rows up to it (a truth at 57 below a list of ten has unlisted candidates above it, and
    must not move to 11).
    """
    RANKING.check(predictions, raise_errors=True, where="predictions")
    stated = answers(cases)
    wanted = answers(cases, levels=predictions["level"].unique().to_list())
    known = predictions.join(wanted, on=CASE, how="inner")
    _same_names(predictions, stated, known)
    settled = _settle_ties(known).sort(*CASE, "rank", "candidate_id")
    candidates = settled.group_by(CASE).agg(
        candidates=pl.max_horizontal(pl.len(), pl.col("rank").max().ceil()).cast(pl.Int64)
    )
    frame = join_truths(
        wanted,
        settled.drop("truth_ids", "publication", "true"),
        candidates,
        tool=tool,
        version=version,
        regime=regime,
        top=top,
    )
    CASE_RANKS.check(frame, raise_errors=True, where="case ranks")
    return frame, list(_notices(predictions, stated, wanted))


def _settle_ties(known: pl.DataFrame) -> pl.DataFrame:
    """Give tied ranks their middle rank wherever the list is complete, and mark the truths."""
    rank = pl.col("rank")
    frame = known.with_columns(true=pl.col("candidate_id").is_in(pl.col("truth_ids")))
    nothing_but_truth = pl.col("true").all().over(CASE)
    has_gaps_before = rank > rank.rank("max").over(CASE)
    return frame.with_columns(
        pl.when(nothing_but_truth | has_gaps_before)
        .then(rank)
        .otherwise(rank.rank("average").over(CASE))
        .alias("rank")
    )


def _same_names(predictions: pl.DataFrame, stated: pl.DataFrame, known: pl.DataFrame) -> None:
    """Refuse predictions that name cases or candidates in another way than the truths do."""
    strangers = not predictions["case_id"].is_in(stated["case_id"].to_list()).any()
    if strangers and predictions.height and stated.height:
        raise InputError(
            f"none of the cases is in the dataset: {predictions['case_id'][0]!r} … in the predictions, "
            f"{stated['case_id'][0]!r} … in the dataset",
            where="predictions",
            hint="use the case ids of the dataset",
        )
    for (level,), rows in known.group_by("level", maintain_order=True):
        listed = rows["candidate_id"]
        true = rows["truth_ids"].explode()
        if not set(_namespace(listed)) & set(_namespace(true)):
            raise InputError(
                f"candidates are named like {listed[0]!r}, truths like {true[0]!r}: no case could be right",
                where=f"predictions, level {level}, column candidate_id",
                hint="translate the candidates to the identifiers of the truths",
            )


def _namespace(identifiers: pl.Series) -> list[str]:
    return identifiers.str.extract(r"^([^:]*):", 1).fill_null("").unique().to_list()


def _notices(predictions: pl.DataFrame, stated: pl.DataFrame, wanted: pl.DataFrame) -> Iterator[Notice]:
    unknown = predictions.join(stated, on="case_id", how="anti")
    if unknown.height:
        cases = unknown["case_id"].unique().sort().to_list()
        yield Notice(
            code="predictions.unknown-case",
            message=f"prediction rows of {len(cases)} case(s) that the dataset does not hold; ignored",
            n=unknown.height,
            cases=tuple(cases[:_NAMED]),
            cut=len(cases) > _NAMED,
        )
    for level in sorted(set(predictions["level"]) - set(stated["level"])):
        yield Notice(
            code="predictions.unknown-level",
            message=f"prediction rows at level {level!r}, for which the dataset states no truth; ignored",
            n=predictions.filter(pl.col("level") == level).height,
        )
    absent = wanted.join(predictions, on=CASE, how="anti")
    for (level,), rows in absent.group_by("level", maintain_order=True):
        cases = rows["case_id"].sort().to_list()
        yield Notice(
            code="predictions.absent-case",
            message=f"cases without any prediction at level {level!r}; each counts as a miss",
            n=rows.height,
            cases=tuple(cases[:_NAMED]),
            cut=len(cases) > _NAMED,
        )
