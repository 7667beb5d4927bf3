"""Results of any other program: its prediction table and its tool card, checked."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from genopraxis.contracts.cards import ToolCard
from genopraxis.contracts.errors import ContractError, InputError
from genopraxis.contracts.ranking import RANKING
from genopraxis.formats.plain_data import read_document
from genopraxis.formats.table_file import read_parquet

_SEPARATORS = {".csv": ",", ".tsv": "\t", ".tab": "\t", ".txt": "\t"}
_PARQUET = {".parquet", ".pq"}
_MISSING = ("", "NA", "N/A", "null", "NULL", "None", ".")
_KEY = ("case_id", "level", "candidate_id")
_LINE = "_line"


def read_predictions(path: Path, *, level: str) -> pl.DataFrame:
    """Read the prediction table of any program.

    Parameters
    ----------
    path
        Tab-separated (``.tsv``, ``.tab``, ``.txt``), comma-separated (``.csv``) or Parquet. Columns
        ``case_id``, ``candidate_id`` and ``rank`` (1 is first); ``level``, ``score`` (higher is better) and
        ``probability`` are optional, further columns are ignored. A case may leave all its ranks empty (or the
        column may be absent) if every row has a score: ranks are then middle ranks of the scores, and a row with
        score ``-inf`` is no candidate.
    level
        What rows of a table without a column ``level`` are about.

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
    _need_columns(raw, path)
    # numbered before blank lines go, so that a message names the line that an editor shows
    raw = raw.with_row_index(_LINE, offset=2).filter(~pl.all_horizontal(pl.col(raw.columns).is_null()))
    if not raw.height:
        raise InputError(
            "the table has no row", where=str(path), hint="without predictions nothing is scored"
        )
    if "level" not in raw.columns:
        raw = raw.with_columns(pl.lit(level).alias("level"))
    frame = pl.DataFrame(
        [
            raw[_LINE],
            *(_identifier(raw, name, path) for name in _KEY),
            *(_number(raw, name, path) for name in ("rank", "score", "probability")),
        ]
    )
    _refuse(frame, path, pl.col("rank") < 1, "rank", "ranks begin at 1", "number the first candidate 1")
    _refuse(
        frame, path, pl.col("rank").is_infinite(), "rank", "a rank cannot be infinite", "leave the row out"
    )
    outside = ~pl.col("probability").is_between(0, 1)
    _refuse(frame, path, outside, "probability", "a probability lies between 0 and 1", "write 0.25, not 25")
    again = pl.struct(_KEY).is_first_distinct().not_()
    _refuse(
        frame,
        path,
        again,
        "candidate_id",
        "the case lists this candidate a second time",
        "keep its best row only",
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
    raw = read_document(path)
    if isinstance(raw, dict) and isinstance(raw.get("version"), int | float):
        raise InputError(
            f"version: {raw['version']!r} is read as a number, and 1.10 would become 1.1",
            where=str(path),
            hint='put the version in quotes, version: "1.10"',
        )
    try:
        return ToolCard.from_mapping(raw, where=str(path), schema_optional=True)
    except ContractError as error:
        raise InputError(error.what, where=error.where, hint=_card_hint()) from error


def _read(path: Path) -> pl.DataFrame:
    kind = path.suffix.lower()
    try:
        if kind in _PARQUET:
            return read_parquet(path)
        if kind not in _SEPARATORS:
            known = ", ".join([*_SEPARATORS, *sorted(_PARQUET)])
            raise InputError(f"files named *{kind} are not read", where=str(path), hint=f"known: {known}")
        # everything as text first: only then can a message name the value and the line
        raw = pl.read_csv(path, separator=_SEPARATORS[kind], infer_schema=False)
        return raw.rename(lambda name: name.strip())
    except pl.exceptions.NoDataError as error:
        raise InputError("the file is empty", where=str(path)) from error
    except (OSError, pl.exceptions.PolarsError) as error:
        problem = str(error).strip().partition("\n")[0]
        raise InputError(
            f"the table cannot be read: {problem}",
            where=str(path),
            hint="wanted: one header line, then as many fields in each line, in UTF-8",
        ) from error


def _need_columns(raw: pl.DataFrame, path: Path) -> None:
    found = ", ".join(raw.columns[:10])
    for name in RANKING.schema:
        # polars renames the second of two columns of one name
        if any(column.startswith(f"{name}_duplicated_") for column in raw.columns):
            raise InputError(
                f"column {name!r} is there twice", where=f"{path}, line 1", hint="keep one of the two"
            )
    for name in ("case_id", "candidate_id"):
        if name not in raw.columns:
            raise InputError(
                f"column {name!r} is missing", where=f"{path}, line 1", hint=f"columns found: {found}"
            )
    if not {"rank", "score"} & set(raw.columns):
        raise InputError(
            "column 'rank' is missing, and no column 'score' to make it from",
            where=f"{path}, line 1",
            hint=f"columns found: {found}",
        )


def _identifier(raw: pl.DataFrame, name: str, path: Path) -> pl.Series:
    values = raw[name].cast(pl.String).str.strip_chars().replace("", None)
    _refuse(
        raw.select(_LINE, values), path, pl.col(name).is_null(), name, "the value is missing", "fill it in"
    )
    return values


def _number(raw: pl.DataFrame, name: str, path: Path) -> pl.Series:
    if name not in raw.columns:
        return pl.Series(name, [None] * raw.height, dtype=pl.Float64)
    given = raw[name]
    if given.dtype == pl.String:
        given = given.str.strip_chars()
        given = given.set(given.is_in(_MISSING), None)
    elif not (given.dtype.is_numeric() or given.dtype == pl.Null):
        raise InputError(f"column {name!r} holds {given.dtype}, not numbers", where=str(path))
    values = given.cast(pl.Float64, strict=False)
    both = pl.DataFrame([raw[_LINE], given.alias("given"), values])
    strange = pl.col("given").is_not_null() & pl.col(name).is_null()
    _refuse(both, path, strange, name, "{given!r} is not a number", "write 12 or 0.5, or nothing")
    _refuse(both, path, pl.col(name).is_nan(), name, "the value is NaN", "leave the field empty")
    return values


def _fill_ranks(frame: pl.DataFrame, path: Path) -> pl.DataFrame:
    case = ["case_id", "level"]
    unranked = pl.col("rank").is_null()
    some = unranked & ~unranked.all().over(case)
    _refuse(frame, path, some, "rank", "missing, though other candidates of the case have one", "fill it in")
    neither = unranked & pl.col("score").is_null()
    _refuse(frame, path, neither, "rank", "missing, and no score to make it from", "give one of the two")
    kept = frame.filter(~(unranked & (pl.col("score") == float("-inf"))))
    middle = pl.col("score").rank("average", descending=True).over(case)
    return kept.with_columns(pl.coalesce("rank", middle))


def _refuse(frame: pl.DataFrame, path: Path, bad: pl.Expr, name: str, what: str, hint: str) -> None:
    """Raise an error that names the column and the first line for which ``bad`` is true."""
    rows = frame.filter(bad)
    if not rows.height:
        return
    first = rows.row(0, named=True)
    line = f"row {first[_LINE] - 1}" if path.suffix.lower() in _PARQUET else f"line {first[_LINE]}"
    more = f" (and in {rows.height - 1} more rows)" if rows.height > 1 else ""
    raise InputError(what.format(**first) + more, where=f"{path}, {line}, column {name}", hint=hint)


def _card_hint() -> str:
    wanted = [name for name, field in ToolCard.model_fields.items() if field.is_required()]
    return f"a tool card needs {', '.join(wanted)}"
