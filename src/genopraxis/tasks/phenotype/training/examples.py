"""Examples for the ranker: candidates and features of solved cases, their own publication taken out."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from genopraxis.compute.pool import map_ordered
from genopraxis.contracts.ranking_bench import PreparedCase
from genopraxis.knowledge.case_library import LIBRARY_DISEASES, CaseLibrary, with_library
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.publication_counts import PublicationCounts
from genopraxis.knowledge.releases import load_release
from genopraxis.tasks.phenotype.bench.cases import DISEASE, GENE, read_cases
from genopraxis.tasks.phenotype.bench.prepare import patients, prepare_cases
from genopraxis.tasks.phenotype.bench.regimes import PUBLICATION_OUT, knowledge_in
from genopraxis.tasks.phenotype.features import Candidates, FeatureMaker
from genopraxis.tasks.phenotype.query import Exclusions, Query
from genopraxis.tasks.phenotype.training.decoys import decoyed, spared_in

_PUBLICATIONS_AT_ONCE = 12
# a training case is learned from twice: as published, and as another clinic might have recorded it
_FEW_ABSENCES = 3
_SIGNS_KEPT = 3  # at least, where there are as many


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
class Example:
    """One case with its candidates.

    Parameters
    ----------
    case
        Position of the case in the file's prepared order.
    right
        Which candidates are the diagnosis, shape (candidates,).
    exclusions
        ``"ignore"``: without the absences of the case.
    unsolved
        The candidates if neither the diagnosis nor any disease that shares a gene with it were known; of held-out
        cases only.
    """

    case: int
    candidates: Candidates
    right: NDArray[np.bool_]
    exclusions: Exclusions = "selected"
    unsolved: Candidates | None = None


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
    return _case_set(cases, knowledge, _stamp(cases))


def _stamp(path: str) -> tuple[int, int]:
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


def training_examples(source: Source, *, jobs: int) -> Iterator[Example]:
    """Yield an example of each case outside the held-out fold whose diagnosis is a candidate, on decoy knowledge."""
    return _examples(source, training=True, jobs=jobs)


def held_out_examples(source: Source, *, jobs: int) -> Iterator[Example]:
    """Yield examples of each case of the held-out fold, on the knowledge that a user has.

    A case with absences comes twice: with them, and without.
    """
    return _examples(source, training=False, jobs=jobs)


def library_of(source: Source) -> CaseLibrary:
    """Return the case library of everything that is not held out."""
    found = case_set(source.cases, source.knowledge)
    if source.held_out is None:
        return found.library()
    kept = {g for g in set(found.groups) if fold_of(g, source.folds) != source.held_out}
    return found.library(kept)


def _examples(source: Source, *, training: bool, jobs: int) -> Iterator[Example]:
    found = case_set(source.cases, source.knowledge)
    by_group: dict[str, list[int]] = defaultdict(list)
    for i, group in enumerate(found.groups):
        outside = source.held_out is None or fold_of(group, source.folds) != source.held_out
        if outside == training:
            by_group[group].append(i)
    groups = list(by_group.values())
    chunks = [
        [i for group in groups[at : at + _PUBLICATIONS_AT_ONCE] for i in group]
        for at in range(0, len(groups), _PUBLICATIONS_AT_ONCE)
    ]
    for made in map_ordered(partial(_make, source, training=training), chunks, jobs=jobs):
        yield from made


class _Makers:
    """Feature makers of a source: one on the knowledge as it is, one on each decoy variant."""

    def __init__(self, source: Source) -> None:
        self.set = case_set(source.cases, source.knowledge)
        self.knowledge = with_library(self.set.knowledge, library_of(source))
        self._made: dict[int | None, FeatureMaker] = {}

    @cached_property
    def groups_of_gene(self) -> dict[str, list[int]]:
        """The groups of diseases that each gene stands behind."""
        found: dict[str, list[int]] = defaultdict(list)
        diseases = self.knowledge.diseases
        for group in range(len(diseases.members)):
            for gene in diseases.genes_of_group(group):
                found[gene].append(group)
        return found

    def maker(self, variant: int | None) -> FeatureMaker:
        found = self._made.get(variant)
        if found is None:
            knowledge = (
                self.knowledge
                if variant is None
                else decoyed(self.knowledge, self.set.counts, variant=variant)
            )
            found = self._made[variant] = FeatureMaker(knowledge)
        return found


@lru_cache(maxsize=1)
def _makers(source: Source, _: tuple[int, int]) -> _Makers:
    return _Makers(source)


def _make(source: Source, cases: Sequence[int], *, training: bool) -> list[Example]:
    makers = _makers(source, _stamp(source.cases))
    diseases, groups_of = makers.knowledge.diseases, makers.groups_of_gene
    examples = []
    patched: dict[tuple[str | None, int | None], FeatureMaker] = {}
    for i in cases:
        ((one, patient),) = patients([makers.set.cases[i]])
        truths = [d for d in one.case.truths.get(DISEASE, ()) if d in diseases.number]
        if not patient.query.observed or (training and not truths):
            continue
        variant = spared_in(truths[0]) if training else None
        key = (one.case.group, variant)
        if key not in patched:
            published = makers.maker(variant)
            known = knowledge_in(PUBLICATION_OUT, patient.in_knowledge, published.knowledge, patient.counts)
            patched = {key: published if known is published.knowledge else published.on(known)}
        right = {int(diseases.group[diseases.number[d]]) for d in truths}
        if training:
            records = (patient.query, as_elsewhere(patient.query, case_id=one.case.case_id))
            made = [_example(i, patched[key], record, right=right) for record in dict.fromkeys(records)]
            examples += [example for example in made if example.right.any()]
            continue
        genes = set(one.case.truths.get(GENE, ())) | {g for d in right for g in diseases.genes_of_group(d)}
        related = right.union(*(groups_of[gene] for gene in genes if gene in groups_of))
        withheld = np.array(sorted(related), dtype=np.intp)
        for exclusions, reading in _readings(patient.query):
            example = _example(i, patched[key], reading, right=right)
            unsolved = patched[key].make(reading, withheld=withheld)
            examples.append(replace(example, exclusions=exclusions, unsolved=_light(unsolved)))
    return examples


def _example(case: int, maker: FeatureMaker, query: Query, *, right: set[int]) -> Example:
    candidates = _light(maker.make(query))
    return Example(
        case=case,
        candidates=candidates,
        right=np.isin(candidates.groups, list(right)),
    )


def _readings(query: Query) -> list[tuple[Exclusions, Query]]:
    """Return a query as it was published, and without absences where there are any.

    Published absences were selected. To call them a checklist would teach that the absence of a sign speaks for a
    disease that shows it.
    """
    both: list[tuple[Exclusions, Query]] = [("selected", query)]
    return [*both, ("ignore", replace(query, excluded=()))] if query.excluded else both


def _light(candidates: Candidates) -> Candidates:
    return replace(candidates, fit=np.empty(0))  # of every group: too much to keep


def as_elsewhere(query: Query, *, case_id: str) -> Query:
    """Return a query as another clinic might have recorded it: the same for a case each time.

    Fewer signs; and in half of the cases no absences, in the others a few that somebody thought of.
    """
    random = np.random.default_rng(list(hashlib.sha256(f"elsewhere\0{case_id}".encode()).digest()))
    n, absences = len(query.observed), query.excluded
    signs = random.permutation(n)[: int(random.integers(min(_SIGNS_KEPT, n), n + 1))]
    few = random.permutation(len(absences))[: int(random.integers(1, _FEW_ABSENCES + 1))]
    none = random.random() < 0.5
    return replace(
        query,
        observed=tuple(query.observed[i] for i in np.sort(signs)),
        excluded=() if none else tuple(absences[i] for i in np.sort(few)),
    )
