"""How much phenotype tools lose when a patient is described with fewer, vaguer or wrong terms; publication out.

    python benchmarks/phenotype_robustness.py --cases FILE --out FOLDER [--tool ID …] [--sample PUBLICATIONS] [--jobs 2]

Writes ``index.html``, ``robustness.tsv`` and ``robustness.json``, and prints the table. Each perturbation of
``genopraxis bench run --perturb`` is run at several levels, each on its own. What a case loses at one level it loses
at the next too, and every change is paired with the same case unperturbed. With ``--sample`` so many publications
are drawn with all their cases; the counts to take out and the terms of the noise still come from the whole file.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from robustness_report import Axis, Row, print_table, write

from genopraxis.bench.datasets import bench_of, open_dataset
from genopraxis.bench.perturbations import SEED, chosen_perturbations, perturbations_text
from genopraxis.bench.rank_tools import rank_tools, tool_of
from genopraxis.bench.scoring import group_codes, metric_values, score
from genopraxis.contracts.errors import GenopraxisError
from genopraxis.contracts.plugin import Task
from genopraxis.contracts.provenance import InputDigest, Provenance
from genopraxis.contracts.ranking import CASE_STRATA
from genopraxis.contracts.ranking_bench import PreparedCase, PreparedDataset, RankingBench, RankingDataset
from genopraxis.contracts.scorecard import Score
from genopraxis.formats.files import ensure_writable_folder
from genopraxis.knowledge.releases import EMBEDDED
from genopraxis.plugins import TOOLS, names
from genopraxis.provenance import current_provenance
from genopraxis.stats.bootstrap import Estimate, grouped_bootstrap
from genopraxis.stats.resampling import RESAMPLES
from genopraxis.stats.resampling import SEED as BOOTSTRAP_SEED

REGIME = "publication-out"
METRICS = ("top1", "top10")
DEFAULT_TOOLS = ("phenotype.likelihood", "phenotype.resnik", "phenotype.ranker")

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
        return prepared, ranked.ranks


def main() -> None:
    """Measure, write the three files, and print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", required=True, help="as for `genopraxis bench run phenotype`")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--tool", action="append", help="may be repeated; by default the built-in tools")
    parser.add_argument("--sample", type=int, help="number of publications to draw; by default all")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    if options.sample is not None and options.sample < 1:
        parser.error(f"--sample {options.sample}: at least one publication is wanted")
    try:
        robustness(options)
    except GenopraxisError as error:
        parser.error(str(error))


def robustness(options: argparse.Namespace) -> None:
    """Measure as the command line asks."""
    ensure_writable_folder(options.out)
    task, port = bench_of("phenotype")
    tools = list(dict.fromkeys(options.tool or [tool for tool in DEFAULT_TOOLS if tool in names(TOOLS)]))
    bench = Bench(
        task=task,
        port=port,
        dataset=open_dataset(options.cases, task=task),
        tools=tools,
        sample=options.sample,
        seed=options.seed,
        jobs=options.jobs,
    )
    prepared, plain = bench.run(PLAIN)
    rows = list(measure(bench, prepared, plain))
    facts = {
        "dataset": bench.dataset.digest.model_dump(mode="json"),
        "cases": len(prepared.cases),
        "publications": len({_group(one) for one in prepared.cases}),
        "sample": options.sample,
    }
    write(
        options.out,
        rows,
        kinds=port.perturbations,
        axes=AXES,
        level=task.levels[0],
        facts=facts,
        provenance=_provenance(bench, prepared),
    )
    print_table([row for row in rows if row.level == task.levels[0]])
    print(
        f"\n{facts['cases']:,} cases of {facts['publications']:,} publications: {options.out / 'index.html'}"
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
        {_group(one) for one in cases}, key=lambda name: hashlib.sha256(f"{seed}\0{name}".encode()).digest()
    )
    chosen = set(drawn[:publications])
    return tuple(one for one in cases if _group(one) in chosen)


def _group(one: PreparedCase) -> str:
    """Return the publication of a case; one without is a publication of its own."""
    return f"case {one.case.case_id}" if one.case.group is None else one.case.group


def _provenance(bench: Bench, prepared: PreparedDataset) -> Provenance:
    digest = bench.dataset.digest
    cards = [tool_of(tool, bench.task).card for tool in bench.tools]
    return current_provenance(
        libraries=("numpy", "polars"),
        parameters={
            "tools": " ".join(f"{card.id} {card.version}" for card in cards),
            "regime": REGIME,
            "sample": bench.sample,
            "seed": bench.seed,
            "bootstrap.resamples": RESAMPLES,
            "bootstrap.seed": BOOTSTRAP_SEED,
        },
        inputs=(InputDigest(name=digest.name, sha256=digest.sha256),),
        releases=prepared.releases,
    )


if __name__ == "__main__":
    main()
