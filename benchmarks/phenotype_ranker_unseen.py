"""Held-out figures of phenotype.ranker for diseases that its case library has not seen.

A case counts when its disease is annotated, the annotations never cited its publication, and no publication of the
disease is in the library of the fold's tool.

    python benchmarks/phenotype_ranker_unseen.py CASES TRAINED

TRAINED is the folder of `genopraxis tools train phenotype.ranker` on CASES.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict

import numpy as np
from held_out_cases import best_ranks, held_out_cases, held_out_parser, held_out_predictions

from genopraxis.contracts.errors import GenopraxisError, InputError
from genopraxis.knowledge.releases import EMBEDDED
from genopraxis.tasks.phenotype.training.examples import case_set
from genopraxis.tasks.phenotype.training.held_out import check_folds


def main() -> None:
    """Print the share found first and among the first ten: all, without the largest publication, by publication."""
    parser = held_out_parser(__doc__)
    given = parser.parse_args()
    try:
        print_unseen(given)
    except GenopraxisError as error:
        parser.error(str(error))


def print_unseen(given: argparse.Namespace) -> None:
    """Measure as the command line asks."""
    check_folds(given.trained, given.folds)
    cases = [
        one
        for one in held_out_cases(case_set(str(given.cases), EMBEDDED), cases=given.cases, folds=given.folds)
        if one.annotated and not one.cited and not one.in_library
    ]
    if not cases:
        raise InputError("no case is of a disease that the library has not seen", where=str(given.cases))
    by_publication: dict[str, list[float]] = defaultdict(list)
    ranked = best_ranks(held_out_predictions(given.trained), cases).tolist()
    for one, rank in zip(cases, ranked, strict=True):
        by_publication[one.publication].append(rank)
    largest, size = Counter({name: len(ranks) for name, ranks in by_publication.items()}).most_common(1)[0]
    others = [rank for name, ranks in by_publication.items() if name != largest for rank in ranks]
    for label, ranks in ((f"all, {len(by_publication)} publications", ranked),
                         (f"without {largest} ({size} cases)", others)):  # fmt: skip
        print(f"{label}: n {len(ranks)}, " + ", ".join(f"top-{k} {share(ranks, k):.1%}" for k in (1, 10)))
    means = {k: np.mean([share(ranks, k) for ranks in by_publication.values()]) for k in (1, 10)}
    print("every publication weighing the same: " + ", ".join(f"top-{k} {m:.1%}" for k, m in means.items()))


def share(ranks: list[float], k: int) -> float:
    """Return the share of ranks up to ``k``; nan of none."""
    return float(np.mean(np.array(ranks) <= k)) if ranks else float("nan")


if __name__ == "__main__":
    main()
