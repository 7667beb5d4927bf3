"""The rank of each truth in a prediction table that another program wrote."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import polars as pl

from genopraxis.bench.tables import CASE_RANKS, TOP
from genopraxis.contracts.errors import InputError
from genopraxis.contracts.patient import Truth
from genopraxis.contracts.ranking import RANKING
from genopraxis.contracts.scorecard import Notice

_NAMED = 20  # how many case ids a notice lists at most
_TOP_FIELDS = ("candidate_id", "score", "probability")


def case_ranks(
    predictions: pl.DataFrame,
    truths: Iterable[Truth],
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
    truths
        The answers: ``disease_ids`` at level ``disease``, ``genes`` at level ``gene``.
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
    answers = _answers(truths)
    levels = predictions["level"].unique().to_list()
    wanted = answers.filter(pl.col("level").is_in(levels) & (pl.col("truth_ids").list.len() > 0))
    known = predictions.join(wanted, on=["case_id", "level"], how="inner")
    _same_names(predictions, answers, known)
    notices = list(_notices(predictions, answers, wanted))
    settled = _settle_ties(known)
    by_case = settled.sort("case_id", "level", "rank", "candidate_id").group_by(
        "case_id", "level", maintain_order=True
    )
    found = by_case.agg(
        pl.col("rank").filter("true").min().alias("rank"),
        pl.max_horizontal(pl.len(), pl.col("rank").max().ceil()).cast(pl.Int64).alias("candidates"),
        pl.struct(*_TOP_FIELDS).head(top).alias("top"),
    )
    frame = (
        wanted.join(found, on=["case_id", "level"], how="left", maintain_order="left")
        .with_columns(
            pl.lit(tool).alias("tool"),
            pl.lit(version).alias("version"),
            pl.lit(regime).alias("regime"),
            pl.col("candidates").fill_null(0),
            pl.col("top").fill_null(pl.lit([], dtype=CASE_RANKS.schema["top"])),
        )
        .select(*CASE_RANKS.schema)
    )
    CASE_RANKS.check(frame, raise_errors=True, where="case ranks")
    return frame, notices


def _settle_ties(known: pl.DataFrame) -> pl.DataFrame:
    """Give tied ranks their middle rank wherever the list is complete, and mark the truths."""
    case = ["case_id", "level"]
    rank = pl.col("rank")
    frame = known.with_columns(
        pl.col("candidate_id").is_in(pl.col("truth_ids")).alias("true"),
        *(pl.lit(None, dtype=pl.Float64).alias(name) for name in _TOP_FIELDS if name not in known.columns),
    )
    nothing_but_truth = pl.col("true").all().over(case)
    has_gaps_before = rank > rank.rank("max").over(case)
    return frame.with_columns(
        pl.when(nothing_but_truth | has_gaps_before)
        .then(rank)
        .otherwise(rank.rank("average").over(case))
        .alias("rank")
    )


def _answers(truths: Iterable[Truth]) -> pl.DataFrame:
    rows = [
        (truth.case_id, truth.publication, level, list(ids))
        for truth in truths
        for level, ids in (("disease", truth.disease_ids), ("gene", truth.genes))
    ]
    schema = {name: CASE_RANKS.schema[name] for name in ("case_id", "publication", "level", "truth_ids")}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _same_names(predictions: pl.DataFrame, answers: pl.DataFrame, known: pl.DataFrame) -> None:
    """Refuse predictions that name cases or candidates in another way than the truths do."""
    strangers = not predictions["case_id"].is_in(answers["case_id"].to_list()).any()
    if strangers and predictions.height and answers.height:
        raise InputError(
            f"none of the cases is in the dataset: {predictions['case_id'][0]!r} … in the predictions, "
            f"{answers['case_id'][0]!r} … in the dataset",
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


def _notices(predictions: pl.DataFrame, answers: pl.DataFrame, wanted: pl.DataFrame) -> Iterator[Notice]:
    unknown = predictions.join(answers, on="case_id", how="anti")
    if unknown.height:
        cases = unknown["case_id"].unique().sort().to_list()
        yield Notice(
            code="predictions.unknown-case",
            message=f"prediction rows of {len(cases)} case(s) that the dataset does not hold; ignored",
            n=unknown.height,
            cases=_few(cases),
        )
    for level in sorted(set(predictions["level"]) - set(answers["level"])):
        yield Notice(
            code="predictions.unknown-level",
            message=f"prediction rows at level {level!r}, for which the dataset states no truth; ignored",
            n=predictions.filter(pl.col("level") == level).height,
        )
    absent = wanted.join(predictions, on=["case_id", "level"], how="anti")
    for (level,), rows in absent.group_by("level", maintain_order=True):
        yield Notice(
            code="predictions.absent-case",
            message=f"cases without any prediction at level {level!r}; each counts as a miss",
            n=rows.height,
            cases=_few(rows["case_id"].sort().to_list()),
        )


def _few(cases: list[str]) -> tuple[str, ...]:
    return tuple(cases) if len(cases) <= _NAMED else ()
