"""Examples for the ranker: candidates and features of solved cases, their own publication taken out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial

import numpy as np
from numpy.typing import NDArray

from genopraxis.compute.pool import map_ordered
from genopraxis.knowledge.case_library import with_library
from genopraxis.knowledge.ontology import Ontology
from genopraxis.tasks.phenotype.bench.cases import DISEASE, GENE
from genopraxis.tasks.phenotype.bench.prepare import patients
from genopraxis.tasks.phenotype.bench.regimes import PUBLICATION_OUT, knowledge_in
from genopraxis.tasks.phenotype.features import Candidates, FeatureMaker
from genopraxis.tasks.phenotype.query import Query
from genopraxis.tasks.phenotype.training.case_set import Source, case_set, fold_of, library_of, stamp
from genopraxis.tasks.phenotype.training.decoys import decoyed, spared_in
from genopraxis.tasks.phenotype.training.records import Record, as_elsewhere, as_vague

_PUBLICATIONS_AT_ONCE = 12


@dataclass(frozen=True, kw_only=True)
class Example:
    """One case with its candidates.

    Parameters
    ----------
    case
        Position of the case in the file's prepared order.
    right
        Which candidates are the diagnosis, shape (candidates,).
    record
        Which record of the case it is.
    unsolved
        The candidates if neither the diagnosis nor any disease that shares a gene with it were known; of held-out
        cases only.
    """

    case: int
    candidates: Candidates
    right: NDArray[np.bool_]
    record: Record = "published"
    unsolved: Candidates | None = None


def training_examples(source: Source, *, jobs: int) -> Iterator[Example]:
    """Yield an example of each case outside the held-out fold whose diagnosis is a candidate, on decoy knowledge."""
    return _examples(source, training=True, jobs=jobs)


def held_out_examples(source: Source, *, jobs: int) -> Iterator[Example]:
    """Yield examples of each record of each case of the held-out fold, on the knowledge that a user has."""
    return _examples(source, training=False, jobs=jobs)


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
    makers = _makers(source, stamp(source.cases))
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
            queries = (patient.query, as_elsewhere(patient.query, case_id=one.case.case_id))
            made = [_example(i, patched[key], query, right=right) for query in dict.fromkeys(queries)]
            examples += [example for example in made if example.right.any()]
            continue
        genes = set(one.case.truths.get(GENE, ())) | {g for d in right for g in diseases.genes_of_group(d)}
        related = right.union(*(groups_of[gene] for gene in genes if gene in groups_of))
        withheld = np.array(sorted(related), dtype=np.intp)
        for record, query in _records(patient.query, one.case.case_id, makers.knowledge.ontology):
            example = _example(i, patched[key], query, right=right)
            unsolved = patched[key].make(query, withheld=withheld)
            examples.append(replace(example, record=record, unsolved=_light(unsolved)))
    return examples


def _example(case: int, maker: FeatureMaker, query: Query, *, right: set[int]) -> Example:
    candidates = _light(maker.make(query))
    return Example(
        case=case,
        candidates=candidates,
        right=np.isin(candidates.groups, list(right)),
    )


def _records(query: Query, case_id: str, ontology: Ontology) -> Iterator[tuple[Record, Query]]:
    """Yield the records of a held-out case.

    No absence is called one of a checklist. Published absences were selected; to call them otherwise would teach that
    the absence of a sign speaks for a disease that shows it.
    """
    yield "published", query
    if query.excluded:
        yield "without absences", replace(query, excluded=())
    yield "vague", as_vague(query, case_id=case_id, ontology=ontology)


def _light(candidates: Candidates) -> Candidates:
    return replace(candidates, fit=np.empty(0))  # of every group: too much to keep
