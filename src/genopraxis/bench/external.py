"""Results of any other program: a prediction table and a tool card, checked and turned into ranks of the truth."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from genopraxis.bench.tables import CASE_RANKS, TOP
from genopraxis.contracts.cards import ToolCard
from genopraxis.contracts.errors import ContractError, InputError
from genopraxis.contracts.patient import Truth
from genopraxis.contracts.ranking import RANKING
from genopraxis.contracts.scorecard import Notice

DEFAULT_LEVEL = "disease"

_SEPARATORS = {".csv": ",", ".tsv": "\t", ".tab": "\t", ".txt": "\t"}
_PARQUET = {".parquet", ".pq"}
_MISSING = ("", "NA", "N/A", "null", "NULL", "None", ".")
_NAMED = 20  # how many case ids a notice lists at most
_KEY = ("case_id", "level", "candidate_id")
_LINE = "_line"


def read_predictions(path: Path) -> pl.DataFrame:
    """Read the prediction table of any program.

    Parameters
    ----------
    path
        Tab-separated (``.tsv``, ``.tab``, ``.txt``), comma-separated (``.csv``) or Parquet. Columns ``case_id``,
        ``candidate_id`` and ``rank`` (1 is first); ``level``, ``score`` (higher is better) and ``probability``
        are optional, further columns are ignored. Without ``level`` every row is about diseases. A case may
        leave all its ranks empty (or the column may be absent) if every row has a score: ranks are then middle
        ranks of the scores, and a row with score ``-inf`` is no candidate.

    Returns
    -------
    polars.DataFrame
        A ``genopraxis.ranking/1`` table, ordered by case, level and rank. Ranks given in the file are kept as
        they are; :func:`case_ranks` settles their ties.

    Raises
    ------
    InputError
        Naming the column and the first line that cannot be used.
    """
    raw = _read(path)
    raw = raw.with_columns(pl.int_range(pl.len()).alias(_LINE) + 2)
    text = raw.columns[:-1]
    if text:
        raw = raw.filter(~pl.all_horizontal(pl.col(text).is_null()))
    _need_columns(raw, path)
    if not raw.height:
        raise InputError("the table has no row", where=str(path), hint="a tool without predictions cannot be scored")
    identifiers = {
        name: _identifier(raw, name, path) for name in _KEY if name != "level" or "level" in raw.columns
    }
    levels = identifiers.get("level", pl.Series("level", [DEFAULT_LEVEL], dtype=pl.String).new_from_index(0, raw.height))
    frame = pl.DataFrame(
        [
            raw[_LINE],
            identifiers["case_id"],
            levels,
            identifiers["candidate_id"],
            *(_number(raw, name, path) for name in ("rank", "score", "probability")),
        ]
    )
    _refuse(frame, path, pl.col("rank") < 1, "rank", "ranks begin at 1", "number the first candidate 1")
    _refuse(frame, path, pl.col("rank").is_infinite(), "rank", "a rank cannot be infinite", "leave the row out")
    outside = ~pl.col("probability").is_between(0, 1)
    _refuse(frame, path, outside, "probability", "a probability lies between 0 and 1", "write 0.25, not 25")
    again = pl.struct(_KEY).is_first_distinct().not_()
    _refuse(
        frame, path, again, "candidate_id", "the case lists this candidate a second time", "keep its best row only"
    )
    ranked = _fill_ranks(frame, path).drop(_LINE).sort("case_id", "level", "rank", "candidate_id")
    RANKING.check(ranked, raise_errors=True, where=str(path))
    return ranked


def read_tool_card(path: Path) -> ToolCard:
    """Read the tool card of any program, YAML or JSON.

    Raises
    ------
    InputError
        When the file cannot be read, or a field is missing or wrong; every such field is named.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"the tool card cannot be read: {error}", where=str(path)) from error
    try:
        # JSON is read as JSON: tabs, legal there, are not legal in YAML
        raw = json.loads(text) if path.suffix.lower() == ".json" else yaml.safe_load(text)
    except (json.JSONDecodeError, yaml.YAMLError) as error:
        problem = " ".join(str(error).split())
        raise InputError(f"the tool card is neither YAML nor JSON: {problem}", where=str(path)) from error
    if isinstance(raw, dict) and isinstance(raw.get("version"), int | float):
        raise InputError(
            f"version: {raw['version']!r} is read as a number, and 1.10 would become 1.1",
            where=str(path),
            hint='put the version in quotes, version: "1.10"',
        )
    try:
        return ToolCard.from_mapping(raw, where=str(path))
    except ContractError as error:
        raise InputError(error.what, where=error.where, hint=_card_hint()) from error


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
        A ``genopraxis.case-ranks/1`` table with one row for each case whose truth is stated at a level that the
        predictions hold. The rank is that of the best of the case's truth ids; null, a miss, when none is listed
        or the case is absent from the predictions.
    list of Notice
        Cases without any prediction, predictions for unknown cases, and levels that have no truth.

    Raises
    ------
    InputError
        When identifiers of predictions and truths are of different kinds at a level (``MIM:154700`` and
        ``OMIM:154700``): every case would be a miss for a reason that has nothing to do with the tool.

    Notes
    -----
    Programs number ties in different ways (1 2 2 4, 1 3 3 4, 1 2 2 3). Within a case the given ranks are ranked
    again, so that ties share their middle rank whichever way was used. Two cases are left as given, since the
    list is not complete: a case that lists nothing but its truth, and a row whose rank is greater than the number
    of rows up to it (a truth at 57 below a list of ten has unlisted candidates above it, and must not move to 11).
    """
    RANKING.check(predictions, raise_errors=True, where="predictions")
    answers = _answers(truths)
    known = predictions.join(answers.select("case_id").unique(), on="case_id", how="semi")
    notices = list(_notices(predictions, answers))
    levels = predictions["level"].unique()
    wanted = answers.filter(pl.col("level").is_in(levels.implode()) & (pl.col("truth_ids").list.len() > 0))
    _same_kind(known, wanted)
    settled = _settle_ties(known.join(wanted, on=["case_id", "level"], how="inner"))
    by_case = settled.sort("case_id", "level", "rank", "candidate_id").group_by(
        "case_id", "level", maintain_order=True
    )
    found = by_case.agg(
        pl.col("rank").filter("true").min().alias("rank"),
        pl.max_horizontal(pl.len(), pl.col("rank").max().ceil()).cast(pl.Int64).alias("candidates"),
        pl.struct("candidate_id", "score", "probability").head(top).alias("top"),
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
        .select(CASE_RANKS.schema)
    )
    CASE_RANKS.check(frame, raise_errors=True, where="case ranks")
    return frame, notices
