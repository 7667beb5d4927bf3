"""Is the posterior of phenotype.ranker right when only a share of the patients has a diagnosis? On held-out folds.

    python benchmarks/phenotype_solve_rates.py CASES TRAINED [--jobs 2] [--rates 0.1 0.36 0.7]
        [--most CASES] [--out TSV]

TRAINED is the folder of `genopraxis tools train phenotype.ranker` on CASES. Each case is scored by the tool of its
fold, twice: *solved*, as it is; and *unsolved*, its disease and every disease that shares a gene with it withheld from
the knowledge. For each rate, a sample holds one version of every case, so many of them solved as the rate says. Who is
solved at one rate is solved at every higher one. With ``--most``, a publication gives no more than so many cases.

The tables, for each record of the cases (as published, without absences, and as a vague query): is a stated probability
the share that comes true, at the true rate and where a clinic states another one; and how often the answer is found by
what is known of a patient, beside the limits of *too little is known*.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import get_args

import polars as pl
from solve_rate_answers import Answer, answers_of_fold
from solve_rate_measures import measure, thinned
from solve_rate_report import print_tables

from genopraxis.contracts.errors import GenopraxisError, InputError
from genopraxis.formats.files import atomic_file, ensure_writable_folder
from genopraxis.tasks.phenotype.posterior import SOLVE_RATE
from genopraxis.tasks.phenotype.training.records import Record
from genopraxis.tasks.phenotype.training.trained_folder import read_trained

RATES = (0.1, SOLVE_RATE, 0.7)


def main() -> None:
    """Score every fold with the tool that has not seen it, and print the tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cases", type=Path)
    parser.add_argument("trained", type=Path)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--rates", type=float, nargs="+", default=RATES, help="shares that have a diagnosis")
    parser.add_argument("--most", type=int, help="at most so many cases of a publication; by default all")
    parser.add_argument("--out", type=Path, help="write all figures as a table")
    given = parser.parse_args()
    if any(not 0 < rate < 1 for rate in given.rates):
        parser.error("--rates are shares between 0 and 1")
    if given.most is not None and given.most < 1:
        parser.error(f"--most {given.most}: at least one case is wanted")
    rates = sorted({*given.rates, SOLVE_RATE})
    try:
        if given.out:
            ensure_writable_folder(given.out.parent)  # before the work, not after it
        trained = read_trained(given.trained, cases=given.cases)
        found: list[Answer] = []
        for fold in trained.folds:
            source, model = trained.source(fold), trained.model(fold)
            found += answers_of_fold(source, model, rates=rates, jobs=given.jobs)
        if not found:
            raise InputError("no case can be scored", where=str(given.cases))
        answers = pl.DataFrame(found)
        rows = {}
        for record in get_args(Record):
            table = answers.filter(pl.col("record") == record)
            if given.most is not None:
                table = thinned(table, given.most)
            rows[record] = list(measure(table, rates=rates))
        if given.out:
            with atomic_file(given.out) as temporary:
                flat = [{"record": record} | row.flat() for record, own in rows.items() for row in own]
                pl.DataFrame(flat, infer_schema_length=None).write_csv(temporary, separator="\t")
    except GenopraxisError as error:
        parser.error(str(error))
    for record, own in rows.items():
        print(f"\n# Record: {record}\n")
        print_tables(own)


if __name__ == "__main__":
    main()
