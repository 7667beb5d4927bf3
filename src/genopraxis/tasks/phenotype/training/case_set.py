"""The cases that the ranker is trained on: prepared for a release, and in folds by publication."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import polars as pl

from genopraxis.contracts.ranking_bench import PreparedCase
from genopraxis.knowledge.case_library import LIBRARY_DISEASES, CaseLibrary
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.publication_counts import PublicationCounts
from genopraxis.knowledge.releases import load_release
from genopraxis.tasks.phenotype.bench.cases import DISEASE, GENE, read_cases
from genopraxis.tasks.phenotype.bench.prepare import prepare_cases


@dataclass(frozen=True, kw_only=True)
class Source:
    """What examples are made from.

    Parameters
    ----------
    cases
        Case-per-line file of solved cases.
    knowledge
        Name of a release.
    folds, held_out
        How many folds, and which one is held out: nothing of its publications is in the case library. ``None``
        holds nothing out.
    """

    cases: str
    knowledge: str
    folds: int = 5
    held_out: int | None = None


@dataclass(frozen=True, kw_only=True)
class CaseSet:
    """The cases of a file, prepared for a release, and what each publication contributed."""

    cases: tuple[PreparedCase, ...]
    counts: PublicationCounts
    knowledge: HpoKnowledge

    @property
    def groups(self) -> list[str]:
        """The publication of each case; a case without one is a group of its own."""
        return [group_of(one) for one in self.cases]

    def library(self, publications: Iterable[str] | None = None) -> CaseLibrary:
        """Return the case library of all or some publications."""
        genes: dict[str, set[str]] = defaultdict(set)
        for one in self.cases:
            for disease in one.case.truths.get(DISEASE, ()):
                genes[disease].update(one.case.truths.get(GENE, ()))
        names = dict(zip(self.knowledge.diseases.ids, self.knowledge.diseases.names, strict=True))
        ids = sorted(genes)
        diseases = pl.DataFrame(
            {
                "disease_id": ids,
                "disease_name": [names.get(disease) for disease in ids],
                "genes": [sorted(genes[disease]) for disease in ids],
            },
            schema=LIBRARY_DISEASES.schema,
        )
        whole = CaseLibrary(counts=self.counts.table(self.knowledge.ontology), diseases=diseases)
        return whole if publications is None else whole.only(set(publications))


def case_set(cases: str, knowledge: str) -> CaseSet:
    """Read and prepare a case file; the last one is kept as long as the file stays the same."""
    return _case_set(cases, knowledge, stamp(cases))


def stamp(path: str) -> tuple[int, int]:
    """Return what tells one state of a file from another."""
    try:
        found = Path(path).stat()
    except OSError:
        return 0, 0  # reading it says what is wrong
    return found.st_mtime_ns, found.st_size


@lru_cache(maxsize=1)
def _case_set(cases: str, knowledge: str, _: tuple[int, int]) -> CaseSet:
    loaded = load_release(knowledge).knowledge
    prepared, counts = prepare_cases(read_cases([cases], name="training"), loaded, counts=None)
    return CaseSet(cases=prepared, counts=counts, knowledge=loaded)


def group_of(one: PreparedCase) -> str:
    """Return the publication of a case; a case without one is a group of its own."""
    return one.case.group or f"case {one.case.case_id}"


def fold_of(group: str, folds: int) -> int:
    """Return the fold of a publication: a stable function of its name."""
    return int.from_bytes(hashlib.sha256(group.encode()).digest()[:8]) % folds


def library_of(source: Source) -> CaseLibrary:
    """Return the case library of everything that is not held out."""
    found = case_set(source.cases, source.knowledge)
    if source.held_out is None:
        return found.library()
    kept = {g for g in set(found.groups) if fold_of(g, source.folds) != source.held_out}
    return found.library(kept)
