"""How much each parameter of ``phenotype.likelihood`` matters, publication out, on two halves of the publications.

    python benchmarks/phenotype_sensitivity.py --data FOLDER

A parameter was chosen where both halves agreed on its direction; the table shows what another value would give.
"Log loss" is the mean of −ln(posterior of the right disease) over cases whose disease keeps an annotation.
The second table says how often the first candidate of these cases is right, by its posterior.
"""

from __future__ import annotations

import argparse
import hashlib
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl

from genopraxis.bench.datasets import bench_of, open_dataset
from genopraxis.bench.rank_tools import rank_tools
from genopraxis.knowledge.releases import EMBEDDED
from genopraxis.tasks.phenotype.tools.likelihood import LikelihoodParameters, LikelihoodTool

BASE = LikelihoodParameters()


def variants() -> Iterator[tuple[str, LikelihoodParameters]]:
    """Yield the parameter sets of the table."""
    yield "as shipped", BASE
    yield "excluded signs hidden", replace(BASE, use_excluded=False)
    yield "absences never count for a disease (mentioned 0)", replace(BASE, mentioned=0.0)
    yield "sex and age hidden", replace(BASE, use_sex_and_age=False)
    for name, values in {
        "mentioned": (0.8, 2.0),
        "turning": (0.4, 0.7),
        "absent": (0.3, 1.0),
        "generality": (0.0, 0.6),
        "noise": (0.005, 0.1),
        "breadth": (0.0, 0.15, 0.45),
        "orpha_only": (1.0, 1e-6),
        "tempering": (0.2, 0.4, 1.0),
    }.items():
        for value in values:
            yield f"{name} {value:g}", replace(BASE, **{name: value})  # type: ignore[arg-type]
    for name, values in {
        "prior_size": (3.0, 12.0),
        "prior_mean": (0.08, 0.3),
        "fraction_size": (2.0, 10.0),
        "unstated_size": (1.0, 6.0),
        "unstated_iea": (0.15, 0.5),
    }.items():
        for value in values:
            frequencies = replace(BASE.frequencies, **{name: value})
            yield f"frequencies.{name} {value:g}", replace(BASE, frequencies=frequencies)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--regime", default="publication-out", choices=("full", "publication-out"))
    parser.add_argument("--jobs", type=int, default=1)
    options = parser.parse_args()
    task, port = bench_of("phenotype")
    dataset = open_dataset(options.data / "phenopacket_store_dev.jsonl.gz", task=task)
    prepared = port.prepare(dataset, knowledge=EMBEDDED, counts=None)
    shipped = pl.DataFrame()
    print("| parameters | half A top-1 / top-10 | half B top-1 / top-10 | all top-1 / top-10 | log loss |")
    print("|---|---|---|---|---|")
    for name, parameters in variants():
        ranked = rank_tools(
            prepared,
            task=task,
            port=port,
            tools=[LikelihoodTool(parameters)],
            regimes=[options.regime],
            jobs=options.jobs,
        )
        found = ranked.ranks.filter(pl.col("level") == "disease")
        ranks = found["rank"].fill_null(float("inf")).to_numpy()
        half = np.array([_half(publication or "") for publication in found["publication"]])
        cells = [
            f"{100 * np.mean(ranks[chosen] <= 1):.1f} / {100 * np.mean(ranks[chosen] <= 10):.1f}"
            for chosen in (half == 0, half == 1, half >= 0)
        ]
        given = found["probability"].drop_nulls().to_numpy()
        loss = float(np.mean(-np.log(np.maximum(given, 1e-300))))
        print(f"| {name} | {' | '.join(cells)} | {loss:.2f} |", flush=True)
        if parameters is BASE:
            shipped = found
    calibration(shipped)


def calibration(found: pl.DataFrame) -> None:
    """Print how often the first candidate is right, by its posterior; cases without a ranked truth left out."""
    first = found.filter(pl.col("rank").is_not_null()).select(
        posterior=pl.col("top").list.first().struct.field("probability"), right=pl.col("rank") <= 1
    )
    print("\n| posterior of the first | cases | mean posterior | first is right |\n|---|---|---|---|")
    for low, high in pairwise((0.0, 0.01, 0.05, 0.2, 0.5, 0.8, 0.95, 1.0)):
        inside = first.filter((pl.col("posterior") > low) & (pl.col("posterior") <= high))
        if inside.height:
            mean, right = (
                100 * float(inside[name].cast(pl.Float64).sum()) / inside.height for name in inside.columns
            )
            print(f"| {100 * low:g}–{100 * high:g} % | {inside.height:,} | {mean:.1f} % | {right:.1f} % |")


def _half(publication: str) -> int:
    return int(hashlib.sha256(publication.encode()).hexdigest(), 16) % 2


if __name__ == "__main__":
    main()
