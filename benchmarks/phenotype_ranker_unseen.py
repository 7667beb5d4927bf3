"""Held-out figures of phenotype.ranker for diseases that its case library has not seen, beside the likelihood.

All cases count whose disease is annotated and whose own publication the annotations never cited. Two readings of
*not seen*: those whose disease is in no publication of the fold's library; and all of them, ranked with the counts of
their disease taken out of that library, while its rivals keep theirs. Both also without the gate that holds diseases
of the library back, and what the gate costs and brings among all cases.

    python benchmarks/phenotype_ranker_unseen.py CASES TRAINED

TRAINED is the folder of `genopraxis tools train phenotype.ranker` on CASES.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

import numpy as np
import polars as pl
from held_out_cases import HeldOutCase, best_ranks, held_out_cases, held_out_parser, held_out_predictions
from markdown_table import points, print_table

from genopraxis.contracts.errors import GenopraxisError, InputError
from genopraxis.knowledge.case_library import with_library
from genopraxis.stats.bootstrap import paired_difference
from genopraxis.tasks.phenotype.bench.answers import Answers
from genopraxis.tasks.phenotype.bench.cases import DISEASE
from genopraxis.tasks.phenotype.bench.prepare import patients
from genopraxis.tasks.phenotype.ranker_model import Model
from genopraxis.tasks.phenotype.ranking import GeneIndex
from genopraxis.tasks.phenotype.tools.likelihood import LikelihoodTool
from genopraxis.tasks.phenotype.tools.ranker import RankerTool
from genopraxis.tasks.phenotype.training.case_set import CaseSet, case_set, fold_of, group_of, library_of
from genopraxis.tasks.phenotype.training.held_out import rank_held_out
from genopraxis.tasks.phenotype.training.trained_folder import TrainedFolder, read_trained

_TOP = 100
COMPARED = ("cases", "A − B, in points", "n", "top-1", "top-10")
COLUMNS = ("cases", "tool", "n", "publications", "top-1", "top-10")


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
    trained = read_trained(given.trained, cases=given.cases)
    found = case_set(str(given.cases), trained.run.knowledge)
    everything = held_out_cases(found, trained)
    never = [one for one in everything if one.annotated and not one.cited]
    if not never:
        raise InputError("no case is annotated and never cited", where=str(given.cases))
    unseen = [one for one in never if not one.in_library]
    ranker, open_gate, likelihood = (
        RankerTool.card.id,
        f"{RankerTool.card.id} without gate",
        LikelihoodTool.card.id,
    )
    predictions = held_out_predictions(given.trained)
    without_gate = pl.concat(
        [rank_held_out(ungated(trained.model(fold)), trained.source(fold), found) for fold in trained.folds]
    )
    names = {one.case_id for one in never}
    plain = ranked_by_likelihood(found, names)
    rows: list[Sequence[str]] = []
    compared: list[Sequence[str]] = []
    for title, cases, tables in (
        (
            "disease not in the library",
            unseen,
            {ranker: predictions, open_gate: without_gate, likelihood: plain},
        ),
        (
            "disease taken out of the library",
            never,
            {
                ranker: ranked_as_unseen(found, trained, names, gate=True),
                open_gate: ranked_as_unseen(found, trained, names, gate=False),
                likelihood: plain,
            },
        ),
        ("the same, disease as it is in the library", never, {ranker: predictions, open_gate: without_gate}),
        ("all cases", everything, {ranker: predictions, open_gate: without_gate}),
    ):
        if cases:
            rows += lines(title, cases, tables)
            compared += differences(title, cases, tables)
    print_table(COLUMNS, rows)
    print_table(COMPARED, compared)


def ungated(model: Model) -> Model:
    """Return a model that holds nothing back."""
    return Model(model.text, model.posterior)


def ranked_by_likelihood(found: CaseSet, wanted: Collection[str]) -> pl.DataFrame:
    """Rank cases whose publication nobody cites by the likelihood, which knows no library."""
    likelihood = LikelihoodTool().prepare(found.knowledge)
    genes, answers = GeneIndex(found.knowledge.diseases), Answers(found.knowledge.diseases, top=_TOP)
    for one, patient in patients(found.cases):
        if one.case.case_id in wanted:
            scores = likelihood.rank(patient.query)
            answers.add(one.case, scores, genes.score(scores))
    return answers.predictions()


def ranked_as_unseen(
    found: CaseSet, trained: TrainedFolder, wanted: Collection[str], *, gate: bool
) -> pl.DataFrame:
    """Rank cases whose publication nobody cites with their disease out of the library."""
    tables = []
    for fold in trained.folds:
        source, model = trained.source(fold), trained.model(fold)
        knowledge = with_library(found.knowledge, library_of(source))
        ranker = RankerTool(model if gate else ungated(model)).prepare(knowledge)
        library, number = knowledge.library, knowledge.diseases.number
        genes, answers = GeneIndex(knowledge.diseases), Answers(knowledge.diseases, top=_TOP)
        for one, patient in patients(found.cases):
            if fold_of(group_of(one), source.folds) != fold or one.case.case_id not in wanted:
                continue
            own = {number[d] for d in one.case.truths.get(DISEASE, ()) if d in number}
            groups = {int(knowledge.diseases.group[d]) for d in own}
            own.update(d for g in groups for d in knowledge.diseases.members[g])
            nothing = {d: library.of(d)[:0] for d in own if len(library.of(d))} if library else {}
            left = ranker.on(knowledge.with_replaced({}, library=nothing)) if nothing else ranker
            scores = left.rank(patient.query)
            answers.add(one.case, scores, genes.score(scores))
        tables.append(answers.predictions())
    return pl.concat(tables)


def lines(title: str, cases: Sequence[HeldOutCase], tables: Mapping[str, pl.DataFrame]) -> list[list[str]]:
    """Return table rows: all cases, without the largest publication, and every publication weighing the same."""
    largest, size = Counter(one.publication for one in cases).most_common(1)[0]
    rows = []
    for tool, table in tables.items():
        by_publication: dict[str, list[float]] = defaultdict(list)
        for one, rank in zip(cases, best_ranks(table, cases).tolist(), strict=True):
            by_publication[one.publication].append(rank)
        kept = {name: ranks for name, ranks in by_publication.items() if name != largest}
        for what, chosen in ((title, by_publication), (f"… without {largest} ({size})", kept)):
            ranks = [rank for own in chosen.values() for rank in own]
            rows.append(
                [what, tool, f"{len(ranks):,}", str(len(chosen)), *(share([ranks], k) for k in (1, 10))]
            )
        n = [f"{len(cases):,}", str(len(by_publication))]
        rows.append(
            [
                "… every publication the same",
                tool,
                *n,
                *(share([*by_publication.values()], k) for k in (1, 10)),
            ]
        )
    return rows


def differences(
    title: str, cases: Sequence[HeldOutCase], tables: Mapping[str, pl.DataFrame]
) -> list[list[str]]:
    """Return table rows: the first tool less each of the others, case by case, intervals by publication."""
    publications = np.array([one.publication for one in cases])
    largest = Counter(publications.tolist()).most_common(1)[0][0]
    (first, ranks), *others = ((tool, best_ranks(table, cases)) for tool, table in tables.items())
    rows = []
    for other, its_ranks in others:
        for what, kept in (
            (title, np.ones(len(cases), dtype=np.bool_)),
            (f"… without {largest}", publications != largest),
        ):
            pairs = [
                paired_difference(ranks[kept] <= k, its_ranks[kept] <= k, publications[kept]) for k in (1, 10)
            ]
            rows.append([what, f"{first} − {other}", f"{kept.sum():,}", *map(points, pairs)])
    return rows


def share(parts: Sequence[Sequence[float]], k: int) -> str:
    """Return the mean over parts of the share of ranks up to ``k``, in percent; a dash of none."""
    shares = [np.mean(np.array(ranks) <= k) for ranks in parts if ranks]
    return f"{100 * np.mean(shares):.1f}" if shares else "–"


if __name__ == "__main__":
    main()
