"""From ranks to figures: every metric of every tool, regime, level and stratum, with its interval."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
import polars as pl

from genopraxis.bench.tables import CASE_RANKS
from genopraxis.contracts.errors import InputError
from genopraxis.contracts.ranking import CASE_STRATA
from genopraxis.contracts.scorecard import Score
from genopraxis.stats.bootstrap import Estimate, grouped_bootstrap
from genopraxis.stats.ranking import hits_at, reciprocal_rank
from genopraxis.stats.resampling import RESAMPLES, SEED

ALL = "all"
METRICS = ("top1", "top3", "top5", "top10", "mrr")
INTERVAL = "95 % expanded percentile interval, bootstrap grouped by publication; exact for few events"

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.intp]

_TOP = re.compile(r"^top([1-9][0-9]*)$")
_RUN = ("tool", "version", "regime", "level")


@dataclass(frozen=True, kw_only=True)
class _Level:
    """All runs at one level as one matrix, so that runs on the same cases share their resamples."""

    name: str
    runs: list[tuple[str, str, str]]
    case_ids: list[str]
    groups: IntArray
    ranks: FloatArray  # cases x runs; NaN: a miss
    scored: npt.NDArray[np.bool_]  # cases x runs; False: the run does not hold this case


def metric_values(metric: str, ranks: npt.ArrayLike) -> FloatArray:
    """Return the value of one metric for each rank: ``topK`` is 0 or 1, ``mrr`` the reciprocal rank.

    Parameters
    ----------
    metric
        ``top`` and a number, or ``mrr``.
    ranks
        Middle ranks; NaN for a truth that was not listed.

    Raises
    ------
    InputError
        When there is no such metric.
    """
    return _metric(metric)(ranks)


def score(
    ranks: pl.DataFrame,
    strata: pl.DataFrame,
    *,
    metrics: Sequence[str] = METRICS,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> list[Score]:
    """Return every metric of every tool, version, regime and level, for all cases and for each stratum.

    Parameters
    ----------
    ranks
        A ``genopraxis.case-ranks/1`` table.
    strata
        A ``genopraxis.case-strata/1`` table; cases that ``ranks`` does not hold are ignored.
    metrics
        Names of the metrics, see :func:`metric_values`.
    resamples, seed
        Of the grouped bootstrap. Cases of one publication form a group, a case without one is a group of its
        own.

    Returns
    -------
    list of Score
        In the order of the runs in ``ranks``; stratum ``"all"`` first, the others as they first appear in
        ``strata``; n counts every case, misses included. A stratum without a case has value ``None`` and n 0.

    Raises
    ------
    ContractError
        When a table does not fulfil its contract.
    InputError
        When there is no such metric.
    """
    CASE_RANKS.check(ranks, raise_errors=True, where="ranks")
    CASE_STRATA.check(strata, raise_errors=True, where="strata")
    functions = [_metric(metric) for metric in metrics]
    bootstrap = partial(grouped_bootstrap, resamples=resamples, seed=seed)
    members = {
        name: frame["case_id"].to_list()
        for (name,), frame in strata.group_by("stratum", maintain_order=True)
        if name != ALL
    }
    found: dict[tuple[str, str, str, str], list[Score]] = {
        row: [] for row in ranks.select(_RUN).unique(maintain_order=True).iter_rows()
    }
    for level in _levels(ranks):
        position = {case_id: i for i, case_id in enumerate(level.case_ids)}
        chosen = {ALL: np.arange(len(level.case_ids))} | {
            name: np.array(sorted(position[c] for c in case_ids if c in position), dtype=np.intp)
            for name, case_ids in members.items()
        }
        for stratum, rows in chosen.items():
            for run, estimates in _estimates(level, rows, functions, bootstrap):
                found[(*run, level.name)].extend(
                    _score(run, level.name, str(stratum), metric, estimate)
                    for metric, estimate in zip(metrics, estimates, strict=True)
                )
    return [item for scores in found.values() for item in scores]


def _estimates(
    level: _Level,
    rows: IntArray,
    functions: Sequence[Callable[[npt.ArrayLike], FloatArray]],
    bootstrap: Callable[[FloatArray, IntArray], list[Estimate]],
) -> Iterator[tuple[tuple[str, str, str], list[Estimate]]]:
    """Yield the estimates of each run; runs that hold the same cases of the stratum go through together."""
    scored = level.scored[rows]
    together: dict[bytes, list[int]] = {}
    for j in range(len(level.runs)):
        together.setdefault(scored[:, j].tobytes(), []).append(j)
    for columns in together.values():
        kept = rows[scored[:, columns[0]]]
        values = np.column_stack([f(level.ranks[kept, j]) for j in columns for f in functions])
        estimates = bootstrap(values, level.groups[kept])
        for i, j in enumerate(columns):
            yield level.runs[j], estimates[i * len(functions) : (i + 1) * len(functions)]


def _levels(ranks: pl.DataFrame) -> Iterator[_Level]:
    for (name,), frame in ranks.group_by("level", maintain_order=True):
        # sorted, so that an interval does not depend on the order of the rows
        cases = frame.select("case_id", "publication").unique("case_id", keep="first").sort("case_id")
        runs = list(frame.select("tool", "version", "regime").unique(maintain_order=True).iter_rows())
        case_codes = _codes(frame, cases.select("case_id").with_row_index("code"))
        run_codes = _codes(
            frame,
            pl.DataFrame(runs, schema=["tool", "version", "regime"], orient="row").with_row_index("code"),
        )
        matrix = np.full((cases.height, len(runs)), np.nan)
        scored = np.zeros(matrix.shape, dtype=np.bool_)
        matrix[case_codes, run_codes] = frame["rank"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
        scored[case_codes, run_codes] = True
        yield _Level(
            name=str(name),
            runs=runs,
            case_ids=cases["case_id"].to_list(),
            groups=group_codes(cases),
            ranks=matrix,
            scored=scored,
        )


def group_codes(cases: pl.DataFrame) -> IntArray:
    """Return the group of each case as a number: its publication, or itself when it has none.

    Parameters
    ----------
    cases
        Columns ``case_id`` and ``publication`` (nullable).
    """
    label = (
        pl.when(pl.col("publication").is_null())
        .then(pl.lit("case\t") + pl.col("case_id"))
        .otherwise(pl.lit("publication\t") + pl.col("publication"))
    )
    labels = cases.select(label.alias("group"))["group"].to_numpy().astype(str)
    return np.unique(labels, return_inverse=True)[1]


def _codes(frame: pl.DataFrame, names: pl.DataFrame) -> npt.NDArray[np.uint32]:
    on = [column for column in names.columns if column != "code"]
    joined = frame.select(on).join(names, on=on, how="left", maintain_order="left")
    return joined["code"].to_numpy()


def _score(run: tuple[str, str, str], level: str, stratum: str, metric: str, estimate: Estimate) -> Score:
    tool, version, regime = run
    return Score(
        tool=tool,
        version=version,
        regime=regime,
        level=level,
        stratum=stratum,
        metric=metric,
        value=estimate.value,
        low=estimate.low,
        high=estimate.high,
        n=estimate.n,
    )


def _metric(name: str) -> Callable[[npt.ArrayLike], FloatArray]:
    if name == "mrr":
        return reciprocal_rank
    match = _TOP.match(name)
    if match is None:
        raise InputError(f"there is no metric {name!r}", hint="use mrr, or top and a number, such as top10")
    return partial(_top, k=int(match.group(1)))


def _top(ranks: npt.ArrayLike, *, k: int) -> FloatArray:
    return hits_at(ranks, k).astype(np.float64)
