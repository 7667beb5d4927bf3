"""Benchmark cases made ready: queries against a release, and what each publication contributed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from genopraxis.contracts.ranking_bench import PreparedCase, RankingCase, RankingDataset
from genopraxis.contracts.scorecard import Perturbation
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.knowledge.ontology import Ontology
from genopraxis.knowledge.publication_counts import Contribution, PublicationCounts, counted_signs
from genopraxis.tasks.phenotype.bench.cases import DISEASE
from genopraxis.tasks.phenotype.bench.perturb import Perturber
from genopraxis.tasks.phenotype.bench.regimes import CaseInKnowledge
from genopraxis.tasks.phenotype.query import PreparedQuery, Query, prepare_query


@dataclass(frozen=True, kw_only=True)
class PreparedPatient:
    """What a tool sees of a case, and what its publication may have given to the knowledge.

    Parameters
    ----------
    query
        What a tool sees, after all perturbations.
    in_knowledge, counts
        The case as it may have entered the knowledge, and the counts of its own publication: both of the case as
        it is, since no perturbation changes what was published.
    changed
        By perturbation, how many terms it changed, added or left out.
    """

    query: Query
    in_knowledge: CaseInKnowledge
    counts: PublicationCounts
    changed: tuple[tuple[str, int], ...] = ()


def prepare_cases(
    dataset: RankingDataset,
    knowledge: HpoKnowledge,
    *,
    counts: PublicationCounts | None,
    perturbations: Sequence[Perturbation] = (),
    seed: int = 0,
) -> tuple[tuple[PreparedCase, ...], PublicationCounts]:
    """Resolve the terms of every case, and count what each publication's patients contributed.

    Parameters
    ----------
    counts
        Counts from elsewhere; ``None``: those of the dataset.
    perturbations, seed
        How to change what a tool sees, see :mod:`genopraxis.tasks.phenotype.bench.perturb`. Repairs, counts and
        what a case gave to the knowledge are those of the cases as they are.

    Returns
    -------
    tuple
        The cases, those of one publication together, and the counts.
    """
    made = [
        (case, prepare_query(case.content.patient, knowledge.ontology, unknown="drop"))
        for case in dataset.cases
    ]
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
    shown = _shown(made, knowledge.ontology, perturbations, seed)
    cases = tuple(
        PreparedCase(
            case=case,
            content=PreparedPatient(
                query=query,
                in_knowledge=one,
                counts=own.get(one.publication or "", nothing),
                changed=changed,
            ),
            repairs=prepared.repairs,
        )
        for (case, prepared), one, (query, changed) in zip(made, inside, shown, strict=True)
    )
    return cases, counts


def _shown(
    made: Sequence[tuple[RankingCase, PreparedQuery]],
    ontology: Ontology,
    perturbations: Sequence[Perturbation],
    seed: int,
) -> list[tuple[Query, tuple[tuple[str, int], ...]]]:
    """Return the query that a tool sees of each case, and what was changed to make it."""
    if not perturbations:
        return [(prepared.query, ()) for _, prepared in made]
    everybody = [case.content.patient for case, _ in made]
    perturb = Perturber(perturbations, seed=seed, ontology=ontology, patients=everybody)
    shown = []
    for patient, (_, prepared) in zip(everybody, made, strict=True):
        found = perturb(patient)
        query = prepared.query
        if found.patient is not patient:
            query = prepare_query(found.patient, ontology, unknown="drop").query
        shown.append((query, found.changed))
    return shown


def _in_knowledge(case: RankingCase, prepared: PreparedQuery, ontology: Ontology) -> CaseInKnowledge:
    """Return every sign that the case states: one that a query leaves out as implied was counted all the same."""
    observed, excluded = counted_signs(
        ((f.term, f.feature.excluded) for f in prepared.features if f.term is not None), ontology
    )
    return CaseInKnowledge(
        publication=case.group,
        disease_ids=case.truths.get(DISEASE, ()),
        observed=observed,
        excluded=excluded,
    )


def patients(cases: Sequence[PreparedCase]) -> list[tuple[PreparedCase, PreparedPatient]]:
    """Return each case with what this task prepared for it."""
    return [(case, case.content) for case in cases]
