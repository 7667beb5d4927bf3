"""The held-out figures of phenotype.ranker with every absence hidden, since clinics record absences differently.

    python benchmarks/phenotype_ranker_hidden.py CASES TRAINED

TRAINED is the folder of `genopraxis tools train phenotype.ranker`.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from genopraxis.knowledge.releases import EMBEDDED
from genopraxis.tasks.phenotype.bench.cases import DISEASE
from genopraxis.tasks.phenotype.training.examples import Source, case_set
from genopraxis.tasks.phenotype.training.held_out import load_fold, rank_held_out


def main() -> None:
    """Rank every fold with the tool that has not seen it, and print the share found first and among the first ten."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cases", type=Path)
    parser.add_argument("trained", type=Path)
    parser.add_argument("--folds", type=int, default=5)
    given = parser.parse_args()
    found = case_set(str(given.cases), EMBEDDED)
    hidden = [
        replace(one, content=replace(one.content, query=replace(one.content.query, excluded=())))
        for one in found.cases
    ]
    ranked = []
    for fold in range(given.folds):
        source = Source(cases=str(given.cases), knowledge=EMBEDDED, folds=given.folds, held_out=fold)
        model = load_fold(given.trained, fold=fold)
        ranked.append(rank_held_out(model, source, found, cases=hidden))
    truths = {one.case.case_id: set(one.case.truths.get(DISEASE, ())) for one in found.cases}
    best = dict.fromkeys(truths, np.inf)
    rows = pl.concat(ranked).filter(pl.col("level") == DISEASE).select("case_id", "candidate_id", "rank")
    for case_id, candidate, rank in rows.iter_rows():
        if candidate in truths[case_id]:
            best[case_id] = min(rank, best[case_id])
    ranks = np.array([best[case_id] for case_id, diseases in truths.items() if diseases])
    print(f"n {len(ranks):,}: " + ", ".join(f"top-{k} {np.mean(ranks <= k):.1%}" for k in (1, 3, 5, 10)))


if __name__ == "__main__":
    main()
