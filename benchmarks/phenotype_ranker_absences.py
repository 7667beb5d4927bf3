"""The held-out figures of phenotype.ranker by how absences are read, since clinics record them differently.

As of a checklist (the reading of `genopraxis diagnose`), and hidden. As selected is the reading of the bench.

    python benchmarks/phenotype_ranker_absences.py CASES TRAINED

TRAINED is the folder of `genopraxis tools train phenotype.ranker` on CASES.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import polars as pl
from held_out_cases import (
    COLUMNS,
    HeldOutCase,
    best_ranks,
    held_out_cases,
    held_out_parser,
    stratum_lines,
)
from markdown_table import print_table
from numpy.typing import NDArray

from genopraxis.contracts.errors import GenopraxisError
from genopraxis.tasks.phenotype.query import Query
from genopraxis.tasks.phenotype.training.case_set import case_set
from genopraxis.tasks.phenotype.training.held_out import rank_held_out
from genopraxis.tasks.phenotype.training.trained_folder import read_trained

READINGS: dict[str, Callable[[Query], Query]] = {
    "absences as of a checklist": lambda query: replace(query, exclusions="systematic"),
    "absences hidden": lambda query: replace(query, excluded=()),
}


def main() -> None:
    """Rank every fold with the tool that has not seen it, and print the figures by what is known of the disease."""
    parser = held_out_parser(__doc__)
    given = parser.parse_args()
    try:
        print_readings(given)
    except GenopraxisError as error:
        parser.error(str(error))


def print_readings(given: argparse.Namespace) -> None:
    """Measure as the command line asks."""
    trained = read_trained(given.trained, cases=given.cases)
    found = case_set(str(given.cases), trained.run.knowledge)
    cases = held_out_cases(found, trained)
    for title, changed in READINGS.items():
        shown = [
            replace(one, content=replace(one.content, query=changed(one.content.query)))
            for one in found.cases
        ]
        ranked = [
            rank_held_out(trained.model(fold), trained.source(fold), found, cases=shown)
            for fold in trained.folds
        ]
        ranks = best_ranks(pl.concat(ranked), cases)
        print_table([title, *COLUMNS], stratum_lines(strata(cases), cases, ranks))


def strata(cases: Sequence[HeldOutCase]) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Yield name and cases of all, then of each part by the best that is known of the disease."""
    names = (
        "disease in the library",
        "not there; annotations never cited the publication",
        "not there; signs are left without the publication",
        "nothing is left",
    )
    part = np.array([_part(one) for one in cases])
    yield "all", np.ones(len(cases), dtype=np.bool_)
    for i, name in enumerate(names):
        yield name, part == i


def _part(one: HeldOutCase) -> int:
    if one.in_library:
        return 0
    if not one.signs_left:
        return 3
    return 2 if one.cited else 1


if __name__ == "__main__":
    main()
