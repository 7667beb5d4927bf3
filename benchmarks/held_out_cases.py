"""Held-out cases of phenotype.ranker by what is left to find them with, once their own publication is taken out."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from markdown_table import percent
from numpy.typing import NDArray

from genopraxis.contracts.ranking import RANKING
from genopraxis.formats.table_file import read_table
from genopraxis.knowledge.annotations import Rows
from genopraxis.stats.bootstrap import grouped_bootstrap
from genopraxis.tasks.phenotype.bench.cases import DISEASE
from genopraxis.tasks.phenotype.bench.prepare import patients
from genopraxis.tasks.phenotype.bench.regimes import PUBLICATION_OUT, replaced_rows
from genopraxis.tasks.phenotype.frequencies import present_rows, sign_rows
from genopraxis.tasks.phenotype.training.case_set import CaseSet, Source, fold_of, library_of
from genopraxis.tasks.phenotype.training.trained_folder import PREDICTIONS, TrainedFolder

KS = (1, 3, 10, 100)
COLUMNS = ("n", "share of all", "publications", *(f"top-{k}" for k in KS))


@dataclass(frozen=True, kw_only=True)
class HeldOutCase:
    """A case, and what the tool of its fold knows of its disease.

    Parameters
    ----------
    publication
        Its publication; a case without one is a group of its own.
    diseases
        Each of them is the right answer.
    annotated
        Whether the disease has annotations.
    cited
        Whether these cite the case's own publication, so that something may be taken out of them.
    signs_left
        Whether they name a sign all the same.
    in_library
        Whether the library, where nothing of the case's publication is, has a patient with the disease.
    """

    case_id: str
    publication: str
    diseases: frozenset[str]
    annotated: bool
    cited: bool
    signs_left: bool
    in_library: bool

    @property
    def can_be_found(self) -> bool:
        """Whether anything is known of the disease."""
        return self.signs_left or self.in_library


def held_out_parser(description: str | None) -> argparse.ArgumentParser:
    """Return the command line that the scripts on held-out cases share."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("cases", type=Path, help="the file that the ranker was trained on")
    parser.add_argument("trained", type=Path, help="folder of `genopraxis tools train phenotype.ranker`")
    return parser


def held_out_cases(found: CaseSet, trained: TrainedFolder) -> list[HeldOutCase]:
    """Return every case that has a diagnosis, with what is left of its disease."""
    knowledge = found.knowledge
    diseases, annotations = knowledge.diseases, knowledge.annotations
    described = [_described(trained.source(fold)) for fold in trained.folds]

    def signs(rows: Rows) -> int:
        return len(present_rows(sign_rows(rows, knowledge.ontology)))

    made = []
    for (one, patient), group in zip(patients(found.cases), found.groups, strict=True):
        truths = frozenset(one.case.truths.get(DISEASE, ()))
        if not truths:
            continue
        known = {diseases.number[disease] for disease in truths if disease in diseases.number}
        # linked entries are ranked as one: what is known of one of them finds the case
        linked = {entry for disease in known for entry in diseases.members[diseases.group[disease]]}
        left = replaced_rows(PUBLICATION_OUT, patient.in_knowledge, knowledge, patient.counts)
        names = truths.union(diseases.ids[disease] for disease in linked)
        made.append(
            HeldOutCase(
                case_id=one.case.case_id,
                publication=group,
                diseases=truths,
                annotated=any(len(annotations.of(disease)) for disease in linked),
                cited=not linked.isdisjoint(left),
                signs_left=any(signs(left.get(d, annotations.of(d))) for d in linked),
                in_library=not names.isdisjoint(described[fold_of(group, len(described))]),
            )
        )
    return made


def _described(source: Source) -> frozenset[str]:
    """Return the diseases of whose patients the library of a fold holds a sign."""
    return frozenset(library_of(source).counts.filter(pl.col("observed") > 0)["disease_id"])


def held_out_predictions(trained: Path) -> pl.DataFrame:
    """Return the held-out predictions of a training run.

    Raises
    ------
    InputError
        When the file is missing or damaged.
    ContractError
        When it is another table.
    """
    return read_table(RANKING, trained / PREDICTIONS, schema_optional=True)


def best_ranks(predictions: pl.DataFrame, cases: Iterable[HeldOutCase]) -> NDArray[np.float64]:
    """Return the best rank of a right disease of each case; infinite where none is ranked."""
    return np.array(list(ranks_by_case(predictions, {one.case_id: one.diseases for one in cases}).values()))


def ranks_by_case(predictions: pl.DataFrame, right: Mapping[str, Collection[str]]) -> dict[str, float]:
    """Return the best rank of a right disease by case, in the order of ``right``; infinite where none is ranked."""
    best = dict.fromkeys(right, np.inf)
    rows = predictions.filter(pl.col("level") == DISEASE).select("case_id", "candidate_id", "rank")
    for case_id, candidate, rank in rows.iter_rows():
        if candidate in right.get(case_id, ()):
            best[case_id] = min(rank, best[case_id])
    return best


def stratum_lines(
    strata: Iterable[tuple[str, NDArray[np.bool_]]], cases: Sequence[HeldOutCase], ranks: NDArray[np.float64]
) -> Iterator[list[str]]:
    """Yield a line of :data:`COLUMNS` for each part of the cases, intervals by publication; none for an empty one."""
    publications = np.array([one.publication for one in cases])
    for name, inside in strata:
        if inside.any():
            own = publications[inside]
            hits = np.column_stack([ranks[inside] <= k for k in KS]).astype(float)
            size = [f"{inside.sum():,}", f"{100 * inside.mean():.1f} %", f"{len(set(own)):,}"]
            yield [name, *size, *map(percent, grouped_bootstrap(hits, own))]
