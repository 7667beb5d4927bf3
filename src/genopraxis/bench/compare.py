"""Compare two tools case by case, on the cases that both have."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import polars as pl
from pydantic import Field

from genopraxis.bench.scoring import FloatArray, IntArray, group_codes, metric_values
from genopraxis.bench.tables import CASE_RANKS
from genopraxis.contracts.document import Document, Part
from genopraxis.contracts.errors import InputError
from genopraxis.contracts.provenance import Provenance
from genopraxis.contracts.scorecard import DatasetDigest, Perturbation, Regime
from genopraxis.provenance import current_provenance
from genopraxis.stats.bootstrap import paired_difference
from genopraxis.stats.ranking import BoolArray, hits_at
from genopraxis.stats.resampling import RESAMPLES, SEED

KS = (1, 3, 5, 10)
MOVEMENTS = 20


class Side(Part):
    """One of the two runs."""

    tool: str
    version: str
    regime: str
    n: int = Field(description="cases of this run at this level, shared or not")
    only: int = Field(description="cases that the other run does not have; they are not compared")
    perturbations: tuple[Perturbation, ...] = Field(
        default=(), description="how the cases were changed for this run; none: the cases as they are"
    )
    seed: int | None = Field(default=None, description="of what was drawn to change them")


class PairedMetric(Part):
    """One metric on the shared cases: both values and a minus b."""

    metric: str
    a: float | None = Field(description="fraction; null: no shared case")
    b: float | None
    difference: float | None = Field(description="a minus b, fraction")
    low: float | None = Field(description="lower end of the 95 % interval; null: fewer than two groups")
    high: float | None
    p_value: float | None = Field(
        description="two-sided, tools exchanged within whole groups; not adjusted for the number of metrics"
    )


class Outcome(Part):
    """Who found the truth among the first k, in how many shared cases."""

    k: int
    both: int
    only_a: int
    only_b: int
    neither: int


class HeadToHead(Part):
    """Who ranked the truth better, in how many shared cases; a listed truth beats an unlisted one."""

    a_better: int
    b_better: int
    tie: int


class Movement(Part):
    """A case on which the two disagree; rank null: the truth was not listed."""

    case_id: str
    publication: str | None
    truth_ids: tuple[str, ...]
    rank_a: float | None
    rank_b: float | None


class Comparison(Document):
    """Two runs on the same cases of one level, paired."""

    schema_id: ClassVar[str] = "genopraxis.comparison/1"

    level: str
    a: Side
    b: Side
    n: int = Field(description="shared cases, misses included")
    groups: int = Field(description="groups of shared cases that are not independent, e.g. publications")
    dataset: DatasetDigest | None = None
    regimes: tuple[Regime, ...] = Field(default=(), description="what the regimes of the two runs mean")
    metrics: tuple[PairedMetric, ...]
    outcomes: tuple[Outcome, ...]
    head_to_head: HeadToHead
    better_with_a: tuple[Movement, ...] = Field(description="largest gains in reciprocal rank, largest first")
    better_with_b: tuple[Movement, ...]
    interval: str = (
        "95 % expanded percentile interval of the paired difference, bootstrap grouped by publication"
    )
    provenance: Provenance


def compare(
    ranks_a: pl.DataFrame,
    ranks_b: pl.DataFrame,
    *,
    level: str,
    ks: Sequence[int] = KS,
    resamples: int = RESAMPLES,
    seed: int = SEED,
    movements: int = MOVEMENTS,
    dataset: DatasetDigest | None = None,
    regimes: Sequence[Regime] = (),
    perturbed: tuple[Sequence[Perturbation], Sequence[Perturbation]] = ((), ()),
    seeds: tuple[int | None, int | None] = (None, None),
    provenance: Provenance | None = None,
) -> Comparison:
    """Compare two runs on the cases that both have.

    Parameters
    ----------
    ranks_a, ranks_b
        ``genopraxis.case-ranks/1`` tables, each with exactly one tool, version and regime at ``level``.
    level
        What was ranked, e.g. ``disease``.
    ks
        The k of each top-k metric and outcome table; the mean reciprocal rank is always added.
    resamples, seed
        Of interval and p value.
    movements
        How many cases to list on each side.
    dataset
        Which dataset both were run on, when it is known to be one.
    regimes
        The regimes that the task offers.
    perturbed, seeds
        How the cases were changed for each of the two runs, and the seeds.
    provenance
        Of the comparison; made here from the parameters when it is not given.

    Raises
    ------
    ContractError
        When a table does not fulfil its contract.
    InputError
        When a table has no row at the level, holds more than one run, or when the two hold different truths
        for one case: then they were not run on the same dataset.
    """
    side_a, a = _run(ranks_a, level, "a")
    side_b, b = _run(ranks_b, level, "b")
    both = a.join(b, on="case_id", how="inner", suffix="_b").sort("case_id")
    _same_truths(both)
    rank_a = both["rank"].fill_null(float("nan")).to_numpy()
    rank_b = both["rank_b"].fill_null(float("nan")).to_numpy()
    groups = group_codes(both)
    gain = metric_values("mrr", rank_a) - metric_values("mrr", rank_b)
    return Comparison(
        level=level,
        a=Side(
            **side_a,
            n=a.height,
            only=a.height - both.height,
            perturbations=tuple(perturbed[0]),
            seed=seeds[0],
        ),
        b=Side(
            **side_b,
            n=b.height,
            only=b.height - both.height,
            perturbations=tuple(perturbed[1]),
            seed=seeds[1],
        ),
        n=both.height,
        groups=len(np.unique(groups)),
        dataset=dataset,
        regimes=tuple(regimes),
        metrics=tuple(
            _paired(name, metric_values(name, rank_a), metric_values(name, rank_b), groups, resamples, seed)
            for name in (*(f"top{k}" for k in ks), "mrr")
        ),
        outcomes=tuple(_outcome(k, hits_at(rank_a, k), hits_at(rank_b, k)) for k in ks),
        head_to_head=HeadToHead(
            a_better=int((gain > 0).sum()), b_better=int((gain < 0).sum()), tie=int((gain == 0).sum())
        ),
        better_with_a=_movements(both, gain, movements),
        better_with_b=_movements(both, -gain, movements),
        provenance=provenance
        or current_provenance(
            parameters={"level": level, "ks": " ".join(map(str, ks)), "resamples": resamples, "seed": seed}
        ),
    )


def _run(ranks: pl.DataFrame, level: str, side: str) -> tuple[dict[str, str], pl.DataFrame]:
    CASE_RANKS.check(ranks, raise_errors=True, where=f"ranks {side}")
    frame = ranks.filter(pl.col("level") == level)
    runs = frame.select("tool", "version", "regime").unique().sort("tool", "version", "regime").to_dicts()
    if not runs:
        levels = ", ".join(sorted(ranks["level"].unique())) or "none at all"
        raise InputError(f"no row at level {level!r}", where=f"ranks {side}", hint=f"levels found: {levels}")
    if len(runs) > 1:
        named = "; ".join(f"{run['tool']} {run['version']} {run['regime']}" for run in runs)
        raise InputError(
            f"one run is wanted, found {len(runs)}: {named}",
            where=f"ranks {side}",
            hint="choose one tool, version and regime",
        )
    return runs[0], frame.select("case_id", "publication", "truth_ids", "rank")


def _same_truths(both: pl.DataFrame) -> None:
    differing = both.filter(pl.col("truth_ids").list.sort() != pl.col("truth_ids_b").list.sort())
    if differing.height:
        raise InputError(
            f"{differing.height} case(s) differ in their truth, first {differing['case_id'][0]}",
            where="ranks a and b",
            hint="compare runs on the same dataset",
        )


def _paired(
    name: str,
    a: FloatArray,
    b: FloatArray,
    groups: IntArray,
    resamples: int,
    seed: int,
) -> PairedMetric:
    found = paired_difference(a, b, groups, resamples=resamples, seed=seed)
    return PairedMetric(
        metric=name,
        a=float(a.mean()) if len(a) else None,
        b=float(b.mean()) if len(b) else None,
        difference=found.value,
        low=found.low,
        high=found.high,
        p_value=found.p_value,
    )


def _outcome(k: int, a: BoolArray, b: BoolArray) -> Outcome:
    return Outcome(
        k=k,
        both=int((a & b).sum()),
        only_a=int((a & ~b).sum()),
        only_b=int((~a & b).sum()),
        neither=int((~a & ~b).sum()),
    )


def _movements(both: pl.DataFrame, gain: FloatArray, most: int) -> tuple[Movement, ...]:
    moved = (
        both.with_columns(pl.Series("gain", gain))
        .filter(pl.col("gain") > 0)
        .sort(["gain", "case_id"], descending=[True, False])
        .head(most)
    )
    return tuple(
        Movement(
            case_id=row["case_id"],
            publication=row["publication"],
            truth_ids=tuple(row["truth_ids"]),
            rank_a=row["rank"],
            rank_b=row["rank_b"],
        )
        for row in moved.iter_rows(named=True)
    )
