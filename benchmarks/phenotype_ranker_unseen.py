"""Held-out figures of phenotype.ranker for diseases that its case library has not seen.

A case counts when its disease is annotated, the annotations never cited its publication, and no publication of the
disease is in the library of the fold's tool.

    python benchmarks/phenotype_ranker_unseen.py CASES TRAINED

TRAINED is the folder of `genopraxis tools train phenotype.ranker`.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import polars as pl

from genopraxis.knowledge.releases import EMBEDDED
from genopraxis.tasks.phenotype.bench.cases import DISEASE
from genopraxis.tasks.phenotype.bench.prepare import patients
from genopraxis.tasks.phenotype.bench.regimes import PUBLICATION_OUT, replaced_rows
from genopraxis.tasks.phenotype.training.examples import case_set, fold_of
from genopraxis.tasks.phenotype.training.run import PREDICTIONS


def main() -> None:
    """Print the share found first and among the first ten: all, without the largest publication, by publication."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cases", type=Path)
    parser.add_argument("trained", type=Path)
    parser.add_argument("--folds", type=int, default=5)
    given = parser.parse_args()
    found = case_set(str(given.cases), EMBEDDED)
    folds_of: dict[str, set[int]] = defaultdict(set)
    for one, group in zip(found.cases, found.groups, strict=True):
        for disease in one.case.truths.get(DISEASE, ()):
            folds_of[disease].add(fold_of(group, given.folds))
    truths: dict[str, set[str]] = {}
    publication: dict[str, str] = {}
    for (one, patient), group in zip(patients(found.cases), found.groups, strict=True):
        diseases = one.case.truths.get(DISEASE, ())
        seen = any(folds_of[disease] != {fold_of(group, given.folds)} for disease in diseases)
        numbers = {found.knowledge.diseases.number.get(disease) for disease in diseases} - {None}
        touched = replaced_rows(PUBLICATION_OUT, patient.in_knowledge, found.knowledge, patient.counts)
        if numbers and not seen and not numbers & set(touched):
            truths[one.case.case_id], publication[one.case.case_id] = set(diseases), group
    best = dict.fromkeys(truths, np.inf)
    predictions = pl.read_parquet(given.trained / PREDICTIONS).filter(pl.col("level") == DISEASE)
    for case_id, candidate, rank in predictions.select("case_id", "candidate_id", "rank").iter_rows():
        if candidate in truths.get(case_id, ()):
            best[case_id] = min(rank, best[case_id])
    by_publication: dict[str, list[float]] = defaultdict(list)
    for case_id, rank in best.items():
        by_publication[publication[case_id]].append(rank)
    largest, size = Counter({name: len(ranks) for name, ranks in by_publication.items()}).most_common(1)[0]
    others = [rank for name, ranks in by_publication.items() if name != largest for rank in ranks]
    for label, ranks in ((f"all, {len(by_publication)} publications", list(best.values())),
                         (f"without {largest} ({size} cases)", others)):  # fmt: skip
        print(f"{label}: n {len(ranks)}, " + ", ".join(f"top-{k} {share(ranks, k):.1%}" for k in (1, 10)))
    means = {k: np.mean([share(ranks, k) for ranks in by_publication.values()]) for k in (1, 10)}
    print("every publication weighing the same: " + ", ".join(f"top-{k} {m:.1%}" for k, m in means.items()))


def share(ranks: list[float], k: int) -> float:
    """Return the share of ranks up to ``k``."""
    return float(np.mean(np.array(ranks) <= k))


if __name__ == "__main__":
    main()
