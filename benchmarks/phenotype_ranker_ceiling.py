"""How many held-out cases phenotype.ranker could find at all, and how many of these it finds.

Once a case's own publication is taken out, nothing may be left to find it with: neither a sign in the annotations of
its disease nor a patient of another publication in the library of its fold's tool. The last line is the ceiling.

    python benchmarks/phenotype_ranker_ceiling.py CASES TRAINED

TRAINED is the folder of `genopraxis tools train phenotype.ranker` on CASES.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from itertools import product

import numpy as np
from held_out_cases import (
    COLUMNS,
    HeldOutCase,
    best_ranks,
    held_out_cases,
    held_out_parser,
    held_out_predictions,
    stratum_lines,
)
from markdown_table import print_table
from numpy.typing import NDArray

from genopraxis.contracts.errors import GenopraxisError
from genopraxis.tasks.phenotype.training.case_set import case_set
from genopraxis.tasks.phenotype.training.trained_folder import read_trained


def main() -> None:
    """Print the table."""
    parser = held_out_parser(__doc__)
    given = parser.parse_args()
    try:
        print_ceiling(given)
    except GenopraxisError as error:
        parser.error(str(error))


def print_ceiling(given: argparse.Namespace) -> None:
    """Measure as the command line asks."""
    trained = read_trained(given.trained, cases=given.cases)
    cases = held_out_cases(case_set(str(given.cases), trained.run.knowledge), trained)
    ranks = best_ranks(held_out_predictions(given.trained), cases)
    columns = ["own publication", "annotations without it", "disease in the library", *COLUMNS]
    print_table(
        columns, ([*name.split("; "), *line] for name, *line in stratum_lines(strata(cases), cases, ranks))
    )


def strata(cases: Sequence[HeldOutCase]) -> Iterator[tuple[str, NDArray[np.bool_]]]:
    """Yield name and cases of each part: one word for each of the first three columns."""
    cited, left, library = (
        np.array([getattr(one, name) for one in cases], dtype=np.bool_)
        for name in ("cited", "signs_left", "in_library")
    )
    for is_cited, is_left, is_there in product((True, False), repeat=3):
        inside = (cited == is_cited) & (left == is_left) & (library == is_there)
        words = ("cited" if is_cited else "not cited", "signs" if is_left else "no sign")
        yield "; ".join((*words, "yes" if is_there else "no")), inside
    yield "all; ; ", np.ones(len(cases), dtype=np.bool_)
    findable = np.array([one.can_be_found for one in cases], dtype=np.bool_)
    yield "something is known of the disease: the ceiling; ; ", findable


if __name__ == "__main__":
    main()
