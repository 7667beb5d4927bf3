"""The lists of a result: candidate diseases with their explanation, genes, what to look for next, what would change."""

from __future__ import annotations

from copy import copy

import numpy as np
from numpy.typing import NDArray

from genopraxis.case.result import (
    Candidate,
    Contribution,
    ExpectedSign,
    GeneCandidate,
    NextSign,
    Order,
    OrderChange,
    SharedSign,
    SimilarDisease,
)
from genopraxis.knowledge.annotations import Aspect
from genopraxis.knowledge.hpo import HpoKnowledge
from genopraxis.stats.ranking import mid_ranks
from genopraxis.tasks.phenotype.frequencies import group_rows, present_rows
from genopraxis.tasks.phenotype.next_signs import Separator, expected_signs, separating_signs
from genopraxis.tasks.phenotype.order_changes import first_without_absences, order_changes
from genopraxis.tasks.phenotype.query import Query
from genopraxis.tasks.phenotype.ranking import DiseaseScores, GeneIndex
from genopraxis.tasks.phenotype.similar_diseases import DiseaseSimilarity
from genopraxis.tasks.phenotype.task import PhenotypeRanker, SignContribution

LEADING = 10
"""Candidates that the next signs should separate, and whose probabilities are added up."""

COMPARED = 3
"""Candidates of which the most similar diseases are named, and for which evidence lines are written."""


class CandidateLists:
    """Makes the lists, with one prepared tool.

    Parameters
    ----------
    ranker
        The prepared tool.
    top
        How many diseases and genes to list.
    """

    def __init__(self, ranker: PhenotypeRanker, *, top: int) -> None:
        self._ranker = ranker
        self._knowledge: HpoKnowledge = ranker.knowledge
        self._genes = GeneIndex(ranker.knowledge.diseases)
        self._top = top
        self._similarity: DiseaseSimilarity | None = None

    def on(self, ranker: PhenotypeRanker, knowledge: HpoKnowledge) -> CandidateLists:
        """Return this for knowledge in which a few diseases have other rows."""
        other = copy(self)
        other._ranker, other._knowledge = ranker, knowledge
        other._similarity = self.similarity.on(knowledge)
        return other

    @property
    def similarity(self) -> DiseaseSimilarity:
        """What compares diseases with each other; made when the first case is ranked."""
        if self._similarity is None:
            self._similarity = DiseaseSimilarity(self._knowledge)
        return self._similarity

    def leading(self, scores: DiseaseScores) -> list[int]:
        """Return the groups of the first ten places."""
        groups: list[int] = scores.best_of_places(self._knowledge.diseases, LEADING).tolist()
        return groups

    def candidates(self, query: Query, scores: DiseaseScores) -> tuple[Candidate, ...]:
        """Return the ranked diseases, each with what speaks for it."""
        diseases = self._knowledge.diseases
        places = scores.by_place(diseases)
        ranks = mid_ranks(places)
        listed: list[Candidate] = []
        for group in scores.best_of_places(diseases, self._top).tolist():
            members = diseases.members[group]
            contributions = [self._contribution(part) for part in self._ranker.explain(query, group)]
            expected = expected_signs(query, self._knowledge, group)
            labels, ids = self._knowledge.ontology.labels, self._knowledge.ontology.ids
            listed.append(
                Candidate(
                    rank=float(ranks[diseases.place[group]]),
                    disease_id=diseases.ids[members[0]],
                    name=diseases.names[members[0]],
                    linked_ids=tuple(diseases.ids[m] for m in members[1:]),
                    same_name_ids=tuple(
                        diseases.ids[m]
                        for other in diseases.neighbours.get(group, ())
                        for m in diseases.members[other]
                    ),
                    posterior=_at(scores.probability, group),
                    prior=_at(scores.prior, group),
                    log10_likelihood_ratio=_at(scores.log10_likelihood_ratio, group),
                    score=float(scores.score[group]),
                    genes=diseases.genes_of_group(group),
                    inheritance=self._inheritance(group),
                    annotated_signs=len(np.unique(present_rows(group_rows(self._knowledge, group))["term"])),
                    contributions=tuple(sorted(contributions, key=lambda c: -abs(c.log10_likelihood_ratio))),
                    expected=tuple(
                        ExpectedSign(term_id=ids[e.term], label=labels[e.term], frequency=e.frequency)
                        for e in expected
                    ),
                    similar=self._similar(group) if len(listed) < COMPARED else (),
                )
            )
        return tuple(listed)

    def genes(self, scores: DiseaseScores) -> tuple[GeneCandidate, ...]:
        """Return the ranked genes."""
        diseases, genes = self._knowledge.diseases, self._genes.score(scores)
        ranks = genes.ranks()
        listed = []
        for gene in genes.best(self._top).tolist():
            groups = self._genes.groups_of(gene)
            groups = groups[np.isfinite(scores.score[groups])]
            best = groups[scores.score[groups].argsort()[::-1][:3]].tolist()
            listed.append(
                GeneCandidate(
                    rank=float(ranks[gene]),
                    symbol=genes.symbols[gene],
                    posterior=_at(genes.probability, gene),
                    disease_ids=tuple(diseases.ids[diseases.members[g][0]] for g in best),
                )
            )
        return tuple(listed)

    def separators(self, query: Query, scores: DiseaseScores) -> list[Separator]:
        """Return the signs not yet mentioned that best separate the leading candidates."""
        if scores.probability is None:
            return []
        leading = self.leading(scores)
        probabilities = [float(scores.probability[g]) for g in leading]
        return separating_signs(query, self._knowledge, groups=leading, probabilities=probabilities)

    def next_signs(self, separators: list[Separator], scores: DiseaseScores) -> tuple[NextSign, ...]:
        """Return the separating signs as a result shows them."""
        ontology = self._knowledge.ontology
        names = [self._name(group)[0] for group in self.leading(scores)]
        return tuple(
            NextSign(
                term_id=ontology.ids[s.term],
                label=ontology.labels[s.term],
                information_bits=s.information_bits,
                expected_in=dict(zip(names, s.expected, strict=True)),
            )
            for s in separators
        )

    def without_absences(self, query: Query) -> tuple[str, str] | None:
        """Return the names of what would be first without absences, and with them read as a checklist."""
        found = first_without_absences(self._ranker, query)
        return None if found is None else (self._name(found[0])[1], self._name(found[1])[1])

    def order(
        self, query: Query, scores: DiseaseScores, separators: list[Separator], *, absences: bool
    ) -> Order | None:
        """Return what would put another disease first.

        Parameters
        ----------
        absences
            Whether absences count at all.
        """
        found = order_changes(
            self._ranker, query, scores, findings=[s.term for s in separators], absences=absences
        )
        if found is None:
            return None
        ontology = self._knowledge.ontology
        runner_up_id, runner_up_name = self._name(found.runner_up)
        changes = []
        for change in found.changes:
            first_id, first_name = self._name(change.first)
            changes.append(
                OrderChange(
                    what=change.what,
                    term_id=ontology.ids[change.term],
                    label=ontology.labels[change.term],
                    excluded=change.what == "without" and change.term in query.excluded,
                    first_id=first_id,
                    first_name=first_name,
                )
            )
        return Order(
            first_id=self._name(found.first)[0],
            runner_up_id=runner_up_id,
            runner_up_name=runner_up_name,
            signs_tried=found.signs,
            findings_tried=found.findings,
            changes=tuple(changes),
        )

    def _name(self, group: int) -> tuple[str, str]:
        diseases = self._knowledge.diseases
        member = diseases.members[group][0]
        return diseases.ids[member], diseases.names[member]

    def _similar(self, group: int) -> tuple[SimilarDisease, ...]:
        ontology = self._knowledge.ontology
        found = []
        for other in self.similarity.nearest(group):
            disease_id, name = self._name(other.group)
            found.append(
                SimilarDisease(
                    disease_id=disease_id,
                    name=name,
                    similarity=other.similarity,
                    shared=tuple(
                        SharedSign(term_id=ontology.ids[t], label=ontology.labels[t]) for t in other.shared
                    ),
                )
            )
        return tuple(found)

    def _contribution(self, part: SignContribution) -> Contribution:
        ontology, annotations = self._knowledge.ontology, self._knowledge.annotations
        references = {r for row in part.rows for r in annotations.references_by_row.get(row, ())}
        references.update(part.references)
        return Contribution(
            kind=part.kind,
            term_id=None if part.term is None else ontology.ids[part.term],
            label=part.kind.capitalize() if part.term is None else ontology.labels[part.term],
            log10_likelihood_ratio=part.log10_likelihood_ratio,
            relation=part.relation,
            annotated_id=None if part.annotated is None else ontology.ids[part.annotated],
            annotated_label=None if part.annotated is None else ontology.labels[part.annotated],
            frequency=part.frequency,
            references=tuple(sorted(references)),
            sentence=part.sentence,
        )

    def _inheritance(self, group: int) -> tuple[str, ...]:
        labels = self._knowledge.ontology.labels
        found = {
            labels[int(row["term"])]
            for disease in self._knowledge.diseases.members[group]
            for row in self._knowledge.annotations.of(disease)
            if row["aspect"] == Aspect.INHERITANCE
        }
        return tuple(sorted(found))


def _at(values: NDArray[np.float64] | None, i: int) -> float | None:
    return None if values is None else float(values[i])
