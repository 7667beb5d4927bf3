"""The runs of ``phenotype_robustness.py``: every perturbation at every level, each paired with the unperturbed run."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from held_out_ranker import HELD_OUT, rank_by_fold
from robustness_report import Axis, Row

from genopraxis.bench.perturbations import chosen_perturbations, perturbations_text
from genopraxis.bench.rank_tools import rank_tools
from genopraxis.bench.scoring import group_codes, metric_values, score
from genopraxis.bench.truths import answers, join_truths
from genopraxis.contracts.plugin import Task
from genopraxis.contracts.ranking import CANDIDATE_COUNTS, CASE_STRATA
from genopraxis.contracts.ranking_bench import PreparedCase, PreparedDataset, RankingBench, RankingDataset
from genopraxis.contracts.scorecard import Score
from genopraxis.knowledge.releases import EMBEDDED
from genopraxis.stats.bootstrap import Estimate, grouped_bootstrap
from genopraxis.tasks.phenotype.tools.ranker import RankerTool
from genopraxis.tasks.phenotype.training.trained_folder import TrainedFolder

REGIME = "publication-out"
METRICS = ("top1", "top10")

PLAIN: Mapping[str, float | None] = {}


def _shares(name: str, *shares: float) -> dict[str, Mapping[str, float | None]]:
    return {"0": PLAIN, **{f"{100 * share:g} %": {name: share} for share in shares}}


# by perturbation: what to run at each level; the first one changes nothing
LEVELS: Mapping[str, Mapping[str, Mapping[str, float | None]]] = {
    "imprecise": _shares("imprecise", 0.25, 0.5, 0.75, 1),
    "noise": _shares("noise", 0.25, 0.5, 1),
    "keep": {"all": PLAIN, **{f"{n}": {"keep": n} for n in (10, 5, 3, 1)}},
    "hide_excluded": {"as stated": PLAIN, "hidden": {"hide_excluded": None}},
}
AXES = {
    "imprecise": Axis(label="share of observed terms replaced by a parent", places=(0, 0.25, 0.5, 0.75, 1)),
    "noise": Axis(label="wrong terms added, as a share of the observed ones", places=(0, 0.25, 0.5, 1)),
    "keep": Axis(label="observed terms kept at most", places=(0, 1, 2, 3, 4)),
    "hide_excluded": Axis(label="excluded terms", places=(0, 1)),
}


@dataclass(frozen=True, kw_only=True)
class Bench:
    """What stays the same from level to level."""

    task: Task
    port: RankingBench
    dataset: RankingDataset
    tools: Sequence[str]
    trained: TrainedFolder | None
    sample: int | None
    seed: int
    jobs: int

    def run(self, levels: Mapping[str, float | None]) -> tuple[PreparedDataset, pl.DataFrame]:
        """Return the cases at some levels, the sample only, and the rank of each truth."""
        chosen = chosen_perturbations(self.port, levels)
        prepared = self.port.prepare(
            self.dataset, knowledge=EMBEDDED, counts=None, perturbations=chosen, seed=self.seed
        )
        prepared = replace(prepared, cases=_sampled(prepared.cases, self.sample, seed=self.seed))
        ranked = rank_tools(
            prepared, task=self.task, port=self.port, tools=self.tools, regimes=[REGIME], jobs=self.jobs
        )
        if ranked.failures:
            first = ranked.failures[0]
            raise SystemExit(f"error: {first.tool} failed in case {first.case_id}: {first.message}")
        return prepared, pl.concat([ranked.ranks, *self._held_out(prepared.cases)])

    def _held_out(self, cases: Sequence[PreparedCase]) -> Iterator[pl.DataFrame]:
        if self.trained:
            yield join_truths(
                answers((one.case for one in cases), levels=self.task.levels),
                rank_by_fold(self.trained, cases, jobs=self.jobs),
                CANDIDATE_COUNTS.empty(),
                tool=HELD_OUT,
                version=RankerTool.card.version,
                regime=REGIME,
            )


def measure(bench: Bench, prepared: PreparedDataset, plain: pl.DataFrame) -> Iterator[Row]:
    """Yield every figure; the first level of each perturbation is the unperturbed run."""
    same = Estimate(value=None, low=None, high=None, n=0, groups=0)
    for perturbation, levels in LEVELS.items():
        for name, wanted in levels.items():
            cases, ranks = (prepared, plain) if wanted is PLAIN else bench.run(wanted)
            queries = [one.content.query for one in cases.cases]
            for item in score(ranks, CASE_STRATA.empty(), metrics=METRICS):
                change = same if wanted is PLAIN else _change(item, ranks, plain)
                yield Row(
                    perturbation=perturbation,
                    perturbation_level=name,
                    setting=perturbations_text(cases.perturbations) or "none",
                    observed_terms=float(np.mean([len(query.observed) for query in queries])),
                    excluded_terms=float(np.mean([len(query.excluded) for query in queries])),
                    change=change.value,
                    change_low=change.low,
                    change_high=change.high,
                    **item.model_dump(exclude={"stratum"}),
                )


def _change(item: Score, ranks: pl.DataFrame, plain: pl.DataFrame) -> Estimate:
    """Return the paired change of a figure from the unperturbed run, with its interval."""
    after, before = (
        table.filter((pl.col("tool") == item.tool) & (pl.col("level") == item.level)).sort("case_id")
        for table in (ranks, plain)
    )
    if after["case_id"].to_list() != before["case_id"].to_list():
        raise SystemExit("error: the two runs are of different cases")
    now, then = (
        metric_values(item.metric, table["rank"].fill_null(float("nan")).to_numpy())
        for table in (after, before)
    )
    return grouped_bootstrap(now - then, group_codes(after), bounds=(-1.0, 1.0))[0]


def _sampled(
    cases: Sequence[PreparedCase], publications: int | None, *, seed: int
) -> tuple[PreparedCase, ...]:
    """Return the cases of some publications, all of each."""
    drawn = sorted(
        {publication_of(one) for one in cases},
        key=lambda name: hashlib.sha256(f"{seed}\0{name}".encode()).digest(),
    )
    chosen = set(drawn[:publications])
    return tuple(one for one in cases if publication_of(one) in chosen)


def publication_of(one: PreparedCase) -> str:
    """Return the publication of a case; one without is a publication of its own."""
    return f"case {one.case.case_id}" if one.case.group is None else one.case.group
