"""Benchmark cases made ready: queries against a release, and what each publication contributed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from genopraxis.contracts.ranking_bench import PreparedCase, RankingCase, RankingDataset
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.ontology import Ontology
from genopraxis.tasks.phenotype.bench.cases import DISEASE
from genopraxis.tasks.phenotype.bench.publications import Contribution, PublicationCounts
from genopraxis.tasks.phenotype.bench.regimes import CaseInKnowledge
from genopraxis.tasks.phenotype.query import PreparedQuery, Query, prepare_query


@dataclass(frozen=True, kw_only=True)
class PreparedPatient:
    """The query of a case, the case as it may have entered the knowledge, and its own publication's counts."""

    query: Query
    in_knowledge: CaseInKnowledge
    counts: PublicationCounts


def prepare_cases(
    dataset: RankingDataset, knowledge: HpoKnowledge, *, counts: PublicationCounts | None
) -> tuple[tuple[PreparedCase, ...], PublicationCounts]:
    """Resolve the terms of every case, and count what each publication's patients contributed.

    Parameters
    ----------
    counts
        Counts from elsewhere; ``None``: those of the dataset.

    Returns
    -------
    tuple
        The cases, those of one publication together, and the counts.
    """
    made = []
    for case in dataset.cases:
        # published cases are named after their publication, which annotations cite: no tool sees the name
        patient = replace(case.content.patient, case_id="case")
        made.append((case, prepare_query(patient, knowledge.ontology, unknown="drop")))
    made.sort(key=lambda pair: pair[0].group or "")
    inside = [_in_knowledge(case, prepared, knowledge.ontology) for case, prepared in made]
    if counts is None:
        counts = PublicationCounts.of(
            Contribution(
                publication=one.publication,
                disease_ids=one.disease_ids,
                observed=one.observed,
                excluded=one.excluded,
            )
            for one in inside
        )
    # a case goes to a worker with the counts of its own publication, not with all of them
    own = counts.by_publication({one.publication for one in inside if one.publication is not None})
    nothing = PublicationCounts()
    cases = tuple(
        PreparedCase(
            case=case,
            content=PreparedPatient(
                query=prepared.query, in_knowledge=one, counts=own.get(one.publication or "", nothing)
            ),
            repairs=prepared.repairs,
        )
        for (case, prepared), one in zip(made, inside, strict=True)
    )
    return cases, counts


def _in_knowledge(case: RankingCase, prepared: PreparedQuery, ontology: Ontology) -> CaseInKnowledge:
    """Return every sign that the case states: one that a query leaves out as implied was counted all the same."""
    signs = [f for f in prepared.features if f.term is not None and ontology.is_phenotype[f.term]]
    observed = tuple(dict.fromkeys(f.term for f in signs if f.term is not None and not f.feature.excluded))
    shown = {int(a) for term in observed for a in ontology.ancestors(term)}
    absent = dict.fromkeys(f.term for f in signs if f.term is not None and f.feature.excluded)
    return CaseInKnowledge(
        publication=case.group,
        disease_ids=case.truths.get(DISEASE, ()),
        observed=observed,
        excluded=tuple(term for term in absent if term not in shown),
    )


def patients(cases: Sequence[PreparedCase]) -> list[tuple[PreparedCase, PreparedPatient]]:
    """Return each case with what this task prepared for it."""
    return [(case, case.content) for case in cases]
