"""What 10, 100 and 1,000 added cases bring to phenotype.ranker, on held-out folds.

A clinic's cases are drawn from the publications of the held-out fold, whose patients neither the weights nor the
library of the fold's tool have seen. Every case is still ranked with its own publication taken out, so that what helps
it is other publications' patients.

    python benchmarks/phenotype_library_growth.py CASES TRAINED OUT.tsv [--draws 3]

TRAINED is the folder of `genopraxis tools train phenotype.ranker`.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np
import polars as pl
from held_out_cases import held_out_parser, ranks_by_case

from genopraxis.contracts.errors import GenopraxisError
from genopraxis.formats.files import atomic_file, ensure_writable_folder
from genopraxis.knowledge.case_library import CaseLibrary
from genopraxis.knowledge.publication_counts import Contribution, PublicationCounts
from genopraxis.stats.bootstrap import grouped_bootstrap
from genopraxis.tasks.phenotype.bench.cases import DISEASE
from genopraxis.tasks.phenotype.bench.prepare import patients
from genopraxis.tasks.phenotype.training.case_set import CaseSet, case_set, fold_of
from genopraxis.tasks.phenotype.training.held_out import rank_held_out
from genopraxis.tasks.phenotype.training.trained_folder import read_trained

ADDED = (0, 10, 100, 1000)


def drawn_library(found: CaseSet, chosen: list[int]) -> CaseLibrary:
    """Return the library of some cases."""
    contributions = []
    for _, patient in patients([found.cases[i] for i in chosen]):
        own = patient.in_knowledge
        contributions.append(
            Contribution(
                publication=own.publication,
                disease_ids=own.disease_ids,
                observed=own.observed,
                excluded=own.excluded,
            )
        )
    counts = PublicationCounts.of(contributions).table(found.knowledge.ontology)
    named = found.library(set(counts["publication"])).diseases
    return CaseLibrary(
        counts=counts,
        diseases=named.filter(pl.col("disease_id").is_in(counts["disease_id"].unique().to_list())),
    )


def main() -> None:
    """Rank every fold with each number of added cases."""
    parser = held_out_parser(__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--draws", type=int, default=3, help="draws of cases for each number")
    given = parser.parse_args()
    try:
        grow(given)
    except GenopraxisError as error:
        parser.error(str(error))


def grow(given: argparse.Namespace) -> None:
    """Measure as the command line asks."""
    ensure_writable_folder(given.out.parent)
    trained = read_trained(given.trained, cases=given.cases)
    found = case_set(str(given.cases), trained.run.knowledge)
    groups = found.groups
    truths = {one.case.case_id: set(one.case.truths.get(DISEASE, ())) for one in found.cases}
    hits: dict[int, dict[str, list[tuple[float, float]]]] = {n: defaultdict(list) for n in ADDED}
    for fold in trained.folds:
        model, source = trained.model(fold), trained.source(fold)
        own = [
            i
            for i, one in enumerate(found.cases)
            if fold_of(groups[i], trained.run.folds) == fold and one.case.group is not None
        ]
        for n in ADDED:
            for draw in range(given.draws if n else 1):
                random = np.random.default_rng([fold, n, draw])
                chosen = sorted(random.choice(own, size=min(n, len(own)), replace=False).tolist())
                added = drawn_library(found, chosen) if chosen else None
                ranks = ranks_by_case(rank_held_out(model, source, found, added=added), truths)
                for i in own:
                    case_id = found.cases[i].case.case_id
                    rank = ranks[case_id]
                    hits[n][case_id].append((float(rank <= 1), float(rank <= 10)))
            print(f"fold {fold}, {n} added: done", flush=True)
    by_case = {found.cases[i].case.case_id: groups[i] for i in range(len(groups))}
    rows = []
    for n in ADDED:
        ids = sorted(hits[n])
        mean = np.array([np.mean(hits[n][case_id], axis=0) for case_id in ids])
        base = np.array([hits[0][case_id][0] for case_id in ids])
        group = [by_case[case_id] for case_id in ids]
        for name, column in (("top1", 0), ("top10", 1)):
            (value,) = grouped_bootstrap(mean[:, column], group)
            (gain,) = grouped_bootstrap(mean[:, column] - base[:, column], group, bounds=None)
            rows.append((n, name, len(ids), value.value, gain.value, gain.low, gain.high))
    table = pl.DataFrame(rows, schema=["added", "metric", "n", "value", "gain", "low", "high"], orient="row")
    with atomic_file(given.out) as temporary:
        table.write_csv(temporary, separator="\t")
    print(table)


if __name__ == "__main__":
    main()
